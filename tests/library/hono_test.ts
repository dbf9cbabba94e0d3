/** A server in somebody else's framework, mounted as the README says. */
import { assert, assertEquals } from "@std/assert";
// deno-lint-ignore no-import-prefix -- only this test needs it, so that nobody else has to download it
import { Hono } from "npm:hono@4.13.19";
import { createServer } from "../../lib/mod.ts";
import { Peer } from "../support/peer.ts";
import { repoFile } from "../support/readme.ts";
import { SECRET } from "../support/server.ts";

const API_KEY = "a-key-for-tests-that-nobody-guesses";

Deno.test("sockets and the API work from within a Hono app, beside its own routes", async () => {
  const readme = await Deno.readTextFile(repoFile("README.md"));
  assert(readme.includes('`app.all("/ws", (c) => parley.fetch(c.req.raw))`'));
  await using parley = await createServer({
    JWT_SECRET: SECRET,
    STORE: "memory:",
    API_KEY,
    LOG_LEVEL: "warn",
  });
  const app = new Hono();
  app.get("/", (c) => c.text("mine"));
  app.all("/ws", (c) => parley.fetch(c.req.raw));
  app.all("/api/*", (c) => parley.fetch(c.req.raw));
  await using http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, app.fetch);
  const address = `127.0.0.1:${http.addr.port}`;
  assertEquals(await (await fetch(`http://${address}/`)).text(), "mine");
  await using ann = await Peer.signIn({ address }, "ann");
  await ann.join("general");
  const published = await fetch(`http://${address}/api/rooms/general/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
    body: '{"content":"Hello"}',
  });
  assertEquals([published.status, (await published.json()).seq], [201, 1]);
  assertEquals((await ann.next("chat")).content, "Hello");
});
