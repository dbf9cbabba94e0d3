/** Handle and offset stand before the data. */
export const CHUNK_HEADER_BYTES = 12;
/** The most data one chunk holds. */
export const CHUNK_BYTES = 256 * 1024;
/** The longest binary frame that is read. */
export const MAX_CHUNK_FRAME_BYTES = CHUNK_HEADER_BYTES + CHUNK_BYTES;

/** A piece of a file on its way here. */
export interface Chunk {
  /** Names the upload on its connection. */
  readonly handle: number;
  /** Where in the file the data belongs. */
  readonly offset: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Reads a binary frame: 4 bytes handle, 8 bytes offset, both unsigned and big-endian, then at least one byte of data. */
export function readChunk(frame: ArrayBuffer): Chunk | undefined {
  if (frame.byteLength <= CHUNK_HEADER_BYTES || frame.byteLength > MAX_CHUNK_FRAME_BYTES) return undefined;
  const view = new DataView(frame);
  return {
    handle: view.getUint32(0),
    offset: Number(view.getBigUint64(4)),
    data: new Uint8Array(frame, CHUNK_HEADER_BYTES),
  };
}

/** Writes a piece of a file as a binary frame. */
export function writeChunk({ handle, offset, data }: Chunk): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(CHUNK_HEADER_BYTES + data.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, handle);
  view.setBigUint64(4, BigInt(offset));
  frame.set(data, CHUNK_HEADER_BYTES);
  return frame;
}
