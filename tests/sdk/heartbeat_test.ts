import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Heartbeat } from "../../static/sdk/heartbeat.ts";
import { connected, testClient } from "./support/test_client.ts";

Deno.test("The client sends the text ping every heartbeatMs", async () => {
  using test = testClient();
  const socket = await connected(test);
  for (let beat = 1; beat <= 3; beat++) {
    await test.time.tickAsync(25_000);
    assertEquals(socket.frames.filter((frame) => frame === "ping").length, beat);
    socket.receiveText("pong");
  }
  assertEquals(test.client.state.name, "open");
});

Deno.test("A connection silent for heartbeatMs and 10 s is dead, and another is tried", async () => {
  using test = testClient();
  const socket = await connected(test);
  await test.time.tickAsync(34_999);
  assertEquals(test.client.state.name, "open");
  await test.time.tickAsync(1);
  assertEquals(test.client.state.name, "waiting");
  await test.time.tickAsync(500);
  await test.time.runMicrotasks();
  assertEquals(test.network.sockets.length, 2);
  socket.receive({ type: "pong", timestamp: 1 }); // what the dead one still says is not heard
  assertEquals(test.client.state.name, "connecting");
});

Deno.test("Anything heard proves that the connection lives", async () => {
  using test = testClient();
  const socket = await connected(test);
  for (let second = 0; second < 120; second++) {
    await test.time.tickAsync(1_000);
    socket.receive({ type: "typing", roomId: "general", userId: "g", username: "G", isTyping: true });
  }
  assertEquals(test.client.state.name, "open");
});

Deno.test("A change of network is followed by a ping, and 10 s later by the end", async () => {
  using test = testClient();
  const socket = await connected(test);
  await test.time.tickAsync(1_000);
  globalThis.dispatchEvent(new Event("offline"));
  assertEquals(socket.frames, ["ping"]);
  await test.time.tickAsync(9_999);
  assertEquals(test.client.state.name, "open");
  await test.time.tickAsync(1);
  assertEquals(test.client.state.name, "waiting");
});

Deno.test("A computer that slept asks first whether the connection has survived", () => {
  using time = new FakeTime();
  const said: string[] = [];
  let sleptMs = 0;
  const heartbeat = new Heartbeat(25_000, {
    ping: () => said.push("ping"),
    dead: () => said.push("dead"),
  }, () => Date.now() + sleptMs);
  sleptMs = 3_600_000; // the clock went on while the timers stood still
  time.tick(25_000);
  assertEquals(said, ["ping"]);
  heartbeat.heard();
  time.tick(24_000);
  assertEquals(said, ["ping"]);
  heartbeat.stop();
});
