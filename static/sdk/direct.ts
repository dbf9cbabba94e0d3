const DIRECT = "dm:";
const ADDRESS = "to:";

/** The name of the room of two people: their ids, sorted and percent-encoded. */
export function directRoomId(one: string, other: string): string {
  return DIRECT + [one, other].sort().map(encodeURIComponent).join(":");
}

/** Whether a room is one of two people. */
export function isDirect(roomId: string): boolean {
  return roomId.startsWith(DIRECT);
}

/** Who is at the other end of a direct room. */
export function otherOf(roomId: string, userId: string): string {
  const ids = roomId.slice(DIRECT.length).split(":").map(decode);
  return ids.find((id) => id !== userId) ?? userId;
}

/** Stands for the room of a direct message whose room only the server can tell. */
export function addressOf(to: string): string {
  return ADDRESS + to;
}

/** Whether this stands for a room that only the server can tell. */
export function isAddress(roomId: string): boolean {
  return roomId.startsWith(ADDRESS);
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
