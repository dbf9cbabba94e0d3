import { assertEquals, assertRejects } from "@std/assert";
import { ParleyError } from "../../static/sdk/mod.ts";
import { SessionKeeper } from "../../static/app/session_keeper.ts";

Deno.test("SessionKeeper gives the token it has for a first connection", async () => {
  const keeper = new SessionKeeper({ token: "t", guest: false });
  assertEquals(await keeper.token("first"), "t");
});

Deno.test("SessionKeeper says for good that the bearer of a token must bring another", async () => {
  const keeper = new SessionKeeper({ token: "t", guest: false, username: "Ana" });
  assertEquals(keeper.end, "token_refused");
  await assertRejects(() => keeper.token("expired"), ParleyError);
  assertEquals(keeper.end, "session_ended");
  await assertRejects(() => keeper.token("refused"), ParleyError);
  assertEquals(keeper.end, "token_refused");
});

Deno.test("SessionKeeper notices when a guest comes back as someone else", () => {
  const keeper = new SessionKeeper({ token: "t", guest: true });
  assertEquals(keeper.recognise({ userId: "g1", username: "Ana" }), "same");
  assertEquals(keeper.recognise({ userId: "g1", username: "Ana" }), "same");
  assertEquals(keeper.recognise({ userId: "g2", username: "Ana" }), "other");
  assertEquals(keeper.me, { userId: "g2", username: "Ana" });
});
