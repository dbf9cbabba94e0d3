/** How the names of the rooms of two people begin; only the two may search there. */
export const DIRECT_ROOM = "dm:";

/** Whether a room is one of two people. */
export function isDirectRoom(roomId: string): boolean {
  return roomId.startsWith(DIRECT_ROOM);
}
