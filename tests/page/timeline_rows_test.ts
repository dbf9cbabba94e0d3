import { assert, assertEquals } from "@std/assert";
import type { ChatMessage, OutgoingFile, OutgoingMessage } from "../../static/sdk/mod.ts";
import {
  buildRows,
  indexOfSeq,
  looksSame,
  type Row,
  type SystemLine,
} from "../../static/app/timeline_rows.ts";

const NOON = new Date(2026, 10, 20, 12).getTime();
const MINUTE_MS = 60_000;
const ME = { userId: "me", username: "Ana" };

function chat(seq: number, userId: string, timestamp = NOON + seq * 1000, id = `id-${seq}`): ChatMessage {
  return { type: "chat", id, roomId: "r", seq, userId, username: userId, content: `text ${seq}`, timestamp };
}

function outgoing(id: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  const message = { id, roomId: "r", content: id, createdAt: NOON + MINUTE_MS, status: "pending" as const };
  return { ...message, acked: Promise.withResolvers<never>().promise, ...more };
}

function fileOnItsWay(id: string, status: OutgoingFile["status"] = "sending"): OutgoingFile {
  const about = { id, roomId: "r", name: `${id}.png`, size: 9, mime: "image/png", content: "", sentBytes: 3 };
  const actions = { pause() {}, resume() {}, cancel() {}, retry() {} };
  const done = Promise.withResolvers<never>().promise;
  return { ...about, ...actions, createdAt: NOON + MINUTE_MS, source: new Blob(), status, done };
}

function line(afterSeq: number, timestamp = NOON + afterSeq * 1000): SystemLine {
  return { key: `line:${afterSeq}`, afterSeq, event: "join", username: "Bo", message: "", timestamp };
}

function rowsOf(messages: ChatMessage[], more: Partial<Parameters<typeof buildRows>[0]> = {}): Row[] {
  return buildRows({
    messages,
    outgoing: [],
    files: [],
    systemLines: [],
    span: { first: messages[0]?.seq ?? 1, last: messages.at(-1)?.seq ?? 0 },
    atEnd: true,
    me: ME,
    unreadFrom: undefined,
    people: [],
    now: NOON,
    ...more,
  });
}

function sketch(rows: Row[]): string[] {
  return rows.map((row) => row.kind === "message" ? `${row.opensGroup ? "+" : ""}${row.id}` : row.kind);
}

Deno.test("buildRows() shows an author once for messages that follow each other within five minutes", () => {
  const rows = rowsOf([
    chat(1, "bo"),
    chat(2, "bo"),
    chat(3, "cy"),
    chat(4, "bo"),
    chat(5, "bo", NOON + 6 * MINUTE_MS),
  ]);
  assertEquals(sketch(rows), ["day", "+id-1", "id-2", "+id-3", "+id-4", "+id-5"]);
});

Deno.test("buildRows() puts a line before the first message of each day, and after it a new group", () => {
  const rows = rowsOf([
    chat(1, "bo", NOON - 13 * 60 * MINUTE_MS),
    chat(2, "bo", NOON - 11.95 * 60 * MINUTE_MS),
  ]);
  assertEquals(sketch(rows), ["day", "+id-1", "day", "+id-2"]);
  const days = rows.filter((row) => row.kind === "day");
  assertEquals(days.map((day) => day.daysAgo), [1, 0]);
});

Deno.test("buildRows() gives every row its own key even when clocks run backwards over midnight", () => {
  const midnight = new Date(2026, 10, 20).getTime();
  const rows = rowsOf([
    chat(1, "bo", midnight + 1),
    chat(2, "bo", midnight - 1),
    chat(3, "bo", midnight + 2),
  ]);
  assertEquals(new Set(rows.map((row) => row.key)).size, rows.length);
});

Deno.test("buildRows() puts the unread line before the first unread message, below a day line", () => {
  const yesterday = NOON - 24 * 60 * MINUTE_MS;
  const rows = rowsOf([chat(1, "bo", yesterday), chat(2, "bo")], { unreadFrom: 2 });
  assertEquals(sketch(rows), ["day", "+id-1", "day", "unread", "+id-2"]);
  assertEquals(sketch(rowsOf([chat(1, "bo"), chat(2, "bo")], { unreadFrom: 2 })), [
    "day",
    "+id-1",
    "unread",
    "+id-2",
  ]);
});

Deno.test("buildRows() keeps system lines where they happened, and only those beside shown messages", () => {
  const messages = [1, 2, 3, 4, 5].map((seq) => chat(seq, "bo"));
  const systemLines = [line(0), line(2), line(5)];
  assertEquals(sketch(rowsOf(messages, { systemLines })), [
    "day",
    "system",
    "+id-1",
    "id-2",
    "system",
    "+id-3",
    "id-4",
    "id-5",
    "system",
  ]);
  const middle = { systemLines, span: { first: 2, last: 4 }, atEnd: false };
  assertEquals(sketch(rowsOf(messages, middle)), ["day", "+id-2", "system", "+id-3", "id-4"]);
});

Deno.test("buildRows() shows unsent messages after all others, and only at the end of the log", () => {
  const messages = [chat(1, "bo")];
  const waiting = [
    outgoing("a"),
    outgoing("b", { status: "failed", error: { code: "forbidden", message: "No" } }),
  ];
  const rows = rowsOf(messages, { outgoing: waiting });
  assertEquals(sketch(rows), ["day", "+id-1", "+a", "b"]);
  const last = rows.at(-1)!;
  assert(
    last.kind === "message" && last.delivery === "failed" && last.errorCode === "forbidden" && last.mine,
  );
  assertEquals(sketch(rowsOf(messages, { outgoing: waiting, atEnd: false })), ["day", "+id-1"]);
});

Deno.test("buildRows() shows a message once while it is both unsent and received, under the same key", () => {
  const before = rowsOf([chat(1, "bo")], { outgoing: [outgoing("mine")] }).at(-1)!;
  const after = rowsOf([chat(1, "bo"), chat(2, "me", NOON, "mine")], { outgoing: [outgoing("mine")] });
  assertEquals(sketch(after), ["day", "+id-1", "+mine"]);
  assertEquals(after.at(-1)!.key, before.key);
});

Deno.test("buildRows() does not take another person's message for one's own unsent one", () => {
  const rows = rowsOf([chat(1, "bo", NOON, "same")], { outgoing: [outgoing("same")] });
  assertEquals(rows.filter((row) => row.kind === "message").length, 2);
});

Deno.test("looksSame() sees a change of delivery and of grouping", () => {
  const [, row] = rowsOf([chat(1, "me")]);
  assert(row.kind === "message");
  assert(looksSame(row, { ...row }));
  assert(!looksSame(row, { ...row, delivery: "failed" }));
  assert(!looksSame(row, { ...row, opensGroup: !row.opensGroup }));
});

Deno.test("indexOfSeq() finds a message by its number", () => {
  const messages = [11, 12, 13].map((seq) => chat(seq, "bo"));
  assertEquals([10, 11, 12, 13, 14].map((seq) => indexOfSeq(messages, seq)), [0, 0, 1, 2, 3]);
});

Deno.test("buildRows() says how far one's own message has come with the others", () => {
  const member = (userId: string, delivered: number, read: number) => {
    return { userId, username: userId, status: "online", role: "member", connections: 1, delivered, read };
  };
  const people = [member("me", 9, 9), member("bo", 3, 2), member("cy", 2, 1)];
  const rows = rowsOf([1, 2, 3, 4].map((seq) => chat(seq, "me")), { people });
  const told = rows.filter((row) => row.kind === "message").map((row) => `${row.delivery} ${row.readers}`);
  assertEquals(told, ["read 2", "read 1", "delivered 0", "acked 0"]);
});

Deno.test("buildRows() quotes the answered message, as far as it is at hand", () => {
  const rows = rowsOf([
    chat(1, "bo"),
    { ...chat(2, "cy"), replyTo: "id-1" },
    { ...chat(3, "cy"), replyTo: "long ago" },
  ]);
  const quotes = rows.filter((row) => row.kind === "message").map((row) => row.quote);
  const unknown = { id: "long ago", username: undefined, content: undefined };
  assertEquals(quotes, [undefined, { id: "id-1", username: "bo", content: "text 1" }, unknown]);
});

Deno.test("buildRows() puts a file on its way at the end, until its message is there", () => {
  const file = fileOnItsWay("f");
  const kinds = (messages: ChatMessage[], atEnd = true) =>
    rowsOf(messages, { files: [file], atEnd }).map(({ kind, key }) => `${kind} ${key}`).slice(-1);
  assertEquals(kinds([chat(1, "bo")]), ["upload own:f"]);
  assertEquals(kinds([chat(1, "bo")], false), ["message seq:1"]);
  assertEquals(kinds([chat(1, "bo"), chat(2, "me", NOON, "f")]), ["message own:f"]);
});

Deno.test("looksSame() lets a file on its way stay while it comes further, and draws a new state anew", () => {
  const file = fileOnItsWay("f");
  const row = (status: OutgoingFile["status"]): Row => ({ kind: "upload", key: "own:f", file, status });
  assert(looksSame(row("sending"), row("sending")));
  assert(!looksSame(row("sending"), row("failed")));
});

Deno.test("an answered file is quoted by its name", () => {
  const file = { fileId: "1", name: "map.pdf", size: 1, mime: "application/pdf", url: "/files/1" };
  const rows = rowsOf([{ ...chat(1, "bo"), content: "", file }, { ...chat(2, "bo"), replyTo: "id-1" }]);
  const last = rows.at(-1)!;
  assertEquals(last.kind === "message" && last.quote?.content, "map.pdf");
});
