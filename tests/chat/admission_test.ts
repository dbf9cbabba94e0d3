import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Admission, checkUntil } from "../../lib/chat/admission.ts";
import type { User } from "../../lib/chat/member.ts";
import type { Passwords } from "../../lib/auth/passwords.ts";
import { FOREVER, type Standing } from "../../lib/store/standing.ts";
import type { RoomRecord } from "../../lib/store/store.ts";
import { makeRecord } from "./fakes.ts";

const BOB: User = { userId: "bob", username: "Bob", role: "user" };
const ROOT: User = { userId: "root", username: "Root", role: "admin" };
const NONE: Standing = {
  ...{ roomId: "general", userId: "bob", username: "Bob", role: null, isInvited: false },
  ...{ bannedUntil: 0, mutedUntil: 0, delivered: 0, read: 0 },
};
/** Hashes nothing: the hash is the password. */
const PLAIN = { verify: (password: string, kept: string) => Promise.resolve(password === kept) };

function open(): Admission {
  return new Admission(PLAIN as unknown as Passwords);
}

function room(more: Partial<RoomRecord> = {}): RoomRecord {
  return { ...makeRecord(), ...more };
}

const PRIVATE = room({ visibility: "private" });
const LOCKED = room({ passwordHash: "swordfish" });

Deno.test("Admission asks who is no member for what the room asks for", async () => {
  const cases: [RoomRecord, Partial<Standing> | undefined, string | undefined, string | undefined][] = [
    [room(), undefined, undefined, undefined],
    [room(), {}, "whatever", undefined],
    [PRIVATE, undefined, undefined, "room_not_found"],
    [PRIVATE, {}, "swordfish", "room_not_found"],
    [PRIVATE, { isInvited: true }, undefined, undefined],
    [PRIVATE, { role: "member" }, undefined, undefined],
    [LOCKED, undefined, undefined, "wrong_password"],
    [LOCKED, undefined, "wrong", "wrong_password"],
    [LOCKED, undefined, "swordfish", undefined],
    [LOCKED, { role: "member" }, "wrong", undefined],
    [{ ...LOCKED, visibility: "private" }, { isInvited: true }, "wrong", "wrong_password"],
    [room(), { bannedUntil: FOREVER }, undefined, "forbidden"],
    [LOCKED, { role: "member", bannedUntil: FOREVER }, "swordfish", "forbidden"],
  ];
  for (const [record, standing, password, code] of cases) {
    const whole = standing && { ...NONE, ...standing };
    assertEquals((await open().check(BOB, record, whole, password))?.code, code, JSON.stringify(whole));
  }
});

Deno.test("Admission asks who runs the server for nothing, and lets the two into their own room", async () => {
  for (const record of [PRIVATE, LOCKED]) {
    assertEquals(await open().check(ROOT, record, undefined, undefined), undefined);
  }
  const direct = room({ roomId: "dm:ann:bob", visibility: "private" });
  assertEquals(await open().check(BOB, direct, undefined, undefined), undefined);
  assertEquals(
    (await open().check({ ...BOB, userId: "carl" }, direct, undefined, undefined))?.code,
    "room_not_found",
  );
});

Deno.test("Admission answers a sixth guess within a minute with the time to wait, right or wrong", async () => {
  using time = new FakeTime(1_000_000);
  const admission = open();
  const guess = async (password: string) => {
    const refusal = await admission.check(BOB, LOCKED, undefined, password);
    return [refusal?.code, refusal?.retryAfterMs];
  };
  for (let i = 0; i < 5; i++) assertEquals(await guess("wrong"), ["wrong_password", undefined]);
  time.tick(20_000);
  assertEquals(await guess("swordfish"), ["rate_limited", 40_000]);
  time.tick(40_000);
  assertEquals(await guess("swordfish"), [undefined, undefined]);
});

Deno.test("Admission does not count a join without any password as a guess", async () => {
  const admission = open();
  for (let i = 0; i < 10; i++) {
    assertEquals((await admission.check(BOB, LOCKED, undefined, undefined))?.code, "wrong_password");
  }
  assertEquals(await admission.check(BOB, LOCKED, undefined, "swordfish"), undefined);
});

Deno.test("checkUntil() says how long it lasts, unless it is for good", () => {
  using _ = new FakeTime(1_000_000);
  assertEquals(checkUntil(undefined), undefined);
  assertEquals(checkUntil(0), undefined);
  assertEquals(checkUntil(1_000_000), undefined);
  assertEquals(checkUntil(1_005_000)?.retryAfterMs, 5_000);
  assertEquals(checkUntil(FOREVER)?.code, "forbidden");
  assertEquals(checkUntil(FOREVER)?.retryAfterMs, undefined);
});
