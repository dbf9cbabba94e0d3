import type { ChatMessage, RoomHistory } from "../../../static/sdk/types.ts";

/** A message of somebody else. */
export function chat(seq: number, changes: Partial<ChatMessage> = {}): ChatMessage {
  return {
    type: "chat",
    id: `m${seq}`,
    roomId: "general",
    seq,
    userId: "grace",
    username: "Grace",
    content: `message ${seq}`,
    timestamp: 1_790_000_000_000 + seq,
    ...changes,
  };
}

/** Messages numbered from `first` to `last`. */
export function chats(first: number, last: number): ChatMessage[] {
  return Array.from({ length: last - first + 1 }, (_, index) => chat(first + index));
}

/** A page of the room "general" whose log ends at `seq`. */
export function page(history: ChatMessage[], seq: number, changes: Partial<RoomHistory> = {}): RoomHistory {
  return { type: "room_history", roomId: "general", epoch: "e1", seq, history, more: false, ...changes };
}

/** The answer to a `join` of the room "general". */
export function joined(id: string, seq: number, epoch = "e1") {
  return {
    type: "joined",
    id,
    roomId: "general",
    roomName: "General",
    members: 2,
    epoch,
    seq,
    role: "member",
    read: 0,
  };
}

/** The answer to a `chat`. */
export function ackOf({ id, roomId }: { id: string; roomId: string }, seq: number) {
  return { type: "ack", id, roomId, seq, timestamp: 1_790_000_000_000 };
}
