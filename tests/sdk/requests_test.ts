import { assertEquals, assertRejects } from "@std/assert";
import { ParleyError } from "../../static/sdk/mod.ts";
import { connected, testClient } from "./support/test_client.ts";

Deno.test("request() gives the answer with the same id", async () => {
  using test = testClient();
  const socket = await connected(test);
  const first = test.client.request({ type: "ping" });
  const second = test.client.request({ type: "ping", id: "mine" });
  await test.time.runMicrotasks();
  const [command] = socket.takeSent();
  socket.receive({ type: "pong", id: "mine", timestamp: 2 }, { type: "pong", id: command.id, timestamp: 1 });
  assertEquals(await first, { type: "pong", id: command.id, timestamp: 1 });
  assertEquals(await second, { type: "pong", id: "mine", timestamp: 2 });
});

Deno.test("request() rejects with the server's refusal", async () => {
  using test = testClient();
  const socket = await connected(test);
  const asked = test.client.request({ type: "create", roomId: "general" });
  await test.time.runMicrotasks();
  const [{ id }] = socket.takeSent();
  socket.receive({
    type: "error",
    id,
    code: "rate_limited",
    message: "Rate limit exceeded",
    retryAfterMs: 900,
  });
  const error = await assertRejects(() => asked, ParleyError, "Rate limit exceeded");
  assertEquals([error.code, error.retryAfterMs], ["rate_limited", 900]);
});

Deno.test("request() is given up after commandTimeoutMs", async () => {
  using test = testClient({ commandTimeoutMs: 2_000 });
  await connected(test);
  const asked = assertRejects(
    () => test.client.request({ type: "ping" }),
    ParleyError,
    'No answer to "ping"',
  );
  await test.time.tickAsync(2_000);
  assertEquals((await asked).code, "timeout");
});

Deno.test("request() whose connection is lost says so and is not sent again", async () => {
  using test = testClient();
  const socket = await connected(test);
  const asked = assertRejects(
    () => test.client.request({ type: "dm", to: "grace", content: "hi" }),
    ParleyError,
  );
  await test.time.runMicrotasks();
  socket.end(1006);
  assertEquals((await asked).code, "disconnected");
  await test.time.tickAsync(500);
  await test.time.runMicrotasks();
  test.network.last.welcome();
  await test.time.runMicrotasks();
  assertEquals(test.network.last.takeSent(), []);
});

Deno.test("request() before the connection waits for it", async () => {
  using test = testClient();
  void test.client.connect();
  const asked = test.client.request({ type: "ping" });
  await test.time.runMicrotasks();
  const socket = test.network.last.welcome();
  await test.time.runMicrotasks();
  const [{ id }] = socket.takeSent();
  socket.receive({ type: "pong", id, timestamp: 1 });
  assertEquals((await asked).type, "pong");
});

Deno.test("request() makes up an id that no other session uses", async () => {
  const ids = new Set<string>();
  for (let session = 0; session < 3; session++) {
    using test = testClient();
    const socket = await connected(test);
    for (let n = 0; n < 5; n++) test.client.request({ type: "dm", to: "g", content: "hi" }).catch(() => {});
    await test.time.runMicrotasks();
    for (const { id } of socket.takeSent()) ids.add(id);
  }
  assertEquals(ids.size, 15);
});

Deno.test("request() refuses what is longer than the server takes, without sending it", async () => {
  using test = testClient();
  const socket = await connected(test);
  const asked = test.client.request({ type: "dm", to: "grace", content: "界".repeat(22_000) });
  assertEquals((await assertRejects(() => asked, ParleyError, "too large")).code, "too_large");
  assertEquals(socket.takeSent(), []);
});

Deno.test("A live message under the id of a request is not its answer", async () => {
  using test = testClient();
  const socket = await connected(test);
  let isAnswered = false;
  const asked = test.client.request({ type: "dm", id: "m1", to: "grace", content: "hi" });
  asked.then(() => isAnswered = true, () => {});
  await test.time.runMicrotasks();
  const message = { type: "chat", id: "m1", roomId: "dm:ada:grace", seq: 1, userId: "ada", username: "Ada" };
  socket.receive({ ...message, content: "hi", timestamp: 1 });
  await test.time.runMicrotasks();
  assertEquals(isAnswered, false);
  socket.receive({ type: "ack", id: "m1", roomId: "dm:ada:grace", seq: 1, timestamp: 1 });
  assertEquals((await asked).type, "ack");
});

Deno.test("An error that answers nothing is an event", async () => {
  using test = testClient();
  const socket = await connected(test);
  const codes: string[] = [];
  test.client.addEventListener("error", (event) => codes.push(event.detail.code));
  socket.receive({ type: "error", code: "invalid_json", message: "Invalid JSON" });
  assertEquals(codes, ["invalid_json"]);
});
