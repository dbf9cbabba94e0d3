import { assert, assertEquals } from "@std/assert";
import { byteLength, Outbox } from "../../static/sdk/outbox.ts";

Deno.test("Outbox sends what comes in one turn as one frame", async () => {
  const frames: string[] = [];
  const outbox = new Outbox((frame) => frames.push(frame), 1_000);
  outbox.push('{"n":1}');
  outbox.push('{"n":2}');
  assertEquals(frames, []);
  await Promise.resolve();
  outbox.push('{"n":3}');
  await Promise.resolve();
  assertEquals(frames, ['{"n":1}\n{"n":2}', '{"n":3}']);
});

Deno.test("Outbox makes no frame of several objects longer than allowed, in bytes", async () => {
  const frames: string[] = [];
  const outbox = new Outbox((frame) => frames.push(frame), 100);
  const lines = Array.from({ length: 40 }, (_, index) => `"${"界".repeat(index % 10)}"`);
  for (const line of lines) outbox.push(line);
  await Promise.resolve();
  assert(frames.every((frame) => byteLength(frame) <= 100));
  assertEquals(frames.join("\n").split("\n"), lines);
});

Deno.test("Outbox sends an object that is too long for others alone", async () => {
  const frames: string[] = [];
  const outbox = new Outbox((frame) => frames.push(frame), 10);
  outbox.push("1");
  outbox.push("x".repeat(50));
  outbox.push("2");
  await Promise.resolve();
  assertEquals(frames, ["1", "x".repeat(50), "2"]);
});

Deno.test("flush() leaves nothing behind", async () => {
  const frames: string[] = [];
  const outbox = new Outbox((frame) => frames.push(frame), 100);
  outbox.push("1");
  outbox.flush();
  await Promise.resolve();
  assertEquals(frames, ["1"]);
});
