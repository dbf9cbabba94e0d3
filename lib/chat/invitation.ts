import { encode } from "../protocol/encode.ts";
import type { User } from "./member.ts";

/** Writes what tells somebody that they may come into a room; `by` is who has just said so. */
export function encodeInvitation(roomId: string, roomName: string, by?: User): string {
  const body = by === undefined
    ? `You are invited to ${roomName}`
    : `${by.username} invited you to ${roomName}`;
  const data = { kind: "invitation", roomId, by: by?.userId };
  return encode({ type: "notification", title: roomName, body, data });
}
