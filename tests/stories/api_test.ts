import { assert, assertEquals } from "@std/assert";
import { API_KEY, ApiClient } from "../support/api_client.ts";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

Deno.test("a shop's backend talks to a customer, from the first word to the last", async () => {
  await using server = await TestServer.start({ API_KEY });
  const shop = ApiClient.withKey(server);
  const room = `/api/rooms/${encodeURIComponent("order/4711")}`;

  // The shop speaks before anybody is there: the customer finds it when they come.
  const first = await shop.post(`${room}/messages`, {
    content: "Thank you for your order",
    username: "Shop",
    id: "thanks",
  });
  assertEquals(first.status, 201);
  await using ann = await Peer.signIn(server, "ann");
  ann.send({ type: "join", roomId: "order/4711" });
  const { history } = await ann.next("room_history");
  assertEquals((history as Record<string, unknown>[]).map(({ content, username }) => [content, username]), [
    ["Thank you for your order", "Shop"],
  ]);

  // The network fails and the shop says it again: nobody hears it twice.
  assertEquals(
    (await shop.post(`${room}/messages`, { content: "Thank you for your order", id: "thanks" })).status,
    200,
  );
  await ann.ask({ type: "chat", roomId: "order/4711", content: "When will it come?" });
  await shop.post(`${room}/messages`, { content: "Tomorrow", username: "Shop" });
  const said = [await ann.next("chat"), await ann.next("chat")];
  assertEquals(said.map(({ seq, content }) => [seq, content]), [[2, "When will it come?"], [3, "Tomorrow"]]);
  await shop.post(`${room}/events`, { event: "parcel", data: { lat: 48.2, lon: 16.4 } });
  assertEquals((await ann.next("event")).data, { lat: 48.2, lon: 16.4 });
  await shop.post("/api/users/ann/notifications", { title: "Your order", body: "It comes tomorrow" });
  assertEquals((await ann.next("notification")).title, "Your order");

  // A dashboard of the shop looks on; the customer's own app may look too, a stranger's not.
  assertEquals((await shop.get("/api/rooms")).body.rooms.map(({ members }: { members: number }) => members), [
    1,
  ]);
  assertEquals((await shop.get("/api/search?q=tomorrow")).body.results[0].seq, 3);
  const app = await ApiClient.as(server, "ann");
  assertEquals((await app.get(`${room}/messages?after=1`)).body.history.length, 2);
  assertEquals((await (await ApiClient.as(server, "eve")).get(`${room}/messages`)).status, 403);

  // Ann's account is closed.
  assertEquals((await shop.post("/api/users/ann/disconnect", { reason: "account closed" })).body, {
    disconnected: 1,
  });
  const { code } = await ann.closed;
  assert(code >= 4500, "a client would come back");
});

Deno.test("hundreds of programs publish at once: one log, no gap, nothing twice", async () => {
  await using server = await TestServer.start({ API_KEY });
  const shop = ApiClient.withKey(server);
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("feed");
  const tries = Array.from({ length: 300 }, (_, n) => `${n % 200}`);
  const replies = await Promise.all(
    tries.map((id) => shop.post("/api/rooms/feed/messages", { content: `Nr. ${id}`, id })),
  );
  assertEquals(replies.filter(({ status }) => status === 201).length, 200);
  assertEquals(replies.filter(({ status }) => status === 200).length, 100);
  const heard = (await ann.drained()).filter(({ type }) => type === "chat");
  assertEquals(heard.map(({ seq }) => seq), Array.from({ length: 200 }, (_, n) => n + 1));
  for (const { body } of replies) assertEquals(heard[body.seq - 1].id, body.id);
});
