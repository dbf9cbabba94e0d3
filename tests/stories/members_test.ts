import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { Company } from "../support/company.ts";
import type { Peer, Said } from "../support/peer.ts";
import { makeToken, TestServer } from "../support/server.ts";

const HALL = { roomId: "hall" };

async function listed(peer: Peer): Promise<{ members: Record<string, Said>; banned: Said[] | undefined }> {
  const { members, banned } = await peer.ask({ type: "members", ...HALL });
  const byId = Object.fromEntries((members as Said[]).map((member) => [String(member.userId), member]));
  return { members: byId, banned: banned as Said[] | undefined };
}

function moderate(action: string, userId: string, more: object = {}): object {
  return { type: "moderate", ...HALL, action, userId, ...more };
}

Deno.test("members says when somebody who is offline was last here, also after a restart, and of nobody else", async () => {
  const folder = await Deno.makeTempDir();
  const settings = { STORE: `sqlite:${folder}/parley.db`, PRESENCE_GRACE_MS: "0" };
  let goneAt = 0;
  {
    await using server = await TestServer.start(settings);
    await using company = new Company(server);
    const [ann, bob] = await company.gather("hall", "ann", "bob");
    assertEquals((await listed(ann)).members.bob.lastSeen, undefined);
    goneAt = Date.now();
    await Company.part(bob);
    await ann.next("presence", ({ status }) => status === "offline");
    const { lastSeen } = (await listed(ann)).members.bob;
    assertLessOrEqual(goneAt, Number(lastSeen));
    assertLessOrEqual(Number(lastSeen), Date.now());
  }
  await using server = await TestServer.start(settings);
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  const { members } = await listed(ann);
  assertEquals([members.bob.status, members.ann.status, members.ann.lastSeen], [
    "offline",
    "online",
    undefined,
  ]);
  assertLess(Number(members.bob.lastSeen) - goneAt, 5_000);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("members says who is muted until when, to everybody, as long as it lasts", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob", "carl");
  assertEquals("mutedUntil" in (await listed(bob)).members.carl, false);
  await ann.ask(moderate("mute", "carl", { seconds: 60 }));
  await ann.ask(moderate("mute", "bob"));
  for (const peer of [ann, bob]) {
    const { members } = await listed(peer);
    const leftMs = Number(members.carl.mutedUntil) - Date.now();
    assert(leftMs > 50_000 && leftMs <= 60_000, `${leftMs} ms`);
    assertEquals(members.bob.mutedUntil, null, "for good");
  }
  await ann.ask(moderate("unmute", "bob"));
  assertEquals("mutedUntil" in (await listed(ann)).members.bob, false);
});

Deno.test("members says who is banned to those who may let them come back, and to nobody else", async () => {
  await using server = await TestServer.start({ API_KEY: "a-key-for-programs-32-bytes-and-more" });
  await using company = new Company(server);
  const [ann, bob, carl] = await company.gather("hall", "ann", "bob", "carl", "dan");
  assertEquals((await listed(ann)).banned, []);
  await ann.ask(moderate("ban", "dan", { seconds: 60 }));
  await ann.ask(moderate("ban", "eve"));
  const banned = (await listed(ann)).banned!;
  assertEquals(banned.map(({ userId, username, until }) => [userId, username, typeof until]), [
    ["dan", "dan", "number"],
    ["eve", "eve", "undefined"],
  ]);
  assertGreater(Number(banned[0].until), Date.now());
  assertEquals((await listed(bob)).banned, undefined);
  await ann.ask(moderate("promote", "bob"));
  assertEquals((await listed(bob)).banned, banned);
  await bob.ask(moderate("unban", "eve"));
  assertEquals((await listed(ann)).banned?.map(({ userId }) => userId), ["dan"]);
  const told = async (token: string) => {
    const answer = await fetch(`${server.url}/api/rooms/hall/members`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return await answer.json();
  };
  assertEquals((await told(await makeToken("ann"))).banned, (await listed(ann)).banned);
  assertEquals((await told("a-key-for-programs-32-bytes-and-more")).banned.length, 1);
  assertEquals("banned" in await told(await makeToken("carl")), false);
  await carl.ask({ type: "dm", to: "bob", content: "hello" });
  const direct = await carl.ask({ type: "members", roomId: "dm:bob:carl" });
  assertEquals("banned" in direct, false, "two people have nobody to ban");
});
