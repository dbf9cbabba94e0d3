import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type Desk, Inbox, type InboxOptions } from "../../lib/connection/inbox.ts";
import type { Ending, Refusal } from "../../lib/protocol/codes.ts";
import type { Command } from "../../lib/protocol/commands.ts";

/** Writes down what it is asked to do; a `join` takes until the gate opens, the command `leave` ends the connection. */
class FakeDesk implements Desk {
  readonly done: string[] = [];
  isOpen = true;
  gate = Promise.withResolvers<void>();

  handle(command: Command): void | Promise<void> {
    this.done.push(command.id ?? command.type);
    if (command.type === "leave") this.isOpen = false;
    if (command.type === "join") return this.gate.promise;
  }

  refuse({ code }: Refusal, id?: string, roomId?: string): void {
    this.done.push([code, id, roomId].filter((part) => part !== undefined).join(" "));
  }

  takeChunk(): boolean {
    return false;
  }

  pong(): void {
    this.done.push("pong");
  }

  end({ code }: Ending): void {
    this.done.push(code === 1009 ? "too large" : "flood");
    this.isOpen = false;
  }
}

function open(options: Partial<InboxOptions> = {}) {
  const desk = new FakeDesk();
  const inbox = new Inbox(desk, { maxMessageBytes: 65_536, limitsFlood: true, ...options });
  const receive = (...commands: (object | string)[]) =>
    inbox.receive(commands.map((each) => typeof each === "string" ? each : JSON.stringify(each)).join("\n"));
  return { desk, inbox, receive };
}

function chat(id: string): object {
  return { type: "chat", roomId: "general", content: "Hello", id };
}

const JOIN = { type: "join", roomId: "general", id: "join" };
const LEAVE = { type: "leave", roomId: "general", id: "leave" };

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

Deno.test("Inbox handles at once what comes in, however many objects a frame holds", () => {
  const { desk, receive } = open();
  receive(chat("1"));
  receive(chat("2"), "nonsense", chat("3"));
  receive("ping");
  assertEquals(desk.done, ["1", "2", "invalid_json", "3", "pong"]);
});

Deno.test("Inbox keeps everything behind a command that takes time, and then takes it in order", async () => {
  const { desk, inbox, receive } = open();
  receive(JOIN, chat("1"));
  receive("nonsense");
  receive("ping");
  receive({ type: "shout", id: "s", roomId: "general" });
  inbox.receive(new ArrayBuffer(8));
  receive(chat("2"));
  assertEquals(desk.done, ["join"]);
  desk.gate.resolve();
  await settled();
  assertEquals(desk.done, [
    "join",
    "1",
    "invalid_json",
    "pong",
    "unknown_type s general",
    "bad_request",
    "2",
  ]);
  receive(chat("3"));
  assertEquals(desk.done.at(-1), "3");
});

Deno.test("Inbox stops again at every command that takes time", async () => {
  const { desk, receive } = open();
  const first = desk.gate;
  receive(JOIN, chat("1"), { ...JOIN, id: "again" }, chat("2"), chat("3"));
  desk.gate = Promise.withResolvers();
  first.resolve();
  await settled();
  receive(chat("4"));
  assertEquals(desk.done, ["join", "1", "again"]);
  desk.gate.resolve();
  await settled();
  assertEquals(desk.done, ["join", "1", "again", "2", "3", "4"]);
});

Deno.test("hold() keeps everything behind work that is no command, such as a welcome", async () => {
  const { desk, inbox, receive } = open();
  const work = Promise.withResolvers<void>();
  const held = inbox.hold(work.promise);
  receive(chat("1"));
  receive("ping");
  assertEquals(desk.done, []);
  work.resolve();
  await held;
  assertEquals(desk.done, ["1", "pong"]);
});

Deno.test("Inbox takes nothing more once the connection has ended", async () => {
  const { desk, receive } = open();
  receive(chat("1"), LEAVE, chat("2"));
  assertEquals(desk.done, ["1", "leave"]);
  const waiting = open();
  waiting.receive(JOIN, LEAVE, chat("1"));
  waiting.desk.gate.resolve();
  await settled();
  assertEquals(waiting.desk.done, ["join", "leave"]);
});

Deno.test("Inbox refuses frames over the limit, counting bytes, and says which command it was", () => {
  const { desk, receive } = open({ maxMessageBytes: 1_024 });
  const fits = JSON.stringify({ ...chat("fits"), content: "x" });
  receive(fits.padEnd(1_024));
  receive(fits.padEnd(1_025));
  receive(JSON.stringify({ ...chat("chinese"), content: "上".repeat(400) }));
  receive("x".repeat(4_096));
  assertEquals(desk.done, ["fits", "too_large fits general", "too_large chinese general", "too_large"]);
});

Deno.test("Inbox ends a connection that sends frames of more than four times the limit", () => {
  for (const frame of ["x".repeat(4_097), "上".repeat(1_400)]) {
    const { desk, receive } = open({ maxMessageBytes: 1_024 });
    receive(frame);
    assertEquals(desk.done, ["too large"]);
  }
});

Deno.test("Inbox ends a connection that sends faster than can be answered, whatever it sends", () => {
  for (
    const frame of ["ping", "nonsense", JSON.stringify(chat("c")), new ArrayBuffer(1), "x".repeat(2_000)]
  ) {
    using _time = new FakeTime();
    const { desk, inbox } = open({ maxMessageBytes: 1_024 });
    for (let i = 0; i < 1_000; i++) inbox.receive(frame);
    assertEquals(desk.done.includes("flood"), false);
    inbox.receive(frame);
    assertEquals([desk.done.length, desk.done.at(-1)], [1_001, "flood"]);
  }
});

Deno.test("Inbox counts the objects of a frame, not frames, and stops within one", () => {
  using _time = new FakeTime();
  const { desk, receive } = open();
  receive(...Array.from({ length: 1_500 }, (_, i) => ({ type: "ping", id: `${i}` })));
  assertEquals([desk.done.length, desk.done.at(-1)], [1_001, "flood"]);
});

Deno.test("Inbox stands a thousand objects a second for as long as one likes", () => {
  using time = new FakeTime();
  const { desk, inbox } = open();
  for (let i = 0; i < 5_000; i++) {
    inbox.receive("ping");
    time.tick(1);
  }
  assertEquals(desk.done.filter((what) => what !== "pong"), []);
});

Deno.test("Inbox calls nothing a flood where the operator has switched limits off", () => {
  using _time = new FakeTime();
  const { desk, inbox } = open({ limitsFlood: false });
  for (let i = 0; i < 5_000; i++) inbox.receive("ping");
  assertEquals(desk.done.length, 5_000);
});

Deno.test("Inbox keeps no more than a thousand waiting, and refuses the rest at once", async () => {
  const { desk, receive } = open({ limitsFlood: false });
  receive(JOIN);
  for (let i = 1; i <= 1_002; i++) receive(chat(`${i}`));
  receive("ping");
  assertEquals(desk.done, ["join", "rate_limited 1001", "rate_limited 1002", "rate_limited"]);
  desk.gate.resolve();
  await settled();
  assertEquals(desk.done.slice(4), Array.from({ length: 1_000 }, (_, i) => `${i + 1}`));
});

Deno.test("Inbox keeps no more than a megabyte waiting, and then has room for more", async () => {
  const { desk, receive } = open();
  const long = (id: string) => ({ type: "chat", roomId: "general", content: "x".repeat(60_000), id });
  receive(JOIN);
  for (let i = 1; i <= 25; i++) receive(long(`${i}`));
  const refused = desk.done.slice(1);
  assertEquals(refused[0], "rate_limited 19");
  assertEquals(refused.length, 7);
  desk.gate.resolve();
  await settled();
  assertEquals(desk.done.slice(8), Array.from({ length: 18 }, (_, i) => `${i + 1}`));
  desk.gate = Promise.withResolvers();
  receive(JOIN, chat("later"));
  desk.gate.resolve();
  await settled();
  assertEquals(desk.done.at(-1), "later");
});
