import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ConfigError,
  createServer,
  type MessageDetail,
  type ParleyServer,
  type Settings,
} from "../../lib/mod.ts";
import { makeFile, sendFile } from "../support/file_sender.ts";
import { Peer } from "../support/peer.ts";
import { SECRET } from "../support/server.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";

const SETTINGS: Settings = { JWT_SECRET: SECRET, STORE: "memory:", PRESENCE_GRACE_MS: 0, RATE_CHAT: "off" };

/** A server mounted in a program's own, beside a page of its own. */
async function mount(settings: Settings = {}) {
  const lines: string[] = [];
  const parley = await createServer({ ...SETTINGS, ...settings }, { writeLog: (line) => lines.push(line) });
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    return pathname === "/ws" || pathname === "/health" ? parley.fetch(request) : new Response("mine");
  });
  return {
    ...{ parley, lines, address: `127.0.0.1:${http.addr.port}` },
    async [Symbol.asyncDispose]() {
      await parley[Symbol.asyncDispose]();
      await http.shutdown();
    },
  };
}

/** Notes every event, as it comes. */
function listen(parley: ParleyServer): unknown[] {
  const heard: unknown[] = [];
  parley.addEventListener(
    "connection",
    ({ detail: { userId, role } }) => heard.push(["connection", userId, role]),
  );
  parley.addEventListener(
    "disconnection",
    ({ detail: { userId, code } }) => heard.push(["disconnection", userId, code]),
  );
  parley.addEventListener(
    "join",
    ({ detail: { roomId, username } }) => heard.push(["join", roomId, username]),
  );
  parley.addEventListener(
    "leave",
    ({ detail: { roomId, username } }) => heard.push(["leave", roomId, username]),
  );
  parley.addEventListener(
    "message",
    ({ detail: { roomId, seq, content } }) => heard.push(["message", roomId, seq, content]),
  );
  return heard;
}

Deno.test("a server answers beside the routes of the program it is mounted in", async () => {
  await using mounted = await mount();
  assertEquals(await (await fetch(`http://${mounted.address}/`)).text(), "mine");
  assertEquals((await (await fetch(`http://${mounted.address}/health`)).json()).status, "ok");
  await using ann = await Peer.signIn(mounted, "ann");
  assertEquals((await ann.join("general")).members, 1);
});

Deno.test("fetch needs no this, and answers requests that came by no socket", async () => {
  await using parley = await createServer(SETTINGS);
  const { fetch } = parley;
  assertEquals((await (await fetch(new Request("http://any.example/health"))).json()).connections, 0);
  assertEquals((await fetch(new Request("http://any.example/nowhere"))).status, 404);
});

Deno.test("listeners hear who comes, what is said and who goes, in order and once", async () => {
  await using mounted = await mount();
  const heard = listen(mounted.parley);
  const ann = await Peer.signIn(mounted, "ann", { username: "Ann", role: "admin" });
  await ann.join("general");
  await ann.join("general");
  await ann.ask({ type: "chat", roomId: "general", content: "one" });
  const again = { type: "chat", roomId: "general", content: "two", id: "m2" };
  ann.send(again, again);
  await ann.next("ack", ({ duplicate }) => duplicate === true);
  await ann.ask({ type: "leave", roomId: "general" });
  await ann.join("team");
  ann.close(3001);
  await ann.closed;
  await using bob = await Peer.signIn(mounted, "bob"); // What Ann's end brought has happened by then.
  await bob.drained();
  assertEquals(heard, [
    ["connection", "ann", "admin"],
    ["join", "general", "Ann"],
    ["message", "general", 1, "one"],
    ["message", "general", 2, "two"],
    ["leave", "general", "Ann"],
    ["join", "team", "Ann"],
    ["leave", "team", "Ann"],
    ["disconnection", "ann", 3001],
    ["connection", "bob", "user"],
  ]);
});

Deno.test("a message comes with everything that its readers know of it: whom it answers, and its file", async () => {
  await using folder = await TemporaryFolder.make();
  await using mounted = await mount({ FILES_DIR: folder.path });
  const heard: MessageDetail[] = [];
  mounted.parley.addEventListener("message", ({ detail }) => void heard.push(detail));
  await using ann = await Peer.signIn(mounted, "ann");
  await ann.join("general");
  await ann.ask({ type: "chat", roomId: "general", content: "Who has it?", id: "q" });
  await ann.ask({ type: "chat", roomId: "general", content: "I have.", replyTo: "q" });
  await sendFile(ann, makeFile(5, { id: "f", name: "it.txt", mime: "text/plain" }), "Here it is.");
  await ann.next("chat", ({ seq }) => seq === 3);
  const told = ann.frames.flatMap((frame) => frame.split("\n")).map((line) => JSON.parse(line))
    .filter(({ type }) => type === "chat").map(({ type: _, ...message }) => message);
  assertEquals(JSON.parse(JSON.stringify(heard)), told);
  assertEquals([heard[1].replyTo, heard[2].file?.name, heard[2].file?.size], ["q", "it.txt", 5]);
});

Deno.test("a person is in a room once, and a connection over once, however many there are", async () => {
  await using mounted = await mount();
  const heard = listen(mounted.parley);
  const [phone, desk] = [await Peer.signIn(mounted, "ann"), await Peer.signIn(mounted, "ann")];
  await phone.join("general");
  await desk.join("general");
  phone.close();
  await phone.closed;
  await desk.drained();
  desk.close();
  await desk.closed;
  await using bob = await Peer.signIn(mounted, "bob");
  await bob.drained();
  const counts = Map.groupBy(heard as string[][], ([type, who]) => `${type} ${who}`);
  assertEquals(
    ["connection ann", "join general", "leave general", "disconnection ann"].map((key) =>
      counts.get(key)?.length
    ),
    [2, 1, 1, 2],
  );
});

Deno.test("who is not let in makes no event", async () => {
  await using mounted = await mount({ MAX_CONNECTIONS_PER_USER: 1 });
  const heard = listen(mounted.parley);
  await using bad = await Peer.open(mounted, { protocols: ["parley.v1", "bearer.bad"] });
  assertEquals((await bad.closed).reason, "Invalid token");
  await using _ann = await Peer.signIn(mounted, "ann");
  await assertRejects(() => Peer.signIn(mounted, "ann"));
  assertEquals(heard, [["connection", "ann", "user"]]);
});

Deno.test("a listener that is taken away hears no more, and one listened to once hears once", async () => {
  await using mounted = await mount();
  const heard: string[] = [];
  const listener = () => void heard.push("taken away");
  mounted.parley.addEventListener("message", listener);
  mounted.parley.addEventListener("message", () => void heard.push("once"), { once: true });
  mounted.parley.removeEventListener("message", listener);
  await using ann = await Peer.signIn(mounted, "ann");
  await ann.join("general");
  for (const content of ["one", "two"]) await ann.ask({ type: "chat", roomId: "general", content });
  assertEquals(heard, ["once"]);
});

Deno.test("no event is made that nobody listens for", async () => {
  await using mounted = await mount();
  const made: string[] = [];
  const { dispatchEvent } = mounted.parley;
  mounted.parley.dispatchEvent = function (event) {
    made.push(event.type);
    return dispatchEvent.call(this, event);
  };
  mounted.parley.addEventListener("join", () => {});
  await using ann = await Peer.signIn(mounted, "ann");
  await ann.join("general");
  await ann.ask({ type: "chat", roomId: "general", content: "one" });
  await ann.ask({ type: "leave", roomId: "general" });
  ann.close();
  await ann.closed;
  await using bob = await Peer.signIn(mounted, "bob");
  await bob.drained();
  assertEquals(made, ["join"]);
});

Deno.test("draining tells clients when to come back, closes every connection, and happens once", async () => {
  await using mounted = await mount();
  await using ann = await Peer.signIn(mounted, "ann");
  const heard = listen(mounted.parley);
  await Promise.all([mounted.parley.drain(), mounted.parley.drain()]);
  assertEquals(await ann.closed, { code: 1001, reason: "Server shutting down" });
  assertEquals(ann.frames.join("\n").split('"server_shutdown"').length, 2);
  assertEquals(heard, [["disconnection", "ann", 1001]]);
  assertEquals((await mounted.parley.fetch(new Request("http://any.example/ready"))).status, 503);
});

Deno.test("a server that is disposed of leaves nothing behind, and its log can be opened again", async () => {
  const file = await Deno.makeTempFile();
  for (const expected of [1, 2]) {
    await using mounted = await mount({ STORE: `sqlite:${file}` });
    await using ann = await Peer.signIn(mounted, "ann");
    await ann.join("general");
    assertEquals((await ann.ask({ type: "chat", roomId: "general", content: "Hello" })).seq, expected);
  }
  for (const suffix of ["", "-wal", "-shm"]) await Deno.remove(file + suffix).catch(() => {});
});

Deno.test("settings are given by name, or by a function, and one that makes no sense is told by name", async () => {
  const cases: [Settings | ((name: string) => string | undefined), string][] = [
    [{ ...SETTINGS, MAX_CONECTIONS: 5 }, "MAX_CONECTIONS is not a setting"],
    [{ ...SETTINGS, PORT: "x" }, 'PORT must be a whole number from 0 to 65535: it is "x"'],
    [
      { ...SETTINGS, HEARTBEAT_MS: 1 },
      'HEARTBEAT_MS must be a whole number from 100 to 2147483647: it is "1"',
    ],
    [(name) => name === "JWT_SECRET" ? "short" : undefined, "JWT_SECRET must be at least 32 bytes long"],
  ];
  for (const [settings, message] of cases) {
    const error = await assertRejects(() => createServer(settings), ConfigError);
    assertEquals(error.message, message);
  }
  await assertRejects(
    () => createServer({ ...SETTINGS, STORE: "sqlite:/proc/x/y.db" }),
    ConfigError,
    "STORE cannot be used",
  );
  await using fromFunction = await createServer((name) => SETTINGS[name]?.toString());
  await using _left = await createServer({ ...SETTINGS, API_KEY: undefined });
  assertEquals((await fromFunction.fetch(new Request("http://any.example/ready"))).status, 200);
});

Deno.test("the log goes where it is told to", async () => {
  await using mounted = await mount({ LOG_LEVEL: "debug" });
  const ann = await Peer.signIn(mounted, "ann");
  ann.close();
  await ann.closed;
  await using bob = await Peer.signIn(mounted, "bob");
  await bob.drained();
  assert(
    mounted.lines.some((line) => JSON.parse(line).event === "connection_closed"),
    mounted.lines.join("\n"),
  );
});
