import { createHash } from "node:crypto";
import { writeChunk } from "../../lib/protocol/chunk.ts";
import type { Peer, Said } from "./peer.ts";

/** A file as a client sends it. */
export interface TestFile {
  readonly id: string;
  readonly roomId: string;
  readonly name: string;
  readonly mime: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes that no two files share. */
export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i += 65_536) crypto.getRandomValues(bytes.subarray(i, i + 65_536));
  return bytes;
}

/** A file of random bytes in the room `general`. */
export function makeFile(size: number, more: Partial<TestFile> = {}): TestFile {
  const bytes = more.bytes ?? randomBytes(size);
  return {
    id: crypto.randomUUID(),
    roomId: "general",
    name: "a.bin",
    mime: "application/octet-stream",
    ...more,
    bytes,
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Announces a file; returns `file_ready`, or the refusal. */
export function beginFile(peer: Peer, { bytes, ...file }: TestFile, more: object = {}): Promise<Said> {
  return peer.ask({ type: "file_begin", ...file, size: bytes.length, sha256: sha256(bytes), ...more });
}

/** Sends from where the server said, never more than the window allows, up to `end`; waits until all is confirmed. */
export async function sendChunks(
  peer: Peer,
  ready: Said,
  { bytes }: TestFile,
  end = bytes.length,
): Promise<void> {
  const { fileId, handle, chunkBytes, window } = ready as Said & Record<string, number>;
  let confirmed = ready.offset as number;
  let unconfirmed = 0;
  const confirm = async () => {
    confirmed = (await peer.next("file_progress", (said) => said.fileId === fileId)).offset as number;
    unconfirmed--;
  };
  for (let offset = confirmed; offset < end;) {
    if (unconfirmed === window) await confirm();
    const data = bytes.subarray(offset, Math.min(offset + chunkBytes, end));
    peer.sendBytes(writeChunk({ handle, offset, data }));
    offset += data.length;
    unconfirmed++;
  }
  while (unconfirmed > 0) await confirm();
}

/** Sends a whole file; returns the answer to `file_end`. */
export async function sendFile(peer: Peer, file: TestFile, content?: string): Promise<Said> {
  const ready = await beginFile(peer, file);
  if (ready.type !== "file_ready") return ready;
  await sendChunks(peer, ready, file);
  return await peer.ask({ type: "file_end", id: file.id, content });
}
