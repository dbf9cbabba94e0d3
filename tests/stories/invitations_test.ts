import { assertEquals } from "@std/assert";
import { Company } from "../support/company.ts";
import { Peer, type Said } from "../support/peer.ts";
import { makeToken, TestServer } from "../support/server.ts";

/** Private rooms of ann's, each with an invitation for bob. */
async function inviteBob(company: Company, ...rooms: string[]): Promise<Peer> {
  const ann = await company.connect("ann");
  for (const roomId of rooms) {
    await ann.ask({ type: "create", roomId, roomName: `The ${roomId}`, visibility: "private" });
    assertEquals((await ann.ask({ type: "invite", roomId, userId: "bob" })).type, "invited");
  }
  return ann;
}

/** What somebody is told of invitations as they come. */
async function reminders(company: Company, userId: string, request = {}): Promise<Said[]> {
  const peer = await company.connect(userId, request);
  return (await peer.drained()).filter(({ type }) => type === "notification");
}

async function invitedTo(company: Company, userId: string, request = {}): Promise<unknown[]> {
  return (await reminders(company, userId, request)).map(({ data }) => (data as Said).roomId);
}

Deno.test("who was invited while they were away is told when they come, on every device", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  await inviteBob(company, "club", "den");
  for (const _ of ["desk", "phone"]) {
    assertEquals<unknown>(
      await reminders(company, "bob"),
      ["club", "den"].map((roomId) => ({
        type: "notification",
        title: `The ${roomId}`,
        body: `You are invited to The ${roomId}`,
        data: { kind: "invitation", roomId },
      })),
    );
  }
  assertEquals(await reminders(company, "carl"), [], "they are bob's alone");
});

Deno.test("invitations come after the welcome, and after the answer to the first auth", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  await inviteBob(company, "club");
  await using bob = await Peer.open(server);
  const authenticated = await bob.ask({ type: "auth", token: await makeToken("bob") });
  assertEquals(authenticated.type, "authenticated");
  await bob.next("notification");
});

Deno.test("an invitation is told until it is taken, declined, or taken back by a ban", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await inviteBob(company, "club", "den", "pub", "spa");
  const bob = await company.connect("bob");
  await bob.join("club");
  assertEquals((await bob.ask({ type: "leave", roomId: "den" })).type, "left", "which declines it");
  await ann.ask({ type: "moderate", roomId: "pub", action: "ban", userId: "bob" });
  assertEquals(await invitedTo(company, "bob"), ["spa"]);
  await ann.ask({ type: "invite", roomId: "pub", userId: "bob" });
  assertEquals(await invitedTo(company, "bob"), ["spa"], "who is banned cannot come in all the same");
  assertEquals((await bob.ask({ type: "join", roomId: "den" })).code, "room_not_found");
});

Deno.test("a token's list of rooms holds for invitations too, and there are at most fifty", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  await inviteBob(company, "club", "den", ...Array.from({ length: 60 }, (_, i) => `room ${i}`));
  assertEquals(await invitedTo(company, "bob", { rooms: ["c*"] }), ["club"]);
  assertEquals((await invitedTo(company, "bob")).length, 50);
});

Deno.test("invitations outlive a restart", async () => {
  const folder = await Deno.makeTempDir();
  const settings = { STORE: `sqlite:${folder}/parley.db` };
  {
    await using server = await TestServer.start(settings);
    await using company = new Company(server);
    await inviteBob(company, "club");
  }
  await using server = await TestServer.start(settings);
  await using company = new Company(server);
  const { data } = await (await company.connect("bob")).next("notification");
  assertEquals((data as Said).roomId, "club");
  await Deno.remove(folder, { recursive: true });
});
