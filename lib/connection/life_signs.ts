/** Told whenever anything arrives from a peer, a pong included. */
export type Heard = () => void;

interface Watched {
  readonly heard: Heard;
  readonly pingAfterMs: number;
  armedAt: number;
}

/** The runtime's own fields of a socket, which are named by symbols. */
type Fields = Record<symbol, unknown>;

/** Long enough never to come, in seconds. */
const NEVER_SECONDS = 1e6;

const watchedSockets = new WeakMap<WebSocket, Watched>();
const restartIdleTimer = borrowIdleTimer();

/**
 * Makes the runtime ping a peer that is quiet, within `heartbeatMs` of its last frame, and tells of every frame.
 *
 * `WebSocket` shows neither pings nor pongs. Deno's server side pings when half of its idle timeout has passed, closes
 * with 1001 after the other half, and starts over with every frame, pongs included. All of that is one method. It is
 * borrowed here: the first half pings, the second is put off for good, so that who stays silent is closed by us, with a
 * code that says why. Returns false where the runtime has no such method: its own idle timeout is all there is then.
 */
export function watchLife(socket: WebSocket, heartbeatMs: number, heard: Heard): boolean {
  if (restartIdleTimer === undefined || timeoutField(socket) === undefined) return false;
  // The timer is restarted at most every quarter, so pings come after three quarters to one whole heartbeat.
  const watched = { heard, pingAfterMs: heartbeatMs * 0.75, armedAt: -Infinity };
  watchedSockets.set(socket, watched);
  arm(socket, watched);
  return true;
}

/** Ends the watch, and frees the runtime's timer, which would keep the socket in memory. */
export function forgetLife(socket: WebSocket): void {
  if (!watchedSockets.delete(socket)) return;
  setTimeoutSeconds(socket, 0.002);
  restartIdleTimer!.call(socket);
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
    const watched = watchedSockets.get(this);
    if (watched === undefined) return original.call(this);
    watched.heard();
    if (performance.now() - watched.armedAt > watched.pingAfterMs / 3) arm(this, watched);
  };
  return original as (this: WebSocket) => void;
}

function arm(socket: WebSocket, watched: Watched): void {
  watched.armedAt = performance.now();
  setTimeoutSeconds(socket, watched.pingAfterMs * 2 / 1000);
  restartIdleTimer!.call(socket);
  // The second half is timed when the first is over, from what stands here by then.
  setTimeoutSeconds(socket, NEVER_SECONDS);
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
