import { parseArgs } from "node:util";
import {
  type ChatMessage,
  type ConnectionState,
  ParleyClient,
  ParleyError,
  type Room,
  type SystemMessage,
} from "../../static/sdk/mod.ts";
import { type Command, startCommand, type Terminal, UsageError } from "./command.ts";
import { describeDuration } from "./duration.ts";
import { printable } from "./printable.ts";
import { leaveAsFound, SIGN_IN_HELP, SIGN_IN_OPTIONS, signIn } from "./sign_in.ts";

const HELP = `Follows a room in the terminal: what was said last, then what is said, until Ctrl+C.

  deno task tail <room> [--last 10] [--json] [--url wss://chat.example.org] [--as terminal]

  <room>     the room's id; it is joined as anybody would, and left again unless it was one of ours before
  --last     how many of the latest messages to show first, up to 50 (default: 10)
  --json     one JSON object a line, as it came over the wire
${SIGN_IN_HELP}
The password of a room that has one is taken from PARLEY_PASSWORD.

Ends with 0 when it is stopped, with 1 if it is not let in or put out, with 2 if the arguments make no sense.`;

/** The most that is known of a room after joining it. */
const MAX_LAST = 50;

/** Follows a room until it is stopped or may not go on. */
export const tail: Command = {
  help: HELP,
  async run(terminal) {
    const { args, environment, print, note } = terminal;
    const options = { last: { type: "string" }, json: { type: "boolean" }, ...SIGN_IN_OPTIONS } as const;
    const { values, positionals: [roomId, ...rest] } = parseArgs({ args, options, allowPositionals: true });
    if (!roomId) throw new UsageError("a room must be given");
    if (rest.length > 0) throw new UsageError(`"${rest[0]}" is not understood`);
    const last = readLast(values.last);
    const show = values.json ? showJson : showText;
    await using client = new ParleyClient(signIn(values, environment));
    const ending = watch(client, terminal);
    const entering = client.connect()
      .then(() => client.join(roomId, { password: environment("PARLEY_PASSWORD") }));
    const room = await Promise.race([entering, ending]);
    if (room === undefined) return 0;
    await using _ = leaveAsFound(client, room, client.welcome!.rooms);
    for (const message of room.messages.slice(-last || room.messages.length)) print(show(message));
    note(`Following ${printable(room.roomName)}. Stop with Ctrl+C.`);
    await follow(room, ending, (message) => print(show(message)), note);
    return 0;
  },
};

/** Resolves when the command is stopped; rejects when the connection is over for good. */
function watch(client: ParleyClient, { stopping, note }: Terminal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (stopping.aborted) resolve();
  stopping.addEventListener("abort", () => resolve());
  let wasLost = false;
  client.addEventListener("state", ({ detail: state }) => {
    if (state.name === "stopped") {
      reject(new Error(`The server does not let us in: ${printable(state.reason)}`));
    }
    if (state.name === "open" && wasLost) note("Connected again.");
    if (state.name === "waiting") note(describeWait(state));
    if (state.name === "open" || state.name === "waiting") wasLost = state.name === "waiting";
  });
  promise.catch(() => {}); // Who follows hears of it, once there is something to follow.
  return promise;
}

/** Resolves when the ending does; rejects if we are put out of the room. */
async function follow(
  room: Room,
  ending: Promise<void>,
  say: (message: ChatMessage | SystemMessage) => void,
  note: (line: string) => void,
): Promise<void> {
  const { promise: left, reject } = Promise.withResolvers<never>();
  room.addEventListener("chat", ({ detail }) => say(detail));
  room.addEventListener("system", ({ detail }) => say(detail));
  room.addEventListener("reset", () => note("Some messages may be missing here."));
  room.addEventListener("left", ({ detail: { code, message } }) => {
    if (code !== "left") {
      reject(new ParleyError(code, `No longer in the room: ${printable(message || code)}`));
    }
  });
  await Promise.race([ending, left]);
}

function readLast(text = "10"): number {
  const last = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (last <= MAX_LAST) return last;
  throw new UsageError(`--last must be a whole number up to ${MAX_LAST}`);
}

function showJson(message: ChatMessage | SystemMessage): string {
  return printable(JSON.stringify(message));
}

function showText(message: ChatMessage | SystemMessage): string {
  const time = new Date(message.timestamp).toTimeString().slice(0, 8);
  if (message.type === "chat") {
    const { seq, username, content, file } = message;
    const said = [content, file && `[${file.name}, ${file.size} bytes]`].filter(Boolean).join(" ");
    return `${time} #${seq} ${printable(username)}: ${printable(said)}`;
  }
  const { event, message: words = event, members } = message;
  return `${time} - ${printable(event === "members" ? `${members} people are here` : words)}`;
}

function describeWait({ retryAt, reason }: ConnectionState & { name: "waiting" }): string {
  const why = reason ? ` (${printable(reason)})` : "";
  return `Not connected${why}: trying again in ${describeDuration(Math.max(1_000, retryAt - Date.now()))}.`;
}

if (import.meta.main) await startCommand(tail);
