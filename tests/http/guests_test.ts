import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { openSecret } from "../../lib/auth/keys.ts";
import { TokenIssuer } from "../../lib/auth/token_issuer.ts";
import { TokenVerifier } from "../../lib/auth/token_verifier.ts";
import { RateLimits } from "../../lib/connection/rate_limits.ts";
import { Guests, type GuestsOptions } from "../../lib/http/guests.ts";

const SECRET = "a secret of at least thirty-two bytes";
const HOUR = 60 * 60;

async function open(options: Partial<GuestsOptions> = {}): Promise<Guests> {
  const rates = new RateLimits({ rateChat: undefined, rateOther: undefined });
  return new Guests(await TokenIssuer.open(SECRET), rates, { maxAgeSeconds: 30 * 24 * HOUR, ...options });
}

function signIn(guests: Guests, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return guests.signIn(
    new Request("http://localhost/api/token", { method: "POST", headers, body: JSON.stringify(body) }),
  );
}

Deno.test("signIn() gives a token that lets the guest in under their name, for twelve hours", async () => {
  using time = new FakeTime("2030-01-01T00:00:00Z");
  const options = { issuer: "me", audience: "chat" };
  const response = await signIn(await open(options), { username: "Ann 安" });
  assertEquals([response.status, response.headers.get("cache-control")], [200, "no-store"]);
  const { token, ...who } = await response.json();
  assertEquals([who.username, who.expiresAt], ["Ann 安", time.now + 12 * HOUR * 1000]);
  assertMatch(who.userId, /^guest-[0-9a-f]{24}$/);
  const verifierOptions = { algorithm: "HS256", maxAgeSeconds: 30 * 24 * HOUR, ...options } as const;
  const identity = await new TokenVerifier(await openSecret(SECRET), verifierOptions).verify(token);
  assertEquals(identity, { ...who, role: "user", rooms: undefined });
});

Deno.test("signIn() never gives a token that is good for longer than the server lets in", async () => {
  using time = new FakeTime("2030-01-01T00:00:00Z");
  const response = await signIn(await open({ maxAgeSeconds: 60 }), { username: "Ann" });
  assertEquals((await response.json()).expiresAt, time.now + 60_000);
});

Deno.test("signIn() makes the same guest of the same key, whatever the name, and another without", async () => {
  const guests = await open();
  const who = async (body: object) => (await (await signIn(guests, body)).json()).userId;
  const ann = await who({ username: "Ann", guestKey: "k".repeat(32) });
  assertEquals(await who({ username: "Annie", guestKey: "k".repeat(32) }), ann);
  assertNotEquals(await who({ username: "Ann", guestKey: "j".repeat(32) }), ann);
  assertNotEquals(await who({ username: "Ann" }), await who({ username: "Ann" }));
  assert(!ann.includes("kkkk"));
});

Deno.test("signIn() refuses names that nobody could have, with a problem that says why", async () => {
  const guests = await open();
  const cases: [unknown, string][] = [
    [{}, "username required"],
    [{ username: "" }, "username must not be empty"],
    [{ username: "x".repeat(65) }, "username too long: at most 64 characters"],
    [{ username: "a\nb" }, "username must not hold control characters"],
    [{ username: "Ann", guestKey: 5 }, "guestKey must be a string"],
    [null, "body must be an object"],
  ];
  for (const [body, detail] of cases) {
    const response = await signIn(guests, body);
    assertEquals([response.status, response.headers.get("content-type")], [400, "application/problem+json"]);
    const problem = await response.json();
    assertEquals([problem.code, problem.detail], ["bad_request", detail]);
  }
});

Deno.test("signIn() lets in a hundred guests a second, and asks the rest to come back", async () => {
  using time = new FakeTime();
  const guests = await open();
  const statuses = await Promise.all(
    Array.from({ length: 101 }, async () => (await signIn(guests, { username: "A" })).status),
  );
  assertEquals(statuses.filter((status) => status === 200).length, 100);
  const refused = await signIn(guests, { username: "Ann" });
  assertEquals([refused.status, refused.headers.get("retry-after")], [429, "1"]);
  assertEquals((await refused.json()).retryAfterMs, 10);
  time.tick(10);
  assertEquals((await signIn(guests, { username: "Ann" })).status, 200);
});
