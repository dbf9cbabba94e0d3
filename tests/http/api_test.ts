import { assertEquals, assertFalse } from "@std/assert";
import { TokenVerifier } from "../../lib/auth/token_verifier.ts";
import { RateLimits } from "../../lib/connection/rate_limits.ts";
import { Api } from "../../lib/http/api.ts";
import { ApiAccess } from "../../lib/http/api_access.ts";
import { type ApiRoute, defineRoute } from "../../lib/http/api_route.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";

/** Opens an API with one route, whose handler fails, and asks it. */
async function ask(fail: () => never): Promise<{ response: Response; surprises: [string, unknown][] }> {
  const surprises: [string, unknown][] = [];
  const route: ApiRoute = defineRoute({
    ...{
      method: "GET",
      access: "read",
      path: "/api/thing",
      operationId: "thing",
      summary: "Fails",
      budget: "thing",
    },
    answers: {},
    problems: [],
    handle: () => Promise.resolve().then(fail),
  });
  const verifier = new TokenVerifier({ find: () => Promise.resolve(undefined), areKnown: true }, {
    algorithm: "HS256",
    maxAgeSeconds: 60,
  });
  const rates = new RateLimits({ rateChat: undefined, rateOther: undefined });
  const access = new ApiAccess(verifier, rates, { apiKey: "key", limitsFlood: true });
  const surroundings = {
    isReady: () => true,
    surprised: (stage: string, error: unknown) => void surprises.push([stage, error]),
  };
  const api = new Api([route], access, { maxMessageBytes: 1_000 }, surroundings);
  const request = new Request("http://localhost/api/thing", { headers: { authorization: "Bearer key" } });
  return { response: await api.answer(request, new URL(request.url)), surprises };
}

Deno.test("Api answers 503 unavailable while the store is down, which surprises nobody", async () => {
  const { response, surprises } = await ask(() => {
    throw new StoreUnavailable("Cannot read: the disk is gone");
  });
  assertEquals(response.status, 503);
  assertEquals(await response.json(), {
    ...{ type: "about:blank", title: "Try again", status: 503 },
    ...{ code: "unavailable", detail: "Try again" },
  });
  assertEquals(surprises, []);
});

Deno.test("Api answers 500 internal to a mistake of ours, reports it, and says nothing of it", async () => {
  const error = new TypeError("Cannot read the secret of x");
  const { response, surprises } = await ask(() => {
    throw error;
  });
  assertEquals(response.status, 500);
  const text = await response.text();
  assertEquals(JSON.parse(text).code, "internal");
  assertFalse(/secret|TypeError|api_test/.test(text));
  assertEquals(surprises, [["api", error]]);
});
