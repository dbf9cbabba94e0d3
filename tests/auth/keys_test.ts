import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { importJwk, openPublicKey, openSecret } from "../../lib/auth/keys.ts";
import { importSecret, readSigned, sign } from "../../lib/auth/jwt.ts";

type PublicAlgorithm = Parameters<typeof openPublicKey>[1];

const RSA = { hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
const PARAMETERS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", ...RSA },
  PS256: { name: "RSA-PSS", ...RSA },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
} as const;

async function makePair(algorithm: PublicAlgorithm): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(PARAMETERS[algorithm], true, ["sign", "verify"]) as CryptoKeyPair;
}

async function toPem(key: CryptoKey): Promise<string> {
  const base64 = new Uint8Array(await crypto.subtle.exportKey("spki", key)).toBase64();
  return `-----BEGIN PUBLIC KEY-----\n${base64.match(/.{1,64}/g)!.join("\n")}\n-----END PUBLIC KEY-----\n`;
}

/** Whether a key verifies what the private half of a pair has signed. */
async function fits(key: CryptoKey | undefined, { privateKey }: CryptoKeyPair): Promise<boolean> {
  const how = { name: privateKey.algorithm.name, hash: "SHA-256", saltLength: 32 };
  const data = new TextEncoder().encode("some data");
  return await crypto.subtle.verify(how, key!, await crypto.subtle.sign(how, privateKey, data), data);
}

for (const algorithm of ["RS256", "PS256", "ES256"] as const) {
  Deno.test(`openPublicKey() reads a PEM and a JWK for ${algorithm}`, async () => {
    const pair = await makePair(algorithm);
    const pem = await toPem(pair.publicKey);
    const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
    const texts = [
      pem,
      pem.replaceAll("\n", "\\n"),
      pem.replaceAll("\n", "\r\n"),
      pem.replaceAll("\n", " "),
      JSON.stringify(jwk),
      ` \n${JSON.stringify({ ...jwk, kid: "k1", use: "sig", key_ops: [], alg: "something else" }, null, 2)}`,
    ];
    for (const text of texts) {
      const keys = await openPublicKey(text, algorithm);
      assert(await fits(await keys.find({}), pair), text.slice(0, 60));
    }
  });
}

Deno.test("openPublicKey() has one key, whatever a token's header names", async () => {
  const { publicKey } = await makePair("ES256");
  const keys = await openPublicKey(await toPem(publicKey), "ES256");
  const key = await keys.find({});
  assert(key !== undefined);
  assertStrictEquals(await keys.find({ kid: "another", alg: "none" }), key);
});

Deno.test("openPublicKey() says in one sentence what it wants, and does not repeat the key", async () => {
  const { privateKey, publicKey } = await makePair("ES256");
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey)).toBase64();
  const texts = [
    "",
    "hello",
    "{",
    "{}",
    JSON.stringify({ kty: "oct", k: "AAAA" }),
    `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----`,
  ];
  for (const text of texts) {
    const error = await assertRejects(() => openPublicKey(text, "ES256"), TypeError);
    assertEquals(
      error.message,
      'Cannot read the public key: it must be a PEM "PUBLIC KEY" or a JWK for ES256',
    );
  }
  const pem = await toPem(publicKey);
  await assertRejects(() => openPublicKey(pem, "RS256"), TypeError, "for RS256");
});

Deno.test("importJwk() takes nothing but the public half of a key", async () => {
  const pair = await makePair("ES256");
  const key = await importJwk(await crypto.subtle.exportKey("jwk", pair.privateKey), "ES256");
  assertEquals([key.type, key.usages, key.extractable], ["public", ["verify"], false]);
  assert(await fits(key, pair));
});

Deno.test("openSecret() finds the one key that verifies what was signed with the same secret", async () => {
  const keys = await openSecret("a secret of at least thirty-two bytes");
  const token = await sign({ sub: "ann" }, await importSecret("a secret of at least thirty-two bytes"));
  const other = await sign({ sub: "ann" }, await importSecret("a secret of at least thirty-two bytes!"));
  const key = await keys.find({ kid: "any" });
  assertEquals(await readSigned(token, key!), { sub: "ann" });
  assertEquals(await readSigned(other, key!), undefined);
});
