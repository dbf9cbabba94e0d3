/** The server as Deno Deploy runs it, as far as that can be had here. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { ChildServer, runToEnd } from "../support/child_server.ts";
import { freePort } from "../support/free_port.ts";
import { Peer } from "../support/peer.ts";
import { stallReader } from "../support/stalled_reader.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";

/** Deno Deploy kills after 5 s; some of that goes by before the signal is seen. */
const END_MS = 4_000;
const DEPLOY = { DENO_DEPLOY: "true" };

Deno.test("on Deno Deploy SIGINT ends with 0 in under 4 s, whoever stalls, and keeps what was acknowledged", async () => {
  await using folder = await TemporaryFolder.make();
  const settings = { ...DEPLOY, STORE: `kv:${folder.path}/kv.db`, LOG_LEVEL: "warn" };
  {
    await using server = await ChildServer.start(settings);
    await using ann = await Peer.signIn(server, "ann");
    await using bob = await Peer.signIn(server, "bob");
    await ann.join("hall");
    await bob.join("hall");
    using _ = await stallReader(server, ann);
    await ann.ask({ type: "chat", roomId: "hall", content: "last words" });
    const signalledAt = performance.now();
    server.signal("SIGINT");
    await bob.next("server_shutdown");
    assertEquals((await bob.closed).code, 1001);
    const { code, stderr } = await server.ended;
    assertLess(performance.now() - signalledAt, END_MS);
    assertEquals([code, stderr], [0, ""]);
  }
  await using server = await ChildServer.start(settings);
  await using ann = await Peer.signIn(server, "ann");
  ann.send({ type: "join", roomId: "hall" });
  const history = (await ann.next("room_history")).history as { content: string }[];
  assertEquals(history.at(-1)?.content, "last words");
});

Deno.test("on Deno Deploy files are refused, as no disk lasts there, and it is said why nothing is kept", async () => {
  await using server = await ChildServer.start({ ...DEPLOY, STORE: "memory:" });
  const line = JSON.parse(await server.logged(/store_not_kept/));
  assertEquals([line.level, line.setting, line.store], ["warn", "STORE", "memory:"]);
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  const file = {
    type: "file_begin",
    roomId: "hall",
    name: "a.txt",
    size: 3,
    mime: "text/plain",
    sha256: "0".repeat(64),
  };
  const { type, code, message } = await ann.ask(file);
  assertEquals([type, code, message], ["error", "file_rejected", "This server takes no files"]);
});

Deno.test("on Deno Deploy the host says where to listen", async () => {
  const port = freePort();
  const settings = { ...DEPLOY, STORE: "memory:", PORT: "1", DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}` };
  await using server = await ChildServer.start(settings);
  assertEquals(server.port, port);
  await using _ = await Peer.signIn(server, "ann");
});

Deno.test("on Deno Deploy a secret of its own for each instance would be no secret", async () => {
  const { code, stderr } = await runToEnd({ ...DEPLOY, JWT_SECRET: undefined });
  assertEquals(code, 1);
  assert(stderr.startsWith("Cannot start: JWT_SECRET must be set on Deno Deploy: "), stderr);
});
