import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { Company } from "../support/company.ts";
import type { Peer, Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";

const AWAY = { type: "presence", status: "away" };
const ONLINE = { type: "presence", status: "online" };

/** What was heard of who is there, and nothing else. */
async function presences(peer: Peer): Promise<Said[]> {
  return (await peer.drained()).filter(({ type }) => type === "presence");
}

async function statusOf(peer: Peer, userId: string): Promise<unknown> {
  const { members } = await peer.ask({ type: "members", roomId: "hall" });
  return (members as Said[]).find((member) => member.userId === userId)?.status;
}

Deno.test("who turns away, and back, is told to those who share a room", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  ann.send({ ...AWAY, id: "p" });
  assertEquals(await ann.next(), { type: "ok", id: "p" }, "they are not told of themselves");
  assertEquals(await bob.next(), { type: "presence", userId: "ann", username: "ann", status: "away" });
  assertEquals(await statusOf(bob, "ann"), "away");
  ann.send(ONLINE);
  assertEquals(await bob.next(), { type: "presence", userId: "ann", username: "ann", status: "online" });
  assertEquals(await statusOf(bob, "ann"), "online");
  assertEquals(await ann.drained(), [], "without an id there is no answer");
});

Deno.test("saying the same again is told to nobody", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await ann.ask(ONLINE);
  await ann.ask(AWAY);
  await ann.ask(AWAY);
  assertEquals((await presences(bob)).map(({ status }) => status), ["away"]);
});

Deno.test("who was away, is lost, and comes back within the grace is told to be online again", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await ann.ask(AWAY);
  assertEquals((await presences(bob)).map(({ status }) => status), ["away"]);
  ann.close();
  await ann.closed;
  const back = await company.connect("ann");
  await back.join("hall");
  assertEquals((await presences(bob)).map(({ status }) => status), ["online"]);
});

Deno.test("who shares no room is told nothing", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  const [carl] = await company.gather("study", "carl");
  const idler = await company.connect("idler");
  await ann.ask(AWAY);
  assertEquals(await carl.drained(), []);
  assertEquals(await idler.drained(), []);
});

Deno.test("the other of two hears of each coming and going, though a room of two tells neither", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using company = new Company(server);
  const [ann, bob] = [await company.connect("ann"), await company.connect("bob")];
  await ann.ask({ type: "dm", to: "bob", content: "hello" });
  const statuses = async () => (await presences(bob)).map(({ userId, status }) => `${userId} ${status}`);
  assertEquals(await statuses(), [], "they met in this message, and are both here");
  for (let round = 0; round < 2; round++) {
    const back = await company.connect("ann");
    await back.join("dm:ann:bob");
    if (round === 0) await Company.part(ann);
    assertEquals(await statuses(), round === 0 ? [] : ["ann online"], "one more device, or the only one");
    await Company.part(back);
    await bob.next("presence", ({ status }) => status === "offline");
  }
  const late = await company.connect("ann");
  await late.ask({ ...AWAY });
  await late.join("dm:ann:bob");
  assertEquals(await statuses(), ["ann away"]);
});

Deno.test("who shares several rooms is told once", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  for (const peer of [ann, bob]) await peer.join("study");
  await ann.ask({ type: "dm", to: "bob", content: "hello" });
  await bob.drained();
  await ann.ask(AWAY);
  assertEquals((await presences(bob)).map(({ status }) => status), ["away"]);
  await Company.part(ann);
  await bob.next("presence", ({ status }) => status === "offline");
  assertEquals(await presences(bob), []);
});

Deno.test("a person is away only when they are away from every device", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [desk, phone, bob] = await company.gather("hall", "ann", "ann", "bob");
  await desk.ask(AWAY);
  assertEquals(await presences(bob), []);
  assertEquals(await statusOf(bob, "ann"), "online");
  await phone.ask(AWAY);
  assertEquals((await presences(bob)).map(({ status }) => status), ["away"]);
  assertEquals(
    (await presences(desk)).map(({ status }) => status),
    ["away"],
    "one's other devices know, too",
  );
  await desk.ask(ONLINE);
  assertEquals((await presences(bob)).map(({ status }) => status), ["online"]);
});

Deno.test("closing the device one looked at leaves one away, opening another brings one back", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [desk, phone, bob] = await company.gather("hall", "ann", "ann", "bob");
  await phone.ask(AWAY);
  assertEquals(await presences(bob), []);
  await Company.part(desk);
  assertEquals((await bob.next("presence")).status, "away");
  assertEquals(await statusOf(bob, "ann"), "away");
  await company.connect("ann");
  assertEquals((await bob.next("presence")).status, "online");
  assertEquals(await presences(bob), []);
});

Deno.test("who has gone from every device is offline once the grace is over, since the moment they went", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "300" });
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  const before = Date.now();
  await Company.part(ann);
  const { lastSeen, ...told } = await bob.next("presence");
  assertEquals(told, { type: "presence", userId: "ann", username: "ann", status: "offline" });
  assertGreaterOrEqual(Number(lastSeen), before - 50);
  assertLess(Number(lastSeen), Date.now() - 200, "not when it was told");
  assertEquals(await statusOf(bob, "ann"), "offline");
  assertEquals(await presences(bob), [], "once");
});

Deno.test("who comes back within the grace was never offline", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "2000" });
  await using company = new Company(server);
  const [ann, bob, carl] = await company.gather("hall", "ann", "bob", "carl");
  await Company.part(ann);
  await (await company.connect("ann")).join("hall");
  await Company.part(carl);
  const told = await bob.next("presence");
  assertEquals(
    [told.userId, told.status],
    ["carl", "offline"],
    "carl went later, so ann's grace is over as well",
  );
  assertEquals(await bob.drained(), []);
});

Deno.test("one device of several that goes makes nobody offline", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using company = new Company(server);
  const [desk, _phone, carl, bob] = await company.gather("hall", "ann", "ann", "carl", "bob");
  await Company.part(desk);
  await Company.part(carl);
  assertEquals((await bob.next("presence")).userId, "carl", "who went after ann's device");
  assertEquals(await presences(bob), []);
  assertEquals(await statusOf(bob, "ann"), "online");
});

Deno.test("a room that saw somebody go still hears of their other device, up to its end", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using company = new Company(server);
  const [desk, bob] = await company.gather("hall", "ann", "bob");
  for (const peer of [desk, bob]) await peer.join("study");
  const phone = await company.connect("ann");
  await Company.part(desk);
  await bob.next("system", ({ roomId }) => roomId === "study");
  assertEquals(await presences(bob), [], "she is still here, in no room");
  await phone.ask(AWAY);
  assertEquals(await presences(bob), [{
    type: "presence",
    userId: "ann",
    username: "ann",
    status: "away",
  }]);
  await phone.join("study");
  await presences(bob);
  await Company.part(phone);
  assertEquals((await bob.next("presence")).status, "offline");
  assertEquals(await presences(bob), [], "once, of both rooms");
});

Deno.test("who was thrown out, or left, by another device than was there is no longer told of", async () => {
  for (const how of ["kick", "leave"]) {
    await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
    await using company = new Company(server);
    const [bob, desk] = await company.gather("hall", "bob", "ann");
    const phone = await company.connect("ann");
    await Company.part(desk);
    await bob.next("system", ({ event }) => event === "leave");
    if (how === "leave") await phone.ask({ type: "leave", roomId: "hall" });
    else await bob.ask({ type: "moderate", roomId: "hall", action: "kick", userId: "ann" });
    await phone.ask(AWAY);
    await Company.part(phone);
    assertEquals(await presences(bob), [], how);
  }
});

Deno.test("who leaves a room has not gone offline", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await ann.ask({ type: "leave", roomId: "hall" });
  assertEquals((await bob.drained()).map(({ type }) => type), ["system"]);
});

Deno.test("nobody but the server says that somebody is offline, and no other word will do", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  for (const status of ["offline", "busy", "", null, 1, undefined]) {
    const answer = await ann.ask({ type: "presence", status });
    assertEquals(answer.code, "bad_request", String(status));
    assert(String(answer.message).startsWith("status "), String(answer.message));
  }
  assertEquals(await bob.drained(), []);
});

/** What was heard of somebody's coming, up to the number of people in the room. */
async function comings(peer: Peer): Promise<string[]> {
  const heard: string[] = [];
  while (!heard.at(-1)?.startsWith("members")) {
    const { type, event, userId, status, members } = await peer.next();
    if (type === "system" || type === "presence") heard.push(`${event ?? status} ${userId ?? members}`);
  }
  return heard;
}

Deno.test("people who come back after a restart are told as online, not as coming, and so only once", async () => {
  await using folder = await TemporaryFolder.make();
  const settings = { STORE: `sqlite:${folder.path}/parley.db`, PRESENCE_GRACE_MS: "0" };
  {
    await using server = await TestServer.start(settings);
    await using company = new Company(server);
    await company.gather("hall", "ann", "bob");
  }
  await using server = await TestServer.start(settings);
  await using company = new Company(server);
  const ann = await company.connect("ann");
  const { epoch } = await ann.join("hall", { after: 0 });
  const bob = await company.connect("bob");
  await bob.join("hall", { after: 0, epoch });
  assertEquals(await comings(ann), ["online bob", "members 2"]);
  const newcomer = await company.connect("carl");
  await newcomer.join("hall", { after: 0, epoch });
  assertEquals((await ann.next("system")).message, "carl joined the room");
  await Company.part(bob);
  assertEquals((await ann.next("system")).message, "bob left the room");
  await (await company.connect("bob")).join("hall", { after: 0, epoch });
  assertEquals((await ann.next("system")).message, "bob joined the room");
});
