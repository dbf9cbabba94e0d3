import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { openSecret } from "../../lib/auth/keys.ts";
import { readSigned } from "../../lib/auth/jwt.ts";
import { TokenIssuer } from "../../lib/auth/token_issuer.ts";
import { TokenVerifier } from "../../lib/auth/token_verifier.ts";

const SECRET = "a secret of at least thirty-two bytes";

Deno.test("issue() makes a token that the verifier lets in, and says when it ends", async () => {
  using _time = new FakeTime("2030-01-01T00:00:00.700Z");
  const issuer = await TokenIssuer.open(SECRET);
  const { token, expiresAt } = await issuer.issue({
    userId: "ann",
    username: "Ann 安",
    ttlSeconds: 60,
    role: "admin",
    rooms: ["general"],
    issuer: "me",
    audience: "chat",
  });
  assertEquals(expiresAt, Date.UTC(2030, 0, 1, 0, 1));
  const options = { algorithm: "HS256", maxAgeSeconds: 60, issuer: "me", audience: "chat" } as const;
  const identity = await new TokenVerifier(await openSecret(SECRET), options).verify(token);
  assertEquals(identity, { userId: "ann", username: "Ann 安", role: "admin", rooms: ["general"], expiresAt });
});

Deno.test("issue() writes no claim that nobody asked for", async () => {
  using _time = new FakeTime("2030-01-01T00:00:00Z");
  const issuer = await TokenIssuer.open(SECRET);
  const { token } = await issuer.issue({ userId: "ann", username: "Ann", ttlSeconds: 60 });
  const key = await (await openSecret(SECRET)).find({});
  const iat = Date.UTC(2030, 0, 1) / 1000;
  assertEquals(await readSigned(token, key!), { sub: "ann", name: "Ann", iat, exp: iat + 60 });
});
