import { assert, assertEquals } from "@std/assert";
// deno-lint-ignore no-import-prefix -- only this test needs it, so that nobody else has to download it
import { Validator } from "npm:@seriousme/openapi-schema-validator@2.11.0";
import { API_KEY, ApiClient, type ApiReply } from "../support/api_client.ts";
import { Peer } from "../support/peer.ts";
import { SchemaCheck } from "../support/schema_check.ts";
import { TestServer } from "../support/server.ts";

// deno-lint-ignore no-explicit-any -- a document is read as it comes
type Document = any;

interface Sample {
  readonly method: string;
  readonly path: string;
  readonly body?: Record<string, unknown>;
}

/** One good call of every operation. */
const SAMPLES: Record<string, Sample> = {
  publish: {
    ...{ method: "POST", path: "/api/rooms/general/messages" },
    body: { content: "hi", id: "x", username: "Bot", replyTo: "y" },
  },
  sendMessage: { method: "POST", path: "/api/message", body: { roomId: "general", text: "hi" } },
  tellRoom: { method: "POST", path: "/api/rooms/general/events", body: { event: "x", data: [1] } },
  tellPerson: { method: "POST", path: "/api/users/ann/events", body: { event: "x", data: null } },
  notify: { method: "POST", path: "/api/users/ann/notifications", body: { title: "x", body: "y", data: {} } },
  disconnect: { method: "POST", path: "/api/users/ann/disconnect", body: { reason: "x" } },
  readHistory: { method: "GET", path: "/api/rooms/general/messages?after=0&before=9&limit=5" },
  listRooms: { method: "GET", path: "/api/rooms" },
  listMembers: { method: "GET", path: "/api/rooms/general/members" },
  search: { method: "GET", path: "/api/search?q=hi&roomId=general&before=9999999999999&limit=5" },
  signInAsGuest: { method: "POST", path: "/api/token", body: { username: "Guest", guestKey: "k" } },
  health: { method: "GET", path: "/health" },
  ready: { method: "GET", path: "/ready" },
  metrics: { method: "GET", path: "/metrics" },
  socketMetrics: { method: "GET", path: "/metrics/websocket" },
  openapi: { method: "GET", path: "/openapi.json" },
  asyncapi: { method: "GET", path: "/asyncapi.json" },
};

/** Answers that need a store that is down; the tests of `Api` see to them. */
const NEEDS_OUTAGE = ["readHistory 503", "listRooms 503", "listMembers 503", "search 503"];

function call(client: ApiClient, { method, path, body }: Sample): Promise<ApiReply> {
  return method === "GET" ? client.get(path) : client.post(path, body);
}

/** Every operation of a document, with its id. */
function operations(document: Document): Map<string, Document> {
  const found = new Map<string, Document>();
  for (const [path, methods] of Object.entries<Document>(document.paths)) {
    for (const [method, operation] of Object.entries<Document>(methods)) {
      found.set(operation.operationId, { ...operation, path, method: method.toUpperCase() });
    }
  }
  return found;
}

async function readDocument(server: TestServer): Promise<Document> {
  return (await new ApiClient(server).get("/openapi.json")).body;
}

/** Signs guests in, past the network and faster than the server lets them, until one is refused. */
async function floodWithGuests(server: TestServer): Promise<ApiReply> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"username":"Guest"}',
  };
  const signIn = () => server.server.fetch(new Request(`${server.url}/api/token`, init));
  const replies = await Promise.all(Array.from({ length: 1_000 }, signIn));
  const refused = replies.find(({ status }) => status === 429)!;
  const text = await refused.text();
  return { status: refused.status, headers: refused.headers, body: JSON.parse(text), text };
}

Deno.test("the OpenAPI document is valid, by the schema of OpenAPI 3.1", async () => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const document = await readDocument(server);
  assertEquals(await new Validator().validate(document), { valid: true });
  assertEquals(document.openapi, "3.1.0");
});

Deno.test("the document holds the routes there are: that for guests only where guests are let in", async () => {
  await using server = await TestServer.start();
  await using open = await TestServer.start({ GUESTS: "on" });
  const ids = (document: Document) => [...operations(document).keys()].sort();
  assertEquals(ids(await readDocument(open)), Object.keys(SAMPLES).sort());
  assertEquals(
    ids(await readDocument(server)),
    Object.keys(SAMPLES).filter((id) => id !== "signInAsGuest").sort(),
  );
});

Deno.test("every operation answers a good call as the document says", async () => {
  await using server = await TestServer.start({ API_KEY, GUESTS: "on" });
  await using bob = await Peer.signIn(server, "bob");
  await bob.join("general");
  await bob.ask({ type: "chat", roomId: "general", content: "hi", replyTo: "x" });
  const document = await readDocument(server);
  const check = new SchemaCheck(document);
  for (const [id, operation] of operations(document)) {
    const sample = SAMPLES[id];
    if (sample.body !== undefined) {
      const { schema } = operation.requestBody.content["application/json"];
      assertEquals(check.errors(schema, sample.body), undefined, id);
    }
    const { status, headers, body, text } = await call(ApiClient.withKey(server), sample);
    const described = operation.responses[status];
    assert(status < 400 && described !== undefined, `${id} answered ${status}: ${text}`);
    const type = headers.get("content-type")!.split(";")[0];
    const { schema } = described.content[type];
    assertEquals(check.errors(schema, type === "text/plain" ? text : body), undefined, `${id}: ${text}`);
  }
});

Deno.test("every operation lives where the document says, with the parameters that it says", async () => {
  await using server = await TestServer.start({ GUESTS: "on" });
  for (const [id, { path, method, parameters }] of operations(await readDocument(server))) {
    const sample = new URL(SAMPLES[id].path, "http://localhost");
    assertEquals(SAMPLES[id].method, method);
    const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`);
    assert(pattern.test(sample.pathname), `${id}: ${sample.pathname} is not ${path}`);
    const inQuery = parameters.filter((parameter: Document) => parameter.in === "query");
    assertEquals([...sample.searchParams.keys()], inQuery.map(({ name }: Document) => name), id);
  }
});

Deno.test("every operation refuses as the document says, with a problem of that status", async () => {
  await using server = await TestServer.start({ API_KEY, GUESTS: "on" });
  await using slow = await TestServer.start({ API_KEY, RATE_CHAT: "1/10m", RATE_OTHER: "1/10m" });
  await using drained = await TestServer.start({ API_KEY });
  for (const each of [server, slow, drained]) {
    await ApiClient.withKey(each).post("/api/rooms/general/messages", { content: "hi" });
  }
  await drained.server.drain();
  const admin = await ApiClient.as(slow, "root", { role: "admin" });
  const key = ApiClient.withKey(server);
  const eve = await ApiClient.as(server, "eve");

  /** Does what is answered with a status. */
  const provoke = async (sample: Sample, status: number): Promise<ApiReply> => {
    const { method, path, body } = sample;
    switch (status) {
      case 400:
        if (method === "POST") return await key.post(path, "{");
        return await key.get(path.includes("?") ? `${path}&limit=x` : path.replace("general", "%ff"));
      case 401:
        return await call(new ApiClient(server), sample);
      case 403:
        if (path === "/api/token") return await key.post(path, body, { origin: "https://elsewhere.example" });
        return await call(eve, sample);
      case 404:
        if (path === "/api/message") return await key.post(path, { ...body, roomId: "dm:a:b" });
        return await call(key, {
          ...sample,
          path: path.replace("general", method === "GET" ? "nowhere" : "dm:a:b"),
        });
      case 413:
        return await key.post(path, { ...body, more: "x".repeat(70_000) });
      case 415:
        return await key.post(path, "x", { "content-type": "application/xml" });
      case 429:
        if (path === "/api/token") return await floodWithGuests(server);
        await call(admin, sample);
        return await call(admin, sample);
      case 503:
        return await call(ApiClient.withKey(drained), sample);
    }
    throw new Error(`Nobody knows how to provoke ${status}`);
  };

  const document = await readDocument(server);
  const check = new SchemaCheck(document);
  let count = 0;
  for (const [id, { responses }] of operations(document)) {
    for (const [status, { content }] of Object.entries<Document>(responses)) {
      if (content["application/problem+json"] === undefined || NEEDS_OUTAGE.includes(`${id} ${status}`)) {
        continue;
      }
      const reply = await provoke(SAMPLES[id], Number(status));
      assertEquals([id, reply.status], [id, Number(status)], reply.text);
      assertEquals(reply.headers.get("content-type"), "application/problem+json");
      check.assertValid("Problem", reply.body, `${id} ${status}`);
      count++;
    }
  }
  assert(count > 50, `only ${count} were tried`);
});

Deno.test("what the document calls required is required", async () => {
  await using server = await TestServer.start({ API_KEY, GUESTS: "on" });
  const document = await readDocument(server);
  for (const [id, { requestBody }] of operations(document)) {
    const { method, path, body } = SAMPLES[id];
    if (method === "GET") continue;
    const name = requestBody.content["application/json"].schema.$ref.split("/").at(-1);
    const { required = [], properties } = document.components.schemas[name];
    for (const field of Object.keys(properties)) {
      const { [field]: _, ...rest } = body!;
      const { status } = await ApiClient.withKey(server).post(path, rest);
      assertEquals(status >= 400, required.includes(field), `${id} without ${field}: ${status}`);
    }
  }
});

Deno.test("only routes that anybody may call are documented as such", async () => {
  await using server = await TestServer.start({ GUESTS: "on" });
  for (const [id, { security, path }] of operations(await readDocument(server))) {
    const { status } = await call(new ApiClient(server), SAMPLES[id]);
    assertEquals(security.length === 0, status !== 401, path);
  }
});
