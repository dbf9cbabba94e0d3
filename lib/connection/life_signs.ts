/** Told whenever anything arrives from a peer, a pong included. */
export type Heard = () => void;

/** The runtime's own fields of a socket, which are named by symbols. */
type Fields = Record<symbol, unknown>;

/** As an idle timeout, in seconds: half of it is as soon as can be… */
const AT_ONCE_SECONDS = 0.002;
/** …and half of this never comes. */
const NEVER_SECONDS = 1e6;

const watchers = new WeakMap<WebSocket, Heard>();
const startIdleTimer = borrowIdleTimer();

/**
 * Tells of every frame that a peer sends, pongs included, and leaves it to us to ping and to close.
 *
 * `WebSocket` shows neither pings nor pongs. Deno's server side pings when half of its idle timeout has passed, closes
 * with 1001 after the other half, and starts over with every frame but a ping of the peer's. All of that is one method,
 * which is borrowed here. Returns false where the runtime has no such method: its own idle timeout is all there is then.
 */
export function watchLife(socket: WebSocket, heard: Heard): boolean {
  if (startIdleTimer === undefined || timeoutField(socket) === undefined) return false;
  watchers.set(socket, heard);
  setTimeoutSeconds(socket, NEVER_SECONDS);
  startIdleTimer.call(socket);
  return true;
}

/** Pings the peer of a socket that is watched. */
export function ping(socket: WebSocket): void {
  setTimeoutSeconds(socket, AT_ONCE_SECONDS);
  startIdleTimer!.call(socket);
  // The second half is timed when the first is over, from what stands here by then.
  setTimeoutSeconds(socket, NEVER_SECONDS);
}

/** Ends the watch, and frees the runtime's timer, which would keep the socket in memory. */
export function forgetLife(socket: WebSocket): void {
  if (!watchers.delete(socket)) return;
  setTimeoutSeconds(socket, AT_ONCE_SECONDS);
  startIdleTimer!.call(socket);
}

/** What `Deno.upgradeWebSocket` is to be given as `idleTimeout`, in seconds. */
export function idleTimeoutSeconds(heartbeatMs: number): number {
  return Math.max(1, Math.ceil(heartbeatMs * 2 / 1000));
}

function borrowIdleTimer(): ((this: WebSocket) => void) | undefined {
  const prototype = WebSocket.prototype as unknown as Fields;
  const name = Object.getOwnPropertySymbols(prototype).find((symbol) =>
    symbol.description === "[[serverHandleIdleTimeout]]"
  );
  const original = name && prototype[name];
  if (name === undefined || typeof original !== "function") return undefined;
  prototype[name] = function (this: WebSocket): void {
    const heard = watchers.get(this);
    if (heard === undefined) original.call(this);
    else heard();
  };
  return original as (this: WebSocket) => void;
}

function setTimeoutSeconds(socket: WebSocket, seconds: number): void {
  (socket as unknown as Fields)[timeoutField(socket)!] = seconds;
}

let knownField: symbol | undefined;

function timeoutField(socket: WebSocket): symbol | undefined {
  return knownField ??= Object.getOwnPropertySymbols(socket).find((symbol) =>
    symbol.description === "[[idleTimeout]]"
  );
}
