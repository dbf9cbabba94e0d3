import { ConfigError, readConfig } from "../config.ts";
import { backUp } from "../store/sqlite_backup.ts";

const HELP = `Copies the database, as it is at one moment, while the server runs and writes to it.

  deno task backup [<file>]

  <file>  where to put the copy (default: beside the database, with the time in its name); it must not exist yet

To go back to a copy: stop the server, move the database and the files beside it whose names go on with -wal and -shm
away, put the copy in its place, start the server. Clients are then told that their logs do not continue.`;

/** Makes the copy that the arguments ask for, and says what it holds. Rejects with one sentence if it cannot. */
export async function makeBackup(
  args: readonly string[],
  environment: (name: string) => string | undefined,
  now = new Date(),
): Promise<string> {
  const [first, ...rest] = args;
  if (rest.length > 0) throw new ConfigError(`"${rest[0]}" is not understood`);
  const { store } = readConfig(environment);
  if (!store.startsWith("sqlite:")) {
    throw new ConfigError("STORE must be a sqlite: file, others are backed up elsewhere");
  }
  const file = store.slice("sqlite:".length);
  const copy = first ?? `${file.replace(/\.db$/, "")}_${nameOf(now)}.db`;
  const startedAt = performance.now();
  const { rooms, messages } = await backUp(file, copy);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  return `${copy}: ${messages} messages in ${rooms} rooms, copied in ${seconds} s.`;
}

/** Like `20261120_153000`, in UTC. */
function nameOf(time: Date): string {
  return time.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "_");
}

if (import.meta.main) {
  if (Deno.args.includes("--help")) {
    console.log(HELP);
  } else {
    try {
      console.log(await makeBackup(Deno.args, (name) => Deno.env.get(name)));
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
      console.error("\n" + HELP);
      Deno.exit(1);
    }
  }
}
