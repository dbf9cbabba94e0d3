/** What Parley relies on in `djwt`, held against whichever set of packages is active. */
import { create, decode, getNumericDate, type Header, type Payload, verify } from "djwt";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";

const NOW_MS = Date.UTC(2030, 0, 1);
const NOW_SECONDS = NOW_MS / 1000;

const MISMATCH = "The jwt's signature does not match the verification signature.";

interface KeyPair {
  signing: CryptoKey;
  verifying: CryptoKey;
}

function sharedSecret(text = "a secret of at least thirty-two bytes"): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", new TextEncoder().encode(text), algorithm, false, ["sign", "verify"]);
}

async function keyPair(algorithm: RsaHashedKeyGenParams | EcKeyGenParams): Promise<KeyPair> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return { signing: privateKey, verifying: publicKey };
}

function rsaKeyPair(name: "RSASSA-PKCS1-v1_5" | "RSA-PSS"): Promise<KeyPair> {
  const publicExponent = new Uint8Array([1, 0, 1]);
  return keyPair({ name, hash: "SHA-256", modulusLength: 2048, publicExponent });
}

async function keysFor(alg: Header["alg"]): Promise<KeyPair> {
  if (alg === "RS256") return await rsaKeyPair("RSASSA-PKCS1-v1_5");
  if (alg === "PS256") return await rsaKeyPair("RSA-PSS");
  if (alg === "ES256") return await keyPair({ name: "ECDSA", namedCurve: "P-256" });
  const secret = await sharedSecret();
  return { signing: secret, verifying: secret };
}

/** A token that says what the library would refuse to sign. */
async function handmade(header: unknown, payload: unknown, key: CryptoKey): Promise<string> {
  const encode = (part: unknown) => new TextEncoder().encode(JSON.stringify(part)).toBase64(URL_ALPHABET);
  const input = `${encode(header)}.${encode(payload)}`;
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(input));
  return `${input}.${new Uint8Array(signature).toBase64(URL_ALPHABET)}`;
}

const URL_ALPHABET = { alphabet: "base64url", omitPadding: true } as const;

for (const alg of ["HS256", "RS256", "PS256", "ES256"] as const) {
  Deno.test(`verify() gives the claims of a token signed with ${alg}`, async () => {
    const { signing, verifying } = await keysFor(alg);
    const claims: Payload = { sub: "ann", exp: getNumericDate(60), name: "Ännchen 安" };
    const jwt = await create({ alg, typ: "JWT" }, claims, signing);
    assertEquals(await verify<Payload>(jwt, verifying), claims);
  });

  Deno.test(`verify() refuses a token signed with another ${alg} key`, async () => {
    const { signing } = await keysFor(alg);
    const { verifying } = alg === "HS256" ? { verifying: await sharedSecret("another") } : await keysFor(alg);
    const jwt = await create({ alg }, { sub: "ann" }, signing);
    await assertRejects(() => verify(jwt, verifying), Error, MISMATCH);
  });
}

Deno.test("create() writes the three parts in base64url, header and claims in their given order", async () => {
  const jwt = await create({ alg: "HS256", typ: "JWT" }, { sub: "ann", iat: 1 }, await sharedSecret());
  const [header, payload, signature] = jwt.split(".");
  assertEquals(atob(header), '{"alg":"HS256","typ":"JWT"}');
  assertEquals(header, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
  assertEquals(atob(payload), '{"sub":"ann","iat":1}');
  assertEquals(signature.length, 43);
});

Deno.test("verify() refuses a token whose claims were changed after signing", async () => {
  const key = await sharedSecret();
  const [header, , signature] = (await create({ alg: "HS256" }, { sub: "ann" }, key)).split(".");
  const forged = `${header}.${btoa('{"sub":"bob"}').replaceAll("=", "")}.${signature}`;
  await assertRejects(() => verify(forged, key), Error, MISMATCH);
});

Deno.test("verify() refuses a token whose algorithm is not the key's", async () => {
  const { verifying } = await keysFor("RS256");
  const jwt = await create({ alg: "HS256" }, { sub: "ann" }, await sharedSecret());
  await assertRejects(
    () => verify(jwt, verifying),
    Error,
    "The jwt's alg 'HS256' does not match the key's algorithm.",
  );
});

Deno.test("verify() refuses a token of the key's family with another digest", async () => {
  const key = await sharedSecret();
  const jwt = await handmade({ alg: "HS512" }, { sub: "ann" }, key);
  await assertRejects(
    () => verify(jwt, key),
    Error,
    "The jwt's alg 'HS512' does not match the key's algorithm.",
  );
});

Deno.test("verify() refuses alg none as long as there is a key", async () => {
  const key = await sharedSecret();
  const jwt = await handmade({ alg: "none" }, { sub: "ann" }, key);
  await assertRejects(() => verify(jwt, key), Error, "The alg 'none' does not allow a key.");
});

Deno.test("verify() refuses an algorithm nobody knows, and a header without one", async () => {
  const key = await sharedSecret();
  const unknown = await handmade({ alg: "XX256" }, {}, key);
  await assertRejects(() => verify(unknown, key), Error, "The jwt's alg 'XX256' is not supported.");
  const none = await handmade({ typ: "JWT" }, {}, key);
  await assertRejects(
    () => verify(none, key),
    Error,
    "The jwt's 'alg' header parameter value must be a string.",
  );
});

Deno.test("create() refuses a key that is not one for the header's algorithm", async () => {
  const key = await sharedSecret();
  await assertRejects(
    () => create({ alg: "RS256" }, { sub: "ann" }, key),
    Error,
    "The jwt's alg 'RS256' does not match the key's algorithm.",
  );
});

Deno.test("verify() accepts a token without exp, so the caller must ask for one", async () => {
  const key = await sharedSecret();
  const jwt = await create({ alg: "HS256" }, { sub: "ann" }, key);
  assertEquals(await verify<Payload>(jwt, key), { sub: "ann" });
});

Deno.test("verify() accepts a secret of one byte, so the caller must ask for a longer one", async () => {
  const key = await sharedSecret("x");
  const jwt = await create({ alg: "HS256" }, { sub: "ann" }, key);
  assertEquals(await verify<Payload>(jwt, key), { sub: "ann" });
});

Deno.test("verify() does not look at crit, so the caller must; decode() shows it", async () => {
  const key = await sharedSecret();
  const header: Header = { alg: "HS256", crit: ["urn:example"], "urn:example": true };
  const jwt = await create(header, { sub: "ann" }, key);
  assertEquals(await verify<Payload>(jwt, key), { sub: "ann" });
  assertEquals(decode(jwt)[0], header);
});

Deno.test("verify() refuses an expired token with a RangeError, after a second of leeway", async () => {
  using _time = new FakeTime(NOW_MS);
  const key = await sharedSecret();
  const tokenOf = (exp: number) => create({ alg: "HS256" }, { sub: "ann", exp }, key);
  const late = await tokenOf(NOW_SECONDS - 2);
  await assertRejects(() => verify(late, key), RangeError, "The jwt is expired.");
  assert(await verify(await tokenOf(NOW_SECONDS - 1), key));
  assert(await verify(late, key, { ignoreExp: true }));
  assert(await verify(late, key, { expLeeway: 5 }));
});

Deno.test("verify() with no leeway takes exp to the second", async () => {
  using time = new FakeTime(NOW_MS);
  const key = await sharedSecret();
  const jwt = await create({ alg: "HS256" }, { sub: "ann", exp: NOW_SECONDS }, key);
  assert(await verify(jwt, key, { expLeeway: 0 }));
  time.tick(1);
  await assertRejects(() => verify(jwt, key, { expLeeway: 0 }), RangeError, "The jwt is expired.");
});

Deno.test("verify() refuses a token that is not valid yet with a RangeError", async () => {
  using _time = new FakeTime(NOW_MS);
  const key = await sharedSecret();
  const jwt = await create({ alg: "HS256" }, { sub: "ann", nbf: NOW_SECONDS + 5 }, key);
  await assertRejects(() => verify(jwt, key), RangeError, "The jwt is used too early.");
  assert(await verify(jwt, key, { nbfLeeway: 5 }));
  assert(await verify(jwt, key, { ignoreNbf: true }));
});

Deno.test("verify() refuses times that are not numbers", async () => {
  const key = await sharedSecret();
  const jwt = await handmade({ alg: "HS256" }, { sub: "ann", exp: "tomorrow" }, key);
  await assertRejects(() => verify(jwt, key), Error, "The jwt has an invalid 'exp' or 'nbf' claim.");
});

Deno.test("verify() looks at the claims before the signature, so its errors must not be echoed", async () => {
  using _time = new FakeTime(NOW_MS);
  const [right, wrong] = [await sharedSecret(), await sharedSecret("another")];
  const jwt = await create({ alg: "HS256" }, { sub: "ann", exp: NOW_SECONDS - 60 }, wrong);
  await assertRejects(() => verify(jwt, right), RangeError, "The jwt is expired.");
});

Deno.test("verify() asks for an audience only when told to", async () => {
  const key = await sharedSecret();
  const tokenFor = (aud?: string | string[]) => create({ alg: "HS256" }, { sub: "ann", aud }, key);
  const failed = "The identification with the value in the 'aud' claim has failed.";
  assert(await verify(await tokenFor("elsewhere"), key));
  assert(await verify(await tokenFor(["elsewhere", "parley"]), key, { audience: "parley" }));
  assert(await verify(await tokenFor("parley"), key, { audience: ["parley", "chat"] }));
  assert(await verify(await tokenFor("parley"), key, { audience: /^par/ }));
  const elsewhere = await tokenFor("elsewhere");
  await assertRejects(() => verify(elsewhere, key, { audience: "parley" }), Error, failed);
  const nowhere = await tokenFor();
  await assertRejects(() => verify(nowhere, key, { audience: "a" }), Error, "The jwt has no 'aud' claim.");
  const odd = await handmade({ alg: "HS256" }, { aud: [7] }, key);
  await assertRejects(
    () => verify(odd, key, { audience: "a" }),
    Error,
    "The jwt has an invalid 'aud' claim.",
  );
});

Deno.test("verify() asks every predicate", async () => {
  const key = await sharedSecret();
  const jwt = await create({ alg: "HS256" }, { sub: "ann", iss: "here" }, key);
  assert(await verify(jwt, key, { predicates: [({ iss }) => iss === "here"] }));
  await assertRejects(
    () => verify(jwt, key, { predicates: [({ iss }) => iss === "here", ({ sub }) => sub === "bob"] }),
    Error,
    "The payload does not satisfy all passed predicates.",
  );
});

for (const jwt of ["", "a.b", "a.b.c", "e30.e30", "e30.e30.e30.e30", "e30.e.", "e30.!!.e30", "bnVsbA"]) {
  Deno.test(`decode() refuses ${JSON.stringify(jwt)}`, () => {
    assertThrows(() => decode(jwt), Error, "The serialization of the jwt is invalid.");
  });
}

Deno.test("verify() refuses claims that are not an object", async () => {
  const key = await sharedSecret();
  for (const claims of [null, [], "text", 7]) {
    const jwt = await handmade({ alg: "HS256" }, claims, key);
    const error = await assertRejects(() => verify(jwt, key), Error);
    assertStringIncludes(error.message, "The jwt claims set is not a JSON object.");
  }
});

Deno.test("decode() gives header, claims and signature unchecked", async () => {
  const jwt = await create({ alg: "HS256", kid: "k1" }, { sub: "ann" }, await sharedSecret());
  const [header, payload, signature] = decode<Payload>(jwt);
  assertEquals(header, { alg: "HS256", kid: "k1" });
  assertEquals(payload.sub, "ann");
  assertEquals(signature.length, 32);
});

Deno.test("getNumericDate() gives whole seconds, from now or of a date", () => {
  using _time = new FakeTime(NOW_MS + 400);
  assertEquals(getNumericDate(60), NOW_SECONDS + 60);
  assertEquals(getNumericDate(new Date(1_999)), 2);
});
