import { assertEquals, assertRejects } from "@std/assert";
import { type Ack, ParleyClient, ParleyError } from "../../static/sdk/mod.ts";
import { TcpProxy } from "../support/tcp_proxy.ts";
import { randomBytes, sha256 } from "../support/file_sender.ts";
import { makeToken, TestServer } from "../support/server.ts";

async function connect(port: number, userId: string): Promise<ParleyClient> {
  const token = await makeToken(userId);
  const client = new ParleyClient({
    url: `ws://127.0.0.1:${port}/ws`,
    token,
    backoff: { baseMs: 10, capMs: 50 },
  });
  await client.connect();
  return client;
}

async function download(server: TestServer, url: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${server.port}${url}`);
  assertEquals(response.status, 200);
  return sha256(new Uint8Array(await response.arrayBuffer()));
}

Deno.test("three files arrive whole, each once, over a connection that is cut twenty times", async () => {
  await using server = await TestServer.start();
  await using link = new TcpProxy(server.port);
  await using sender = await connect(link.port, "ada");
  await using reader = await connect(server.port, "bob");
  const [from, to] = [await sender.join("general"), await reader.join("general")];
  const contents = [6_000_000, 4_000_000, 70_000].map(randomBytes);
  const arrived = new Map<string, string>();
  const all = Promise.withResolvers<void>();
  to.addEventListener("chat", ({ detail }) => {
    arrived.set(`${detail.content} ${detail.file?.name}`, detail.file?.url ?? "");
    if (to.messages.length === contents.length) all.resolve();
  });
  link.cutEvery(500_000, 20);
  const sent = contents.map((bytes, at) =>
    from.sendFile(new File([bytes], `${at}.bin`), { content: `file ${at}` })
  );
  const acks: Ack[] = await Promise.all(sent.map(({ done }) => done));
  await all.promise;
  assertEquals(link.cuts, 20);
  assertEquals(acks.map(({ seq }) => seq).sort(), [1, 2, 3]);
  assertEquals([...arrived.keys()].sort(), ["file 0 0.bin", "file 1 1.bin", "file 2 2.bin"]);
  for (const [at, bytes] of contents.entries()) {
    assertEquals(await download(server, arrived.get(`file ${at} ${at}.bin`)!), sha256(bytes));
  }
});

Deno.test("a file sent again is there at once, and a cancelled one leaves nothing", async () => {
  await using server = await TestServer.start({ MAX_FILE_BYTES: "3000000" });
  await using client = await connect(server.port, "ada");
  const room = await client.join("general");
  const bytes = randomBytes(1_000_000);
  await room.sendFile(new File([bytes], "first.bin")).done;
  const told: number[] = [];
  const again = room.sendFile(new File([bytes], "second.bin"), { onProgress: (sent) => told.push(sent) });
  assertEquals((await again.done).seq, 2);
  assertEquals(told, [1_000_000]);

  const begun = Promise.withResolvers<void>();
  const cancelled = room.sendFile(new File([randomBytes(3_000_000)], "third.bin"), {
    onProgress: () => begun.resolve(),
  });
  await begun.promise;
  cancelled.cancel();
  assertEquals((await assertRejects(() => cancelled.done, ParleyError)).code, "cancelled");
  const large = room.sendFile(new File([randomBytes(3_000_001)], "large.bin"));
  assertEquals((await assertRejects(() => large.done, ParleyError)).code, "file_too_large");
  assertEquals((await room.send("after all").acked).seq, 3);
});
