import { assertEquals } from "@std/assert";
import { afterThisTurn, type Flushable, Gather, Turn } from "../../lib/kit/turn.ts";

function flushable(name: string, told: string[], then: () => void = () => {}): Flushable {
  return {
    flush() {
      told.push(name);
      then();
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => afterThisTurn(resolve));
}

Deno.test("Turn flushes nothing while the task that asked for it still runs", async () => {
  const told: string[] = [];
  const turn = new Turn();
  turn.endRoom(flushable("room", told));
  turn.endConnection(flushable("connection", told));
  assertEquals(told, []);
  await Promise.resolve();
  assertEquals(told, ["room", "connection"]);
});

Deno.test("Turn flushes rooms before connections, whatever was first", async () => {
  const told: string[] = [];
  const turn = new Turn();
  turn.endConnection(flushable("connection 1", told));
  turn.endRoom(flushable("room 1", told));
  turn.endConnection(flushable("connection 2", told));
  turn.endRoom(flushable("room 2", told));
  await nextTurn();
  assertEquals(told, ["room 1", "room 2", "connection 1", "connection 2"]);
});

Deno.test("Turn takes a connection that a room's flush brought up within the same run", async () => {
  const told: string[] = [];
  const turn = new Turn();
  const connection = flushable("connection", told);
  turn.endRoom(flushable("room 1", told, () => turn.endConnection(connection)));
  turn.endRoom(flushable("room 2", told));
  await nextTurn();
  assertEquals(told, ["room 1", "room 2", "connection"]);
});

Deno.test("Turn runs again for what was asked for during a flush", async () => {
  const told: string[] = [];
  const turn = new Turn();
  const late = flushable("late room", told);
  turn.endConnection(flushable("connection", told, () => turn.endRoom(late)));
  await nextTurn();
  assertEquals(told, ["connection", "late room"]);
  turn.endRoom(flushable("next", told));
  await nextTurn();
  assertEquals(told, ["connection", "late room", "next"]);
});

Deno.test("Gather hands on what came in one turn together, in order", async () => {
  const batches: number[][] = [];
  const gather = new Gather<number>((items) => batches.push(items));
  gather.add(1);
  await Promise.resolve();
  gather.add(2);
  queueMicrotask(() => gather.add(3));
  assertEquals(batches, []);
  await nextTurn();
  assertEquals(batches, [[1, 2, 3]]);
});

Deno.test("Gather keeps for the next turn what arrives while a batch is handled", async () => {
  const batches: number[][] = [];
  const gather: Gather<number> = new Gather((items) => {
    batches.push(items);
    if (items[0] === 1) gather.add(2);
  });
  gather.add(1);
  await nextTurn();
  assertEquals(batches, [[1]]);
  await nextTurn();
  assertEquals(batches, [[1], [2]]);
});
