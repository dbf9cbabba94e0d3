import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ParleyClient, ParleyError, type TokenReason } from "../../static/sdk/mod.ts";
import { connected, reconnected, testClient } from "./support/test_client.ts";

/** A token function that numbers its tokens and notes why it was asked. */
function numberedTokens() {
  const reasons: TokenReason[] = [];
  const token = (reason: TokenReason) => Promise.resolve(`token-${reasons.push(reason)}`);
  return { reasons, token };
}

Deno.test("The token in hand serves for the next connection too", async () => {
  const { reasons, token } = numberedTokens();
  using test = testClient({ token });
  await connected(test);
  const socket = await reconnected(test);
  assertEquals(socket.protocols, ["parley.v1", "bearer.token-1"]);
  assertEquals(reasons, ["first"]);
});

Deno.test("A token that has ended, by the server's clock, is not sent again", async () => {
  const { reasons, token } = numberedTokens();
  using test = testClient({ token });
  void test.client.connect();
  await test.time.runMicrotasks();
  const serverTime = Date.now() + 86_400_000; // a server whose clock is a day ahead
  test.network.last.welcome({ serverTime, expiresAt: serverTime + 1_000 });
  const socket = await reconnected(test);
  assertEquals(socket.protocols[1], "bearer.token-2");
  assertEquals(reasons, ["first", "expired"]);
});

Deno.test("After 4001 the client comes back with a fresh token", async () => {
  const { reasons, token } = numberedTokens();
  using test = testClient({ token });
  for (let life = 1; life <= 4; life++) {
    if (life === 1) await connected(test);
    assertEquals(test.network.last.protocols[1], `bearer.token-${life}`);
    test.network.last.end(4001, "Token expired");
    await test.time.tickAsync(30_000);
    await test.time.runMicrotasks();
    test.network.last.welcome();
  }
  assertEquals(reasons, ["first", "expired", "expired", "expired", "expired"]);
});

Deno.test("After 1008 the client asks once for another token, then stops", async () => {
  const { reasons, token } = numberedTokens();
  using test = testClient({ token });
  const connecting = test.client.connect();
  await test.time.runMicrotasks();
  test.network.last.end(1008, "Invalid token");
  await test.time.tickAsync(500);
  await test.time.runMicrotasks();
  assertEquals(test.network.sockets.length, 2);
  assertEquals(test.network.last.protocols[1], "bearer.token-2");
  test.network.last.end(1008, "Invalid token");
  await assertRejects(() => connecting, ParleyError, "1008 Invalid token");
  await test.time.tickAsync(600_000);
  assertEquals(reasons, ["first", "refused"]);
  assertEquals(test.network.sockets.length, 2);
});

Deno.test("After 1008 for an expired token the client says that it has expired", async () => {
  const { reasons, token } = numberedTokens();
  using test = testClient({ token });
  void test.client.connect();
  await test.time.runMicrotasks();
  test.network.last.end(1008, "Token expired");
  await test.time.tickAsync(500);
  assertEquals(reasons, ["first", "expired"]);
});

for (const [code, reason] of [[1008, "Invalid token"], [4001, "Token expired"]] as [number, string][]) {
  Deno.test(`A token that cannot be renewed stops the client at ${code}`, async () => {
    using test = testClient({ token: "the only one" });
    void test.client.connect();
    await test.time.runMicrotasks();
    test.network.last.welcome().end(code, reason);
    assertEquals(test.client.state, { name: "stopped", code, reason });
  });
}

Deno.test("A token function that fails is asked again after a wait", async () => {
  let asked = 0;
  const token = () => ++asked < 3 ? Promise.reject(new TypeError("network is down")) : "token";
  using test = testClient({ token });
  void test.client.connect();
  await test.time.runMicrotasks();
  const { state } = test.client;
  assertEquals(state.name === "waiting" && state.reason, "network is down");
  await test.time.tickAsync(250);
  await test.time.tickAsync(500);
  await test.time.runMicrotasks();
  assertEquals(asked, 3);
  assertEquals(test.network.sockets.length, 1);
});

Deno.test("A token function that throws a ParleyError stops the client", async () => {
  const token = () => {
    throw new ParleyError("forbidden", "Please sign in");
  };
  using test = testClient({ token });
  await assertRejects(() => test.client.connect(), ParleyError, "Please sign in");
  assertEquals(test.client.state, { name: "stopped", code: 1008, reason: "Please sign in" });
});

Deno.test("A token that cannot be a subprotocol stops the client", async () => {
  class StrictSocket {
    constructor() {
      throw new SyntaxError("invalid subprotocol");
    }
  }
  using test = testClient({ WebSocket: StrictSocket as unknown as typeof WebSocket, token: "with blanks" });
  await assertRejects(() => test.client.connect(), ParleyError, "Invalid token");
});

Deno.test("A token about to end is renewed on the living connection, and used for the next", async () => {
  const { reasons, token } = numberedTokens();
  using test = testClient({ token });
  const socket = await connected(test);
  socket.receive({ type: "token_expiring", expiresAt: Date.now() + 60_000 });
  await test.time.runMicrotasks();
  const [auth] = socket.takeSent();
  assertEquals([auth.type, auth.token], ["auth", "token-2"]);
  socket.receive({
    type: "authenticated",
    id: auth.id,
    userId: "ada",
    username: "Ada",
    expiresAt: Date.now() + 3_600_000,
  });
  const next = await reconnected(test);
  assertEquals(next.protocols[1], "bearer.token-2");
  assertEquals(reasons, ["first", "expired"]);
});

Deno.test("A token that cannot be renewed is left to end", async () => {
  using test = testClient({ token: "the only one" });
  const socket = await connected(test);
  socket.receive({ type: "token_expiring", expiresAt: Date.now() + 60_000 });
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), []);
});

Deno.test("A refused renewal leaves the connection as it is", async () => {
  const { token } = numberedTokens();
  using test = testClient({ token });
  const socket = await connected(test);
  socket.receive({ type: "token_expiring", expiresAt: Date.now() + 60_000 });
  await test.time.runMicrotasks();
  const [auth] = socket.takeSent();
  socket.receive({ type: "error", id: auth.id, code: "forbidden", message: "Not allowed" });
  await test.time.runMicrotasks();
  assertEquals(test.client.state.name, "open");
});

Deno.test("A client without a token is refused at once, and does not wait for one for ever", () => {
  const token = Deno.env.get("PARLEY_NO_SUCH_TOKEN")!;
  assertThrows(
    () => new ParleyClient({ url: "ws://localhost/ws", token }),
    TypeError,
    "the token must be a string or a function, and is undefined",
  );
});
