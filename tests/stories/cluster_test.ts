import { assert, assertEquals } from "@std/assert";
import { within } from "../../lib/kit/wait.ts";
import { API_KEY, ApiClient } from "../support/api_client.ts";
import { Peer, type Said } from "../support/peer.ts";
import { withoutRedis } from "../support/redis_server.ts";
import { makeToken } from "../support/server.ts";
import { onceTest } from "../support/test_cluster.ts";
import type { TestNode } from "../support/test_node.ts";
import { openTwoNodes } from "../support/two_nodes.ts";

/** Two nodes, and a way to them. */
interface Pair {
  readonly nodes: readonly TestNode[];
  signIn(node: 0 | 1, userId: string): Promise<Peer>;
}

/** Tells a story of two nodes, once as workers on one SQLite, once on a Redis. */
function pairTest(
  name: string,
  settings: Record<string, string>,
  story: (pair: Pair) => Promise<void>,
): void {
  for (const kind of ["sqlite", "redis"] as const) {
    const title = `${name} (${kind})`;
    if (kind === "redis" && withoutRedis(title)) continue;
    onceTest(title, async () => {
      await using stack = new AsyncDisposableStack();
      const nodes = await openTwoNodes(stack, settings, kind);
      const signIn = async (node: 0 | 1, userId: string) => stack.use(await Peer.signIn(nodes[node], userId));
      await story({ nodes, signIn });
    });
  }
}

/** The events and contents among what was heard, in short, up to the message that says so. */
async function hearUntil(peer: Peer, end: string): Promise<unknown[]> {
  const heard: unknown[] = [];
  while (heard.at(-1) !== end) {
    const { type, event, content, userId, status } = await peer.next();
    heard.push(content ?? [event ?? type, userId, status].filter((word) => word !== undefined).join(" "));
  }
  return heard;
}

function say(content: string) {
  return { type: "chat", roomId: "hall", content };
}

pairTest(
  "a thousand messages of one turn arrive at the other node whole and in order",
  {},
  async ({ signIn }) => {
    const [ann, bob] = [await signIn(0, "ann"), await signIn(1, "bob")];
    for (const peer of [ann, bob]) await peer.join("hall");
    for (let i = 0; i < 5; i++) ann.send(...Array.from({ length: 200 }, (_, n) => say(`${i * 200 + n + 1}`)));
    bob.send(...Array.from({ length: 200 }, (_, n) => say(`b${n}`)));
    const logs = await Promise.all([ann, bob].map(async (peer) => {
      const log: unknown[] = [];
      for (let seq = 1; seq <= 1_200; seq++) {
        const chat = await peer.next("chat");
        assertEquals(chat.seq, seq);
        log.push(chat.content);
      }
      return log;
    }));
    assertEquals(logs[0], logs[1]);
    assertEquals(
      logs[0].filter((content) => !String(content).startsWith("b")),
      Array.from({ length: 1_000 }, (_, n) => `${n + 1}`),
    );
  },
);

pairTest("a person with a device on each node is one person", {
  PRESENCE_GRACE_MS: "0",
  MAX_CONNECTIONS_PER_USER: "2",
}, async ({ nodes, signIn }) => {
  const bob = await signIn(1, "bob");
  await bob.join("hall");
  const desk = await signIn(0, "ann");
  await desk.join("hall");
  await bob.next("system", ({ event, members }) => event === "join" && members === 2);
  const phone = await signIn(1, "ann");
  await phone.join("hall");
  const { members } = await bob.ask({ type: "members", roomId: "hall" });
  assertEquals((members as Said[]).map(({ userId, connections }) => [userId, connections]).sort(), [
    ["ann", 2],
    ["bob", 1],
  ]);
  for (const node of nodes) {
    await using third = await Peer.open(node, {
      protocols: ["parley.v1", `bearer.${await makeToken("ann")}`],
    });
    assertEquals((await third.closed).code, 4504);
  }
  await desk.ask({ type: "presence", status: "away" });
  await phone.ask({ type: "presence", status: "away" });
  await bob.next("presence", ({ userId, status }) => userId === "ann" && status === "away");
  await desk[Symbol.asyncDispose]();
  await phone.ask(say("still here"));
  assertEquals(await hearUntil(bob, "still here"), ["still here"]);
  await phone[Symbol.asyncDispose]();
  assertEquals((await bob.next("system")).event, "leave");
});

pairTest("who comes to both nodes at once has no more connections than allowed, and no fewer", {
  MAX_CONNECTIONS_PER_USER: "3",
}, async ({ nodes }) => {
  const protocols = ["parley.v1", `bearer.${await makeToken("ann")}`];
  await using stack = new AsyncDisposableStack();
  const staying = new Set<Peer>();
  const reasons: string[] = [];
  await Promise.all(Array.from({ length: 16 }, async (_, i) => {
    const peer = stack.use(await Peer.open(nodes[i % 2], { protocols }));
    staying.add(peer);
    void peer.closed.then(({ reason }) => {
      staying.delete(peer);
      reasons.push(reason);
    });
  }));
  while (staying.size > 3) {
    const closings = [...staying].map(({ closed }) => closed);
    assert(await within(10_000, Promise.race(closings)), `${staying.size} connections stay`);
  }
  assertEquals(reasons, Array(13).fill("Too many connections"));
  for (const peer of staying) assertEquals((await peer.ask({ type: "ping" })).type, "pong");
});

pairTest("who is muted, kicked or banned at one node is so at the other at once", {}, async ({ signIn }) => {
  const [ann, bob] = [await signIn(0, "ann"), await signIn(1, "bob")];
  const join = { type: "join", roomId: "hall" };
  const moderate = { type: "moderate", roomId: "hall", userId: "bob" };
  for (let round = 0; round < 10; round++) {
    for (const [action, code] of [["mute", "forbidden"], ["kick", "not_a_member"], ["ban", "forbidden"]]) {
      await ann.join("hall");
      await bob.join("hall");
      assertEquals((await ann.ask({ ...moderate, action })).type, "moderated");
      assertEquals((await bob.ask(say(action))).code, code);
      if (action === "ban") assertEquals((await bob.ask(join)).code, "forbidden");
      assertEquals((await bob.next("system", ({ event }) => event === action)).by, "ann");
      for (const undo of ["unmute", "unban"]) await ann.ask({ ...moderate, action: undo });
    }
  }
  assertEquals((await ann.ask({ type: "history", roomId: "hall" })).history, []);
});

pairTest("two people on two nodes speak to each other, on all devices", {}, async ({ signIn }) => {
  const [ann, phone, bob] = [await signIn(0, "ann"), await signIn(1, "ann"), await signIn(1, "bob")];
  assertEquals((await ann.ask({ type: "dm", to: "bob", content: "hello" })).seq, 1);
  assertEquals((await bob.ask({ type: "dm", to: "ann", content: "hi" })).seq, 2);
  const late = await signIn(0, "bob");
  assertEquals((await phone.ask({ type: "dm", to: "bob", content: "there you are" })).seq, 3);
  for (const peer of [ann, phone, bob]) {
    for (let seq = 1; seq <= 3; seq++) assertEquals((await peer.next("chat")).seq, seq);
  }
  assertEquals((await late.next("chat")).seq, 3);
});

pairTest("a room that is large over both nodes tells how many are in it", {
  PRESENCE_DETAIL_LIMIT: "3",
}, async ({ signIn }) => {
  const [ann, bob] = [await signIn(0, "ann"), await signIn(1, "bob")];
  for (const peer of [ann, bob]) await peer.join("hall");
  for (let i = 0; i < 4; i++) await (await signIn(i % 2 as 0 | 1, `user ${i}`)).join("hall");
  for (const peer of [ann, bob]) {
    await peer.next("system", ({ event, members }) => event === "members" && members === 6);
  }
});

pairTest("who comes back to another node from one that drains was never gone", {
  PRESENCE_GRACE_MS: "0",
}, async ({ nodes, signIn }) => {
  const [ann, bob] = [await signIn(0, "ann"), await signIn(1, "bob")];
  for (const peer of [ann, bob]) await peer.join("hall");
  await ann.ask(say("before"));
  await hearUntil(bob, "before");
  await nodes[0].server.drain();
  assertEquals((await ann.closed).code, 1001);
  const back = await signIn(1, "ann");
  await back.join("hall", { after: 1 });
  await back.ask(say("after"));
  assertEquals(await hearUntil(bob, "after"), ["after"]);
  const { members } = await bob.ask({ type: "members", roomId: "hall" });
  assertEquals((members as Said[]).map(({ status }) => status), ["online", "online"]);
});

pairTest("whichever node a program calls, it acts on both", { API_KEY }, async ({ nodes, signIn }) => {
  const [ann, bob] = [await signIn(0, "ann"), await signIn(1, "bob")];
  for (const peer of [ann, bob]) await peer.join("hall");
  await ann.join("den");
  for (const [i, shop] of nodes.map((node) => ApiClient.withKey(node)).entries()) {
    await shop.post("/api/rooms/hall/messages", { content: `message ${i}` });
    await shop.post("/api/rooms/hall/events", { event: "sale", data: i });
    for (const peer of [ann, bob]) {
      assertEquals((await peer.next("chat")).content, `message ${i}`);
      assertEquals((await peer.next("event")).data, i);
    }
    for (const [userId, peer] of [["ann", ann], ["bob", bob]] as const) {
      await shop.post(`/api/users/${userId}/notifications`, { title: `for ${userId}`, body: "x" });
      assertEquals((await peer.next("notification")).title, `for ${userId}`);
      await shop.post(`/api/users/${userId}/events`, { event: "parcel", data: userId });
      assertEquals((await peer.next("event")).data, userId);
    }
    const { rooms } = (await shop.get("/api/rooms")).body;
    assertEquals(rooms.map((room: Said) => [room.roomId, room.members]), [["hall", 2], ["den", 1]]);
  }
  const { body } = await ApiClient.withKey(nodes[0]).post("/api/users/bob/disconnect");
  assertEquals([body, (await bob.closed).code], [{ disconnected: 1 }, 4503]);
});

pairTest(
  "what one may say is limited over both nodes together",
  { RATE_CHAT: "6/60s" },
  async ({ signIn }) => {
    const devices = [await signIn(0, "ann"), await signIn(1, "ann")];
    for (const device of devices) await device.join("hall");
    const codes: unknown[] = [];
    for (let i = 0; i < 8; i++) codes.push((await devices[i % 2].ask(say(`${i}`))).code);
    assertEquals(codes, [...Array(6).fill(undefined), "rate_limited", "rate_limited"]);
  },
);
