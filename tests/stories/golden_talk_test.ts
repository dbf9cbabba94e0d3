import { assertEquals } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";
import golden from "../fixtures/frames_v1.json" with { type: "json" };

/** Puts the values of the fixture in the place of those that are different each time. */
function settle(line: string): string {
  return line
    .replace(/"(timestamp|serverTime|expiresAt)":\d{13}/g, '"$1":1795000000000')
    .replace(/"connectionId":"[^"]+"/g, '"connectionId":"c1"')
    .replace(/"epoch":"[^"]+"/g, '"epoch":"5f0c9a1b2d3e4f60"');
}

for (const entrance of ["signIn", "signInPlainly"] as const) {
  Deno.test(`a conversation goes over the wire word for word as written (${entrance})`, async () => {
    await using server = await TestServer.start();
    await using ann = await Peer[entrance](server, "ann", { username: "Ann" });
    await using bob = await Peer[entrance](server, "bob", { username: "Bob" });
    const peers: Record<string, Peer> = { ann, bob };
    const heard: Record<string, number> = { ann: 0, bob: 0 };
    for (const [step, text] of golden.conversation.flatMap((line) => Object.entries(line))) {
      const [name, hears] = step.split(" ");
      if (hears === undefined) {
        peers[name].send(text);
        continue;
      }
      const lines = () => peers[name].frames.flatMap((frame) => frame.split("\n"));
      while (lines().length === heard[name]) await peers[name].next();
      assertEquals(settle(lines()[heard[name]++]), text);
    }
    for (const [name, peer] of Object.entries(peers)) {
      await peer.drained();
      assertEquals(
        peer.frames.flatMap((frame) => frame.split("\n")).length,
        heard[name] + 1,
        "more was said",
      );
    }
  });
}
