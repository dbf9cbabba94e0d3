import type { Member } from "../../lib/chat/member.ts";
import { Room } from "../../lib/chat/room.ts";
import { afterThisTurn, Turn } from "../../lib/kit/turn.ts";
import type { ChatMessage } from "../../lib/protocol/messages.ts";

/** A member that only counts. */
class CountingMember implements Member {
  readonly connectionId = crypto.randomUUID();
  readonly user = { userId: this.connectionId, username: "Somebody", role: "user" } as const;
  readonly takesBatches = true;
  readonly isOpen = true;
  readonly availability = "online";
  frames = 0;

  send(): void {
    this.frames++;
  }
  push(): void {}
  evicted(): void {}
  end(): void {}
}

/** A message with a number. */
function message(seq: number): ChatMessage {
  const content = "How are you? ".repeat(6);
  const timestamp = 1_790_000_000_000;
  return {
    type: "chat",
    id: `b${seq}`,
    roomId: "general",
    seq,
    userId: "u1",
    username: "One",
    content,
    timestamp,
  };
}

/** A room with so many members. */
function fullRoom(members: number) {
  const epoch = "0123456789abcdef";
  const about = { roomId: "general", roomName: "General", visibility: "public", passwordHash: null } as const;
  const log = { readAfter: () => Promise.resolve([]), patienceMs: 0 };
  const room = new Room({ ...about, epoch, head: 0 }, new Turn(), log);
  const all = Array.from({ length: members }, () => new CountingMember());
  for (const member of all) room.seatNow(member);
  return { room, last: all[all.length - 1] };
}

for (const members of [1, 100, 1_000]) {
  for (const together of [1, 10]) {
    const { room, last } = fullRoom(members);
    let seq = 0;
    Deno.bench(
      `deliver: ${together} in a turn, to ${members}`,
      { group: `deliver ${together}` },
      async () => {
        const frames = last.frames;
        for (let i = 0; i < together; i++) room.receive(message(++seq));
        do await new Promise<void>(afterThisTurn); while (last.frames === frames);
      },
    );
  }
}
