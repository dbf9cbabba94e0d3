const HEADER_BYTES = 12;

/** Writes a piece of a file as a binary frame: 4 bytes handle, 8 bytes offset, both big-endian, then the data. */
export function writeFileChunk(handle: number, offset: number, data: ArrayBuffer): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_BYTES + data.byteLength);
  const view = new DataView(frame.buffer);
  view.setUint32(0, handle);
  view.setBigUint64(4, BigInt(offset));
  frame.set(new Uint8Array(data), HEADER_BYTES);
  return frame;
}
