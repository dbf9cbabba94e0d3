import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { openSecret } from "../../lib/auth/keys.ts";
import { TokenVerifier } from "../../lib/auth/token_verifier.ts";
import { makeToken } from "../../lib/cli/token.ts";

const SECRET = "a secret of at least thirty-two bytes";
const NOW = Date.UTC(2030, 0, 1);

function make(args: string[], settings: Record<string, string> = {}): Promise<string> {
  const environment: Record<string, string> = { JWT_SECRET: SECRET, ...settings };
  return makeToken(args, (name) => environment[name] || undefined);
}

async function identify(token: string, options: { issuer?: string; audience?: string } = {}) {
  const verifier = new TokenVerifier(await openSecret(SECRET), {
    algorithm: "HS256",
    maxAgeSeconds: 30 * 24 * 60 * 60,
    ...options,
  });
  return await verifier.verify(token);
}

Deno.test("makeToken() makes a token for an hour that a server with the same secret lets in", async () => {
  using _time = new FakeTime(NOW);
  const expected = {
    userId: "u1",
    username: "u1",
    role: "user",
    rooms: undefined,
    expiresAt: NOW + 3_600_000,
  } as const;
  for (const args of [["u1"], ["--user", "u1"], ["--ttl", "1h", "u1"]]) {
    assertEquals(await identify(await make(args)), expected);
  }
});

Deno.test("makeToken() says in the token what it was asked to", async () => {
  using _time = new FakeTime(NOW);
  const args = [
    "--user",
    "u1",
    "--name",
    "Ann 安",
    "--rooms",
    "general, team-*",
    "--role",
    "admin",
    "--ttl",
    "7d",
  ];
  const settings = { JWT_ISSUER: "me", JWT_AUDIENCE: "chat" };
  assertEquals(await identify(await make(args, settings), { issuer: "me", audience: "chat" }), {
    userId: "u1",
    username: "Ann 安",
    role: "admin",
    rooms: ["general", "team-*"],
    expiresAt: NOW + 7 * 86_400_000,
  });
});

Deno.test("makeToken() understands seconds, minutes, hours and days", async () => {
  using _time = new FakeTime(NOW);
  for (
    const [ttl, ms] of [["30s", 30_000], ["15m", 900_000], ["1h", 3_600_000], ["2d", 172_800_000]] as const
  ) {
    const identity = await identify(await make(["--user", "u1", "--ttl", ttl]));
    assert(typeof identity === "object");
    assertEquals(identity.expiresAt, NOW + ms);
  }
});

Deno.test("makeToken() says in one sentence what makes no sense", async () => {
  const cases: [args: string[], settings: Record<string, string>, message: string][] = [
    [[], {}, "the user's id must be given"],
    [["--user", ""], {}, "the user's id must be given"],
    [["u1", "u2"], {}, '"u2" is not understood'],
    [["--user", "u1", "--role", "owner"], {}, '--role must be "admin", or left out'],
    [["--user", "u1", "--ttl", "soon"], {}, "--ttl must look like 30s, 15m, 1h or 7d"],
    [["--user", "u1", "--ttl", "31d"], {}, "--ttl must not be longer than JWT_MAX_AGE_SECONDS"],
    [["--user", "u1"], { JWT_MAX_AGE_SECONDS: "60" }, "--ttl must not be longer than JWT_MAX_AGE_SECONDS"],
    [["--user", "u1"], { JWT_SECRET: "" }, "JWT_SECRET must be set, to the same value as for the server"],
    [
      ["u1"],
      { JWT_ALGORITHM: "ES256", JWT_PUBLIC_KEY: "{}" },
      "JWT_ALGORITHM must be HS256: other tokens are made elsewhere",
    ],
    [["--user", "u1"], { JWT_SECRET: "short" }, "JWT_SECRET must be at least 32 bytes long"],
  ];
  for (const [args, settings, message] of cases) {
    const error = await assertRejects(() => make(args, settings), Error);
    assertEquals(error.message, message);
  }
  await assertRejects(() => make(["--user", "u1", "--nonsense"]), Error, "--nonsense");
});
