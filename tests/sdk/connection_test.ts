import { assert, assertEquals, assertRejects } from "@std/assert";
import { ParleyError } from "../../static/sdk/mod.ts";
import { connected, joinedRoom, testClient } from "./support/test_client.ts";

Deno.test("connect() resolves with the welcome and keeps the token out of the address", async () => {
  using test = testClient({ url: "https://server.test/ws" });
  const connecting = test.client.connect();
  await test.time.runMicrotasks();
  test.network.last.welcome({ userId: "ada" });
  assertEquals((await connecting).userId, "ada");
  assertEquals(test.client.welcome?.userId, "ada");
  assertEquals(test.network.last.url, "wss://server.test/ws");
  assertEquals(test.network.last.protocols, ["parley.v1", "bearer.token-1"]);
  assertEquals(test.states, ["connecting", "open"]);
});

Deno.test("A client that cannot connect keeps trying, each time after a random wait below the ceiling", async () => {
  using test = testClient();
  void test.client.connect();
  for (const ceilingMs of [500, 1_000, 2_000, 4_000]) {
    await test.time.runMicrotasks();
    test.network.last.fail();
    assertEquals(test.client.state.name, "waiting");
    const attempts = test.network.sockets.length;
    await test.time.tickAsync(ceilingMs / 2 - 1);
    await test.time.runMicrotasks();
    assertEquals(test.network.sockets.length, attempts, "too early");
    await test.time.tickAsync(1);
    await test.time.runMicrotasks();
    assertEquals(test.network.sockets.length, attempts + 1, "too late");
  }
});

Deno.test("The waiting state says which attempt comes when, and why", async () => {
  using test = testClient();
  const socket = await connected(test);
  socket.end(4008, "Slow consumer");
  const retryAt = test.time.now + 250;
  assertEquals(test.client.state, {
    name: "waiting",
    attempt: 1,
    retryAt,
    code: 4008,
    reason: "Slow consumer",
  });
});

Deno.test("There are never two attempts at once", async () => {
  using test = testClient();
  void test.client.connect();
  void test.client.connect();
  test.client.retryNow();
  await test.time.runMicrotasks();
  test.client.retryNow();
  globalThis.dispatchEvent(new Event("online"));
  await test.time.tickAsync(5_000);
  await test.time.runMicrotasks();
  assertEquals(test.network.sockets.length, 1);

  test.network.last.fail();
  test.client.retryNow();
  test.client.retryNow();
  globalThis.dispatchEvent(new Event("online"));
  await test.time.tickAsync(5_000);
  await test.time.runMicrotasks();
  assertEquals(test.network.sockets.length, 2);
});

Deno.test("retryNow() and the network coming back end the wait", async () => {
  using test = testClient();
  const socket = await connected(test);
  socket.end(1006);
  test.client.retryNow();
  await test.time.runMicrotasks();
  assertEquals(test.network.sockets.length, 2);
  test.network.last.fail();
  globalThis.dispatchEvent(new Event("online"));
  await test.time.runMicrotasks();
  assertEquals(test.network.sockets.length, 3);
});

Deno.test("A client told that the server goes away comes back when it was asked to", async () => {
  using test = testClient();
  const socket = await connected(test);
  socket.receive({ type: "server_shutdown", reconnectInMs: 3_000 });
  await test.time.tickAsync(1_000);
  socket.end(1001, "Server shutting down");
  await test.time.tickAsync(1_999);
  await test.time.runMicrotasks();
  assertEquals(test.network.sockets.length, 1);
  await test.time.tickAsync(1);
  await test.time.runMicrotasks();
  assertEquals(test.network.sockets.length, 2);
});

Deno.test("A server that announced its end but never closed is left at the advised time", async () => {
  using test = testClient();
  const socket = await connected(test);
  socket.receive({ type: "server_shutdown", reconnectInMs: 3_000 });
  await test.time.tickAsync(3_000);
  await test.time.tickAsync(0);
  await test.time.runMicrotasks();
  assert(socket.closedWith);
  assertEquals(test.network.sockets.length, 2);
});

Deno.test("A client told that the server goes away sends nothing until it is back", async () => {
  using test = testClient({ commandTimeoutMs: 60_000 });
  const socket = await connected(test);
  socket.receive({ type: "server_shutdown", reconnectInMs: 3_000 });
  const rooms = test.client.rooms();
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), []);
  socket.end(1001);
  await test.time.tickAsync(3_000);
  await test.time.runMicrotasks();
  test.network.last.welcome();
  await test.time.runMicrotasks();
  const [command] = test.network.last.takeSent();
  assertEquals(command.type, "rooms");
  test.network.last.receive({ type: "rooms", id: command.id, rooms: [] });
  assertEquals(await rooms, []);
});

const FINAL: [number, string][] = [[1000, ""], [4503, "Disconnected by administrator"], [4504, "Too many"]];
for (const [code, reason] of FINAL) {
  Deno.test(`Close code ${code} stops the client for good`, async () => {
    using test = testClient();
    const socket = await connected(test);
    socket.end(code, reason);
    await test.time.tickAsync(600_000);
    assertEquals(test.client.state, { name: "stopped", code, reason });
    assertEquals(test.network.sockets.length, 1);
    await assertRejects(() => test.client.rooms(), ParleyError, "stopped");
  });
}

Deno.test("connect() rejects when the server refuses for good", async () => {
  using test = testClient();
  const connecting = test.client.connect();
  await test.time.runMicrotasks();
  test.network.last.end(4504, "Too many connections");
  await assertRejects(() => connecting, ParleyError, "4504 Too many connections");
});

Deno.test("A client gives up after maxAttempts", async () => {
  using test = testClient({ backoff: { maxAttempts: 3 } });
  const connecting = test.client.connect();
  for (let attempt = 1; attempt <= 3; attempt++) {
    await test.time.runMicrotasks();
    test.network.last.fail();
    await test.time.tickAsync(30_000);
  }
  await assertRejects(() => connecting, ParleyError);
  assertEquals(test.network.sockets.length, 3);
  assertEquals(test.client.state.name, "stopped");
});

Deno.test("A server that welcomes and drops at once is tried less and less often", async () => {
  using test = testClient({ random: () => 1 });
  await connected(test);
  const waits: number[] = [];
  for (let round = 0; round < 4; round++) {
    test.network.last.end(1006);
    const { state } = test.client;
    assert(state.name === "waiting");
    waits.push(state.retryAt - test.time.now);
    await test.time.tickAsync(30_000);
    await test.time.runMicrotasks();
    test.network.last.welcome();
  }
  assertEquals(waits, [500, 1_000, 2_000, 4_000]);
});

Deno.test("A connection that lasted lets the next outage begin with the shortest wait", async () => {
  using test = testClient({ random: () => 1 });
  await connected(test);
  for (let outage = 0; outage < 3; outage++) {
    await test.time.tickAsync(20_000);
    test.network.last.end(1006);
    const { state } = test.client;
    assert(state.name === "waiting");
    assertEquals(state.retryAt - test.time.now, 500);
    await test.time.tickAsync(500);
    await test.time.runMicrotasks();
    test.network.last.welcome();
  }
});

Deno.test("A handshake without a welcome is given up after 15 s", async () => {
  using test = testClient();
  void test.client.connect();
  await test.time.runMicrotasks();
  await test.time.tickAsync(15_000);
  assert(test.network.last.closedWith);
  assertEquals(test.client.state.name, "waiting");
});

Deno.test("A handshake that fails with nothing but an error event counts as failed", async () => {
  using test = testClient();
  void test.client.connect();
  await test.time.runMicrotasks();
  test.network.last.onerror?.(new Event("error"));
  assertEquals(test.client.state.name, "waiting");
});

Deno.test("close() closes with 1000, stops, and connect() begins anew", async () => {
  using test = testClient();
  const socket = await connected(test);
  test.client.close();
  assertEquals(socket.closedWith?.code, 1000);
  assertEquals(test.client.state.name, "stopped");
  await test.time.tickAsync(600_000);
  assertEquals(test.network.sockets.length, 1);
  await connected(test);
  assertEquals(test.client.state.name, "open");
});

Deno.test("close() in a listener that hears of the loss is not undone by the next attempt", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  room.send("one");
  await test.time.runMicrotasks();
  room.addEventListener("outgoing", () => test.client.close());
  socket.end(1006);
  await test.time.tickAsync(60_000);
  await test.time.runMicrotasks();
  assertEquals([test.client.state.name, test.network.sockets.length], ["stopped", 1]);
});

Deno.test("close() after the end leaves the reason of the end", async () => {
  using test = testClient();
  (await connected(test)).end(4503, "Disconnected by administrator");
  test.client.close();
  assertEquals(test.client.state, { name: "stopped", code: 4503, reason: "Disconnected by administrator" });
});

Deno.test("close() while connecting stops the attempt", async () => {
  using test = testClient({ token: () => Promise.resolve("late") });
  const connecting = test.client.connect();
  test.client.close();
  await assertRejects(() => connecting, ParleyError, "stopped");
  await test.time.tickAsync(60_000);
  assertEquals(test.network.sockets.length, 0);
});

Deno.test("An await-using client waits for its socket to close", async () => {
  using test = testClient();
  const socket = await connected(test);
  await test.client[Symbol.asyncDispose]();
  assertEquals(socket.readyState, socket.CLOSED);
});

Deno.test("A client refuses an address that cannot be a server's", async () => {
  const { ParleyClient } = await import("../../static/sdk/mod.ts");
  let message = "";
  try {
    new ParleyClient({ url: "ftp://server.test", token: "t" });
  } catch (error) {
    message = (error as Error).message;
  }
  assert(message.includes("the protocol must be ws, wss, http or https"), message);
});
