import { assertEquals, assertMatch } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { MuteWatch } from "../../static/app/mute_watch.ts";
import type { MemberInfo } from "../../static/sdk/mod.ts";

function muted(mutedUntil: number | null | undefined): MemberInfo {
  const standing = { status: "online", role: "member", connections: 1, delivered: 0, read: 0 };
  return { userId: "me", username: "Me", ...standing, mutedUntil };
}

Deno.test("MuteWatch says once that one is muted, and by itself when that is over", () => {
  using time = new FakeTime(1_790_000_000_000);
  const told: (string | undefined)[] = [];
  const watch = new MuteWatch((reason) => told.push(reason));
  watch.update(undefined);
  watch.update(muted(undefined));
  assertEquals(told, []);
  watch.update(muted(time.now + 60_000));
  watch.update(muted(time.now + 60_000));
  assertEquals([told.length, watch.reason === told[0]], [1, true]);
  assertMatch(told[0]!, /write again from/);
  time.tick(59_000);
  assertEquals(told.length, 1);
  time.tick(1_050);
  assertEquals([told.length, told[1], watch.reason], [2, undefined, undefined]);
});

Deno.test("MuteWatch knows mutes without an end, and those that are lifted", () => {
  using time = new FakeTime(1_790_000_000_000);
  const told: (string | undefined)[] = [];
  const watch = new MuteWatch((reason) => told.push(reason));
  watch.update(muted(null));
  time.tick(1_000_000);
  watch.update(muted(undefined));
  watch.update(muted(time.now + 1_000_000_000_000));
  watch.close();
  assertEquals(told.map((reason) => typeof reason), ["string", "undefined", "string"]);
});
