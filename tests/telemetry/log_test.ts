import { assert, assertEquals, assertFalse } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { describeError, LOG_LEVELS, openLog, silentLog } from "../../lib/telemetry/log.ts";

Deno.test("a log writes one JSON object a line, with its time, level and event first", () => {
  using _time = new FakeTime("2030-01-02T03:04:05.006Z");
  const lines: string[] = [];
  openLog("info", (line) => lines.push(line)).warn("slow", { tookMs: 5, who: undefined, said: 'a\n"b"' });
  const start = '{"time":"2030-01-02T03:04:05.006Z","level":"warn","event":"slow"';
  assertEquals(lines, [start + ',"tookMs":5,"said":"a\\n\\"b\\""}']);
});

Deno.test("a log writes its own level and those above, and nothing below", () => {
  for (const [i, level] of LOG_LEVELS.entries()) {
    const written: string[] = [];
    const log = openLog(level, (line) => written.push(JSON.parse(line).level));
    for (const each of LOG_LEVELS) log[each]("event");
    assertEquals(written, LOG_LEVELS.slice(i));
  }
});

Deno.test("a log cuts long texts, so that what strangers write cannot fill a disk", () => {
  const lines: string[] = [];
  openLog("info", (line) => lines.push(line)).info("event", {
    text: "x".repeat(100_000),
    short: "y".repeat(500),
  });
  const { text, short } = JSON.parse(lines[0]);
  assertEquals(text, "x".repeat(500) + "…");
  assertEquals(short, "y".repeat(500));
});

Deno.test("describeError() tells an error's name, message and the next lines of its stack", () => {
  const { error, stack } = describeError(new RangeError("too far"));
  assertEquals(error, "RangeError: too far");
  assert(typeof stack === "string" && stack.includes("log_test.ts"));
  assertFalse(stack.includes("\n"));
  assert(stack.split(" | ").length <= 5);
});

Deno.test("describeError() names only the kind of what was thrown and is no error: it may be somebody's words", () => {
  assertEquals(describeError("my secret"), { error: "string" });
  assertEquals(describeError({ token: "my secret" }), { error: "object" });
  assertEquals(describeError(undefined), { error: "undefined" });
});

Deno.test("silentLog takes everything and writes nothing", () => {
  for (const level of LOG_LEVELS) assertEquals(silentLog[level]("event"), undefined);
});
