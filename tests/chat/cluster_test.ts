import { assertEquals } from "@std/assert";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { heard, Street } from "./houses.ts";

/** Every silence of a node is noticed, and its people told as gone, within this time. */
const MAX_MS = 30_000;

Deno.test("a person with devices on several nodes comes, turns away and goes once, for everybody", async () => {
  await using street = await Street.open(3);
  const [north, south, east] = street.houses;
  const witnesses = [await north.enter("wit"), await south.enter("wes"), await east.enter("eve")];
  await street.pass();
  for (const witness of witnesses) witness.take();
  const [desk, phone] = [await north.enter("ann"), await south.enter("ann")];
  await street.pass();
  for (const witness of witnesses) assertEquals(heard(witness), ["join ann"]);
  for (const house of street.houses) {
    assertEquals([house.people.connections("ann"), house.people.availability("ann")], [2, "online"]);
    assertEquals(house.present, ["ann", "eve", "wes", "wit"]);
  }
  north.turn(desk, "away");
  await street.pass();
  for (const witness of witnesses) assertEquals(heard(witness), []);
  south.turn(phone, "away");
  await street.pass();
  for (const witness of witnesses) assertEquals(heard(witness), ["presence away ann"]);
  north.lose(desk);
  await street.pass(10_000);
  for (const witness of witnesses) assertEquals(heard(witness), []);
  south.lose(phone);
  await street.pass(4_000);
  for (const witness of witnesses) assertEquals(heard(witness), []);
  await street.pass(2_000);
  for (const witness of witnesses) assertEquals(heard(witness), ["leave ann", "presence offline ann"]);
});

Deno.test("who belonged to a room before the start and resumes it is told as online at every node, once", async () => {
  await using street = await Street.open(2);
  const [north, south] = street.houses;
  const witnesses = [await north.enter("wit"), await south.enter("wes")];
  await street.pass(2_000);
  for (const witness of witnesses) witness.take();
  await street.store.putMember("general", "ann", "ann");
  const ann = await south.enter("ann", { after: 0 });
  await street.pass(2_000);
  for (const witness of witnesses) assertEquals(heard(witness), ["presence online ann", "members 3"]);
  south.lose(ann);
  await street.pass(10_000);
  await north.enter("ann", { after: 0 });
  await street.pass(2_000);
  for (const witness of witnesses) {
    assertEquals(heard(witness), ["leave ann", "presence offline ann", "join ann"]);
  }
});

Deno.test("of too many connections that nodes have let in while they did not hear each other, the newest go", async () => {
  await using street = await Street.open(2, { maxConnections: 2 });
  const [north, south] = street.houses;
  const first = await north.enter("ann");
  await street.pass(100);
  south.bus.isCut = true;
  const entering = south.enter("ann");
  await street.pass(20_000);
  const [second, third] = [await entering, await north.enter("ann")];
  await street.pass(100);
  assertEquals([first, second, third].map(({ isOpen }) => isOpen), [true, true, true]);
  south.bus.isCut = false;
  await street.pass(5_000);
  assertEquals([first, second, third].map(({ ending }) => ending?.code), [undefined, undefined, 4504]);
});

Deno.test("who comes back at another node within the grace was never gone, and who leaves there has left at once", async () => {
  await using street = await Street.open(2);
  const [north, south] = street.houses;
  const [wit, wes] = [await north.enter("wit"), await south.enter("wes")];
  const before = await north.enter("ann");
  await street.pass();
  wit.take(), wes.take();
  north.lose(before);
  await street.pass(4_500);
  const after = await south.enter("ann");
  await street.pass(10_000);
  assertEquals([heard(wit), heard(wes)], [[], []]);
  await south.leave(after);
  await street.pass();
  assertEquals([heard(wit), heard(wes)], [["leave ann"], ["leave ann"]]);
  assertEquals((await street.store.standing("general", "ann"))?.role ?? null, null);
});

Deno.test("a node that dies without a word has its people gone within 30 s, told once", async () => {
  await using street = await Street.open(3);
  const [north, south, east] = street.houses;
  await north.enter("ann");
  await north.enter("dora");
  const [bob, carl] = [await south.enter("bob"), await east.enter("carl")];
  await south.enter("dora");
  await street.pass(5_000);
  bob.take(), carl.take();
  north.bus.isCut = true;
  await street.pass(8_000);
  assertEquals([heard(bob), heard(carl)], [[], []], "it may be back");
  await street.pass(MAX_MS - 8_000);
  const told = ["leave ann", "presence offline ann"];
  assertEquals([heard(bob), heard(carl)], [told, told]);
  assertEquals([south.cluster.size, south.people.connections("ann"), south.people.connections("dora")], [
    1,
    0,
    1,
  ]);
  await street.pass(60_000);
  assertEquals([heard(bob), heard(carl)], [[], []]);
});

Deno.test("a node that was thought dead and is heard again is there with its people", async () => {
  await using street = await Street.open(2);
  const [north, south] = street.houses;
  const ann = await north.enter("ann");
  const bob = await south.enter("bob");
  await street.pass(5_000);
  north.bus.isCut = true;
  await street.pass(MAX_MS);
  north.say(ann, "is anybody there?");
  await street.pass(1_000);
  ann.take(), bob.take();
  north.bus.isCut = false;
  await street.pass(5_000);
  assertEquals(heard(bob), ["chat is anybody there? ann", "join ann"].sort());
  assertEquals([north.present, south.present], [["ann", "bob"], ["ann", "bob"]]);
  assertEquals(heard(ann).filter((words) => words !== "join bob"), []);
});

Deno.test("people of a node that goes are not told as gone while they move to another", async () => {
  await using street = await Street.open(2);
  const [north, south] = street.houses;
  const [ann, dora] = [await north.enter("ann"), await north.enter("dora")];
  const bob = await south.enter("bob");
  await street.pass(5_000);
  bob.take();
  north.cluster.part(5_000);
  await street.pass();
  for (const member of [ann, dora]) north.lose(member);
  await street.pass(4_900);
  await south.enter("ann");
  await street.pass(4_900);
  assertEquals(heard(bob), []);
  assertEquals(south.present, ["ann", "bob", "dora"]);
  await street.pass(1_000);
  assertEquals(heard(bob), ["leave dora", "presence offline dora"]);
  await street.pass(60_000);
  assertEquals([heard(bob), south.present], [[], ["ann", "bob"]]);
});

Deno.test("a room that is large over all nodes tells its number, not who comes and goes", async () => {
  await using street = await Street.open(2, { presenceDetailLimit: 3, presenceGraceMs: 0 });
  const [north, south] = street.houses;
  const [wit, wes] = [await north.enter("wit"), await south.enter("wes")];
  for (const userId of ["a", "b"]) await north.enter(userId);
  await street.pass(2_000);
  wit.take(), wes.take();
  const late = [await south.enter("c"), await south.enter("d"), await south.enter("e")];
  await street.pass(999);
  assertEquals([heard(wit), heard(wes)], [[], []]);
  await street.pass(1);
  assertEquals([heard(wit), heard(wes)], [["members 7"], ["members 7"]]);
  for (const member of late) south.lose(member);
  await street.pass(2_000);
  for (const witness of [wit, wes]) assertEquals(heard(witness).at(-1), "members 4");
});

Deno.test("what was lost between nodes is found again once that is noticed: the log, who is there, who is out", async () => {
  await using street = await Street.open(2);
  const [north, south] = street.houses;
  const ann = await north.enter("ann");
  const [bob, carl, desk, phone] = [
    await south.enter("bob"),
    await south.enter("carl"),
    await south.enter("eve"),
    await south.enter("eve"),
  ];
  const gone = await north.enter("gone");
  await street.pass(5_000);
  for (const member of [ann, bob, carl, desk, phone]) member.take();

  south.bus.loses = () => true;
  for (let i = 1; i <= 20; i++) north.say(ann, `${i}`);
  await north.enter("dora");
  await north.leave(gone);
  await street.pass();
  const moderated = [north.moderate(ann, "ban", "eve"), north.moderate(ann, "mute", "carl")];
  await street.pass(600);
  await Promise.all(moderated);
  assertEquals([bob, carl, desk, phone].map(heard), [[], [], [], []]);

  south.bus.loses = () => false;
  south.bus.miss();
  await street.pass(2_000);
  const said = Array.from({ length: 20 }, (_, i) => `chat ${i + 1} ann`);
  for (const member of [bob, carl]) {
    const told = heard(member);
    assertEquals(told.filter((words) => words.startsWith("chat")), said);
    assertEquals(told.filter((words) => words.startsWith("join")), ["join dora"]);
    assertEquals(told.filter((words) => words === "leave eve"), ["leave eve"]);
  }
  for (const device of [desk, phone]) {
    assertEquals([heard(device).at(-1), device.places.size], ["left", 0]);
  }
  assertEquals(carl.places.get("general")!.attendee.mutedUntil > 0, true);
  await street.pass(6_000);
  assertEquals([north.present, south.present], [["ann", "bob", "carl", "dora"], [
    "ann",
    "bob",
    "carl",
    "dora",
  ]]);
});

Deno.test("a ban that was missed is in effect once the store is back, if it was gone as well", async () => {
  await using street = await Street.open(2);
  const [north, south] = street.houses;
  const ann = await north.enter("ann");
  const eve = await south.enter("eve");
  await street.pass();
  south.bus.loses = () => true;
  const moderated = north.moderate(ann, "ban", "eve");
  await street.pass(600);
  await moderated;

  let reads = 0;
  const standing = street.store.standing.bind(street.store);
  street.store.standing = () => {
    reads++;
    return Promise.reject(new StoreUnavailable("down"));
  };
  south.bus.loses = () => false;
  for (let i = 0; i < 10; i++) south.bus.miss();
  await street.pass(500);
  assertEquals([eve.places.size, reads], [1, 1]);
  street.store.standing = standing;
  await street.pass(2_000);
  assertEquals([eve.places.size, heard(eve).at(-1)], [0, "left"]);
});

Deno.test("a node that does not answer who is where is asked again", async () => {
  await using street = await Street.open(3);
  const [north, south, east] = street.houses;
  for (const userId of ["ann", "bob"]) await north.enter(userId);
  await east.enter("eve");
  await street.pass(1_000);
  south.bus.loses = (topic) => topic.startsWith("node:");
  const entering = south.enter("carl");
  await street.pass(2_000);
  const carl = await entering;
  assertEquals(south.present, ["carl"]);
  carl.take();
  south.bus.loses = () => false;
  await street.pass(2_000);
  assertEquals(south.present, ["ann", "bob", "carl", "eve"]);
  assertEquals(heard(carl).sort(), ["join ann", "join bob", "join eve"]);
});

Deno.test("what is lost of a share of letters leaves no trace, whichever those are", async () => {
  await using street = await Street.open(3, { presenceGraceMs: 1_000 });
  const members = new Map<number, Awaited<ReturnType<typeof street.houses[0]["enter"]>>[]>();
  for (const [i, house] of street.houses.entries()) {
    members.set(i, []);
    for (let n = 0; n < 4; n++) members.get(i)!.push(await house.enter(`user ${i} ${n}`));
  }
  await street.pass(1_000);
  for (const member of [...members.values()].flat()) member.take();
  let letters = 0;
  for (const { bus } of street.houses) {
    bus.loses = (_topic, text) => !text.includes("beat") && ++letters % 3 !== 0;
  }
  let said = 0;
  for (let round = 0; round < 8; round++) {
    for (const [i, house] of street.houses.entries()) {
      for (const member of members.get(i)!) if (member.isOpen) house.say(member, `${++said}`);
    }
    await street.pass();
  }
  for (const [i, house] of street.houses.entries()) house.lose(members.get(i)!.pop()!);
  await street.pass(500);
  for (const { bus } of street.houses) bus.loses = () => false;
  for (const { bus } of street.houses) bus.miss();
  await street.pass(10_000);
  const there = [0, 1, 2].flatMap((i) => [0, 1, 2].map((n) => `user ${i} ${n}`));
  for (const house of street.houses) assertEquals(house.present, there);
  for (const member of [...members.values()].flat()) {
    const seqs = member.lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "chat").map((
      { seq },
    ) => seq);
    assertEquals(seqs, Array.from({ length: said }, (_, i) => i + 1));
  }
});
