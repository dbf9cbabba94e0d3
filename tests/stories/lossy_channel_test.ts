import { assert, assertEquals } from "@std/assert";
import { Chance } from "../hostile/chance.ts";
import { Peer } from "../support/peer.ts";
import { onceTest } from "../support/test_cluster.ts";
import { openTwoNodes } from "../support/two_nodes.ts";

const SAID = 400;

onceTest(
  "whatever the channel between workers loses, everybody hears everything, in order and once",
  async () => {
    await using stack = new AsyncDisposableStack();
    const nodes = await openTwoNodes(stack);
    const peers: Peer[] = [];
    for (let i = 0; i < 4; i++) peers.push(stack.use(await Peer.signIn(nodes[i % 2], `user ${i}`)));
    for (const peer of peers) await peer.join("hall");
    using losses = loseSome(1 / 3);
    for (let i = 0; i < SAID; i++) {
      peers[i % 4].send({ type: "chat", roomId: "hall", content: `${i}` });
      // Bursts of all sizes, with turns between.
      if (i % 7 === 0 || i % 50 === 0) await peers[i % 4].ask({ type: "ping" });
    }
    const heard = await Promise.all(peers.map(async (peer) => {
      const told: string[] = [];
      while (told.length < SAID) {
        const { seq, content } = await peer.next("chat");
        told.push(`${seq} ${content}`);
      }
      return told;
    }));
    assert(losses.count > 10, `Only ${losses.count} envelopes were lost`);
    for (const told of heard) assertEquals(told, heard[0]);
    assertEquals(
      heard[0].map((text) => Number(text.split(" ")[0])),
      Array.from({ length: SAID }, (_, i) => i + 1),
    );
  },
);

onceTest("the last message before a silence is heard too, though the channel lost it", async () => {
  await using stack = new AsyncDisposableStack();
  const [here, there] = await openTwoNodes(stack);
  const ann = stack.use(await Peer.signIn(here, "ann"));
  const bob = stack.use(await Peer.signIn(there, "bob"));
  await ann.join("hall");
  await bob.join("hall");
  ann.send({ type: "chat", roomId: "hall", content: "first" });
  assertEquals((await bob.next("chat")).content, "first");
  {
    using losses = loseSome(1);
    await ann.ask({ type: "chat", roomId: "hall", content: "last", id: "last" });
    while (losses.count === 0) await ann.ask({ type: "ping" });
  }
  assertEquals((await bob.next("chat")).content, "last");
});

onceTest(
  "who is there is known at both nodes again after the channel has lost who came and went",
  async () => {
    await using stack = new AsyncDisposableStack();
    const [here, there] = await openTwoNodes(stack, { PRESENCE_GRACE_MS: "0" });
    const ann = stack.use(await Peer.signIn(here, "ann"));
    await ann.join("hall");
    const bob = stack.use(await Peer.signIn(there, "bob"));
    {
      using losses = loseSome(1);
      await bob.join("hall");
      while (losses.count === 0) await bob.ask({ type: "ping" });
    }
    assertEquals((await ann.next("system", ({ userId }) => userId === "bob")).event, "join");
    {
      using losses = loseSome(1);
      bob.send({ type: "leave", roomId: "hall" });
      while (losses.count === 0) await bob.ask({ type: "ping" });
    }
    assertEquals((await ann.next("system", ({ userId }) => userId === "bob")).event, "leave");
  },
);

/** Has every channel of this process lose such a share of what is posted. */
function loseSome(share: number) {
  const { postMessage } = BroadcastChannel.prototype;
  const chance = new Chance(1);
  const losses = {
    count: 0,
    [Symbol.dispose]() {
      BroadcastChannel.prototype.postMessage = postMessage;
    },
  };
  BroadcastChannel.prototype.postMessage = function (message: unknown) {
    if (chance.next() < share) losses.count++;
    else postMessage.call(this, message);
  };
  return losses;
}
