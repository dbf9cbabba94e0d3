import { assertEquals } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

Deno.test("two people talk: both hear both, in one order", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signInPlainly(server, "bob");
  await ann.join("general");
  await bob.join("general");
  const joined = await ann.next("system");
  assertEquals(joined.message, "bob joined the room");
  ann.send({ type: "chat", roomId: "general", content: "Hello, Bob" });
  bob.send({ type: "chat", roomId: "general", content: "Hello, Ann" });
  for (const peer of [ann, bob]) {
    const said = [await peer.next("chat"), await peer.next("chat")];
    assertEquals(said.map(({ seq }) => seq), [1, 2]);
    assertEquals(new Set(said.map(({ content }) => content)), new Set(["Hello, Bob", "Hello, Ann"]));
  }
});
