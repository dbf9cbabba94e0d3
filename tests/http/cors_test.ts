import { assertEquals } from "@std/assert";
import { browserTest } from "../support/chromium.ts";
import { API_KEY } from "../support/api_client.ts";
import { makeFile, sendFile } from "../support/file_sender.ts";
import { Peer } from "../support/peer.ts";
import { makeToken, TestServer } from "../support/server.ts";

const APP = "https://app.example";
const MESSAGES = "/api/rooms/general/messages";

interface Asked extends RequestInit {
  readonly origin?: string;
  readonly bearer?: string;
}

/** What an answer says to browsers. */
async function ask(server: TestServer, path: string, { origin, bearer = API_KEY, ...init }: Asked = {}) {
  const headers = new Headers(init.headers);
  if (origin !== undefined) headers.set("origin", origin);
  if (bearer !== "") headers.set("authorization", `Bearer ${bearer}`);
  const response = await fetch(server.url + path, { ...init, headers });
  const text = await response.text();
  return {
    status: response.status,
    origin: response.headers.get("access-control-allow-origin"),
    vary: (response.headers.get("vary") ?? "").toLowerCase(),
    credentials: response.headers.get("access-control-allow-credentials"),
    headers: response.headers,
    body: response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text,
  };
}

function preflight(server: TestServer, path: string, origin: string, method = "POST") {
  const headers = {
    "access-control-request-method": method,
    "access-control-request-headers": "authorization,content-type",
  };
  return ask(server, path, { method: "OPTIONS", origin, bearer: "", headers });
}

const SAY: RequestInit = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ content: "Hello" }),
};

Deno.test("pages of the named origins may ask first, and then call the API and read its answers", async () => {
  await using server = await TestServer.start({ API_KEY, ORIGINS: `${APP},null` });
  for (const origin of [APP, "null"]) {
    const asked = await preflight(server, MESSAGES, origin);
    assertEquals([asked.status, asked.origin, asked.vary, asked.credentials], [204, origin, "origin", null]);
    assertEquals(asked.headers.get("access-control-allow-methods"), "GET, HEAD, POST");
    assertEquals(asked.headers.get("access-control-allow-headers"), "authorization, content-type, range");
    assertEquals(asked.headers.get("access-control-max-age"), "7200");
    const said = await ask(server, MESSAGES, { origin, ...SAY });
    assertEquals([said.status, said.origin, said.credentials], [201, origin, null]);
  }
  const read = await ask(server, MESSAGES, { origin: APP });
  assertEquals([read.status, read.origin, read.body.history.length], [200, APP, 2]);
  const refused = await ask(server, MESSAGES, { origin: APP, bearer: "wrong" });
  assertEquals([refused.status, refused.origin, refused.body.code], [401, APP, "forbidden"]);
  assertEquals((await ask(server, "/api/nothing", { origin: APP })).origin, APP);
});

Deno.test("pages of other origins may not write, and cannot read", async () => {
  await using server = await TestServer.start({ API_KEY, ORIGINS: APP, GUESTS: "on" });
  const others = ["https://evil.example", "http://app.example", `${APP}.evil.example`, "null", server.url];
  for (const origin of others) {
    for (
      const answer of [
        await preflight(server, MESSAGES, origin),
        await ask(server, MESSAGES, { origin, ...SAY }),
      ]
    ) {
      assertEquals([answer.status, answer.origin, answer.vary], [403, null, "origin"], origin);
      assertEquals([answer.body.code, answer.body.detail], [
        "forbidden",
        "Origin not allowed: ORIGINS must name it",
      ]);
      assertEquals(answer.headers.get("content-type"), "application/problem+json");
    }
    const read = await ask(server, "/api/rooms", { origin });
    assertEquals([read.status, read.origin, read.body.rooms], [200, null, []], origin);
    const guest = await ask(server, "/api/token", { method: "POST", origin, body: '{"username":"Eve"}' });
    assertEquals(guest.status, 403);
  }
});

Deno.test("without ORIGINS only the server's own pages may call it; with * all may, each by name", async () => {
  await using own = await TestServer.start({ API_KEY });
  assertEquals((await ask(own, MESSAGES, { origin: own.url, ...SAY })).origin, own.url);
  assertEquals((await ask(own, MESSAGES, { origin: APP, ...SAY })).status, 403);
  await using open = await TestServer.start({ API_KEY, ORIGINS: "*" });
  const said = await ask(open, MESSAGES, { origin: APP, ...SAY });
  assertEquals([said.status, said.origin, said.credentials], [201, APP, null]);
});

Deno.test("programs, which have no origin, notice nothing but that answers differ by origin", async () => {
  await using server = await TestServer.start({ API_KEY, ORIGINS: APP });
  const said = await ask(server, MESSAGES, SAY);
  assertEquals([said.status, said.origin, said.vary], [201, null, "origin"]);
  const options = await ask(server, MESSAGES, { method: "OPTIONS" });
  assertEquals([options.status, options.headers.get("allow")], [405, "POST, GET, HEAD"]);
  assertEquals((await ask(server, "/api/token", { ...SAY })).status, 404);
});

Deno.test("files can be fetched by the same pages, and are kept apart from those without an origin", async () => {
  await using server = await TestServer.start({ ORIGINS: APP });
  const token = await makeToken("ann");
  await using ann = await Peer.open(server, { protocols: ["parley.v1", `bearer.${token}`] });
  await ann.join("general");
  await sendFile(ann, makeFile(10));
  const { url } = (await ann.next("chat")).file as { url: string };
  const path = url.split("?")[0];
  assertEquals((await preflight(server, path, APP, "GET")).status, 204);
  const part = await ask(server, path, { origin: APP, bearer: token, headers: { range: "bytes=1-2" } });
  assertEquals([part.status, part.origin, part.vary], [206, APP, "authorization, origin"]);
  const other = await ask(server, path, { origin: "https://evil.example", bearer: token });
  assertEquals([other.status, other.origin], [200, null]);
});

browserTest(
  "a real page of a named origin publishes and reads; one of another gets nothing done",
  async (browser) => {
    await using app = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () => new Response("<!doctype html><title>App</title>", { headers: { "content-type": "text/html" } }),
    );
    await using other = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () => new Response("<!doctype html><title>Other</title>", { headers: { "content-type": "text/html" } }),
    );
    const [mine, evil] = [app, other].map(({ addr }) => `http://127.0.0.1:${addr.port}`);
    await using server = await TestServer.start({ API_KEY, ORIGINS: mine });
    const call = async (page: string) => {
      const tab = await browser.newPage();
      await tab.goto(page);
      const script = `(async () => {
      const headers = { authorization: "Bearer ${API_KEY}", "content-type": "application/json" };
      const address = "${server.url}${MESSAGES}";
      const said = await fetch(address, { method: "POST", headers, body: '{"content":"Hello"}' });
      const read = await fetch(address, { headers });
      return [said.status, (await read.json()).history.length];
    })().catch((error) => error.name)`;
      const result = await tab.evaluate(script);
      await tab.close();
      return result;
    };
    assertEquals(await call(mine), [201, 1]);
    assertEquals(await call(evil), "TypeError");
    assertEquals((await ask(server, MESSAGES)).body.history.length, 1);
  },
);

Deno.test("pages of the named origins, and no others, may import the client library", async () => {
  await using server = await TestServer.start({ ORIGINS: APP });
  const library = await ask(server, "/sdk/mod.ts", { origin: APP, bearer: "" });
  assertEquals([library.status, library.origin, library.vary.includes("origin")], [200, APP, true]);
  assertEquals(
    (await ask(server, "/sdk/mod.ts", { origin: "https://evil.example", bearer: "" })).origin,
    null,
  );
  assertEquals((await ask(server, "/", { origin: APP, bearer: "" })).origin, null);
});
