import { assertEquals } from "@std/assert";
import { answerRefusal, answerStatus } from "../../lib/http/problem.ts";
import { Refusal } from "../../lib/protocol/codes.ts";

Deno.test("answerRefusal() says the same in HTTP's words, the problem's, and the code's", async () => {
  const response = answerRefusal(new Refusal("rate_limited", { retryAfterMs: 1_200 }));
  assertEquals(response.status, 429);
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  assertEquals(response.headers.get("retry-after"), "2");
  assertEquals(await response.json(), {
    type: "about:blank",
    title: "Rate limit exceeded",
    status: 429,
    code: "rate_limited",
    detail: "Rate limit exceeded",
    retryAfterMs: 1_200,
  });
});

Deno.test("answerRefusal() keeps the title of a code whatever the detail", async () => {
  const response = answerRefusal(new Refusal("bad_request", { message: "username required" }));
  const { title, detail, status } = await response.json();
  assertEquals([title, detail, status], ["Bad request", "username required", 400]);
  assertEquals(response.headers.has("retry-after"), false);
});

Deno.test("answerStatus() says no more than HTTP does", async () => {
  const response = answerStatus(405, "Method not allowed", { allow: "GET" });
  assertEquals([response.status, response.headers.get("allow")], [405, "GET"]);
  assertEquals(await response.json(), { type: "about:blank", title: "Method not allowed", status: 405 });
});
