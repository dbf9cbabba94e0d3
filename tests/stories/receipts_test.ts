import { assert, assertEquals } from "@std/assert";
import { Company, refusalOf } from "../support/company.ts";
import type { Peer, Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

function receipt(seq: unknown, status: unknown = "read", roomId = "hall"): object {
  return { type: "receipt", roomId, seq, status };
}

/** Says something so many times in the hall, and lets everybody hear it. */
async function say(count: number, speaker: Peer, ...others: Peer[]): Promise<void> {
  for (let i = 0; i < count; i++) await speaker.ask({ type: "chat", roomId: "hall", content: `${i}` });
  for (const peer of [speaker, ...others]) await peer.drained();
}

async function cursorsOf(peer: Peer, userId: string): Promise<unknown[]> {
  const { members } = await peer.ask({ type: "members", roomId: "hall" });
  const member = (members as Said[]).find((member) => member.userId === userId);
  return [member?.delivered, member?.read];
}

Deno.test("what was delivered and read is told to the others, and not to the device that said so", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob, carl] = await company.gather("hall", "ann", "bob", "carl");
  await say(3, ann, bob, carl);
  for (const [seq, status] of [[2, "delivered"], [3, "delivered"], [3, "read"]] as const) {
    bob.send({ ...receipt(seq, status), id: "r" });
    assertEquals(await bob.next(), { type: "ok", id: "r" });
    for (const peer of [ann, carl]) {
      assertEquals(await peer.next(), { type: "receipt", roomId: "hall", userId: "bob", seq, status });
    }
  }
  assertEquals(await bob.drained(), []);
});

Deno.test("what was read on one device is told to the other devices", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, desk, phone] = await company.gather("hall", "ann", "bob", "bob");
  await say(2, ann, desk, phone);
  await phone.ask(receipt(2));
  assertEquals(await desk.next(), { type: "receipt", roomId: "hall", userId: "bob", seq: 2, status: "read" });
  await desk.ask(receipt(2));
  await desk.ask(receipt(1));
  assertEquals(await phone.drained(), [], "it knows");
  assertEquals((await (await company.connect("bob")).join("hall")).read, 2, "a third device, too");
});

Deno.test("cursors only move forward: a lower one is fine and told to nobody, nor is the same", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await say(5, ann, bob);
  await bob.ask(receipt(4));
  assertEquals((await ann.next("receipt")).seq, 4);
  for (const seq of [4, 3, 1]) {
    for (const status of ["read", "delivered"]) {
      assertEquals((await bob.ask(receipt(seq, status))).type, "ok");
    }
  }
  assertEquals(await ann.drained(), []);
  assertEquals(await cursorsOf(ann, "bob"), [4, 4]);
  await bob.ask(receipt(5));
  assertEquals((await ann.next()).seq, 5);
});

Deno.test("reading delivers, and delivering does not read", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await say(5, ann, bob);
  assertEquals(await cursorsOf(ann, "bob"), [0, 0]);
  await bob.ask(receipt(3, "delivered"));
  assertEquals(await cursorsOf(ann, "bob"), [3, 0]);
  await bob.ask(receipt(2, "read"));
  assertEquals(await cursorsOf(ann, "bob"), [3, 2]);
  await bob.ask(receipt(5, "read"));
  assertEquals(await cursorsOf(ann, "bob"), [5, 5]);
});

Deno.test("a receipt above the head is a bad request, and changes nothing", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  assertEquals((await bob.ask(receipt(1))).code, "bad_request", "nothing was said yet");
  await say(2, ann, bob);
  for (const status of ["read", "delivered"]) {
    const { code, message, roomId } = await bob.ask(receipt(3, status));
    assertEquals([code, roomId], ["bad_request", "hall"]);
    assert(String(message).includes("seq"), String(message));
  }
  assertEquals(await ann.drained(), []);
  assertEquals(await cursorsOf(ann, "bob"), [0, 0]);
  assertEquals((await bob.ask(receipt(2))).type, "ok", "the head itself is fine");
});

Deno.test("a receipt that makes no sense is a bad request that names the field", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await say(1, ann, bob);
  const wrong: [object, string][] = [
    ...[0, -1, 0.5, "1", null, undefined].map((seq): [object, string] => [receipt(seq), "seq"]),
    ...["seen", "", null, 1, undefined].map((status): [object, string] => [
      { type: "receipt", roomId: "hall", seq: 1, status },
      "status",
    ]),
    [{ type: "receipt", seq: 1, status: "read" }, "roomId"],
  ];
  for (const [command, field] of wrong) {
    const { code, message } = await bob.ask(command);
    assertEquals(code, "bad_request", JSON.stringify(command));
    assert(String(message).includes(field), String(message));
  }
  assertEquals(await ann.drained(), []);
});

Deno.test("receipts are for members, and say nothing of rooms that one may not see", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  await ann.ask({ type: "create", roomId: "secret", visibility: "private" });
  await say(1, ann);
  const bob = await company.connect("bob");
  const error = (code: string, message: string, roomId: string) => ({ type: "error", code, message, roomId });
  assertEquals(
    refusalOf(await bob.ask(receipt(1))),
    error("not_a_member", "Join the room first", "hall"),
  );
  for (const roomId of ["secret", "nowhere"]) {
    assertEquals(
      refusalOf(await bob.ask(receipt(1, "read", roomId))),
      error("room_not_found", "Room not found", roomId),
    );
  }
  assertEquals(await ann.drained(), []);
});

Deno.test("receipts are never kept in the log", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await say(2, ann, bob);
  await bob.ask(receipt(2));
  const { history, seq } = await ann.ask({ type: "history", roomId: "hall" });
  assertEquals([(history as Said[]).map(({ type }) => type), seq], [["chat", "chat"], 2]);
});

Deno.test("without an id a receipt is not answered", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await say(1, ann, bob);
  assertEquals(await bob.drained(receipt(1)), []);
  assertEquals((await ann.next()).type, "receipt");
});
