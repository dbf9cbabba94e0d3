import { parseArgs } from "node:util";
import { ParleyClient } from "../../static/sdk/mod.ts";
import { within } from "../kit/wait.ts";
import { type Command, startCommand, UsageError } from "./command.ts";
import { parseDuration } from "./duration.ts";
import { printable } from "./printable.ts";
import { leaveAsFound, SIGN_IN_HELP, SIGN_IN_OPTIONS, signIn } from "./sign_in.ts";

const HELP = `Says something in a room, and prints its number in the room's log once the server has kept it.

  deno task say <room> [<text>] [--timeout 10s] [--url wss://chat.example.org] [--as terminal]

  <room>     the room's id; it is joined as anybody would, and left again unless it was one of ours before
  <text>     what to say (default: the standard input, as one message)
  --timeout  how long it may take: 10s, 1m (default: 10s)
${SIGN_IN_HELP}
The password of a room that has one is taken from PARLEY_PASSWORD.

Ends with 0 when the message is kept, with 1 if it is not, or not in time, with 2 if the arguments make no sense.`;

/** Sends one message and waits until it is kept. */
export const say: Command = {
  help: HELP,
  async run({ args, environment, print, readInput }) {
    const options = { timeout: { type: "string" }, ...SIGN_IN_OPTIONS } as const;
    const { values, positionals: [roomId, ...words] } = parseArgs({ args, options, allowPositionals: true });
    if (!roomId) throw new UsageError("a room must be given");
    const timeoutMs = parseDuration(values.timeout ?? "10s");
    if (!timeoutMs) throw new UsageError("--timeout must look like 10s or 1m");
    const input = words.length > 0 ? words.join(" ") : await readInput();
    const text = input?.replace(/\r?\n$/, "");
    if (!text) throw new UsageError("a text must be given");
    const { url, token } = signIn(values, environment);
    await using client = new ParleyClient({ url, token });
    let seq = 0;
    const saying = async () => {
      const { rooms } = await client.connect();
      const room = await client.join(roomId, { password: environment("PARLEY_PASSWORD") });
      await using _ = leaveAsFound(client, room, rooms);
      seq = (await room.send(text).acked).seq;
      print(String(seq));
    };
    const work = saying().catch((error) => {
      const { state } = client;
      if (state.name !== "stopped") throw error;
      throw new Error(`The server does not let us in: ${printable(state.reason)}`);
    });
    if (await within(timeoutMs, work)) return 0;
    work.catch(() => {}); // It is given up, and ends with the client.
    const { state } = client;
    const why = state.name === "waiting" && state.reason ? `: ${printable(state.reason)}` : "";
    throw new Error(
      seq > 0 ? "It is kept, but the room could not be left in time" : `${url.host} gave no answer${why}`,
    );
  },
};

if (import.meta.main) await startCommand(say);
