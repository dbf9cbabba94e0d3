import { assertEquals } from "@std/assert";
import { openLog } from "../../lib/telemetry/log.ts";
import { API_KEY, ApiClient } from "../support/api_client.ts";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

Deno.test("an event for a room reaches everybody who is in it, and nobody else, and is not kept", async () => {
  await using server = await TestServer.start({ API_KEY });
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signInPlainly(server, "bob");
  await using eve = await Peer.signIn(server, "eve");
  await ann.join("board");
  await bob.join("board");
  await ann.drained();
  const data = { x: 1.5, y: [null, "é"], nested: { __proto__: null } };
  const { status, body } = await ApiClient.withKey(server).post("/api/rooms/board/events", {
    event: "cursor",
    data,
  });
  assertEquals([status, body], [200, { sent: true }]);
  for (const peer of [ann, bob]) {
    assertEquals(await peer.next("event"), { type: "event", event: "cursor", data, roomId: "board" });
  }
  assertEquals(await eve.drained(), []);
  assertEquals((await ApiClient.withKey(server).get("/api/rooms/board/messages")).body.history, []);
});

Deno.test("an event needs a room that is there; direct ones never are", async () => {
  await using server = await TestServer.start({ API_KEY });
  await using ann = await Peer.signIn(server, "ann");
  await ann.ask({ type: "dm", to: "bob", content: "psst" });
  for (const roomId of ["nowhere", "dm%3Aann%3Abob"]) {
    const { status, body } = await ApiClient.withKey(server).post(`/api/rooms/${roomId}/events`, {
      event: "x",
    });
    assertEquals([status, body.code], [404, "room_not_found"]);
  }
  assertEquals((await ApiClient.withKey(server).get("/api/rooms")).body.rooms, []);
});

Deno.test("an event for a person reaches all their devices, in any room or none", async () => {
  await using server = await TestServer.start({ API_KEY });
  await using phone = await Peer.signIn(server, "ann");
  await using laptop = await Peer.signInPlainly(server, "ann");
  await using bob = await Peer.signIn(server, "bob");
  await phone.join("general");
  await ApiClient.withKey(server).post("/api/users/ann/events", { event: "order.paid", data: 7 });
  for (const peer of [phone, laptop]) {
    assertEquals(await peer.next("event"), { type: "event", event: "order.paid", data: 7 });
  }
  assertEquals(await bob.drained(), []);
});

Deno.test("a notification reaches all devices of a person; an administrator may send it too", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "an/n ä");
  const admin = await ApiClient.as(server, "root", { role: "admin" });
  const notification = { title: "Your order", body: "", data: { id: 7 } };
  const { status } = await admin.post(
    `/api/users/${encodeURIComponent("an/n ä")}/notifications`,
    notification,
  );
  assertEquals(status, 200);
  assertEquals(await ann.next("notification"), { type: "notification", ...notification });
});

Deno.test("what is for somebody who is not connected goes nowhere, and that is no error", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  for (
    const [route, body] of [["events", { event: "x" }], ["notifications", { title: "x", body: "y" }]] as const
  ) {
    assertEquals((await client.post(`/api/users/nobody/${route}`, body)).body, { sent: true });
  }
  assertEquals((await client.post("/api/users/nobody/disconnect")).body, { disconnected: 0 });
});

Deno.test("to disconnect a person closes all their connections with 4503, and they are out of their rooms at once", async () => {
  await using server = await TestServer.start({ API_KEY, PRESENCE_GRACE_MS: "0" });
  await using bob = await Peer.signIn(server, "bob");
  const phone = await Peer.signIn(server, "ann");
  const laptop = await Peer.signInPlainly(server, "ann");
  await bob.join("general");
  await phone.join("general");
  await laptop.join("general");
  const { status, body } = await ApiClient.withKey(server).post("/api/users/ann/disconnect");
  assertEquals([status, body], [200, { disconnected: 2 }]);
  for (const peer of [phone, laptop]) {
    assertEquals(await peer.closed, { code: 4503, reason: "Disconnected by administrator" });
  }
  assertEquals((await bob.next("system", ({ event }) => event === "leave")).userId, "ann");
  await using again = await Peer.signIn(server, "ann");
  assertEquals((await again.ask({ type: "ping" })).type, "pong");
});

Deno.test("a reason for the disconnection follows the code's own words, as far as a close frame holds it", async () => {
  await using server = await TestServer.start({ API_KEY });
  for (const [reason, told] of [["spam", "spam"], ["界".repeat(100), "界".repeat(30)]]) {
    const ann = await Peer.signIn(server, "ann");
    await ApiClient.withKey(server).post("/api/users/ann/disconnect", { reason });
    assertEquals(await ann.closed, { code: 4503, reason: `Disconnected by administrator: ${told}` });
  }
});

Deno.test("the log says who was disconnected, and by whom", async () => {
  const lines: string[] = [];
  await using server = await TestServer.start({ API_KEY }, openLog("info", (line) => lines.push(line)));
  const admin = await ApiClient.as(server, "root", { role: "admin" });
  await admin.post("/api/users/ann/disconnect", { reason: "a secret reason" });
  await ApiClient.withKey(server).post("/api/users/bob/disconnect");
  const said = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "api_disconnect");
  assertEquals(said.map(({ userId, by }) => [userId, by]), [["ann", "root"], ["bob", "key"]]);
  assertEquals(lines.some((line) => line.includes("secret")), false);
});
