import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { Peer, type Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

const CHAT = { type: "chat", roomId: "hall", content: "x" };
const TYPING = { type: "typing", roomId: "hall", isTyping: true };

async function enter(server: TestServer, userId: string): Promise<Peer> {
  const peer = await Peer.signIn(server, userId);
  await peer.join("hall");
  await peer.drained();
  return peer;
}

function assertLimited(answer: Said, periodMs: number): void {
  const { retryAfterMs, id, ...rest } = answer;
  assertEquals(rest, { type: "error", code: "rate_limited", message: "Rate limit exceeded", roomId: "hall" });
  assert(typeof id === "string");
  assertGreater(Number(retryAfterMs), 0);
  assertLessOrEqual(Number(retryAfterMs), periodMs);
}

Deno.test("ten messages in ten seconds are let through, and the eleventh is refused", async () => {
  await using server = await TestServer.start({ RATE_CHAT: "" });
  await using ann = await enter(server, "ann");
  // At once: one more would be allowed a second later.
  const answers = await Promise.all(Array.from({ length: 11 }, () => ann.ask(CHAT)));
  assertEquals(answers.slice(0, 10).map(({ seq }) => seq), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assertLimited(answers[10], 10_000);
  assertEquals(
    (await ann.ask({ type: "history", roomId: "hall" })).seq,
    10,
    "what was refused is not stored",
  );
});

Deno.test("the budget is a person's, over all their connections and rooms", async () => {
  await using server = await TestServer.start({ RATE_CHAT: "3/10s" });
  await using desk = await enter(server, "ann");
  await using phone = await enter(server, "ann");
  await using bob = await enter(server, "bob");
  await desk.join("other");
  assertEquals((await desk.ask(CHAT)).type, "ack");
  assertEquals((await phone.ask(CHAT)).type, "ack");
  assertEquals((await desk.ask({ ...CHAT, roomId: "other" })).type, "ack");
  assertLimited(await phone.ask(CHAT), 10_000);
  assertLimited(await desk.ask(CHAT), 10_000);
  assertEquals((await bob.ask(CHAT)).type, "ack", "others have a budget of their own");
  await using fresh = await enter(server, "ann");
  assertLimited(await fresh.ask(CHAT), 10_000);
});

Deno.test("a message without an id is refused without one", async () => {
  await using server = await TestServer.start({ RATE_CHAT: "1/10s" });
  await using ann = await enter(server, "ann");
  ann.send(CHAT, CHAT);
  const { retryAfterMs, ...refusal } = await ann.next("error");
  assertEquals(refusal, {
    type: "error",
    code: "rate_limited",
    message: "Rate limit exceeded",
    roomId: "hall",
  });
  assert(Number.isInteger(retryAfterMs));
});

Deno.test("typing never spends the chat budget, nor chat that of typing", async () => {
  await using server = await TestServer.start({ RATE_CHAT: "2/10s", RATE_OTHER: "3/10s" });
  await using ann = await enter(server, "ann");
  for (let i = 0; i < 3; i++) assertEquals((await ann.ask(TYPING)).type, "ok");
  assertLimited(await ann.ask(TYPING), 10_000);
  for (let i = 0; i < 2; i++) assertEquals((await ann.ask(CHAT)).type, "ack");
  assertLimited(await ann.ask(CHAT), 10_000);
  assertLimited(await ann.ask(TYPING), 10_000);
});

Deno.test("each kind of command has its own budget", async () => {
  await using server = await TestServer.start({ RATE_OTHER: "2/10s" });
  await using ann = await Peer.signIn(server, "ann");
  const commands = [
    ...["join", "members", "history", "leave"].map((type) => ({ type, roomId: "hall" })),
    ...["rooms", "ping"].map((type) => ({ type })),
    { type: "auth", token: "x" },
  ];
  for (const command of commands) {
    const answers = [await ann.ask(command), await ann.ask(command), await ann.ask(command)];
    assertEquals(answers.map(({ code }) => code === "rate_limited"), [false, false, true], command.type);
  }
  ann.send("ping");
  await ann.next("text pong");
});

Deno.test("what is refused for another reason is refused for that", async () => {
  await using server = await TestServer.start({ RATE_CHAT: "1/10s" });
  await using ann = await enter(server, "ann");
  for (let i = 0; i < 3; i++) {
    assertEquals((await ann.ask({ type: "chat", roomId: "hall" })).code, "bad_request");
  }
  assertEquals((await ann.ask(CHAT)).type, "ack", "a request that was not understood costs nothing");
});

Deno.test("after the time it was told to wait a person may go on", async () => {
  await using server = await TestServer.start({ RATE_CHAT: "2/1s" });
  await using ann = await enter(server, "ann");
  const waits: number[] = [];
  for (let sent = 0; sent < 6;) {
    const { type, retryAfterMs } = await ann.ask(CHAT);
    if (type === "ack") {
      sent++;
      continue;
    }
    waits.push(Number(retryAfterMs));
    await new Promise((resolve) => setTimeout(resolve, Number(retryAfterMs)));
    assertEquals((await ann.ask(CHAT)).type, "ack", `after ${retryAfterMs} ms`);
    sent++;
  }
  assert(waits.length > 0 && waits.every((ms) => ms > 0 && ms <= 1_000), `${waits}`);
});

Deno.test("limits that are off limit nothing", async () => {
  await using server = await TestServer.start({ RATE_CHAT: "off", RATE_OTHER: "off" });
  await using ann = await enter(server, "ann");
  for (let i = 0; i < 500; i++) ann.send(CHAT, TYPING);
  await ann.next("ack", ({ seq }) => seq === 500);
  assertEquals(ann.frames.filter((frame) => frame.includes('"error"')), []);
});
