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

/** Does nothing where the runtime has no such field. */
function play(socket: WebSocket, role: typeof SERVER | typeof CLIENT): void {
  const fields = socket as unknown as Record<symbol, unknown>;
  const field = roleField ??= Object.getOwnPropertySymbols(socket).find((symbol) =>
    symbol.description === "[[role]]"
  );
  if (field !== undefined && (fields[field] === SERVER || fields[field] === CLIENT)) fields[field] = role;
}

let roleField: symbol | undefined;
