import { assert, assertEquals } from "@std/assert";
import { MemoryStore } from "../../static/sdk/memory_store.ts";
import { ParleyClient, type Room, type UnsentStore } from "../../static/sdk/mod.ts";
import { Chance } from "../hostile/chance.ts";
import { fakeBrowser, SharedStore } from "../sdk/support/fake_tabs.ts";
import { makeToken, TestServer } from "../support/server.ts";
import { type Fate, FaultyProxy, seededFates } from "./support/faulty_proxy.ts";
import { readHistory } from "./support/reader.ts";

const STEPS = 70;
/** Enough for everything to come to rest once nothing goes wrong any more. */
const PATIENCE_MS = 60_000;

/** A window on a room: a client that can be reloaded, with the same storage. */
class Window {
  readonly name: string;
  readonly written: string[] = [];
  readonly #url: string;
  readonly #token: string;
  readonly #storage: UnsentStore;
  #client!: ParleyClient;
  #room: Room | undefined;
  readonly #roomId: string;

  constructor(name: string, url: string, token: string, roomId: string, storage: UnsentStore) {
    this.name = name;
    this.#url = url;
    this.#token = token;
    this.#roomId = roomId;
    this.#storage = storage;
    this.open();
  }

  get room(): Room | undefined {
    return this.#room;
  }

  open(): void {
    const [url, token, storage] = [this.#url, this.#token, this.#storage];
    const quick = { ackTimeoutMs: 150, commandTimeoutMs: 150, backoff: { baseMs: 5, capMs: 40 } };
    const client = this.#client = new ParleyClient({ url, token, storage, userKey: token, ...quick });
    const isOld = () => client !== this.#client;
    client.connect().catch(() => {});
    client.join(this.#roomId).then((room) => {
      if (!isOld()) this.#room = room;
    }, () => {});
  }

  write(): void {
    if (this.#room === undefined) return;
    const content = `${this.name} ${this.written.length}`;
    this.written.push(content);
    this.#room.send(content);
  }

  /** Ends the page and opens it again. */
  reload(): void {
    this.#room = undefined;
    this.#client.close();
    this.open();
  }

  async close(): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }
}

/** Fails unless each window's messages are in the log once and in order, and every window shows the log. */
async function compare(
  server: TestServer,
  roomId: string,
  windows: readonly Window[],
  what: string,
): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  const total = windows.reduce((sum, { written }) => sum + written.length, 0);
  const isCalm = () =>
    windows.every(({ room }) => room !== undefined && room.outgoing.length === 0 && room.seq >= total);
  while (!isCalm() && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 20));
  const log = await readHistory(server.address, roomId);
  for (const { name, written } of windows) {
    assertEquals(
      log.filter((content) => content.startsWith(`${name} `)),
      written,
      `${what}: what ${name} wrote`,
    );
  }
  assertEquals(log.length, total, what);
  for (const { name, room } of windows) {
    const shown = room!.messages.map(({ content }) => content);
    assertEquals(shown, log.slice(log.length - shown.length), `${what}: what ${name} shows`);
    assert(shown.length > 0 && room!.outgoing.length === 0, `${what}: ${name} still waits`);
  }
}

Deno.test("clients on a faulty network, with reloads and two tabs, show one log with everything once and in order", async (t) => {
  const given = Deno.env.get("SEED");
  const first = given === undefined ? crypto.getRandomValues(new Uint32Array(1))[0] : Number(given);
  const count = Deno.args.includes("--full") ? 100 : 4;
  const seeds = given === undefined ? Array.from({ length: count }, (_, i) => first + i) : [first];
  const fates = new Set<Fate>();
  using _ = fakeBrowser();
  await using server = await TestServer.start({ HISTORY_LIMIT: "100000" });
  for (const seed of seeds) {
    await t.step({ name: `seed ${seed - first + 1} of this run`, fn: () => storm(server, seed, fates) });
  }
  if (given === undefined) {
    assertEquals([...fates].sort(), ["cut after", "cut before", "doubled", "dropped", "late", "passes"]);
  }
});

async function storm(server: TestServer, seed: number, fates: Set<Fate>): Promise<void> {
  const chance = new Chance(seed);
  await using proxy = new FaultyProxy(server.address);
  proxy.decide = seededFates(seed, 6);
  const roomId = `storm ${seed}`;
  const shared = new SharedStore();
  const [ann, bob] = await Promise.all(["ann", "bob"].map((user) => makeToken(`${user} ${seed}`)));
  const windows = [
    new Window("ann's one", proxy.url("ann's one"), ann, roomId, shared),
    new Window("ann's other", proxy.url("ann's other"), ann, roomId, shared),
    new Window("bob", proxy.url("bob"), bob, roomId, new MemoryStore()),
  ];
  for (let step = 0; step < STEPS; step++) {
    const window = chance.pick(windows);
    window.write();
    await new Promise((resolve) => setTimeout(resolve, chance.below(20)));
    if (chance.once(12)) window.reload();
    if (chance.once(25)) proxy.cutAll();
  }
  for (const fate of proxy.fates.keys()) fates.add(fate);
  proxy.decide = () => "passes";
  proxy.cutAll();
  await compare(server, roomId, windows, `SEED=${seed}`);
  assert(windows.every(({ written }) => written.length > 0));
  await Promise.all(windows.map((window) => window.close()));
}

/** Every point between writing a message and hearing that it is kept, and what goes wrong there. */
const POINTS: readonly (readonly ["up" | "down", "chat" | "ack", Fate])[] = [
  ["up", "chat", "cut before"],
  ["up", "chat", "cut after"],
  ["up", "chat", "dropped"],
  ["up", "chat", "doubled"],
  ["up", "chat", "late"],
  ["down", "ack", "cut before"],
  ["down", "ack", "cut after"],
  ["down", "ack", "dropped"],
  ["down", "ack", "doubled"],
  ["down", "ack", "late"],
  ["down", "chat", "cut before"],
  ["down", "chat", "cut after"],
  ["down", "chat", "dropped"],
  ["down", "chat", "doubled"],
  ["down", "chat", "late"],
];

for (const reloads of [false, true]) {
  const how = reloads ? ", and the page is reloaded at once," : "";
  Deno.test(`whatever goes wrong${how} between a message and its ack, it is kept once and in order`, async () => {
    await using server = await TestServer.start();
    await using proxy = new FaultyProxy(server.address);
    const [ann, bob] = await Promise.all(["ann", "bob"].map((user) => makeToken(user)));
    const windows = [
      new Window("ann", proxy.url("ann"), ann, "general", new MemoryStore()),
      new Window("bob", proxy.url("bob"), bob, "general", new MemoryStore()),
    ];
    const [writer] = windows;
    for (const [index, [direction, type, fate]] of POINTS.entries()) {
      while (windows.some(({ room }) => room === undefined)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const struck = Promise.withResolvers<void>();
      proxy.decide = (passage) => {
        const isIt = passage.direction === direction && passage.type === type && passage.times === 0 &&
          passage.name === `ann ${type} ann ${index * 2}`;
        if (isIt) struck.resolve();
        return isIt ? fate : "passes";
      };
      writer.write();
      writer.write();
      await struck.promise;
      if (reloads) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        writer.reload();
      }
    }
    proxy.decide = () => "passes";
    proxy.cutAll();
    await compare(server, "general", windows, "in the end");
    await Promise.all(windows.map((window) => window.close()));
  });
}
