// What a chat frame holds besides content and room: field names, quotes, a 64-character id, an answered id.
const FRAME_OVERHEAD_BYTES = 256;
const encoder = new TextEncoder();

/** How a text fits into one frame. */
export type MessageFit = { fits: boolean; charactersLeft: number; nearlyFull: boolean };

/** Says whether a text fits into a frame of `maxFrameBytes`, and about how many characters are left (negative: over). */
export function measureMessage(content: string, roomId: string, maxFrameBytes: number): MessageFit {
  const used = encodedBytes(content);
  const allowed = maxFrameBytes - FRAME_OVERHEAD_BYTES - encodedBytes(roomId);
  const bytesPerCharacter = content.length === 0 ? 1 : Math.max(1, used / content.length);
  const charactersLeft = Math.floor((allowed - used) / bytesPerCharacter);
  return { fits: used <= allowed, charactersLeft, nearlyFull: used > allowed * 0.8 };
}

function encodedBytes(text: string): number {
  return encoder.encode(JSON.stringify(text)).length;
}
