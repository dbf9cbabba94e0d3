import { assertEquals } from "@std/assert";
import { beginFile, makeFile, sendChunks, sendFile, sha256 } from "../support/file_sender.ts";
import { Peer, type Reachable } from "../support/peer.ts";
import { onceTest } from "../support/test_cluster.ts";
import { openTwoNodes } from "../support/two_nodes.ts";

async function enter(stack: AsyncDisposableStack, node: Reachable, userId: string): Promise<Peer> {
  const peer = stack.use(await Peer.signIn(node, userId));
  await peer.join("general");
  return peer;
}

onceTest(
  "an upload goes on at another node, also while the first one still waits for its connection",
  async () => {
    await using stack = new AsyncDisposableStack();
    const [here, there] = await openTwoNodes(stack);
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
  },
);

onceTest("what one person may keep counts over all nodes, however many uploads begin at once", async () => {
  await using stack = new AsyncDisposableStack();
  const [here, there] = await openTwoNodes(stack, { MAX_USER_FILE_BYTES: "500000" });
  const devices = [await enter(stack, here, "ann"), await enter(stack, there, "ann")];
  const answers = await Promise.all(
    devices.flatMap((device) => Array.from({ length: 4 }, () => sendFile(device, makeFile(100_000)))),
  );
  assertEquals(answers.filter(({ type }) => type === "ack").length, 5);
  assertEquals(answers.filter(({ code }) => code === "limit_exceeded").length, 3);
});
