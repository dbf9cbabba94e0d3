import type { Closed } from "./peer.ts";
import { encodeFrame, encodeHead, HANDSHAKE_HEADERS, type RawFrame, RawSocket } from "./raw_socket.ts";
import { makeToken, type TestServer, type TokenFor } from "./server.ts";

/** An opening handshake for the path; headers that are `""` are left out. */
export function encodeHandshake(path: string, headers: Record<string, string> = {}): string {
  const sent = Object.entries({ ...HANDSHAKE_HEADERS, ...headers }).filter(([, value]) => value !== "");
  return encodeHead(`GET ${path} HTTP/1.1`, Object.fromEntries(sent));
}

/** An opening handshake with a text frame behind it, as one piece. */
export function encodeHandshakeAndText(path: string, text: string): Uint8Array {
  const head = new TextEncoder().encode(encodeHandshake(path));
  const frame = encodeFrame({ opcode: 1, payload: text });
  const both = new Uint8Array(head.length + frame.length);
  both.set(head);
  both.set(frame, head.length);
  return both;
}

/** Signs somebody in by the address, without the subprotocol, and takes the welcome. */
export async function signInRaw(
  server: TestServer,
  userId: string,
  request: TokenFor = {},
): Promise<RawSocket> {
  const peer = await RawSocket.open(server.port, `/?token=${await makeToken(userId, request)}`);
  await peer.hear("welcome");
  return peer;
}

export function textOf(frame: RawFrame | undefined): string {
  return new TextDecoder().decode(frame?.payload);
}

/** What the next close frame says; everything before it is skipped. */
export async function readClose(peer: RawSocket): Promise<Closed> {
  for (let frame; (frame = await peer.readFrame()) !== undefined;) {
    if (frame.opcode === 8) return closeOf(frame);
  }
  throw new Error("The connection was cut without a close frame");
}

/** What a close frame says. */
export function closeOf(frame: RawFrame | undefined): Closed {
  if (frame?.opcode !== 8) throw new Error(`Not a close frame: ${frame?.opcode}`);
  const [high, low, ...reason] = frame.payload;
  return { code: high << 8 | low, reason: new TextDecoder().decode(new Uint8Array(reason)) };
}
