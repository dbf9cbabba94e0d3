import { assertEquals } from "@std/assert";
import { API_KEY, ApiClient } from "../support/api_client.ts";
import { Peer } from "../support/peer.ts";
import { onceTest } from "../support/test_cluster.ts";
import { openLateNodes } from "../support/two_nodes.ts";

/**
 * What nodes tell each other comes this late: what people do meanwhile must come out as on a single node. An answer is
 * twice as late, and even on a busy machine well within the half second that a node waits for it.
 */
const LATE_MS = 100;

/** Two nodes that hear each other late, and somebody on each. */
async function start(stack: AsyncDisposableStack, settings: Record<string, string> = {}) {
  const nodes = await openLateNodes(stack, LATE_MS, settings);
  const signIn = async (node: 0 | 1, userId: string) => stack.use(await Peer.signIn(nodes[node], userId));
  return { nodes, signIn };
}

onceTest(
  "who was banned, kicked or muted at one node cannot speak at another once the moderator knows",
  async () => {
    await using stack = new AsyncDisposableStack();
    const { signIn } = await start(stack);
    const [ann, bob] = [await signIn(0, "ann"), await signIn(1, "bob")];
    for (const [action, code] of [["mute", "forbidden"], ["kick", "not_a_member"], ["ban", "forbidden"]]) {
      await ann.join("hall");
      await bob.join("hall");
      const command = { type: "moderate", roomId: "hall", action, userId: "bob" };
      assertEquals((await ann.ask(command)).type, "moderated");
      assertEquals((await bob.ask({ type: "chat", roomId: "hall", content: action })).code, code);
      await ann.ask({ ...command, action: "unmute" });
    }
    assertEquals((await ann.ask({ type: "history", roomId: "hall" })).history, []);
  },
);

onceTest("a password set at one node is the one that another asks for", async () => {
  await using stack = new AsyncDisposableStack();
  const { signIn } = await start(stack);
  const [ann, bob, eve, carl] = [
    await signIn(0, "ann"),
    await signIn(1, "bob"),
    await signIn(1, "eve"),
    await signIn(1, "carl"),
  ];
  await ann.join("hall");
  await bob.join("hall");
  const update = { type: "update", roomId: "hall" };
  const join = { type: "join", roomId: "hall" };
  assertEquals((await ann.ask({ ...update, password: "open sesame" })).type, "updated");
  assertEquals((await eve.ask(join)).code, "wrong_password");
  assertEquals((await ann.ask({ ...update, password: "abracadabra" })).type, "updated");
  assertEquals((await eve.ask({ ...join, password: "open sesame" })).code, "wrong_password");
  assertEquals((await eve.ask({ ...join, password: "abracadabra" })).type, "joined");
  assertEquals((await ann.ask({ ...update, roomName: "The Hall", visibility: "private" })).type, "updated");
  assertEquals((await carl.ask({ ...join, password: "abracadabra" })).code, "room_not_found");
  assertEquals((await eve.ask(join)).roomName, "The Hall");
});

onceTest("who has just come to one node is found by another", async () => {
  await using stack = new AsyncDisposableStack();
  const { nodes, signIn } = await start(stack, { API_KEY });
  const shop = ApiClient.withKey(nodes[1]);
  const bob = await signIn(1, "bob");
  const ann = await signIn(0, "ann");
  await shop.post("/api/users/ann/notifications", { title: "News", body: "for Ann" });
  await shop.post("/api/users/ann/events", { event: "parcel", data: 1 });
  assertEquals((await ann.next("notification")).title, "News");
  assertEquals((await ann.next("event")).data, 1);
  await bob.join("den");
  assertEquals((await bob.ask({ type: "update", roomId: "den", visibility: "private" })).type, "updated");
  const carl = await signIn(0, "carl");
  assertEquals((await bob.ask({ type: "invite", roomId: "den", userId: "carl" })).type, "invited");
  assertEquals((await carl.next("notification")).title, "den");
  const [desk, phone] = [await signIn(0, "dora"), await signIn(1, "dora")];
  const { body } = await shop.post("/api/users/dora/disconnect");
  assertEquals(body, { disconnected: 2 });
  assertEquals([(await desk.closed).code, (await phone.closed).code], [4503, 4503]);
});

onceTest("first words of two people to each other reach every device on every node once", async () => {
  await using stack = new AsyncDisposableStack();
  const { signIn } = await start(stack);
  const bob = await signIn(1, "bob");
  const devices = [await signIn(0, "ann"), await signIn(0, "ann"), await signIn(1, "ann")];
  const words = ["one", "two", "three", "four"];
  const answers = await Promise.all(words.map((content) => bob.ask({ type: "dm", to: "ann", content })));
  assertEquals(answers.map(({ seq }) => seq), [1, 2, 3, 4]);
  assertEquals((await devices[0].ask({ type: "dm", to: "bob", content: "five" })).seq, 5);
  assertEquals((await bob.ask({ type: "dm", to: "ann", content: "six" })).seq, 6);
  for (const peer of [bob, ...devices]) {
    const heard: unknown[] = [];
    while (heard.at(-1) !== "six") heard.push((await peer.next("chat")).content);
    assertEquals(heard, [...words, "five", "six"]);
  }
});

onceTest(
  "two people who speak to each other for the first time at the same moment hear both, in one order",
  async () => {
    await using stack = new AsyncDisposableStack();
    const { signIn } = await start(stack);
    for (let round = 0; round < 5; round++) {
      const pair = [await signIn(0, `ann ${round}`), await signIn(1, `bob ${round}`)];
      await Promise.all(
        pair.map((peer, i) =>
          peer.ask({ type: "dm", to: `${i === 0 ? "bob" : "ann"} ${round}`, content: `${i}` })
        ),
      );
      const heard = await Promise.all(
        pair.map(async (peer) => [await peer.next("chat"), await peer.next("chat")]),
      );
      for (const chats of heard) assertEquals(chats.map(({ seq }) => seq), [1, 2]);
      assertEquals(heard[0], heard[1]);
    }
  },
);

onceTest("a receipt counts for a message that was said at another node", async () => {
  await using stack = new AsyncDisposableStack();
  const { signIn } = await start(stack);
  const [desk, phone] = [await signIn(0, "ann"), await signIn(1, "ann")];
  for (const peer of [desk, phone]) await peer.join("hall");
  const { seq } = await desk.ask({ type: "chat", roomId: "hall", content: "read at once" });
  assertEquals((await phone.ask({ type: "receipt", roomId: "hall", seq, status: "read" })).type, "ok");
  const beyond = { type: "receipt", roomId: "hall", seq: Number(seq) + 1, status: "read" };
  assertEquals((await phone.ask(beyond)).code, "bad_request");
});

onceTest("whoever joins hears what is said from then on, and in time of everybody who is there", async () => {
  await using stack = new AsyncDisposableStack();
  const { signIn } = await start(stack);
  const peers: Peer[] = [];
  for (let i = 0; i < 6; i++) {
    const peer = await signIn(i % 2 as 0 | 1, `user ${i}`);
    assertEquals((await peer.join("hall")).seq, i);
    assertEquals((await peer.ask({ type: "chat", roomId: "hall", content: `${i}` })).seq, i + 1);
    peers.push(peer);
  }
  for (const [i, peer] of peers.entries()) {
    for (let seq = i + 1; seq <= 6; seq++) assertEquals((await peer.next("chat")).seq, seq);
    let members: { status: string }[];
    do members = (await peer.ask({ type: "members", roomId: "hall" })).members as {
      status: string;
    }[]; while (members.some(({ status }) => status !== "online"));
  }
});
