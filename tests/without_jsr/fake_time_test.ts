import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { FakeTime, TimeError } from "@std/testing/time";

const START_MS = Date.UTC(2030, 0, 1);

Deno.test("FakeTime makes every clock of JavaScript stand still", () => {
  using time = new FakeTime(START_MS);
  assertEquals([time.start, time.now, Date.now()], [START_MS, START_MS, START_MS]);
  assertEquals(new Date().toISOString(), "2030-01-01T00:00:00.000Z");
  time.tick(1500);
  assertEquals([time.start, Date.now()], [START_MS, START_MS + 1500]);
  assertEquals(new Date(5).getTime(), 5);
  assert(new Date() instanceof Date);
});

Deno.test("FakeTime starts now, or at a number, a date or a text", () => {
  const startOf = (start?: number | string | Date) => {
    using time = new FakeTime(start);
    return time.now;
  };
  const before = Date.now();
  const byDefault = startOf();
  assert(byDefault >= before && byDefault <= Date.now());
  assertEquals(startOf(12.7), 12);
  assertEquals(startOf(new Date(34)), 34);
  assertEquals(startOf("2030-01-01T00:00:00Z"), START_MS);
  assertThrows(() => startOf("no date"), TypeError, "Cannot construct FakeTime: invalid start time NaN");
});

Deno.test("FakeTime runs timers in the order they are due, each at its own time", () => {
  using time = new FakeTime(0);
  const ran: [string, number][] = [];
  const note = (name: string) => ran.push([name, Date.now()]);
  setTimeout(note, 20, "b");
  setTimeout(note, 10, "a");
  setTimeout(() => setTimeout(note, 5, "inner"), 10);
  setTimeout(note, 20, "c");
  setTimeout(note, 21, "late");
  setTimeout(note, -5, "at once");
  assertEquals(ran, []);
  time.tick(20);
  assertEquals(ran, [["at once", 0], ["a", 10], ["inner", 15], ["b", 20], ["c", 20]]);
  assertEquals(time.now, 20);
});

Deno.test("FakeTime repeats an interval until it is cleared", () => {
  using time = new FakeTime(0);
  const ran: number[] = [];
  const id = setInterval(() => ran.push(Date.now()), 10);
  time.tick(35);
  clearInterval(id);
  time.tick(100);
  assertEquals(ran, [10, 20, 30]);
});

Deno.test("FakeTime lets an interval be cleared by its own callback", () => {
  using time = new FakeTime(0);
  let ran = 0;
  const id = setInterval(() => {
    if (++ran === 2) clearInterval(id);
  }, 10);
  time.tick(100);
  assertEquals(ran, 2);
});

Deno.test("FakeTime forgets a cleared timeout", () => {
  using time = new FakeTime(0);
  const id = setTimeout(() => assert(false, "must not run"), 10);
  clearTimeout(id);
  clearTimeout(12345);
  time.runAll();
  assertEquals(time.now, 0);
});

Deno.test("FakeTime stops at a callback that throws, and goes on from there", () => {
  using time = new FakeTime(0);
  const ran: string[] = [];
  setTimeout(() => {
    throw new Error("broken");
  }, 10);
  setTimeout(() => ran.push("after"), 20);
  assertThrows(() => time.tick(30), Error, "broken");
  assertEquals(time.now, 10);
  time.tick(10);
  assertEquals(ran, ["after"]);
});

Deno.test("FakeTime goes from timer to timer with next() and runAll()", () => {
  using time = new FakeTime(0);
  let ran = 0;
  setTimeout(() => ran++, 10);
  setTimeout(() => setTimeout(() => ran++, 30), 20);
  assertEquals([time.next(), time.now, ran], [true, 10, 1]);
  time.runAll();
  assertEquals([time.next(), time.now, ran], [false, 50, 2]);
});

Deno.test("FakeTime runs waiting promises before it moves with the asynchronous forms", async () => {
  using time = new FakeTime(0);
  const ran: string[] = [];
  const work = async () => {
    await Promise.resolve();
    setTimeout(() => ran.push("inner"), 10);
  };
  void work();
  await time.tickAsync(10);
  assertEquals(ran, ["inner"]);
  void work();
  assertEquals(await time.nextAsync(), true);
  setTimeout(work, 10);
  await time.runAllAsync();
  assertEquals([ran.length, time.now], [3, 40]);
  await Promise.resolve().then(() => ran.push("micro"));
  await time.runMicrotasks();
  assertEquals(ran.at(-1), "micro");
});

Deno.test("FakeTime cannot go back", () => {
  using time = new FakeTime(100);
  assertThrows(
    () => time.now = 99,
    RangeError,
    "Cannot set current time in the past, time must be >= 100: received 99",
  );
});

Deno.test("FakeTime holds back AbortSignal.timeout", () => {
  using time = new FakeTime(0);
  const signal = AbortSignal.timeout(10);
  time.tick(9);
  assertEquals(signal.aborted, false);
  time.tick(1);
  assertEquals([signal.aborted, signal.reason.name], [true, "TimeoutError"]);
});

Deno.test("FakeTime puts real time back once, and is alone", () => {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, Date };
  const time = new FakeTime();
  assertNotStrictEquals(globalThis.setTimeout, real.setTimeout);
  assertThrows(() => new FakeTime(), TimeError, "Cannot construct FakeTime: time is already faked");
  time.restore();
  for (const [name, value] of Object.entries(real)) assertStrictEquals(Reflect.get(globalThis, name), value);
  assertThrows(() => time.restore(), TimeError, "Cannot restore time: time is already restored");
});

Deno.test("FakeTime.restoreFor() lets real time run for a moment", async () => {
  const real = setTimeout;
  using time = new FakeTime(0);
  const fake = setTimeout;
  const inside = await FakeTime.restoreFor(async () => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    return setTimeout;
  });
  assertStrictEquals(inside, real);
  assertEquals(time.now, 0);
  assertNotStrictEquals(setTimeout, real);
  await assertRejects(() => FakeTime.restoreFor(() => Promise.reject(new Error("broken"))), Error, "broken");
  assertEquals(typeof fake, typeof setTimeout);
  assertNotStrictEquals(setTimeout, real);
});
