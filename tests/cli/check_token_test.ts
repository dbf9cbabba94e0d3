import { assert, assertEquals, assertMatch } from "@std/assert";
import { openSecret } from "../../lib/auth/keys.ts";
import { TokenVerifier } from "../../lib/auth/token_verifier.ts";
import { checkToken, checkTokenCommand } from "../../lib/cli/check_token.ts";
import { exportPem, importTestSecret, inSeconds, makeKeyPair, signToken } from "../support/signing.ts";
import { makeToken, SECRET } from "../support/server.ts";
import { run } from "./fake_terminal.ts";

const SETTINGS = { JWT_SECRET: SECRET };
const GOOD = { sub: "ann", exp: inSeconds(3600) };

function check(token: string, settings: Record<string, string> = {}) {
  const all: Record<string, string> = { ...SETTINGS, ...settings };
  return checkToken(token, (name) => all[name]);
}

Deno.test("a good token is told for what it is good", async () => {
  const { isGood, lines } = await check(
    await signToken({ ...GOOD, name: "Ann\u001b[2J", role: "admin", rooms: ["a", "b-*"] }),
  );
  assert(isGood);
  assertEquals(lines.slice(0, 3), ["user     ann, called Ann [2J", "role     admin", "rooms    a, b-*"]);
  assertMatch(lines[3], /^expires {2}in 59 minutes, 20\d\d-.*Z$/);
  assertEquals(lines[4], "The server lets it in.");
});

Deno.test("every reason to refuse a token is given, and only to tokens that are refused", async () => {
  const now = inSeconds(0);
  const cases: [token: string, reason: RegExp, settings?: Record<string, string>][] = [
    ["abc", /not a JSON Web Token/],
    ["a.b.c", /not a JSON Web Token/],
    ["x".repeat(9_000), /has 9000 characters, and may have 8192/],
    [await signToken(GOOD, { key: null }), /its algorithm is "none", and the server takes only HS256/],
    [
      await signToken(GOOD, { key: await importTestSecret("another secret, 32 bytes and more") }),
      /signature is wrong/,
    ],
    [(await signToken(GOOD)).replace(/....$/, "AAAA"), /signature is wrong/],
    [await signToken(GOOD, { header: { crit: ["x"] } }), /crit header/],
    [await signToken({ sub: "ann" }), /exp must be a time in seconds since 1970, and is missing/],
    [await signToken({ ...GOOD, exp: "soon" }), /exp must be .* and is "soon"/],
    [await signToken({ ...GOOD, exp: Date.now() + 3_600_000 }), /looks like milliseconds/],
    [await signToken({ ...GOOD, exp: inSeconds(40 * 86_400) }), /good for 39 days, which is 9 days more/],
    [await signToken({ ...GOOD, exp: inSeconds(-300) }), /expired 5 minutes ago, at 20/],
    [
      await signToken({ ...GOOD, nbf: now + 600 }),
      /not valid for another 9 minutes \(nbf .*is a clock wrong/,
    ],
    [await signToken({ ...GOOD, iat: now + 600 }), /not valid for another 9 minutes \(iat/],
    [await signToken({ ...GOOD, iat: "now" }), /iat must be a time/],
    [await signToken(GOOD), /iss is missing, and must be "me"/, { JWT_ISSUER: "me" }],
    [await signToken({ ...GOOD, aud: ["x"] }), /aud is \["x"\], and must be "chat"/, {
      JWT_AUDIENCE: "chat",
    }],
    [await signToken({ ...GOOD, rooms: "general" }), /rooms must be a list/],
    [await signToken({ exp: GOOD.exp }), /names nobody/],
    [await signToken({ ...GOOD, sub: "a\nb" }), /names nobody/],
  ];
  for (const [token, reason, settings] of cases) {
    const { isGood, lines } = await check(token, settings);
    assertEquals([isGood, lines[0]], [false, "The server refuses it:"], String(reason));
    assertMatch(lines.join("\n"), reason);
    assertEquals(lines.filter((line) => line.startsWith("- ")).length, 1, lines.join("\n"));
    const options = {
      algorithm: "HS256",
      maxAgeSeconds: 2_592_000,
      issuer: settings?.JWT_ISSUER,
      audience: settings?.JWT_AUDIENCE,
    } as const;
    assertEquals(typeof await new TokenVerifier(await openSecret(SECRET), options).verify(token), "string");
  }
});

Deno.test("several reasons are all given", async () => {
  const token = await signToken({ exp: inSeconds(-60), rooms: 1 }, {
    key: await importTestSecret("x".repeat(32)),
  });
  const { lines } = await check(token);
  assertEquals(lines.filter((line) => line.startsWith("- ")).length, 3, lines.join("\n"));
});

Deno.test("a token is checked with a public key where the server has one", async () => {
  const { publicKey, privateKey } = await makeKeyPair("ES256");
  const settings = { JWT_SECRET: SECRET, JWT_ALGORITHM: "ES256", JWT_PUBLIC_KEY: await exportPem(publicKey) };
  assert((await check(await signToken(GOOD, { key: privateKey }), settings)).isGood);
  assertMatch((await check(await signToken(GOOD), settings)).lines[1], /takes only ES256/);
});

Deno.test("check-token takes a token from its arguments, a header, its input or the environment", async () => {
  const token = await makeToken("ann");
  const ways = [
    run(checkTokenCommand, [token], SETTINGS),
    run(checkTokenCommand, ["Authorization: Bearer", token], SETTINGS),
    run(checkTokenCommand, ["Bearer", token], SETTINGS),
    run(checkTokenCommand, [], SETTINGS, `${token}\n`),
    run(checkTokenCommand, [], { ...SETTINGS, PARLEY_TOKEN: token }),
  ];
  for (const { code, printed } of await Promise.all(ways)) {
    assertEquals([code, printed.at(-1)], [0, "The server lets it in."]);
  }
});

Deno.test("check-token ends with 1 for a token that is refused or cannot be judged, with 2 without one", async () => {
  assertEquals((await run(checkTokenCommand, ["abc"], SETTINGS)).code, 1);
  const { code, noted } = await run(checkTokenCommand, ["abc"]);
  assertEquals([code, noted], [1, ["JWT_SECRET must be set, to the same value as for the server"]]);
  assertEquals((await run(checkTokenCommand, [], SETTINGS)).code, 2);
});

Deno.test("check-token never writes the token or the secret", async () => {
  for (const token of [await makeToken("ann"), await signToken({ ...GOOD, exp: 1 }), `${SECRET}.a.b`]) {
    const { printed, noted } = await run(checkTokenCommand, [token], SETTINGS);
    const text = [...printed, ...noted].join("\n");
    assertEquals([text.includes(SECRET), text.includes(token.split(".").at(-1)!)], [
      false,
      token.endsWith("b"),
    ], text);
  }
});
