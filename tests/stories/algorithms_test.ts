import { assertEquals, assertRejects } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";
import {
  exportPem,
  importTestSecret,
  inSeconds,
  makeKeyPair,
  type Signing,
  signToken,
} from "../support/signing.ts";

const INVALID = "1008 Invalid token";
const ALGORITHMS = ["RS256", "PS256", "ES256"] as const;

async function outcome(server: TestServer, signing: Signing): Promise<string> {
  const token = await signToken({ sub: "ann", exp: inSeconds(60) }, signing);
  await using peer = await Peer.open(server, { path: `/?token=${token}` });
  const welcome = await peer.next("welcome").catch(() => undefined);
  if (welcome !== undefined) return `welcome ${welcome.userId}`;
  const { code, reason } = await peer.closed;
  return `${code} ${reason}`;
}

/** A key server on this machine, whose keys can be changed. */
class KeyServer implements AsyncDisposable {
  keys: (JsonWebKey & { kid?: string })[] = [];
  requests = 0;
  readonly #http: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
      this.requests++;
      return Response.json({ keys: this.keys });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#http.addr.port}/jwks.json`;
  }

  async publish(key: CryptoKey, more: object = {}): Promise<void> {
    this.keys.push({ ...await crypto.subtle.exportKey("jwk", key), ...more });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.shutdown();
  }
}

for (const algorithm of ALGORITHMS) {
  Deno.test(`${algorithm} takes tokens of its public key, as PEM or JWK, and no others`, async () => {
    const { privateKey, publicKey } = await makeKeyPair(algorithm);
    const stranger = await makeKeyPair(algorithm);
    const pem = await exportPem(publicKey);
    const jwk = JSON.stringify(await crypto.subtle.exportKey("jwk", publicKey));
    for (const text of [pem, pem.replaceAll("\n", "\\n"), jwk]) {
      const settings = { JWT_ALGORITHM: algorithm, JWT_PUBLIC_KEY: text };
      await using server = await TestServer.start({
        ...settings,
        JWT_SECRET: "a secret that plays no part any more",
      });
      assertEquals(await outcome(server, { key: privateKey }), "welcome ann");
      assertEquals(await outcome(server, { key: stranger.privateKey }), INVALID);
      assertEquals(await outcome(server, {}), INVALID, "signed with the secret");
      assertEquals(await outcome(server, { key: null }), INVALID, "not signed at all");
    }
  });

  Deno.test(`${algorithm} takes no other algorithm, not even one of the same kind of key`, async () => {
    const { privateKey, publicKey } = await makeKeyPair(algorithm);
    const pem = await exportPem(publicKey);
    await using server = await TestServer.start({ JWT_ALGORITHM: algorithm, JWT_PUBLIC_KEY: pem });
    for (const alg of ["none", "HS256", ...ALGORITHMS].filter((alg) => alg !== algorithm)) {
      assertEquals(await outcome(server, { key: privateKey, header: { alg } }), INVALID, alg);
    }
    // The classic confusion: the public key, which everybody has, as a shared secret.
    const asSecret = await importTestSecret(pem);
    assertEquals(await outcome(server, { key: asSecret }), INVALID);
    assertEquals(await outcome(server, { key: asSecret, header: { alg: algorithm } }), INVALID);
  });

  Deno.test(`${algorithm} finds its keys at an address, by their ids`, async () => {
    await using keys = new KeyServer();
    const [first, second, stranger] = await Promise.all([1, 2, 3].map(() => makeKeyPair(algorithm)));
    await keys.publish(first.publicKey, { kid: "first", use: "sig", alg: algorithm });
    await keys.publish(second.publicKey, { kid: "second" });
    keys.keys.push({ kty: "oct", kid: "another kind" });
    await using server = await TestServer.start({ JWT_ALGORITHM: algorithm, JWT_JWKS_URL: keys.url });
    assertEquals(keys.requests, 0, "nobody has asked yet");
    assertEquals(await outcome(server, { key: first.privateKey, header: { kid: "first" } }), "welcome ann");
    assertEquals(await outcome(server, { key: second.privateKey, header: { kid: "second" } }), "welcome ann");
    assertEquals(await outcome(server, { key: first.privateKey, header: { kid: "second" } }), INVALID);
    assertEquals(await outcome(server, { key: stranger.privateKey, header: { kid: "first" } }), INVALID);
    assertEquals(
      await outcome(server, { key: stranger.privateKey, header: { kid: "another kind" } }),
      INVALID,
    );
    assertEquals(await outcome(server, { key: first.privateKey }), INVALID, "which of the two is not said");
  });
}

Deno.test("a token that names no key means the only one there is", async () => {
  await using keys = new KeyServer();
  const { privateKey, publicKey } = await makeKeyPair("ES256");
  await keys.publish(publicKey, { kid: "only" });
  await using server = await TestServer.start({ JWT_ALGORITHM: "ES256", JWT_JWKS_URL: keys.url });
  assertEquals(await outcome(server, { key: privateKey }), "welcome ann");
});

Deno.test("a token cannot bring its own key", async () => {
  const { publicKey } = await makeKeyPair("ES256");
  const forger = await makeKeyPair("ES256");
  await using keys = new KeyServer();
  await keys.publish(forger.publicKey, { kid: "forged" });
  const jwk = await crypto.subtle.exportKey("jwk", forger.publicKey);
  await using server = await TestServer.start({
    JWT_ALGORITHM: "ES256",
    JWT_PUBLIC_KEY: await exportPem(publicKey),
  });
  const header = { jwk, jku: keys.url, x5u: keys.url, kid: keys.url };
  assertEquals(await outcome(server, { key: forger.privateKey, header }), INVALID);
  assertEquals(keys.requests, 0);
});

Deno.test("tokens of unknown keys do not make the server ask again and again", async () => {
  await using keys = new KeyServer();
  const { privateKey, publicKey } = await makeKeyPair("ES256");
  await keys.publish(publicKey, { kid: "known" });
  await using server = await TestServer.start({ JWT_ALGORITHM: "ES256", JWT_JWKS_URL: keys.url });
  assertEquals(await outcome(server, { key: privateKey, header: { kid: "known" } }), "welcome ann");
  for (let i = 0; i < 20; i++) await outcome(server, { key: privateKey, header: { kid: `unknown ${i}` } });
  assertEquals(keys.requests < 10, true, `${keys.requests} requests`);
  assertEquals(await outcome(server, { key: privateKey, header: { kid: "known" } }), "welcome ann");
});

Deno.test("a key that cannot be read stops the start", async () => {
  const { publicKey } = await makeKeyPair("RS256");
  const pem = await exportPem(publicKey);
  for (const [algorithm, key] of [["RS256", "nonsense"], ["RS256", "{}"], ["ES256", pem]]) {
    const start = () => TestServer.start({ JWT_ALGORITHM: algorithm, JWT_PUBLIC_KEY: key });
    await assertRejects(start, Error, "public key");
  }
});
