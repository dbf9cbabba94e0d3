import { assertEquals } from "@std/assert";
import { sortEnding } from "../../lib/connection/closing.ts";
import { ENDINGS } from "../../lib/protocol/codes.ts";

Deno.test("sortEnding() tells a peer that left from one that was lost", () => {
  for (const code of [1000, 1001, 1005]) assertEquals(sortEnding(code, false), "left", `${code}`);
  for (const code of [1002, 1006, 1007, 4000]) assertEquals(sortEnding(code, false), "lost", `${code}`);
});

Deno.test("sortEnding() says refused of every ending that we chose, but failed of our own mistakes", () => {
  for (const { code } of Object.values(ENDINGS)) {
    assertEquals(sortEnding(code, true), code === ENDINGS.internal.code ? "failed" : "refused", `${code}`);
  }
});
