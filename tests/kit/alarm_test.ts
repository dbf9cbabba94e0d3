import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Alarm } from "../../lib/kit/alarm.ts";

Deno.test("Alarm rings once for each item, each at its own time", () => {
  using time = new FakeTime();
  const rung: string[] = [];
  using alarm = new Alarm<string>(100, (item) => rung.push(item));
  alarm.set("a");
  time.tick(40);
  alarm.set("b");
  time.tick(59);
  assertEquals(rung, []);
  time.tick(1);
  assertEquals(rung, ["a"]);
  time.tick(39);
  assertEquals(rung, ["a"]);
  time.tick(1);
  assertEquals(rung, ["a", "b"]);
  time.tick(1_000);
  assertEquals(rung, ["a", "b"]);
});

Deno.test("Alarm does not ring for an item that was cleared", () => {
  using time = new FakeTime();
  const rung: string[] = [];
  using alarm = new Alarm<string>(100, (item) => rung.push(item));
  alarm.set("a");
  alarm.set("b");
  alarm.clear("a");
  time.tick(100);
  assertEquals(rung, ["b"]);
});

Deno.test("Alarm keeps the time of an item that is set again", () => {
  using time = new FakeTime();
  const rung: string[] = [];
  using alarm = new Alarm<string>(100, (item) => rung.push(item));
  alarm.set("a");
  time.tick(60);
  alarm.set("a");
  time.tick(40);
  assertEquals(rung, ["a"]);
});

Deno.test("Alarm gives an item that was cleared and set again its whole time", () => {
  using time = new FakeTime();
  const rung: string[] = [];
  using alarm = new Alarm<string>(100, (item) => rung.push(item));
  alarm.set("a");
  time.tick(60);
  alarm.clear("a");
  alarm.set("a");
  time.tick(99);
  assertEquals(rung, []);
  time.tick(1);
  assertEquals(rung, ["a"]);
});

Deno.test("Alarm rings for others in time when an item is set again as it rings", () => {
  using time = new FakeTime();
  const rung: string[] = [];
  const alarm: Alarm<string> = new Alarm(100, (item) => {
    rung.push(`${item} ${Date.now() - time.start}`);
    if (item === "a") alarm.set(item);
  });
  alarm.set("a");
  time.tick(50);
  alarm.set("b");
  time.tick(270);
  assertEquals(rung, ["a 100", "b 150", "a 200", "a 300"]);
  alarm[Symbol.dispose]();
  assertEquals(time.next(), false, "no timer is left behind");
});

Deno.test("Alarm never has more than one timer", () => {
  using time = new FakeTime();
  const alarm: Alarm<string> = new Alarm(100, (item) => alarm.set(item));
  alarm.set("a");
  time.tick(50);
  alarm.set("b");
  time.tick(60);
  alarm[Symbol.dispose]();
  assertEquals(time.next(), false);
});

Deno.test("Alarm is silent once it is disposed of", () => {
  using time = new FakeTime();
  const rung: string[] = [];
  const alarm = new Alarm<string>(100, (item) => rung.push(item));
  alarm.set("a");
  alarm[Symbol.dispose]();
  time.tick(1_000);
  assertEquals(rung, []);
});
