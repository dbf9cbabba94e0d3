/** The oldest Deno that the server is to run on: what Deno Deploy has. */
const VERSION = "2.5";
/** A download that takes longer is given up. */
const PATIENCE_MS = 90_000;

const mustRun = Deno.env.get("REQUIRE_ALL") === "1";

/**
 * Where the oldest Deno is, as npm has it; `undefined`, with a word about it, where it cannot be had.
 *
 * @throws {Error} If it cannot be had where everything must run
 */
export async function findOlderRuntime(): Promise<string | undefined> {
  const problem = { text: "" };
  try {
    const { success, stdout, stderr } = await new Deno.Command("npx", {
      args: ["-y", `deno@${VERSION}`, "eval", "console.log(Deno.execPath())"],
      stdin: "null",
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).output();
    if (success) return new TextDecoder().decode(stdout).trim();
    problem.text = new TextDecoder().decode(stderr);
  } catch (error) {
    problem.text = String(error);
  }
  if (mustRun) throw new Error(`Cannot get deno@${VERSION} from npm: ${problem.text}`);
  console.log(`Skipped: what runs on Deno ${VERSION} (npx cannot get it)`);
}
