import { assertEquals } from "@std/assert";
import { Answered } from "../../static/app/answered.ts";
import type { ChatMessage, Command, ParleyClient, Room } from "../../static/sdk/mod.ts";

function message(seq: number): ChatMessage {
  const said = { userId: "ann", username: "Ann", content: `${seq}`, timestamp: seq };
  return { type: "chat", id: `m${seq}`, roomId: "r", seq, ...said };
}

/** A room of so many messages, the newest of which are at hand, and a client that reads the others. */
function open(head: number, atHand: number) {
  const asked: unknown[] = [];
  let found = 0;
  const room = {
    roomId: "r",
    epoch: "e",
    messages: Array.from({ length: atHand }, (_, i) => message(head - atHand + 1 + i)),
  };
  const client = {
    request({ before, limit }: Command) {
      asked.push(before);
      const first = Math.max(1, Number(before) - Number(limit));
      const history = Array.from({ length: Number(before) - first }, (_, i) => message(first + i));
      return Promise.resolve({
        type: "room_history",
        epoch: room.epoch,
        seq: head,
        history,
        more: first > 1,
      });
    },
  };
  const answered = new Answered(
    client as unknown as ParleyClient,
    room as unknown as Room,
    () => void found++,
  );
  return { answered, room, asked, found: () => found };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

Deno.test("Answered reads back until a message is found, once, and keeps what it met", async () => {
  const { answered, asked, found } = open(1_000, 50);
  assertEquals(answered.get("m800"), undefined);
  assertEquals(answered.get("m800"), undefined);
  await settle();
  assertEquals([answered.get("m800")?.seq, asked, found()], [800, [951, 851], 1]);
  assertEquals(answered.get("m940")?.seq, 940, "met on the way");
  await settle();
  assertEquals(asked.length, 2);
});

Deno.test("Answered gives up after three pages, and at the beginning of the log", async () => {
  const { answered, asked, found } = open(1_000, 50);
  answered.get("m1");
  answered.get("never said");
  await settle();
  answered.get("never said either");
  await settle();
  assertEquals([answered.get("m1"), asked, found()], [undefined, [951, 851, 751], 0]);
  const short = open(120, 50);
  short.answered.get("never said");
  await settle();
  assertEquals(short.asked, [71]);
  const whole = open(50, 50);
  whole.answered.get("never said");
  await settle();
  assertEquals(whole.asked, []);
});

Deno.test("Answered takes nothing from another life of the log, and begins anew with it", async () => {
  const { answered, room, asked } = open(1_000, 50);
  answered.get("m900");
  room.epoch = "f";
  await settle();
  assertEquals(answered.get("m900"), undefined);
  answered.clear();
  answered.get("m900");
  await settle();
  assertEquals([answered.get("m900")?.seq, asked.length], [900, 2]);
});
