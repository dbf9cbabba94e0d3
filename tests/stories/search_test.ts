import { assert, assertEquals } from "@std/assert";
import { Company, contentsOf } from "../support/company.ts";
import type { Peer, Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Says things in a room one after another, each in a millisecond of its own. */
async function say(peer: Peer, roomId: string, ...contents: string[]): Promise<void> {
  for (const content of contents) {
    const { timestamp } = await peer.ask({ type: "chat", roomId, content });
    while (Date.now() === timestamp) await peer.ask({ type: "ping" });
  }
}

/** The contents of what is found. */
async function find(peer: Peer, query: string, more: object = {}): Promise<unknown[]> {
  const { type, results, code } = await peer.ask({ type: "search", query, ...more });
  assertEquals(type, "search_results", `${query}: ${code}`);
  return contentsOf(results as Said[]);
}

/** A day as people write it. */
function day(offset: number): string {
  return new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
}

Deno.test("search finds what was said in one's rooms, newest first, with where it stands", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await ann.join("study");
  await say(ann, "hall", "The quick brown fox");
  await say(ann, "study", "a fox in the study");
  await say(bob, "hall", "no animals here");
  await ann.drained();
  ann.send({ type: "search", id: "s", query: "fox" });
  const found = await ann.next();
  assertEquals([found.type, found.id, found.more], ["search_results", "s", false]);
  const [newest, oldest, ...others] = found.results as Said[];
  assertEquals(others, []);
  assertEquals(newest.roomId, "study");
  const { timestamp, id, ...rest } = oldest;
  assertEquals(rest as object, {
    ...{ type: "chat", roomId: "hall", seq: 1, userId: "ann", username: "ann" },
    ...{ content: "The quick brown fox", snippet: "The quick brown **fox**" },
  });
  assert(typeof id === "string" && Number(timestamp) < Number(newest.timestamp));
  assertEquals(await find(bob, "fox"), ["The quick brown fox"]);
});

Deno.test("every word has to stand in the message, in any order and case", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  await say(ann, "hall", "red apple", "green apple", "Apple pie, red and warm", "ÄPFEL");
  assertEquals(await find(ann, "apple red"), ["Apple pie, red and warm", "red apple"]);
  assertEquals(await find(ann, "RED  APPLE"), ["Apple pie, red and warm", "red apple"]);
  assertEquals(await find(ann, "apple blue"), []);
  assertEquals(await find(ann, "äpfel"), ["ÄPFEL"]);
});

Deno.test("a phrase in quotes is looked for as it stands", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  await say(ann, "hall", "good morning everybody", "morning is good", "a good, morning");
  assertEquals(await find(ann, '"good morning"'), ["good morning everybody"]);
  assertEquals(await find(ann, '"good morning" everybody'), ["good morning everybody"]);
  assertEquals(await find(ann, '"Good Mor'), ["good morning everybody"], "a quote that is not closed yet");
});

Deno.test("words are found inside of others, and where nothing stands between words", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  await say(ann, "hall", "我家在上海东边", "北京也很好", "Donaudampfschifffahrt", "سلام دنیا", "🎉🎊 party");
  assertEquals(await find(ann, "上海"), ["我家在上海东边"]);
  assertEquals(await find(ann, "我家在上海东边"), ["我家在上海东边"]);
  assertEquals(await find(ann, "海"), ["我家在上海东边"]);
  assertEquals(await find(ann, "上京"), []);
  assertEquals(await find(ann, "schiff"), ["Donaudampfschifffahrt"]);
  assertEquals(await find(ann, "دنیا"), ["سلام دنیا"]);
  assertEquals(await find(ann, "🎊"), ["🎉🎊 party"]);
});

Deno.test("words under three characters are found as well", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  await say(ann, "hall", "x marks the spot", "go on", "a C++ matter");
  assertEquals(await find(ann, "x"), ["x marks the spot"]);
  assertEquals(await find(ann, "go"), ["go on"]);
  assertEquals(await find(ann, "C+"), ["a C++ matter"]);
  assertEquals(await find(ann, "x marks"), ["x marks the spot"]);
});

Deno.test("from: looks for who said it, by name or id", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  const bob = await company.connect("u-2", { username: "Bob Stone" });
  await bob.join("hall");
  await say(ann, "hall", "fish from ann");
  await say(bob, "hall", "fish from bob", "something else");
  assertEquals(await find(ann, "from:ann fish"), ["fish from ann"]);
  assertEquals(await find(ann, "fish from:u-2"), ["fish from bob"]);
  for (const name of ['"Bob Stone"', '"@Bob Stone"']) {
    assertEquals(await find(ann, `fish from:${name}`), ["fish from bob"]);
  }
  assertEquals(await find(ann, "from:@ann"), ["fish from ann"], "a filter alone is a question, too");
  assertEquals(await find(ann, "from:nobody fish"), []);
});

Deno.test("in: and roomId look in one room only", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  await ann.join("the study");
  await say(ann, "hall", "tea in the hall");
  await say(ann, "the study", "tea in the study");
  assertEquals(await find(ann, "in:hall tea"), ["tea in the hall"]);
  assertEquals(await find(ann, "tea in:#hall"), ["tea in the hall"]);
  assertEquals(await find(ann, 'tea in:"the study"'), ["tea in the study"]);
  assertEquals(await find(ann, "tea", { roomId: "the study" }), ["tea in the study"]);
  assertEquals((await find(ann, "tea")).length, 2);
});

Deno.test("before: and after: look at days", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  await say(ann, "hall", "said today");
  for (
    const query of [`today after:${day(-2)}`, `today before:${day(2)}`, `after:${day(-2)} before:${day(2)}`]
  ) {
    assertEquals(await find(ann, query), ["said today"], query);
  }
  for (
    const query of [`today after:${day(2)}`, `today before:${day(-2)}`, `before:${day(-2)} after:${day(-4)}`]
  ) {
    assertEquals(await find(ann, query), [], query);
  }
  for (const noDay of ["yesterday", "2026-13-01", "2026-02-31", "1"]) {
    const { code, message } = await ann.ask({ type: "search", query: `x before:${noDay}` });
    assertEquals(code, "bad_request", noDay);
    assert(String(message).startsWith("query "), String(message));
  }
});

Deno.test("results come a page at a time, the next one before the last", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  const said = Array.from({ length: 7 }, (_, i) => `note ${i}`);
  await say(ann, "hall", ...said);
  const pages: unknown[][] = [];
  let before: unknown;
  for (let more: unknown = true; more;) {
    const page = await ann.ask({ type: "search", query: "note", limit: 3, before });
    const results = page.results as Said[];
    pages.push(contentsOf(results));
    [before, more] = [results.at(-1)?.timestamp, page.more];
  }
  assertEquals(pages, [["note 6", "note 5", "note 4"], ["note 3", "note 2", "note 1"], ["note 0"]]);
});

Deno.test("paging loses nothing and repeats nothing of what was said in one millisecond", async () => {
  await using server = await TestServer.start({ HISTORY_LIMIT: "1000" });
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  for (let burst = 0; burst < 10; burst++) {
    const said = Array.from(
      { length: 20 },
      (_, i) => ({ type: "chat", roomId: "hall", content: `n ${burst} ${i}` }),
    );
    await ann.ask({ type: "ping" }, ...said);
  }
  await ann.next("ack", ({ seq }) => seq === 200);
  const found: number[] = [];
  let before: unknown;
  for (let more: unknown = true; more;) {
    const page = await ann.ask({ type: "search", query: "n", limit: 7, before });
    const results = page.results as Said[];
    found.push(...results.map(({ seq }) => Number(seq)));
    [before, more] = [results.at(-1)?.timestamp, page.more];
  }
  assertEquals(found.sort((a, b) => a - b), Array.from({ length: 200 }, (_, i) => i + 1));
});

Deno.test("a page holds 20 results unless more are asked for, and never more than 100 or 256 KiB", async () => {
  await using server = await TestServer.start({ HISTORY_LIMIT: "1000" });
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  const count = async (query: string, limit?: number) => {
    const { results, more } = await ann.ask({ type: "search", query, limit });
    return [(results as Said[]).length, more];
  };
  await say(ann, "hall", ...Array.from({ length: 110 }, (_, i) => `note ${i}`));
  assertEquals(await count("note"), [20, true]);
  assertEquals(await count("note", 50), [50, true]);
  assertEquals(await count("note", 1_000), [100, true]);
  await say(ann, "hall", ...Array.from({ length: 6 }, () => `long ${"x".repeat(60_000)}`));
  const [length, more] = await count("long");
  assert(Number(length) >= 1 && Number(length) <= 4, String(length));
  assertEquals(more, true);
});

Deno.test("no query is a syntax error, and its signs mean themselves", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  const said = [
    "100% sure_thing",
    "C:\\dir\\file",
    "it's a 'quote'",
    "f(x) = [y] {z}",
    "well-known e-mail@example.org",
    "what? *stars* ^up$ a|b ~tilde",
    'say "hi"',
    "SELECT * FROM messages; -- x",
    "this AND that OR other NOT NEAR(me)",
    "<b>bold</b> & more",
  ];
  await say(ann, "hall", ...said);
  const found: [string, number][] = [
    ...([["100%", 0], ["%", 0], ["_", 0], ["\\dir", 1], ["it's", 2], ["'", 2]] as [string, number][]),
    ...([["f(x)", 3], ["[y]", 3], ["{z}", 3], ["(", 3], ["well-known", 4]] as [string, number][]),
    ...([["e-mail@example.org", 4], ["*stars*", 5], ["^up$", 5], ["a|b", 5], ["~", 5]] as [string, number][]),
    ...([["FROM messages;", 7], ["--", 7], ["AND", 8], ["NEAR(me)", 8], ["NOT NEAR", 8]] as [
      string,
      number,
    ][]),
    ...([["<b>bold</b>", 9], ["&", 9]] as [string, number][]),
  ];
  for (const [query, i] of found) {
    assert((await find(ann, query)).includes(said[i]), `${query} finds ${said[i]}`);
  }
  assertEquals(await find(ann, "sure%thing"), [], "no sign stands for others");
  assertEquals(await find(ann, "sure?thing"), []);
  const hostile = [
    '"',
    '""',
    '"""',
    "*",
    "a*",
    "^a",
    "-x",
    "+x",
    "a OR",
    "NEAR(",
    "content:x",
    "{a b}:c",
    "'; DROP TABLE",
  ];
  const more = [
    ":",
    "from:",
    "in:",
    'in:"',
    "from:@",
    "a\0b",
    "(((((",
    "\\",
    "x".repeat(512),
    "a ".repeat(256),
    "\u202e",
  ];
  for (const query of [...hostile, ...more]) await find(ann, query);
});

Deno.test("a query that is none is a bad request", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await company.connect("ann");
  const wrong: [object, string][] = [
    ...["", " ", "\t\n", "x".repeat(513), 5, null, undefined].map((
      query,
    ): [object, string] => [{ query }, "query"]),
    [{ query: "x", limit: 0 }, "limit"],
    [{ query: "x", limit: "5" }, "limit"],
    [{ query: "x", before: "now" }, "before"],
    [{ query: "x", roomId: "" }, "roomId"],
  ];
  for (const [fields, field] of wrong) {
    const { code, message } = await ann.ask({ type: "search", ...fields });
    assertEquals(code, "bad_request", JSON.stringify(fields));
    assert(String(message).includes(field), String(message));
  }
});

Deno.test("nothing is found of rooms that one does not belong to, and no longer of those one left", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  const root = await company.connect("root", { role: "admin" });
  await ann.join("public");
  await ann.ask({ type: "create", roomId: "private", visibility: "private" });
  await ann.join("private");
  for (const roomId of ["hall", "public", "private"]) await say(ann, roomId, `gold in ${roomId}`);
  await ann.ask({ type: "dm", to: "carl", content: "gold for carl" });
  assertEquals((await find(ann, "gold")).length, 4);
  assertEquals(await find(bob, "gold"), ["gold in hall"]);
  assertEquals(await find(root, "gold"), []);
  for (
    const [roomId, code] of [["public", "not_a_member"], ["private", "room_not_found"], [
      "no",
      "room_not_found",
    ]]
  ) {
    assertEquals((await bob.ask({ type: "search", query: "gold", roomId })).code, code);
    assertEquals((await bob.ask({ type: "search", query: `gold in:${roomId}` })).code, code);
  }
  await bob.ask({ type: "leave", roomId: "hall" });
  assertEquals(await find(bob, "gold"), []);
  const carl = await company.connect("carl");
  assertEquals(await find(carl, "gold"), ["gold for carl"], "before they have joined it");
});

Deno.test("who belongs to a room searches all of it, also what was said before they came", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann");
  assertEquals(bob, undefined);
  await say(ann, "hall", "once upon a time");
  const late = await company.connect("late");
  await late.join("hall");
  await Company.part(late);
  assertEquals(
    await find(await company.connect("late"), "upon"),
    ["once upon a time"],
    "without a seat, too",
  );
});
