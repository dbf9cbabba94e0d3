import { assertEquals } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { SECRET, TestServer } from "../support/server.ts";
import { importTestSecret, inSeconds, makeKeyPair, type Signing, signToken } from "../support/signing.ts";

const INVALID = "1008 Invalid token";
const EXPIRED = "1008 Token expired";
const DAY = 24 * 60 * 60;

/** What a token gets its bearer: the welcome, or how the connection ended. */
async function welcomeOf(server: TestServer, token: string) {
  await using peer = await Peer.open(server, { protocols: ["parley.v1", `bearer.${token}`] });
  const welcome = await peer.next("welcome").catch(() => undefined);
  if (welcome !== undefined) return welcome;
  const { code, reason } = await peer.closed;
  return `${code} ${reason}`;
}

async function outcome(
  server: TestServer,
  claims: Record<string, unknown>,
  signing?: Signing,
): Promise<string> {
  const welcome = await welcomeOf(server, await signToken(claims, signing));
  return typeof welcome === "string" ? welcome : "welcome";
}

Deno.test("exp is required, exact, and at most 30 days away", async () => {
  await using server = await TestServer.start();
  const cases: [unknown, string][] = [
    [inSeconds(60), "welcome"],
    [inSeconds(30 * DAY), "welcome"],
    [inSeconds(30 * DAY + 60), INVALID],
    [Number.MAX_SAFE_INTEGER, INVALID],
    [undefined, INVALID],
    [null, INVALID],
    [String(inSeconds(60)), INVALID],
    [[inSeconds(60)], INVALID],
    [inSeconds(0), EXPIRED],
    [inSeconds(-1), EXPIRED],
    [inSeconds(-DAY), EXPIRED],
    [0, EXPIRED],
    [-1, EXPIRED],
  ];
  for (const [exp, expected] of cases) {
    assertEquals(await outcome(server, { sub: "ann", exp }), expected, `exp ${exp}`);
  }
});

Deno.test("JWT_MAX_AGE_SECONDS says how far away the end may be", async () => {
  await using server = await TestServer.start({ JWT_MAX_AGE_SECONDS: "600" });
  assertEquals(await outcome(server, { sub: "ann", exp: inSeconds(590) }), "welcome");
  assertEquals(await outcome(server, { sub: "ann", exp: inSeconds(620) }), INVALID);
});

Deno.test("nbf and iat may be 5 seconds ahead", async () => {
  await using server = await TestServer.start();
  for (const claim of ["nbf", "iat"]) {
    const cases: [unknown, string][] = [
      [inSeconds(-DAY), "welcome"],
      [inSeconds(4), "welcome"],
      [inSeconds(8), INVALID],
      [inSeconds(DAY), INVALID],
      ["soon", INVALID],
      [null, INVALID],
    ];
    for (const [time, expected] of cases) {
      const claims = { sub: "ann", exp: inSeconds(3600), [claim]: time };
      assertEquals(await outcome(server, claims), expected, `${claim} ${time}`);
    }
  }
});

Deno.test("a token's end tells nothing to who cannot sign", async () => {
  await using server = await TestServer.start();
  const key = await importTestSecret("another secret, which is also long enough");
  assertEquals(await outcome(server, { sub: "ann", exp: inSeconds(60) }, { key }), INVALID);
  assertEquals(await outcome(server, { sub: "ann", exp: inSeconds(-60) }, { key }), INVALID);
});

Deno.test("the algorithm is the server's, never the token's", async () => {
  await using server = await TestServer.start();
  const claims = { sub: "ann", exp: inSeconds(60) };
  for (
    const alg of ["none", "None", "", "HS512", "hs256", "RS256", "ES256", null, 256, ["HS256"], undefined]
  ) {
    assertEquals(await outcome(server, claims, { header: { alg } }), INVALID, `alg ${alg}`);
    assertEquals(
      await outcome(server, claims, { header: { alg }, key: null }),
      INVALID,
      `alg ${alg}, unsigned`,
    );
  }
  assertEquals(await outcome(server, claims, { header: { alg: "HS256" }, key: null }), INVALID);
  const { privateKey } = await makeKeyPair("ES256");
  assertEquals(await outcome(server, claims, { key: privateKey }), INVALID);
});

Deno.test("a token may bring no extension that has to be understood, and any other header", async () => {
  await using server = await TestServer.start();
  const claims = { sub: "ann", exp: inSeconds(60) };
  for (const crit of [["exp"], ["b64"], [], null, "x"]) {
    assertEquals(
      await outcome(server, claims, { header: { crit, b64: true } }),
      INVALID,
      JSON.stringify(crit),
    );
  }
  assertEquals(await outcome(server, claims, { header: { kid: "1", x: [1], typ: undefined } }), "welcome");
});

Deno.test("a token may be 8 KiB long and no longer", async () => {
  await using server = await TestServer.start();
  const exp = inSeconds(60);
  const bare = (await signToken({ sub: "ann", exp, pad: "" })).length;
  const longest = "x".repeat(Math.floor((8192 - bare) * 3 / 4));
  assertEquals(await outcome(server, { sub: "ann", exp, pad: longest }), "welcome");
  assertEquals(await outcome(server, { sub: "ann", exp, pad: longest + "xxx" }), INVALID);
});

Deno.test("what is not a token is invalid", async () => {
  await using server = await TestServer.start();
  const token = await signToken({ sub: "ann", exp: inSeconds(60) });
  const [header, claims, signature] = token.split(".");
  const other = (await signToken({ sub: "bob", exp: inSeconds(60) })).split(".")[1];
  const broken = [
    ...["x", ".", "..", "a.b.c", `${header}.${claims}`, `${header}.${claims}.`, `${token}.x`, `x${token}`],
    ...[`${header}.${other}.${signature}`, `${header}..${signature}`, token.slice(0, -3)],
  ];
  for (const text of broken) assertEquals(await welcomeOf(server, text), INVALID, text);
});

Deno.test("the person is sub, else userId; their name is name, else username, else the person's id", async () => {
  await using server = await TestServer.start();
  const exp = inSeconds(60);
  const cases: [Record<string, unknown>, string, string][] = [
    [{ sub: "a", userId: "b", name: "N", username: "U" }, "a", "N"],
    [{ userId: "b", username: "U" }, "b", "U"],
    [{ sub: "a", username: "U" }, "a", "U"],
    [{ userId: "b", name: "N" }, "b", "N"],
    [{ sub: "a" }, "a", "a"],
    [{ userId: "b" }, "b", "b"],
    [{ sub: "x".repeat(128), name: "n".repeat(64) }, "x".repeat(128), "n".repeat(64)],
  ];
  for (const [claims, userId, username] of cases) {
    const welcome = await welcomeOf(server, await signToken({ ...claims, exp }));
    if (typeof welcome === "string") throw new Error(`${JSON.stringify(claims)}: ${welcome}`);
    assertEquals([welcome.userId, welcome.username], [userId, username]);
  }
  for (
    const claims of [{}, { sub: "" }, { sub: null }, { sub: {} }, { sub: "x".repeat(129) }, { name: "N" }]
  ) {
    assertEquals(await outcome(server, { ...claims, exp }), INVALID, JSON.stringify(claims));
  }
});

Deno.test("a list of rooms that is none makes a token invalid, and only admin is a role", async () => {
  await using server = await TestServer.start();
  const claims = { sub: "ann", exp: inSeconds(60) };
  for (const rooms of ["general", { 0: "general" }, [1], null]) {
    assertEquals(await outcome(server, { ...claims, rooms }), INVALID, JSON.stringify(rooms));
  }
  for (
    const [role, expected] of [["admin", "admin"], ["owner", "user"], ["Admin", "user"], [["admin"], "user"]]
  ) {
    const welcome = await welcomeOf(server, await signToken({ ...claims, role }));
    assertEquals(typeof welcome === "string" ? welcome : welcome.role, expected as string);
  }
});

Deno.test("issuer and audience are checked where they are set", async () => {
  await using server = await TestServer.start({ JWT_ISSUER: "https://id.example", JWT_AUDIENCE: "parley" });
  const good = { sub: "ann", exp: inSeconds(60), iss: "https://id.example", aud: "parley" };
  assertEquals(await outcome(server, good), "welcome");
  assertEquals(await outcome(server, { ...good, aud: ["other", "parley"] }), "welcome");
  const bad = [{ iss: undefined }, { iss: "https://id.example/" }, { iss: ["https://id.example"] }, {
    aud: undefined,
  }];
  for (
    const claims of [...bad, { aud: "other" }, { aud: [] }, { aud: ["parley "] }, { aud: { parley: 1 } }]
  ) {
    assertEquals(await outcome(server, { ...good, ...claims }), INVALID, JSON.stringify(claims));
  }
  assertEquals(await outcome(server, { ...good, exp: inSeconds(-1), aud: "other" }), INVALID);
  await using any = await TestServer.start();
  assertEquals(await outcome(any, { ...good, iss: "whoever", aud: "whatever" }), "welcome");
});

Deno.test("the secret is taken as it is, blanks and all", async () => {
  const secret = ` ${SECRET} `;
  await using server = await TestServer.start({ JWT_SECRET: secret });
  const claims = { sub: "ann", exp: inSeconds(60) };
  assertEquals(await outcome(server, claims, { key: await importTestSecret(secret) }), "welcome");
  assertEquals(await outcome(server, claims), INVALID);
});
