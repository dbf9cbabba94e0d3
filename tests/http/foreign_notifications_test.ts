import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { People } from "../../lib/chat/people.ts";
import { ForeignNotifications } from "../../lib/http/foreign_notifications.ts";
import { openLog } from "../../lib/telemetry/log.ts";
import { FakeMember } from "../chat/fakes.ts";

function open() {
  const people = new People();
  const [desk, phone, bob] = [new FakeMember("ann"), new FakeMember("ann"), new FakeMember("bob")];
  for (const visitor of [desk, phone, bob]) people.add(visitor);
  const lines: string[] = [];
  const log = openLog("debug", (line) => lines.push(line));
  const foreign = new ForeignNotifications(people, log, { maxMessageBytes: 1_000 });
  return { foreign, desk, phone, bob, lines };
}

const GOOD = { userId: "ann", title: "Order", body: "It is on its way", data: { order: 7 } };

Deno.test("a notification of another program reaches all devices of the person, and nobody else", () => {
  const { foreign, desk, phone, bob } = open();
  foreign.hear(JSON.stringify(GOOD));
  const told = [{ type: "notification", title: "Order", body: "It is on its way", data: { order: 7 } }];
  assertEquals([desk.take(), phone.take(), bob.take()], [told, told, []]);
  foreign.hear(JSON.stringify({ ...GOOD, userId: "eve", extra: 1 }));
  foreign.hear(JSON.stringify({ userId: "bob", title: "漢字", body: "" }));
  assertEquals(bob.take(), [{ type: "notification", title: "漢字", body: "" }]);
  assertEquals([foreign.count.get("taken"), foreign.count.get("refused")], [3, 0]);
});

Deno.test("what is no notification is counted, said in the log now and then, and otherwise ignored", () => {
  using time = new FakeTime();
  const { foreign, desk, bob, lines } = open();
  const bad = [
    "",
    "{",
    "null",
    "[]",
    '"ann"',
    "{}",
    JSON.stringify({ ...GOOD, userId: 7 }),
    JSON.stringify({ ...GOOD, userId: "" }),
    JSON.stringify({ ...GOOD, userId: "x".repeat(129) }),
    JSON.stringify({ ...GOOD, title: undefined }),
    JSON.stringify({ ...GOOD, body: null }),
    JSON.stringify({ ...GOOD, body: "\ud800" }),
    JSON.stringify({ ...GOOD, body: "漢".repeat(334) }),
    "[".repeat(900),
    '{"__proto__":{"userId":"ann","title":"a","body":"b"}}',
  ];
  for (const text of bad) foreign.hear(text);
  assertEquals([foreign.count.get("taken"), foreign.count.get("refused"), desk.take(), bob.take()], [
    0,
    bad.length,
    [],
    [],
  ]);
  assertEquals(lines.length, 1);
  time.tick(10_000);
  foreign.hear(JSON.stringify({ ...GOOD, title: 1, body: "a secret" }));
  const { level, event, problem, refused } = JSON.parse(lines[1]);
  assertEquals([level, event, problem, refused], [
    "warn",
    "foreign_notification_refused",
    "title must be a string",
    bad.length + 1,
  ]);
  foreign.hear(JSON.stringify(GOOD));
  assertEquals(desk.take().length, 1);
});
