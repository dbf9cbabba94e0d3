import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { ParleyClient, type Room } from "../../static/sdk/mod.ts";
import { fakeBrowser, SharedStore } from "./support/fake_tabs.ts";
import { ModelServer } from "./support/model_server.ts";

type Tab = { client: ParleyClient; room: Room; server: ModelServer };

/** Two tabs of one user; each reaches the same room through a network of its own, so that one can be cut alone. */
async function twoTabs(time: FakeTime): Promise<[Tab, Tab]> {
  const storage = new SharedStore();
  const first = new ModelServer();
  const second = new ModelServer();
  second.logs.set("general", first.log("general"));
  const tabs: Tab[] = [];
  for (const server of [first, second]) {
    const { WebSocket } = server.network;
    const client = new ParleyClient({
      url: "ws://server.test",
      token: "t",
      WebSocket,
      storage,
      random: () => 0.5,
    });
    void client.connect();
    const joining = client.join("general");
    await time.runMicrotasks();
    tabs.push({ client, room: await joining, server });
    await time.runMicrotasks();
  }
  return [tabs[0], tabs[1]];
}

function shown(room: Room): string[] {
  return room.outgoing.map(({ content, status }) => `${content} ${status}`);
}

Deno.test("One tab sends, both show", async () => {
  using time = new FakeTime();
  using _browser = fakeBrowser();
  const [first, second] = await twoTabs(time);
  first.server.fate = () => "unavailable";
  first.room.send("one");
  time.tick(1);
  second.room.send("two");
  await time.runMicrotasks();
  assertEquals(shown(first.room), ["one pending", "two pending"]);
  assertEquals(shown(second.room), ["one pending", "two pending"]);
  assertEquals(second.server.arrived, []);
  first.server.fate = () => "served";
  await time.tickAsync(500);
  await time.runMicrotasks();
  assertEquals(first.server.contents(), ["one", "two"]);
  assertEquals([shown(first.room), shown(second.room), second.server.arrived], [[], [], []]);
  first.client.close();
  second.client.close();
});

Deno.test("A message written in the second tab is acknowledged there", async () => {
  using time = new FakeTime();
  using _browser = fakeBrowser();
  const [first, second] = await twoTabs(time);
  const message = second.room.send("hello");
  await time.runMicrotasks();
  assertEquals((await message.acked).seq, 1);
  assertEquals([message.status, second.server.arrived], ["acked", []]);
  first.client.close();
  second.client.close();
});

for (const end of ["is closed", "loses its connection"]) {
  Deno.test(`The second tab takes over when the first ${end}`, async () => {
    using time = new FakeTime();
    using _browser = fakeBrowser();
    const [first, second] = await twoTabs(time);
    first.server.fate = () => "unavailable";
    first.room.send("one");
    first.room.send("two");
    await time.runMicrotasks();
    if (end === "is closed") first.client.close();
    else first.server.cutAll();
    await time.runMicrotasks();
    assertEquals(second.server.contents(), ["one", "two"]);
    assertEquals(shown(second.room), []);
    await time.tickAsync(60_000);
    await time.runMicrotasks();
    assertEquals(second.server.contents(), ["one", "two"]);
    if (end !== "is closed") assertEquals(shown(first.room), []);
    first.client.close();
    second.client.close();
  });
}

Deno.test("A tab that heard nothing of the other's messages finds them in the store when it takes over", async () => {
  using time = new FakeTime();
  using _browser = fakeBrowser({ channels: false });
  const [first, second] = await twoTabs(time);
  first.server.fate = () => "unavailable";
  first.room.send("one");
  await time.runMicrotasks();
  assertEquals(shown(second.room), []);
  first.client.close();
  await time.runMicrotasks();
  assertEquals(second.server.contents(), ["one"]);
  second.client.close();
});

Deno.test("A refused message can be sent again, or given up, from either tab", async () => {
  using time = new FakeTime();
  using _browser = fakeBrowser();
  const [first, second] = await twoTabs(time);
  first.server.fate = () => "forbidden";
  first.room.send("one");
  first.room.send("two");
  await time.runMicrotasks();
  assertEquals(shown(second.room), ["one failed", "two failed"]);
  first.server.fate = () => "served";
  const [one, two] = second.room.outgoing;
  second.room.retry(one.id);
  second.room.discard(two.id);
  await time.runMicrotasks();
  assertEquals(first.server.contents(), ["one"]);
  assertEquals([shown(first.room), shown(second.room)], [[], []]);
  first.client.close();
  second.client.close();
});

Deno.test("A tab opened later shows what waits", async () => {
  using time = new FakeTime();
  using _browser = fakeBrowser();
  const [first, second] = await twoTabs(time);
  second.client.close();
  first.server.fate = () => "unavailable";
  first.room.send("one");
  await time.runMicrotasks();
  void second.client.connect();
  await time.runMicrotasks();
  assertEquals(shown(second.room), ["one pending"]);
  assertEquals(second.server.arrived, []);
  first.client.close();
  second.client.close();
});

Deno.test("Two tabs that come and go lose nothing, double nothing, and keep each writer's order", async () => {
  using time = new FakeTime();
  using _browser = fakeBrowser();
  const tabs = await twoTabs(time);
  const written: string[][] = [[], []];
  for (let step = 0; step < 120; step++) {
    const writer = step % 2;
    written[writer].push(tabs[writer].room.send(`${writer} ${step}`).content);
    for (const { server } of tabs) {
      const fates = ["served", "cut before", "cut when kept", "cut after ack", "unavailable"] as const;
      server.fate = () => fates[(step * 7) % fates.length];
    }
    if (step % 10 === 0) tabs[(step / 10) % 2].server.cutAll();
    await time.tickAsync((step * 37) % 300);
  }
  for (const { server } of tabs) server.fate = () => "served";
  const isDone = () => tabs.every(({ room }) => room.outgoing.length === 0);
  for (let step = 0; step < 400 && !isDone(); step++) await time.tickAsync(500);
  const contents = tabs[0].server.contents();
  assertEquals(contents.length, 120);
  for (const [writer, messages] of written.entries()) {
    assertEquals(contents.filter((content) => content.startsWith(`${writer} `)), messages);
  }
  assert(
    tabs.every(({ server }) => server.arrived.length > 5),
    `only one tab ever sent: ${tabs.map(({ server }) => server.arrived.length)}`,
  );
  for (const { client } of tabs) client.close();
  await time.runMicrotasks();
});
