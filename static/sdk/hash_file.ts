import { Sha256 } from "./sha256.ts";

/** What is hashed whole, by the platform; more would have to be in memory at once. */
const WHOLE_BYTES = 25 << 20;
/** Small enough to keep nobody waiting who shares the thread. */
const PIECE_BYTES = 256 << 10;

/** The SHA-256 of a file, as hexadecimal digits; rejects if it cannot be read, or with the signal's reason. */
export async function hashFile(file: Blob, signal: AbortSignal): Promise<string> {
  // Pages without HTTPS have no `subtle`.
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (subtle && file.size <= WHOLE_BYTES) {
    const digest = await subtle.digest("SHA-256", await file.arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  const hash = new Sha256();
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    hash.update(new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer()));
    signal.throwIfAborted();
  }
  return hash.hex();
}
