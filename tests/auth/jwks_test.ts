import { assert, assertEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { Jwks } from "../../lib/auth/jwks.ts";

const MINUTE = 60_000;
const ADDRESS = "https://id.example/keys";

async function makeJwk(kid?: string): Promise<JsonWebKey & { kid?: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const { publicKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as CryptoKeyPair;
  return { ...await crypto.subtle.exportKey("jwk", publicKey), kid };
}

/** A key server that answers what the test says; counts how often it is asked. */
class KeyServer implements Disposable {
  asked = 0;
  answer: () => Response | Promise<Response> = () => new Response(null, { status: 500 });
  readonly #fetch = stub(globalThis, "fetch", (address) => {
    assertEquals(String(address), ADDRESS);
    this.asked++;
    return Promise.resolve().then(() => this.answer());
  });

  publish(...keys: object[]): void {
    this.answer = () => Response.json({ keys });
  }

  [Symbol.dispose](): void {
    this.#fetch.restore();
  }
}

Deno.test("Jwks asks the key server once, when a key is first needed, however many wait for it", async () => {
  using server = new KeyServer();
  server.publish(await makeJwk("k1"), await makeJwk("k2"));
  const keys = new Jwks(ADDRESS, "ES256");
  assertEquals(server.asked, 0);
  const [one, same, two] = await Promise.all(["k1", "k1", "k2"].map((kid) => keys.find({ kid })));
  assert(one !== undefined && one === same && two !== undefined && two !== one);
  assert(await keys.find({ kid: "k2" }) === two);
  assertEquals(server.asked, 1);
});

Deno.test("Jwks asks again for a key it does not know, but not at every forged token", async () => {
  using time = new FakeTime();
  using server = new KeyServer();
  server.publish(await makeJwk("k1"));
  const keys = new Jwks(ADDRESS, "ES256");
  assert(await keys.find({ kid: "k1" }));
  for (let i = 0; i < 20; i++) assertEquals(await keys.find({ kid: `forged ${i}` }), undefined);
  assertEquals(server.asked, 1);
  server.publish(await makeJwk("k1"), await makeJwk("k2"));
  time.tick(MINUTE / 2 + 1);
  assert(await keys.find({ kid: "k2" }));
  assertEquals(server.asked, 2);
});

Deno.test("Jwks forgets a key that the server has withdrawn, within ten minutes", async () => {
  using time = new FakeTime();
  using server = new KeyServer();
  server.publish(await makeJwk("k1"), await makeJwk("k2"));
  const keys = new Jwks(ADDRESS, "ES256");
  assert(await keys.find({ kid: "k1" }));
  server.publish(await makeJwk("k2"));
  time.tick(10 * MINUTE);
  assert(await keys.find({ kid: "k1" }));
  time.tick(1);
  assertEquals(await keys.find({ kid: "k1" }), undefined);
  assertEquals(server.asked, 2);
});

Deno.test("Jwks keeps the keys it knows while the server is down, and tries again now and then", async () => {
  using time = new FakeTime();
  using server = new KeyServer();
  server.publish(await makeJwk("k1"));
  const keys = new Jwks(ADDRESS, "ES256");
  const known = await keys.find({ kid: "k1" });
  assert(known !== undefined);
  const troubles: (() => Response | Promise<Response>)[] = [
    () => Promise.reject(new TypeError("no route")),
    () => new Response("{}", { status: 503 }),
    () => new Response("<html>"),
    () => Response.json(null),
    () => Response.json({ keys: "none" }),
    () => Response.json({ keys: [] }),
    () => Response.json({ keys: [{ kty: "oct", k: "AAAA", kid: "k1" }] }),
  ];
  time.tick(11 * MINUTE);
  for (const [i, trouble] of troubles.entries()) {
    server.answer = trouble;
    assert(await keys.find({ kid: "k1" }) === known);
    assert(await keys.find({ kid: "k1" }) === known);
    assertEquals(server.asked, 2 + i);
    time.tick(MINUTE / 2 + 1);
  }
  server.publish(await makeJwk("k1"));
  const renewed = await keys.find({ kid: "k1" });
  assert(renewed !== undefined && renewed !== known);
});

Deno.test("Jwks finds no key while it has never reached the server", async () => {
  using server = new KeyServer();
  server.answer = () => Promise.reject(new TypeError("no route"));
  const keys = new Jwks(ADDRESS, "ES256");
  assertEquals(await keys.find({ kid: "k1" }), undefined);
  assertEquals(await keys.find({}), undefined);
  assertEquals(server.asked, 1);
});

Deno.test("Jwks lets a token name no key only where there is just one", async () => {
  using server = new KeyServer();
  server.publish(await makeJwk());
  assert(await new Jwks(ADDRESS, "ES256").find({}));
  server.publish(await makeJwk("k1"));
  assert(await new Jwks(ADDRESS, "ES256").find({}));
  assert(await new Jwks(ADDRESS, "ES256").find({ kid: 5 }));
  server.publish(await makeJwk("k1"), await makeJwk("k2"));
  assertEquals(await new Jwks(ADDRESS, "ES256").find({}), undefined);
});

Deno.test("Jwks passes over keys of other kinds, and does not read keys without end", async () => {
  using server = new KeyServer();
  const others = [{ kty: "RSA", n: "AQAB", e: "AQAB", kid: "k1" }, { kty: "oct", k: "AAAA", kid: "k1" }, {}];
  server.publish(...others, await makeJwk("k1"));
  assert(await new Jwks(ADDRESS, "ES256").find({ kid: "k1" }));
  server.publish(await makeJwk("k0"), ...Array(49).fill({}), await makeJwk("k1"));
  const keys = new Jwks(ADDRESS, "ES256");
  assert(await keys.find({ kid: "k0" }));
  assertEquals(await keys.find({ kid: "k1" }), undefined);
});

Deno.test("Jwks fetches over the network, follows no redirect, and gives up on a server that hangs", async () => {
  using time = new FakeTime();
  const jwk = await makeJwk("k1");
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/moved") return Response.redirect(new URL("/keys", request.url));
    return pathname === "/keys" ? Response.json({ keys: [jwk] }) : new Promise(() => {});
  });
  const origin = `http://127.0.0.1:${server.addr.port}`;
  assert(await new Jwks(`${origin}/keys`, "ES256").find({ kid: "k1" }));
  assertEquals(await new Jwks(`${origin}/moved`, "ES256").find({ kid: "k1" }), undefined);
  const hanging = new Jwks(`${origin}/hanging`, "ES256").find({ kid: "k1" });
  time.tick(5_000);
  assertEquals(await hanging, undefined);
});
