import { assert, assertEquals, assertFalse } from "@std/assert";
import { describeError, openLog } from "../../lib/telemetry/log.ts";
import { API_KEY, ApiClient } from "../support/api_client.ts";
import { Peer } from "../support/peer.ts";
import { makeToken, SECRET, TestServer } from "../support/server.ts";

/** What one field of a line says after it was written with the given text. */
function write(text: string): string {
  const lines: string[] = [];
  openLog("info", (line) => lines.push(line)).info("event", { text });
  assertEquals(lines.length, 1);
  return lines[0];
}

const read = (line: string): string => JSON.parse(line).text;

Deno.test("a log hides tokens, wherever they stand in a text", async () => {
  const token = await makeToken("ann");
  for (
    const text of [
      token,
      `Cannot verify ${token}.`,
      `Bearer ${token}`,
      `bearer.${token}, parley.v1`,
      `x?token=${token}`,
    ]
  ) {
    const line = write(text);
    for (const part of token.split(".")) assertFalse(line.includes(part), line);
  }
  assertEquals(read(write(`Bearer ${API_KEY}`)), "bearer [hidden]");
});

Deno.test("a log hides what stands behind the ? of an address, and passwords in it", () => {
  assertEquals(
    read(write("Invalid URL: 'http://x.org/ws?token=abc#d'")),
    "Invalid URL: 'http://x.org/ws?[hidden]'",
  );
  assertEquals(read(write("GET /ws?token=abc&x=1 failed")), "GET /ws?[hidden] failed");
  assertEquals(
    read(write("Cannot reach redis://user:p@ss@host:6379/0")),
    "Cannot reach redis://[hidden]@host:6379/0",
  );
  assertEquals(read(write("Is it really so? Yes.")), "Is it really so? Yes.");
});

Deno.test("a log hides a token also where its text is cut, and cuts what is left", async () => {
  const token = await makeToken("ann");
  for (const start of [480, 495, 990]) {
    const text = read(write("x".repeat(start) + " " + token + "y".repeat(600)));
    assertFalse(/eyJ/.test(text));
    assert(text.length <= 501);
  }
});

Deno.test("a line is one line, for a terminal and for every reader of lines", () => {
  const text = "a\nb\r\u0085c\u2028d\u2029e\u001b[31mf\u009b1mg\u202eh\u2066i\u0000j\u007fk";
  const line = write(text);
  // deno-lint-ignore no-control-regex -- control characters are exactly what must not be there
  assertFalse(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(line));
  assertEquals(read(line), text);
  assertEquals(read(write("上海 é 🎉")), "上海 é 🎉");
  assert(write("上海").includes("上海"));
});

Deno.test("an enormous text does not hold the log up", () => {
  const startedAt = performance.now();
  for (
    const text of [
      "http://".repeat(1e5),
      "?".repeat(1e6),
      "a.".repeat(5e5),
      "/".repeat(1e6),
      "bearer ".repeat(1e5),
    ]
  ) write(text);
  assert(performance.now() - startedAt < 500);
});

Deno.test("describeError() with a cause or an address in it gives no secret away once it is written", () => {
  const lines: string[] = [];
  const error = new TypeError("Invalid URL: 'http://x/?token=s3cret'", { cause: new Error("s3cret") });
  openLog("info", (line) => lines.push(line)).error("surprise", { stage: "http", ...describeError(error) });
  assertFalse(lines[0].includes("s3cret"));
});

Deno.test("a whole server, at its most talkative, never logs a token, a password, a key, a body or a query", async () => {
  const lines: string[] = [];
  const settings = { API_KEY, GUESTS: "on", LOG_LEVEL: "debug" };
  const token = await makeToken("ann");
  const secrets = [...token.split("."), API_KEY, SECRET, "s3same", "my w0rds", "l00kup", "guestk3y", "d4ta"];
  {
    await using server = await TestServer.start(settings, openLog("debug", (line) => lines.push(line)));
    const key = ApiClient.withKey(server);
    await using ann = await Peer.open(server, { path: `/ws?token=${token}` });
    await ann.next("welcome");
    await ann.ask({ type: "create", roomId: "den", password: "s3same" });
    await ann.ask({ type: "join", roomId: "den", password: "s3same my w0rds" });
    await ann.ask({ type: "chat", roomId: "den", content: "my w0rds" });
    await ann.ask({ type: "search", query: "l00kup" });
    await ann.ask({ type: "auth", token: token + "x" });
    ann.send('{"my w0rds');
    ann.send({ type: "my w0rds" });
    const stranger = await Peer.open(server, { path: `/?token=${token}x` });
    await stranger.closed;
    await key.post("/api/rooms/den/messages", { content: "my w0rds" });
    await key.post("/api/rooms/den/messages", '{"my w0rds');
    await key.post("/api/rooms/den/events", { event: "d4ta", data: "my w0rds" });
    await key.post("/api/users/ann/notifications", { title: "my w0rds", body: "my w0rds", data: "d4ta" });
    await key.get("/api/search?q=l00kup&token=" + token);
    await new ApiClient(server).post("/api/token", { username: "x", guestKey: "guestk3y" });
    await new ApiClient(server, token + "x").get("/api/rooms?x=l00kup");
    server.server.surprised(
      "rejection",
      new Error(`Cannot open http://x/?token=${token}: bearer ${API_KEY}`),
    );
    await key.post("/api/users/ann/disconnect", { reason: "my w0rds" });
    await ann.closed;
  }
  assert(lines.length >= 3, "the server is silent");
  for (const line of lines) {
    const { time, level, event } = JSON.parse(line);
    assert(time && level && event, line);
    for (const secret of secrets) assertFalse(line.includes(secret), `${secret} stands in ${line}`);
  }
});
