import { assertEquals, assertRejects } from "@std/assert";
import { TimelineSource } from "../../static/app/timeline_source.ts";
import { type ChatMessage, ParleyError, type Room } from "../../static/sdk/mod.ts";

/** A room of so many messages, of which the newest 50 are at hand; the server gives no more than 300 at once. */
function roomOf(count: number) {
  const all = Array.from({ length: count }, (_, i) => ({ id: `m${i + 1}`, seq: i + 1 }) as ChatMessage);
  let at = Math.max(0, count - 50);
  return {
    get messages() {
      return all.slice(at);
    },
    loadOlder(limit: number): Promise<boolean> {
      at = Math.max(0, at - Math.min(limit, 300));
      return Promise.resolve(at > 0);
    },
  } as unknown as Room;
}

Deno.test("find() gets to what was said 2 000 messages ago, and to the first message of all", async () => {
  assertEquals(await new TimelineSource(roomOf(2_500)).find("m500"), 500);
  assertEquals(await new TimelineSource(roomOf(60)).find("m1"), 1);
});

Deno.test("find() says so where a message is not there", async () => {
  const error = await assertRejects(() => new TimelineSource(roomOf(900)).find("gone"), ParleyError);
  assertEquals(error.message, "Nothing was found.");
});
