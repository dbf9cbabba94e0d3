import { assert, assertEquals, assertMatch } from "@std/assert";
import { API_KEY, ApiClient, type ApiReply } from "../support/api_client.ts";
import { makeToken, TestServer } from "../support/server.ts";

const WRITING = [
  "/api/rooms/general/messages",
  "/api/message",
  "/api/rooms/general/events",
  "/api/users/ann/events",
  "/api/users/ann/notifications",
  "/api/users/ann/disconnect",
];
const READING = [
  "/api/rooms/general/messages",
  "/api/rooms",
  "/api/rooms/general/members",
  "/api/search?q=x",
];

/** Fails unless the answer is a problem document of that status and code which says what is wrong. */
function assertProblem(reply: ApiReply, status: number, code: string): void {
  assertEquals([reply.status, reply.body?.status, reply.body?.code], [status, status, code], reply.text);
  assertEquals(reply.headers.get("content-type"), "application/problem+json");
  assertEquals(reply.body.type, "about:blank");
  assertMatch(reply.body.title, /^[A-Z][A-Za-z ]+$/);
  assertMatch(reply.body.detail, /\S/);
}

Deno.test("without credentials, or with bad ones, every route answers 401 and says how to ask", async () => {
  await using server = await TestServer.start({ API_KEY });
  const expired = await makeToken("ann", { ttlSeconds: -1 });
  const good = await makeToken("ann");
  const bearers = [
    undefined,
    "wrong",
    API_KEY + "x",
    API_KEY.slice(0, -1),
    expired,
    good.slice(0, -2),
    "x".repeat(9_000),
  ];
  for (const bearer of bearers) {
    const client = new ApiClient(server, bearer);
    for (const path of READING) assertProblem(await client.get(path), 401, "forbidden");
    for (const path of WRITING) {
      const reply = await client.post(path, {});
      assertProblem(reply, 401, "forbidden");
      assertMatch(
        reply.headers.get("www-authenticate")!,
        bearer === undefined ? /^Bearer$/ : /invalid_token/,
      );
    }
  }
});

Deno.test("credentials stand in one Authorization header and nowhere else", async () => {
  await using server = await TestServer.start({ API_KEY });
  const nobody = new ApiClient(server);
  const token = await makeToken("root", { role: "admin" });
  const basic = btoa(`root:${API_KEY}`);
  for (
    const authorization of [
      `Basic ${basic}`,
      API_KEY,
      `Bearer ${API_KEY}, Bearer ${API_KEY}`,
      "Bearer",
      "Bearer  ",
    ]
  ) {
    assertProblem(await nobody.call("GET", "/api/rooms", { headers: { authorization } }), 401, "forbidden");
  }
  assertProblem(await nobody.get(`/api/rooms?token=${token}`), 401, "forbidden");
  assertProblem(await nobody.get(`/api/rooms?api_key=${API_KEY}`), 401, "forbidden");
  assertEquals(
    (await nobody.call("GET", "/api/rooms", { headers: { authorization: `bearer ${API_KEY}` } })).status,
    200,
  );
});

Deno.test("where no key is set, nothing is the key", async () => {
  await using server = await TestServer.start();
  for (const bearer of ["undefined", "null", API_KEY]) {
    assertProblem(await new ApiClient(server, bearer).get("/api/rooms"), 401, "forbidden");
  }
});

Deno.test("who is no administrator may not write anywhere, whatever there is", async () => {
  await using server = await TestServer.start({ API_KEY });
  await ApiClient.withKey(server).post("/api/rooms/general/messages", { content: "hi" });
  const ann = await ApiClient.as(server, "ann");
  const answers = new Set<string>();
  for (const path of [...WRITING, "/api/rooms/nowhere/messages", "/api/rooms/nowhere/events"]) {
    const reply = await ann.post(path, { nonsense: true });
    assertProblem(reply, 403, "forbidden");
    answers.add(reply.text);
  }
  assertEquals(answers.size, 1);
});

Deno.test("an unknown route is 404, with and without credentials", async () => {
  await using server = await TestServer.start({ API_KEY });
  const paths =
    "/api /api/ /api/nope /api/rooms/ /api/rooms/x /api/rooms/x/y /api/users/x /api/message/x /api/ROOMS " +
    "/api/rooms/x/messages/ /api/rooms/a/b/messages /api//rooms /api/rooms/x/../../y /api/token";
  for (const path of paths.split(" ")) {
    for (const client of [new ApiClient(server), ApiClient.withKey(server)]) {
      assertProblem(await client.get(path), 404, "bad_request");
      assertProblem(await client.post(path, {}), 404, "bad_request");
    }
  }
});

Deno.test("a wrong method is 405, and Allow says which are right", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  const allowed: Record<string, string> = {
    "/api/rooms": "GET, HEAD",
    "/api/rooms/general/messages": "POST, GET, HEAD",
    "/api/message": "POST",
    "/api/search": "GET, HEAD",
    "/api/users/ann/disconnect": "POST",
  };
  for (const [path, allow] of Object.entries(allowed)) {
    for (const method of ["DELETE", "PUT", "PATCH", "OPTIONS", "PROPFIND"]) {
      const reply = await client.call(method, path);
      assertProblem(reply, 405, "bad_request");
      assertEquals(reply.headers.get("allow"), allow);
    }
  }
});

Deno.test("a compressed body is 415, whatever is in it", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  const said = '{"content":"hi"}';
  const zipped = new Response(said).body!.pipeThrough(new CompressionStream("gzip"));
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  const body = await new Response(zipped).bytes();
  for (const path of WRITING) {
    assertProblem(await client.call("POST", path, { body, headers }), 415, "bad_request");
    assertProblem(await client.post(path, said, { "content-encoding": "br" }), 415, "bad_request");
  }
  const plain = { "content-encoding": "Identity" };
  assertEquals((await client.post("/api/rooms/general/messages", said, plain)).status, 201);
});

Deno.test("signing in by another method than POST is 405, with the code of a mistake", async () => {
  await using server = await TestServer.start({ GUESTS: "on" });
  for (const method of ["GET", "PUT", "OPTIONS"]) {
    const reply = await new ApiClient(server).call(method, "/api/token");
    assertProblem(reply, 405, "bad_request");
    assertEquals(reply.headers.get("allow"), "POST");
  }
});

Deno.test("a body that was given no type, as curl and fetch do, is taken for JSON", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  const headers: Record<string, string>[] = [
    { "content-type": "application/x-www-form-urlencoded" },
    { "content-type": "text/plain;charset=UTF-8" },
    {},
  ];
  const body = new TextEncoder().encode('{"content":"hi"}');
  for (const header of headers) {
    const reply = await client.call("POST", "/api/rooms/general/messages", { body, headers: header });
    assertEquals(reply.status, 201, JSON.stringify(header));
  }
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const path = "/api/users/ann/disconnect";
  assertEquals((await client.call("POST", path, { body: new Uint8Array(), headers: form })).status, 200);
  assertProblem(await client.post("/api/rooms/general/messages", "content=hi", form), 400, "invalid_json");
});

Deno.test("a body that is called something else than JSON is 415", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  for (
    const type of [
      "multipart/form-data",
      "application/xml",
      "application/jsonp",
      "x",
    ]
  ) {
    for (const path of WRITING) {
      assertProblem(
        await client.post(path, '{"content":"hi"}', { "content-type": type }),
        415,
        "bad_request",
      );
    }
  }
  assertProblem(await client.post("/api/rooms/general/messages"), 400, "invalid_json");
  const parameters = { "content-type": 'Application/JSON; charset="utf-8"' };
  assertEquals(
    (await client.post("/api/rooms/general/messages", '{"content":"hi"}', parameters)).status,
    201,
  );
});

Deno.test("a malformed body is refused with what is wrong with it", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  for (const body of ["", "{", "nope", "{'a':1}", '{"content":"a"} x', "\ufeff", "[".repeat(5_000)]) {
    for (const path of WRITING) assertProblem(await client.post(path, body), 400, "invalid_json");
  }
  for (const body of ["null", "[]", "7", '"text"', '[{"content":"hi"}]']) {
    for (const path of WRITING) {
      const reply = await client.post(path, body);
      assertProblem(reply, 400, "bad_request");
      assertEquals(reply.body.detail, "body must be an object");
    }
  }
  const latin1 = new Uint8Array([
    ...new TextEncoder().encode('{"content":"'),
    0xe4,
    ...new TextEncoder().encode('"}'),
  ]);
  const headers = { "content-type": "application/json" };
  assertProblem(
    await client.call("POST", "/api/rooms/general/messages", { body: latin1, headers }),
    400,
    "bad_request",
  );
  assertEquals((await client.get("/api/rooms")).body.rooms, []);
});

Deno.test("every field is checked as on the socket, and the answer names the one that is wrong", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  const lone = '"\\ud800"';
  const cases: [string, string, string][] = [
    ["rooms/general/messages", "{}", "content"],
    ["rooms/general/messages", '{"content":""}', "content"],
    ["rooms/general/messages", '{"content":7}', "content"],
    ["rooms/general/messages", `{"content":${lone}}`, "content"],
    ["rooms/general/messages", '{"content":"a","id":""}', "id"],
    ["rooms/general/messages", `{"content":"a","id":"${"x".repeat(65)}"}`, "id"],
    ["rooms/general/messages", '{"content":"a","id":null}', "id"],
    ["rooms/general/messages", '{"content":"a","username":"a\\u0000b"}', "username"],
    ["rooms/general/messages", `{"content":"a","username":"${"x".repeat(65)}"}`, "username"],
    ["rooms/general/messages", '{"content":"a","replyTo":[]}', "replyTo"],
    ["message", '{"text":"a"}', "roomId"],
    ["message", '{"roomId":"a"}', "text"],
    ["message", '{"roomId":"a\\nb","text":"a"}', "roomId"],
    ["message", `{"roomId":"${"x".repeat(129)}","text":"a"}`, "roomId"],
    ["rooms/general/events", "{}", "event"],
    ["rooms/general/events", '{"event":"a\\u0007"}', "event"],
    ["users/ann/events", `{"event":"${"x".repeat(129)}"}`, "event"],
    ["users/ann/notifications", '{"title":"a"}', "body"],
    ["users/ann/notifications", '{"body":"a"}', "title"],
    ["users/ann/notifications", `{"title":"a","body":${lone}}`, "body"],
    ["users/ann/disconnect", '{"reason":1}', "reason"],
    ["users/ann/disconnect", `{"reason":"${"x".repeat(257)}"}`, "reason"],
  ];
  for (const [path, body, field] of cases) {
    const reply = await client.post(`/api/${path}`, body);
    assertProblem(reply, 400, "bad_request");
    assert(reply.body.detail.startsWith(`${field} `), `${body}: ${reply.body.detail}`);
  }
  assertEquals((await client.get("/api/rooms")).body.rooms, []);
});

Deno.test("every parameter of a query is checked", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  await client.post("/api/rooms/general/messages", { content: "hi" });
  const numbers = ["", "x", "-1", "1.5", "1e3", "0x10", " 1", "99999999999999999999", "NaN", "null", "%00"];
  for (const name of ["after", "before", "limit"]) {
    for (const number of numbers) {
      const reply = await client.get(`/api/rooms/general/messages?${name}=${number}`);
      assertProblem(reply, 400, "bad_request");
      assert(reply.body.detail.startsWith(`${name} `), reply.body.detail);
    }
  }
  for (
    const query of [
      "",
      "q=",
      `q=${"x".repeat(513)}`,
      "q=a&limit=0",
      "q=a&before=x",
      "q=a&roomId=",
      "q=before:yesterday",
    ]
  ) {
    assertProblem(await client.get(`/api/search?${query}`), 400, "bad_request");
  }
  assertEquals(
    (await client.get("/api/rooms/general/messages?limit=1000000&unknown=x&__proto__=y")).status,
    200,
  );
});

Deno.test("a body over the limit is 413, whether it says its length or not", async () => {
  await using server = await TestServer.start({ API_KEY, MAX_MESSAGE_BYTES: "2000" });
  const client = ApiClient.withKey(server);
  const headers = { "content-type": "application/json" };
  const large = JSON.stringify({ content: "x".repeat(2_000) });
  for (const path of WRITING) {
    assertProblem(await client.post(path, large), 413, "too_large");
    const parts = ReadableStream.from([large.slice(0, 1_500), large.slice(1_500)]).pipeThrough(
      new TextEncoderStream(),
    );
    assertProblem(await client.call("POST", path, { body: parts, headers }), 413, "too_large");
  }
  const bytes = JSON.stringify({ content: "界".repeat(700) });
  assert(bytes.length < 2_000);
  assertProblem(await client.post("/api/rooms/general/messages", bytes), 413, "too_large");
  const fits = JSON.stringify({ content: "x".repeat(2_000 - 14) });
  assertEquals(fits.length, 2_000);
  assertEquals((await client.post("/api/rooms/general/messages", fits)).status, 201);
});

Deno.test("hostile names in the address are refused clearly, and mean no other route", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  for (
    const name of [
      "%",
      "%zz",
      "%f",
      "%ff",
      "%C0%AF",
      "%ED%A0%80",
      "%00",
      "a%0Ab",
      "%1B[31m",
      "%7F",
      "%C2%85",
      "x".repeat(129),
      "%F0%9F%8E%89".repeat(129),
    ]
  ) {
    for (
      const path of ["rooms/NAME/messages", "rooms/NAME/events", "users/NAME/events", "users/NAME/disconnect"]
    ) {
      const body = { content: "hi", event: "x" };
      assertProblem(await client.post(`/api/${path.replace("NAME", name)}`, body), 400, "bad_request");
    }
    for (const path of ["rooms/NAME/messages", "rooms/NAME/members"]) {
      assertProblem(await client.get(`/api/${path.replace("NAME", name)}`), 400, "bad_request");
    }
  }
  assertProblem(await client.get("/api/rooms//messages"), 400, "bad_request");
  assertEquals((await client.get("/api/rooms")).body.rooms, []);
});

Deno.test("names that only look dangerous are names like any other", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  const names = [
    "a/b",
    "..%2f",
    "?x=1#y",
    "__proto__",
    "constructor",
    "' OR 1=1 --",
    "a\\b",
    "{roomId}",
    "%2F",
    "&amp;",
    "界",
    "e\u0301",
    "é",
    " ",
  ];
  for (const name of names) {
    const path = `/api/rooms/${encodeURIComponent(name)}/messages`;
    assertEquals((await client.post(path, { content: name })).body?.roomId, name);
    assertEquals((await client.get(path)).body.history.map(({ content }: { content: string }) => content), [
      name,
    ]);
  }
  const { body: { rooms } } = await client.get("/api/rooms");
  assertEquals(new Set(rooms.map(({ roomId }: { roomId: string }) => roomId)), new Set(names));
});

Deno.test("nothing that random callers send makes the server fail", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  const pieces = [
    "api",
    "rooms",
    "users",
    "messages",
    "events",
    "%00",
    "%",
    "..",
    "general",
    "{roomId}",
    "search",
    "",
    "message",
    "%2F",
    "disconnect",
  ];
  const bodies = [
    "",
    "{}",
    "[]",
    '{"content":{}}',
    '{"event":"a","data":' + "[".repeat(900) + "]".repeat(900) + "}",
    '{"text":1e999}',
    "\u0000",
  ];
  let seed = 7;
  const pick = <T>(from: readonly T[]) => from[(seed = seed * 48271 % 2147483647) % from.length];
  for (let n = 0; n < 400; n++) {
    const path = `/api/${
      [pick(pieces), pick(pieces), pick(pieces), pick(pieces)].slice(0, 1 + n % 4).join("/")
    }`;
    const method = pick(["GET", "POST", "PUT", "HEAD"]);
    const body = method === "POST" || method === "PUT" ? pick(bodies) : undefined;
    const headers = { "content-type": pick(["application/json", "application/json", "text/plain"]) };
    const { status } = await client.call(method, path, { body, headers });
    assert(status < 500, `${method} ${path} ${body}: ${status}`);
  }
  const metrics = (await client.get("/metrics")).text;
  assertEquals(metrics.match(/^parley_surprises_total.*[1-9]\d*$/m), null);
});
