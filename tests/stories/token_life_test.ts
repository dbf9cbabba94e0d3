import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { makeToken, TestServer } from "../support/server.ts";
import { inSeconds, signToken } from "../support/signing.ts";

const EXPIRED = { code: 4001, reason: "Token expired" };

/** A token that is good for this long; the claim need not be a whole number (RFC 7519 §2). */
function makeShortToken(userId: string, ttlMs: number): Promise<string> {
  return signToken({ sub: userId, exp: (Date.now() + ttlMs) / 1000 });
}

async function signInFor(server: TestServer, userId: string, ttlMs: number): Promise<Peer> {
  const token = await makeShortToken(userId, ttlMs);
  return await Peer.open(server, { protocols: ["parley.v1", `bearer.${token}`] });
}

Deno.test("the end of a token is announced at half of a short life, and closes the connection when it comes", async () => {
  await using server = await TestServer.start();
  await using ann = await signInFor(server, "ann", 2_000);
  const { expiresAt } = await ann.next("welcome");
  assertEquals(await ann.next(), { type: "token_expiring", expiresAt });
  const left = Number(expiresAt) - Date.now();
  assert(left > 0 && left <= 1_000, `announced ${left} ms before the end`);
  assertEquals(await ann.closed, EXPIRED);
  assertGreaterOrEqual(Date.now(), Number(expiresAt));
  assertLess(Date.now(), Number(expiresAt) + 10_000);
});

Deno.test("expiresAt is a whole number of milliseconds", async () => {
  await using server = await TestServer.start();
  const exp = inSeconds(60) + 0.12345;
  await using ann = await Peer.open(server, { path: `/?token=${await signToken({ sub: "ann", exp })}` });
  assertEquals((await ann.next("welcome")).expiresAt, Math.floor(exp * 1000));
});

Deno.test("a long token's end is announced a minute before it comes", async () => {
  await using server = await TestServer.start();
  await using late = await signInFor(server, "ann", 63_000);
  await using early = await signInFor(server, "bob", 90_000);
  const { expiresAt } = await late.next("welcome");
  await early.next("welcome");
  assertEquals(await late.next(), { type: "token_expiring", expiresAt });
  const left = Number(expiresAt) - Date.now();
  assert(left > 58_000 && left <= 60_000, `announced ${left} ms before the end`);
  assertEquals(await early.drained(), []);
});

Deno.test("nothing is delivered after the end of a token, and the room learns of it", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using bob = await Peer.signIn(server, "bob");
  await bob.join("hall");
  await using ann = await signInFor(server, "ann", 2_000);
  await ann.join("hall");
  await bob.next("system", ({ event }) => event === "leave");
  await bob.ask({ type: "chat", roomId: "hall", content: "for who is still there" });
  assertEquals(await ann.closed, EXPIRED);
  assertEquals(ann.frames.filter((frame) => frame.includes("still there")), []);
});

Deno.test("auth on a live connection takes a fresh token, which counts from then on", async () => {
  await using server = await TestServer.start();
  await using ann = await signInFor(server, "ann", 2_000);
  const old = await ann.next("welcome");
  const token = await makeToken("ann", { username: "Ann the Second" });
  const { expiresAt, ...rest } = await ann.ask({ type: "auth", token });
  assertEquals({ ...rest, id: "" }, {
    type: "authenticated",
    id: "",
    userId: "ann",
    username: "Ann the Second",
  });
  assertGreaterOrEqual(Number(expiresAt), Date.now() + 3_590_000);
  await using witness = await signInFor(server, "bob", Number(old.expiresAt) - Date.now() + 300);
  await witness.closed;
  assertEquals(await ann.drained(), [], "the old end was announced, or came");
});

Deno.test("the end of a fresh token is announced again", async () => {
  await using server = await TestServer.start();
  await using ann = await signInFor(server, "ann", 2_000);
  await ann.next("token_expiring");
  const { expiresAt } = await ann.ask({ type: "auth", token: await makeShortToken("ann", 2_000) });
  assertEquals(await ann.next("token_expiring"), { type: "token_expiring", expiresAt });
  assertEquals(await ann.closed, EXPIRED);
  assertGreaterOrEqual(Date.now(), Number(expiresAt));
});

Deno.test("a bad token or another person's is not allowed, and the connection stays until its own end", async () => {
  await using server = await TestServer.start();
  await using ann = await signInFor(server, "ann", 2_000);
  const { expiresAt } = await ann.next("welcome");
  await ann.join("hall");
  const unsigned = await signToken({ sub: "ann", exp: inSeconds(60) }, { key: null });
  const bad = [
    await makeToken("bob"),
    "nonsense",
    "x".repeat(9_000),
    await makeToken("ann", { ttlSeconds: -5 }),
    unsigned,
  ];
  for (const token of bad) {
    ann.send({ type: "auth", token, id: "x" });
    const refusal = { type: "error", code: "forbidden", message: "Not allowed", id: "x" };
    assertEquals(await ann.next("error"), refusal);
  }
  await ann.ask({ type: "chat", roomId: "hall", content: "still here" });
  assertEquals((await ann.next("chat")).userId, "ann");
  assertEquals(await ann.closed, EXPIRED);
  assertGreaterOrEqual(Date.now(), Number(expiresAt));
});

Deno.test("a fresh token may limit the rooms, and make an administrator", async () => {
  await using server = await TestServer.start({ ROOM_CREATION: "admin" });
  await using ann = await Peer.signIn(server, "ann");
  assertEquals((await ann.ask({ type: "join", roomId: "new" })).code, "room_not_found");
  await ann.ask({ type: "auth", token: await makeToken("ann", { role: "admin", rooms: ["new"] }) });
  assertEquals((await ann.ask({ type: "join", roomId: "new" })).role, "owner");
  assertEquals((await ann.ask({ type: "join", roomId: "other" })).code, "forbidden");
});

Deno.test("a fresh token with a shorter list of rooms takes the seats in all others at once, and says so", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signIn(server, "bob");
  for (const roomId of ["hall", "team-a", "study"]) {
    await bob.join(roomId);
    await ann.join(roomId);
  }
  await bob.drained();
  const token = await makeToken("ann", { rooms: ["hall", "team-*"] });
  ann.send({ type: "auth", token, id: "a" });
  assertEquals(await ann.next(), { type: "left", roomId: "study" }, "before the answer");
  assertEquals((await ann.next()).type, "authenticated");
  assertEquals((await bob.next("system")).message, "ann left the room");
  for (const roomId of ["hall", "team-a", "study"]) await bob.ask({ type: "chat", roomId, content: roomId });
  const heard = (await ann.drained()).filter(({ type }) => type === "chat");
  assertEquals(heard.map(({ content }) => content), ["hall", "team-a"]);
  assertEquals((await ann.ask({ type: "chat", roomId: "study", content: "x" })).code, "forbidden");
  await ann.ask({ type: "auth", token: await makeToken("ann") });
  const { history } = await ann.ask({ type: "history", roomId: "study" });
  assertEquals((history as unknown[]).length, 1, "the membership is still there for a token that reaches it");
});
