import { assertEquals } from "@std/assert";
import { BroadcastBus } from "../../lib/bus/broadcast_bus.ts";
import { readConfig } from "../../lib/config.ts";
import { openServer } from "../../lib/server.ts";
import { silentLog } from "../../lib/telemetry/log.ts";
import { beginFile, makeFile, sendChunks, sendFile, sha256 } from "../support/file_sender.ts";
import { Peer, type Reachable } from "../support/peer.ts";
import { SECRET } from "../support/server.ts";

/** Two nodes that share a database and a folder, as two workers of one process do. */
async function openBoth(stack: AsyncDisposableStack, settings: Record<string, string> = {}) {
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const all: Record<string, string> = {
    ...{ JWT_SECRET: SECRET, HOST: "127.0.0.1", RATE_CHAT: "off", RATE_OTHER: "off" },
    ...{ STORE: `sqlite:${folder}/parley.db`, FILES_DIR: `${folder}/files`, ...settings },
  };
  const channel = crypto.randomUUID();
  const open = async (): Promise<Reachable & { url: string }> => {
    const bus = new BroadcastBus(channel);
    const server = await openServer(readConfig((name) => all[name]), silentLog, undefined, { bus });
    const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, server.fetch);
    stack.defer(async () => {
      await server.drain();
      await http.shutdown();
      await server[Symbol.asyncDispose]();
    });
    const address = `127.0.0.1:${http.addr.port}`;
    return { address, url: `http://${address}` };
  };
  return [await open(), await open()] as const;
}

async function enter(stack: AsyncDisposableStack, node: Reachable, userId: string): Promise<Peer> {
  const peer = stack.use(await Peer.signIn(node, userId));
  await peer.join("general");
  return peer;
}

Deno.test("an upload goes on at another node, also while the first one still waits for its connection", async () => {
  await using stack = new AsyncDisposableStack();
  const [here, there] = await openBoth(stack);
  const first = await enter(stack, here, "ann");
  const second = await enter(stack, there, "ann");
  const file = makeFile(3_000_000);
  const ready = await beginFile(first, file);
  await sendChunks(first, ready, file, 1_000_000);
  // The first connection is open, as one looks that nobody knows yet to be gone.
  const again = await beginFile(second, file);
  assertEquals([again.type, again.fileId, again.offset], ["file_ready", ready.fileId, 1_000_000]);
  const late = await first.ask({ type: "file_end", id: file.id });
  assertEquals(late.code, "bad_request");
  await sendChunks(second, again, file);
  assertEquals((await second.ask({ type: "file_end", id: file.id })).type, "ack");
  for (const [peer, node] of [[first, here], [second, there]] as const) {
    const told = await peer.next("chat");
    const { url } = told.file as { url: string };
    const bytes = await (await fetch(node.url + url)).bytes();
    assertEquals(sha256(bytes), sha256(file.bytes));
  }
});

Deno.test("what one person may keep counts over all nodes, however many uploads begin at once", async () => {
  await using stack = new AsyncDisposableStack();
  const [here, there] = await openBoth(stack, { MAX_USER_FILE_BYTES: "500000" });
  const devices = [await enter(stack, here, "ann"), await enter(stack, there, "ann")];
  const answers = await Promise.all(
    devices.flatMap((device) => Array.from({ length: 4 }, () => sendFile(device, makeFile(100_000)))),
  );
  assertEquals(answers.filter(({ type }) => type === "ack").length, 5);
  assertEquals(answers.filter(({ code }) => code === "limit_exceeded").length, 3);
});
