import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { openSecret } from "../../lib/auth/keys.ts";
import { importSecret, sign } from "../../lib/auth/jwt.ts";
import { type Identity, TokenVerifier, type TokenVerifierOptions } from "../../lib/auth/token_verifier.ts";

const SECRET = "a secret of at least thirty-two bytes";
const NOW = Date.UTC(2030, 0, 1) / 1000;
const DAY = 24 * 60 * 60;
const GOOD = { sub: "ann", exp: NOW + 60 };
const ANN: Identity = {
  userId: "ann",
  username: "ann",
  role: "user",
  rooms: undefined,
  expiresAt: (NOW + 60) * 1000,
};
const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;

async function verify(claims: object, options: Partial<TokenVerifierOptions> = {}) {
  return await verifyToken(await sign({ ...claims }, await importSecret(SECRET)), options);
}

async function verifyToken(token: string, options: Partial<TokenVerifierOptions> = {}) {
  const keys = await openSecret(SECRET);
  const verifier = new TokenVerifier(keys, { algorithm: "HS256", maxAgeSeconds: 30 * DAY, ...options });
  using _time = new FakeTime(NOW * 1000);
  return await verifier.verify(token);
}

/** A token with any header, signed with HMAC SHA-256 whatever the header says. */
async function handmade(header: unknown, claims: unknown, secret = SECRET): Promise<string> {
  const encode = (part: unknown) => new TextEncoder().encode(JSON.stringify(part)).toBase64(BASE64URL);
  const input = `${encode(header)}.${encode(claims)}`;
  const key = await importSecret(secret);
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(input));
  return `${input}.${new Uint8Array(signature).toBase64(BASE64URL)}`;
}

Deno.test("verify() resolves to whom a good token names", async () => {
  assertEquals(await verify(GOOD), ANN);
  assertEquals(await verifyToken(await handmade({ alg: "HS256" }, GOOD)), ANN);
  const rooms = ["general", "team-*"];
  assertEquals(await verify({ ...GOOD, name: "Ann 安", role: "admin", rooms }), {
    ...ANN,
    username: "Ann 安",
    role: "admin",
    rooms,
  });
});

Deno.test("verify() takes the user's id from sub, else from userId", async () => {
  const ids: [object, string | undefined][] = [
    [{ sub: "ann", userId: "bob" }, "ann"],
    [{ userId: "bob" }, "bob"],
    [{ sub: "", userId: "bob" }, "bob"],
    [{ userId: 42 }, "42"],
    [{ sub: "安".repeat(128) }, "安".repeat(128)],
    [{}, undefined],
    [{ sub: "" }, undefined],
    [{ sub: "x".repeat(129) }, undefined],
    [{ sub: "a\nb" }, undefined],
    [{ sub: "\ud83e" }, undefined],
    [{ sub: { id: "ann" } }, undefined],
    [{ userId: 1.5 }, undefined],
  ];
  for (const [claims, userId] of ids) {
    const identity = await verify({ exp: NOW + 60, ...claims });
    assertEquals(
      typeof identity === "string" ? undefined : identity.userId,
      userId,
      JSON.stringify(claims).slice(0, 60),
    );
  }
});

Deno.test("verify() takes the display name from name, else from username, else it is the user's id", async () => {
  const names: [object, string][] = [
    [{ name: "Ann", username: "annie" }, "Ann"],
    [{ username: "annie" }, "annie"],
    [{ name: "", username: "annie" }, "annie"],
    [{ name: 5 }, "ann"],
    [{ name: "a\nb\x7fc" }, "a b c"],
    [{ name: "a\ud83eb" }, "a\ufffdb"],
    [{ name: "🦜".repeat(100) }, "🦜".repeat(64)],
  ];
  for (const [claims, username] of names) {
    const identity = await verify({ ...GOOD, ...claims });
    assertEquals(typeof identity === "string" ? identity : identity.username, username);
  }
});

Deno.test("verify() makes nobody an administrator but by the role admin", async () => {
  for (const role of [undefined, "Admin", "owner", true, ["admin"]]) {
    assertEquals(await verify({ ...GOOD, role }), ANN);
  }
});

Deno.test("verify() refuses a list of rooms that is no list of texts, rather than take it for no limit", async () => {
  for (const rooms of ["general", null, {}, [1], ["general", null]]) {
    assertEquals(await verify({ ...GOOD, rooms }), "invalid", JSON.stringify(rooms));
  }
  assertEquals(await verify({ ...GOOD, rooms: [] }), { ...ANN, rooms: [] });
});

Deno.test("verify() takes exp to the letter: neither leeway nor a token without", async () => {
  assertEquals(await verify({ sub: "ann", exp: NOW - 1 }), "expired");
  assertEquals(await verify({ sub: "ann", exp: NOW }), "expired");
  assertEquals(await verify({ sub: "ann", exp: NOW + 0.1239 }), { ...ANN, expiresAt: NOW * 1000 + 123 });
  for (const exp of [undefined, null, String(NOW + 60), {}]) {
    assertEquals(await verify({ sub: "ann", exp }), "invalid");
  }
});

Deno.test("verify() refuses tokens that are good for longer than is allowed", async () => {
  assertEquals(await verify({ sub: "ann", exp: NOW + 30 * DAY + 1 }), "invalid");
  assertEquals(typeof await verify({ sub: "ann", exp: NOW + 30 * DAY }), "object");
  assertEquals(await verify(GOOD, { maxAgeSeconds: 59 }), "invalid");
});

Deno.test("verify() gives nbf and iat five seconds of leeway, and no more", async () => {
  for (const claim of ["nbf", "iat"]) {
    assertEquals(await verify({ ...GOOD, [claim]: NOW + 5 }), ANN);
    assertEquals(await verify({ ...GOOD, [claim]: NOW + 6 }), "invalid");
    assertEquals(await verify({ ...GOOD, [claim]: 0 }), ANN);
    for (const bad of ["soon", null, {}]) assertEquals(await verify({ ...GOOD, [claim]: bad }), "invalid");
  }
});

Deno.test("verify() wants the issuer and the audience that were set, and no others", async () => {
  const issuer = "https://id.example";
  assertEquals(await verify({ ...GOOD, iss: issuer }, { issuer }), ANN);
  assertEquals(await verify({ ...GOOD, iss: "https://id.example/" }, { issuer }), "invalid");
  assertEquals(await verify(GOOD, { issuer }), "invalid");
  assertEquals(await verify({ ...GOOD, iss: "anybody", aud: "anything" }), ANN);
  const audience = "chat";
  assertEquals(await verify({ ...GOOD, aud: "chat" }, { audience }), ANN);
  assertEquals(await verify({ ...GOOD, aud: ["mail", "chat"] }, { audience }), ANN);
  for (const aud of [undefined, "mail", "chatter", ["mail"], [], { chat: 1 }]) {
    assertEquals(await verify({ ...GOOD, aud }, { audience }), "invalid");
  }
});

Deno.test("verify() calls a token expired only if nothing else is wrong with it", async () => {
  const old = { sub: "ann", exp: NOW - 60 };
  assertEquals(await verify(old), "expired");
  assertEquals(await verify({ exp: NOW - 60 }), "invalid");
  assertEquals(await verify({ ...old, nbf: NOW + 60 }), "invalid");
  assertEquals(await verify({ ...old, rooms: "general" }), "invalid");
  assertEquals(await verify({ ...old, iss: "x" }, { issuer: "y" }), "invalid");
  assertEquals(await verifyToken(await handmade({ alg: "HS256" }, old, "another secret")), "invalid");
});

Deno.test("verify() takes the algorithm from its options, never from the token", async () => {
  const good = await handmade({ alg: "HS256" }, GOOD);
  assertEquals(await verifyToken(good, { algorithm: "RS256" }), "invalid");
  for (const alg of ["none", "None", "HS384", "HS512", "RS256", "hs256", "", undefined, null, ["HS256"]]) {
    assertEquals(await verifyToken(await handmade({ alg }, GOOD)), "invalid", String(alg));
  }
  const [, claims] = good.split(".");
  const header = new TextEncoder().encode('{"alg":"none"}').toBase64(BASE64URL);
  assertEquals(await verifyToken(`${header}.${claims}.`), "invalid");
});

Deno.test("verify() refuses extensions that it would have to understand", async () => {
  for (const crit of [["urn:example"], ["b64"], [], "exp", null]) {
    const header = { alg: "HS256", "urn:example": true, crit };
    assertEquals(await verifyToken(await handmade(header, GOOD)), "invalid", JSON.stringify(crit));
  }
  assertEquals(await verifyToken(await handmade({ alg: "HS256", "urn:example": true }, GOOD)), ANN);
});

Deno.test("verify() refuses a token that was changed anywhere", async () => {
  const good = await handmade({ alg: "HS256" }, GOOD);
  const [header, claims, signature] = good.split(".");
  const others = new TextEncoder().encode(JSON.stringify({ ...GOOD, role: "admin" })).toBase64(BASE64URL);
  const tokens = [
    `${header}.${others}.${signature}`,
    `${header}.${claims}.`,
    `${header}.${claims}`,
    `${header}.${claims}.${signature.slice(0, -2)}AA`,
    `${good}.${signature}`,
  ];
  for (const token of tokens) assertEquals(await verifyToken(token), "invalid");
});

Deno.test("verify() refuses whatever is no token at all", async () => {
  const texts = ["", ".", "..", "...", "hello", "a.b.c", "{}.{}.{}", "🦜.🦜.🦜", "bnVsbA.bnVsbA.bnVsbA"];
  for (const text of texts) assertEquals(await verifyToken(text), "invalid", text);
  assertEquals(await verifyToken(await handmade(null, GOOD)), "invalid");
  for (const claims of [null, 5, "ann", [], [GOOD]]) {
    assertEquals(await verifyToken(await handmade({ alg: "HS256" }, claims)), "invalid");
  }
});

Deno.test("verify() does not look at a token of more than 8 KiB", async () => {
  const withPadding = (size: number) => handmade({ alg: "HS256" }, { ...GOOD, padding: "x".repeat(size) });
  const room = 8_192 - (await withPadding(0)).length;
  const largest = await withPadding(Math.floor(room / 4) * 3 - 3);
  assertEquals(await verifyToken(largest), ANN);
  const larger = await withPadding(Math.floor(room / 4) * 3 + 6);
  assertEquals([largest.length <= 8_192, larger.length > 8_192], [true, true]);
  assertEquals(await verifyToken(larger), "invalid");
});
