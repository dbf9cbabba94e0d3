import type { Ending } from "../protocol/codes.ts";

/** The part that the runtime plays on a socket, which decides what it makes of frames that come after `close`. */
const SERVER = 0;
const CLIENT = 1;

/**
 * Closes a socket so that its peer learns why, even if it is still sending.
 *
 * On the server's side, Deno cuts a connection at the first frame that arrives after `close`, mostly with the close
 * frame still unsent. On the client's side it reads on and lets such frames be, as RFC 6455 §1.4 says, until the peer's
 * own close frame comes. So the socket changes sides, until {@linkcode cutIfTalking}.
 *
 * @throws {DOMException} If the socket cannot be closed
 */
export function closeWhileTalking(socket: WebSocket, { code, reason }: Ending): void {
  socket.close(code, reason);
  play(socket, CLIENT);
}

/** Cuts a closed socket at the next frame of a peer that will not stop. */
export function cutIfTalking(socket: WebSocket): void {
  play(socket, SERVER);
}

/**
 * Lets go of a closed socket whose peer does not answer; returns false where the runtime offers no way.
 *
 * Deno waits for the peer's close frame for ever, and `WebSocket` cannot be told not to. So the socket is taken out of
 * the runtime's table of open things, as the runtime itself does when the close frame comes.
 */
export function cutOff(socket: WebSocket): boolean {
  const field = findField(socket, "[[rid]]");
  const rid = field && (socket as unknown as Fields)[field];
  if (typeof rid !== "number" || typeof core?.tryClose !== "function") return false;
  core.tryClose(rid);
  return true;
}

/** The runtime's own fields of a socket, which are named by symbols. */
type Fields = Record<symbol, unknown>;

/** The runtime's own functions, behind a symbol that it gives away. */
type Runtime = { readonly internal?: symbol } & Record<symbol, { core?: { tryClose?(rid: number): void } }>;
const runtime = Deno as unknown as Runtime;
const core = runtime.internal && runtime[runtime.internal]?.core;

/** Does nothing where the runtime has no such field. */
function play(socket: WebSocket, role: typeof SERVER | typeof CLIENT): void {
  const fields = socket as unknown as Fields;
  const field = roleField ??= findField(socket, "[[role]]");
  if (field !== undefined && (fields[field] === SERVER || fields[field] === CLIENT)) fields[field] = role;
}

let roleField: symbol | undefined;

function findField(socket: WebSocket, name: string): symbol | undefined {
  return Object.getOwnPropertySymbols(socket).find(({ description }) => description === name);
}
