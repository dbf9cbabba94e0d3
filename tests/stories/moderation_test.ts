import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { Company, contentsOf, refusalOf } from "../support/company.ts";
import type { Peer, Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

const HALL = { roomId: "hall" };

function moderate(action: string, userId: string, more: object = {}): object {
  return { type: "moderate", ...HALL, action, userId, ...more };
}

function say(content = "x"): object {
  return { type: "chat", ...HALL, content };
}

/** Joins and says what became of it. */
async function join(peer: Peer, more: object = {}): Promise<unknown> {
  const { type, code } = await peer.ask({ type: "join", ...HALL, ...more });
  return code ?? type;
}

Deno.test("what a moderator does is answered, and told to everybody with who did it and why", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob, carl] = await company.gather("hall", "ann", "bob", "carl");
  const steps: [string, object, number][] = [
    ["mute", { seconds: 60, reason: "too loud" }, 3],
    ["unmute", {}, 3],
    ["promote", { reason: "helps a lot" }, 3],
    ["demote", {}, 3],
    ["kick", { reason: "out" }, 2],
    ["ban", { seconds: 60, reason: "and stay out" }, 2],
    ["unban", {}, 2],
  ];
  for (const [action, more, members] of steps) {
    ann.send({ ...moderate(action, "bob", more), id: "m" });
    assertEquals(await ann.next("moderated"), {
      type: "moderated",
      id: "m",
      ...HALL,
      action,
      userId: "bob",
      ...more,
    });
    const { message, timestamp, ...told } = await carl.next();
    assertEquals(told as object, {
      ...{ type: "system", ...HALL, event: action, userId: "bob", username: "bob", by: "ann", members },
      ...more,
    });
    assert(String(message).includes("ann") && String(message).includes("bob"), String(message));
    assert(Math.abs(Number(timestamp) - Date.now()) < 10_000);
  }
  assertEquals(
    (await bob.drained()).map(({ type, event }) => [type, event]),
    steps.slice(0, 5).map(([action]) => ["system", action]),
    "who is out hears that they are, and nothing after it",
  );
});

Deno.test("who is kicked is out on every device at once, and may come back", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, desk, phone, carl] = await company.gather("hall", "ann", "bob", "bob", "carl");
  await ann.ask(moderate("kick", "bob", { reason: "calm down" }));
  await ann.ask(say("without bob"));
  for (const peer of [desk, phone]) {
    const heard = await peer.drained();
    assertEquals(heard.map(({ type, event, reason }) => [type, event, reason]), [[
      "system",
      "kick",
      "calm down",
    ]]);
    for (
      const command of [say(), { type: "history", ...HALL }, { type: "typing", ...HALL, isTyping: true }]
    ) {
      assertEquals((await peer.ask(command)).code, "not_a_member");
    }
  }
  const { members } = await carl.ask({ type: "members", ...HALL });
  assertEquals((members as Said[]).map(({ userId }) => userId), ["ann", "carl"]);
  assertEquals(
    (await carl.drained()).map(({ event, type }) => event ?? type),
    ["kick", "chat"],
    "and no leave",
  );
  assertEquals((await company.welcome("bob")).rooms, []);
  assertEquals((await desk.join("hall")).role, "member");
  assertEquals((await carl.next("system")).message, "bob joined the room");
  await ann.ask(say("with bob"));
  assertEquals(contentsOf(await desk.drained()), ["with bob"]);
  assertEquals(await phone.drained(), [], "each device comes back by itself");
});

Deno.test("who is banned is out on every device, and comes back by none, in no way", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, desk, phone] = await company.gather("hall", "ann", "bob", "bob");
  const { epoch } = await desk.join("hall");
  await ann.ask(say("before"));
  await ann.ask(moderate("ban", "bob", { reason: "spam" }));
  await ann.ask(say("after"));
  for (const peer of [desk, phone]) {
    const heard = await peer.drained();
    assertEquals(contentsOf(heard), ["before"]);
    assertEquals(heard.at(-1)?.event, "ban");
  }
  const fresh = await company.connect("bob");
  for (const peer of [desk, phone, fresh]) {
    for (const more of [{}, { after: 1, epoch }, { after: 0 }, { password: "x" }, { roomName: "mine" }]) {
      assertEquals(refusalOf(await peer.ask({ type: "join", ...HALL, ...more })), {
        ...{ type: "error", code: "forbidden", message: "Not allowed", ...HALL },
      });
    }
    for (
      const command of [
        say(),
        { type: "typing", ...HALL, isTyping: true },
        { type: "receipt", ...HALL, seq: 1, status: "read" },
        { type: "history", ...HALL, after: 0 },
        { type: "members", ...HALL },
        { type: "search", query: "after", ...HALL },
      ]
    ) {
      assertEquals((await peer.ask(command)).code, "forbidden");
    }
    assertEquals((await peer.ask({ type: "search", query: "after" })).results, []);
  }
  assertEquals((await company.welcome("bob")).rooms, []);
  await ann.ask(moderate("unban", "bob"));
  assertEquals((await fresh.join("hall")).role, "member");
});

Deno.test("a ban holds for somebody who is not there, and for one who never was", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "60000" });
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await Company.part(bob);
  await ann.ask(moderate("ban", "bob"));
  await ann.ask(moderate("ban", "carl"));
  for (const name of ["bob", "carl"]) assertEquals(await join(await company.connect(name)), "forbidden");
  const { members } = await ann.ask({ type: "members", ...HALL });
  assertEquals((members as Said[]).map(({ userId }) => userId), ["ann"]);
});

Deno.test("a ban with seconds says how long it lasts, and is over then", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await ann.ask(moderate("ban", "bob", { seconds: 3 }));
  const { code, retryAfterMs } = await bob.ask({ type: "join", ...HALL });
  assertEquals(code, "forbidden");
  assertGreater(Number(retryAfterMs), 0);
  assertLessOrEqual(Number(retryAfterMs), 3_000);
  await new Promise((resolve) => setTimeout(resolve, Number(retryAfterMs)));
  assertEquals(await join(bob), "joined");
});

Deno.test("a ban takes an invitation with it", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await company.connect("ann");
  await ann.ask({ type: "create", ...HALL, visibility: "private" });
  const bob = await company.connect("bob");
  await ann.ask({ type: "invite", ...HALL, userId: "bob" });
  await ann.ask(moderate("ban", "bob"));
  assertEquals(await join(bob), "forbidden");
  await ann.ask(moderate("unban", "bob"));
  assertEquals(await join(bob), "room_not_found");
  await ann.ask({ type: "invite", ...HALL, userId: "bob" });
  assertEquals(await join(bob), "joined");
});

Deno.test("whoever comes in just as they are banned is out in the end", async () => {
  await using server = await TestServer.start({ MAX_ROOMS_PER_CONNECTION: "1000" });
  await using company = new Company(server);
  const [ann, bob] = [await company.connect("ann"), await company.connect("bob")];
  for (let round = 0; round < 24; round++) {
    const roomId = `room ${round}`;
    await ann.join(roomId);
    if (round % 2 === 0) bob.send({ type: "join", roomId });
    const [banned] = await Promise.all([
      ann.ask({ ...moderate("ban", "bob"), roomId }),
      bob.ask({ type: "join", roomId }),
    ]);
    assertEquals(banned.type, "moderated");
    await ann.ask({ ...say("without bob"), roomId });
    assertEquals(contentsOf(await bob.drained()), [], roomId);
    assertEquals((await bob.ask({ type: "join", roomId })).code, "forbidden");
    assertEquals((await bob.ask({ type: "history", roomId })).code, "forbidden", roomId);
  }
});

Deno.test("who is muted hears everything and says nothing, on every device", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, desk, phone] = await company.gather("hall", "ann", "bob", "bob");
  await ann.ask(moderate("mute", "bob", { seconds: 60 }));
  for (const peer of [desk, phone]) {
    const { code, message, roomId, retryAfterMs } = await peer.ask(say());
    assertEquals([code, message, roomId], ["forbidden", "Not allowed", "hall"]);
    assertGreater(Number(retryAfterMs), 50_000);
    assertLessOrEqual(Number(retryAfterMs), 60_000);
  }
  await ann.ask(say("listen"));
  for (const peer of [desk, phone]) assertEquals(contentsOf(await peer.drained()), ["listen"]);
  assertEquals(contentsOf(await ann.drained()), ["listen"]);
  assertEquals((await desk.ask({ type: "typing", ...HALL, isTyping: true })).code, "forbidden");
  assertEquals(
    (await desk.ask({ type: "typing", ...HALL, isTyping: false })).type,
    "ok",
    "to stop is no talk",
  );
  assertEquals((await ann.drained()).map(({ isTyping }) => isTyping), [false], "nobody sees them type");
  assertEquals((await desk.ask({ type: "history", ...HALL })).seq, 1, "nothing was kept");
  await desk.join("study");
  assertEquals((await desk.ask({ ...say(), roomId: "study" })).type, "ack", "other rooms are other rooms");
  await ann.ask(moderate("unmute", "bob"));
  for (const peer of [desk, phone]) assertEquals((await peer.ask(say())).type, "ack");
});

Deno.test("a mute stays, whether one leaves and joins, or comes by a new connection", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await ann.ask(moderate("mute", "bob"));
  const { code, retryAfterMs } = await bob.ask(say());
  assertEquals(
    [code, retryAfterMs],
    ["forbidden", 86_400_000],
    "who is muted for good may ask again in a day",
  );
  await bob.join("hall");
  assertEquals((await bob.ask(say())).code, "forbidden");
  await bob.ask({ type: "leave", ...HALL });
  await bob.join("hall");
  assertEquals((await bob.ask(say())).code, "forbidden");
  await Company.part(bob);
  const back = await company.connect("bob");
  await back.join("hall");
  assertEquals((await back.ask(say())).code, "forbidden");
  await Company.part(back);
  await ann.ask(moderate("unmute", "bob"));
  const free = await company.connect("bob");
  await free.join("hall");
  assertEquals((await free.ask(say())).type, "ack");
});

Deno.test("a mute with seconds is over by itself", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await ann.ask(moderate("mute", "bob", { seconds: 3 }));
  const { code, retryAfterMs } = await bob.ask(say());
  assertEquals(code, "forbidden");
  assertLessOrEqual(Number(retryAfterMs), 3_000);
  await new Promise((resolve) => setTimeout(resolve, Number(retryAfterMs)));
  assertEquals((await bob.ask(say())).type, "ack");
});

Deno.test("who is made an admin can do what admins can, at once, until they are no longer", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob, carl] = await company.gather("hall", "ann", "bob", "carl");
  const roleOf = async (userId: string) => {
    const { members } = await carl.ask({ type: "members", ...HALL });
    return (members as Said[]).find((member) => member.userId === userId)?.role;
  };
  assertEquals((await bob.ask(moderate("mute", "carl"))).code, "forbidden");
  await ann.ask(moderate("promote", "bob"));
  assertEquals(await roleOf("bob"), "admin");
  assertEquals((await bob.join("hall")).role, "admin");
  assertEquals((await bob.ask(moderate("mute", "carl"))).type, "moderated");
  assertEquals((await carl.ask(say())).code, "forbidden");
  assertEquals(
    (await bob.ask(moderate("promote", "carl"))).code,
    "forbidden",
    "admins are made by the owner",
  );
  assertEquals((await bob.ask(moderate("kick", "ann"))).code, "forbidden");
  await ann.ask(moderate("demote", "bob"));
  assertEquals(await roleOf("bob"), "member");
  assertEquals((await bob.ask(moderate("unmute", "carl"))).code, "forbidden");
});

Deno.test("nobody moderates themselves, nor who is not there to be kicked or promoted", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  for (const action of ["kick", "ban", "mute", "promote", "demote"]) {
    assertEquals((await ann.ask(moderate(action, "ann"))).code, "forbidden", action);
  }
  for (const action of ["kick", "promote", "demote"]) {
    assertEquals((await ann.ask(moderate(action, "nobody"))).code, "user_not_found", action);
  }
  assertEquals(await ann.drained(), []);
  assertEquals((await ann.ask({ ...moderate("kick", "bob"), roomId: "nowhere" })).code, "room_not_found");
});

Deno.test("a server administrator keeps order in a room they are not in, also among its owners", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  const root = await company.connect("root", { role: "admin" });
  assertEquals((await root.ask(moderate("ban", "ann", { reason: "abuse" }))).type, "moderated");
  const told = await bob.next("system");
  assertEquals([told.event, told.userId, told.by, told.reason], ["ban", "ann", "root", "abuse"]);
  assertEquals(await join(ann), "forbidden");
});
