import { assertEquals } from "@std/assert";
import { afterClose } from "../../static/sdk/after_close.ts";

Deno.test("afterClose() comes back after what passes by itself", () => {
  for (const code of [1001, 1005, 1006, 1009, 1011, 1012, 4000, 4008, 4009, 4010, 4499]) {
    assertEquals(afterClose(code, ""), "return", String(code));
  }
});

Deno.test("afterClose() stays away after a close asked for, and after 4500 to 4999", () => {
  for (const code of [1000, 4500, 4503, 4504, 4999]) assertEquals(afterClose(code, ""), "stop", String(code));
});

Deno.test("afterClose() asks for another token when the token was the reason", () => {
  assertEquals(afterClose(4001, "Token expired"), "token_expired");
  assertEquals(afterClose(1008, "Token expired"), "token_expired");
  assertEquals(afterClose(1008, "Invalid token"), "token_refused");
  assertEquals(afterClose(1008, "Authentication required"), "token_refused");
});
