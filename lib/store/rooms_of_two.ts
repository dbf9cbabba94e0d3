/** How the names of the rooms of two people begin; their ids follow, sorted and percent-encoded. */
export const DIRECT_ROOM = "dm:";

/** Whether a room is one of two people. */
export function isDirectRoom(roomId: string): boolean {
  return roomId.startsWith(DIRECT_ROOM);
}
