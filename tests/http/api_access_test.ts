import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { openSecret } from "../../lib/auth/keys.ts";
import { TokenVerifier } from "../../lib/auth/token_verifier.ts";
import { RateLimits } from "../../lib/connection/rate_limits.ts";
import { ApiAccess, type ApiCaller, checkWriting } from "../../lib/http/api_access.ts";
import { makeToken, SECRET } from "../support/server.ts";

async function openAccess(
  apiKey?: string,
  rates = new RateLimits({ rateChat: undefined, rateOther: undefined }),
) {
  const options = { algorithm: "HS256", maxAgeSeconds: 86_400 } as const;
  const verifier = new TokenVerifier(await openSecret(SECRET), options);
  return new ApiAccess(verifier, rates, { apiKey, limitsFlood: true });
}

function bearer(token: string): Headers {
  return new Headers({ authorization: `Bearer ${token}` });
}

async function identify(access: ApiAccess, token: string): Promise<ApiCaller> {
  const caller = await access.identify(bearer(token));
  assert(typeof caller === "object");
  return caller;
}

Deno.test("ApiAccess knows a program by the key, and people by their tokens", async () => {
  const access = await openAccess("the-key");
  const program = await identify(access, "the-key");
  assertEquals([program.author.userId, program.hasKey, program.mayWrite], ["api", true, true]);
  const ann = await identify(access, await makeToken("ann"));
  assertEquals([ann.user.userId, ann.user.seesAll, ann.hasKey, ann.mayWrite], ["ann", false, false, false]);
  const root = await identify(access, await makeToken("root", { role: "admin" }));
  assertEquals([root.author.userId, root.user.seesAll, root.hasKey, root.mayWrite], [
    "root",
    true,
    false,
    true,
  ]);
});

Deno.test("ApiAccess tells missing, bad and expired credentials apart, and no more", async () => {
  const access = await openAccess("the-key");
  assertEquals(await access.identify(new Headers()), "missing");
  for (const wrong of ["the-ke", "the-key2", "THE-KEY", "x", "a.b.c"]) {
    assertEquals(await access.identify(bearer(wrong)), "invalid");
  }
  assertEquals(await access.identify(bearer(await makeToken("ann", { ttlSeconds: -10 }))), "expired");
});

Deno.test("ApiAccess without a key takes no word for it", async () => {
  const access = await openAccess();
  for (const word of ["undefined", "the-key"]) assertEquals(await access.identify(bearer(word)), "invalid");
});

Deno.test("ApiAccess gives all programs with the key one large budget, which refills", async () => {
  using time = new FakeTime();
  const access = await openAccess("the-key");
  const program = await identify(access, "the-key");
  for (let n = 0; n < 10_000; n++) assertEquals(access.take(program, "chat"), 0);
  assertEquals(access.take(program, "rooms"), 1);
  time.tick(10);
  for (let n = 0; n < 10; n++) assertEquals(access.take(program, "chat"), 0);
  assertEquals(access.take(program, "chat"), 1);
});

Deno.test("ApiAccess takes people's calls from the budgets of their sockets", async () => {
  const rate = { amount: 2, periodMs: 10_000 };
  const rates = new RateLimits({ rateChat: rate, rateOther: rate });
  const access = await openAccess("the-key", rates);
  const root = await identify(access, await makeToken("root", { role: "admin" }));
  assertEquals(rates.take("root", "chat", Date.now()), 0);
  assertEquals(access.take(root, "chat"), 0);
  assert(await access.take(root, "chat") > 0);
  assertEquals(access.take(root, "events"), 0);
});

Deno.test("checkWriting() refuses direct rooms to everybody, and rooms that are not on a token's list", async () => {
  const access = await openAccess("the-key");
  const program = await identify(access, "the-key");
  const limited = await identify(access, await makeToken("root", { role: "admin", rooms: ["team-*"] }));
  for (const caller of [program, limited]) {
    for (const roomId of ["dm:", "dm:api:bob", "dm:bob:root"]) {
      assertEquals(checkWriting(caller, roomId)?.code, "room_not_found");
    }
  }
  assertEquals(checkWriting(program, "general"), undefined);
  assertEquals(checkWriting(limited, "team-a"), undefined);
  assertEquals(checkWriting(limited, "general")?.code, "forbidden");
});
