import { assertEquals } from "@std/assert";
import { encodeHex } from "../../lib/kit/hex.ts";

Deno.test("encodeHex() writes two digits for every byte", () => {
  assertEquals(encodeHex(new Uint8Array([0, 1, 15, 16, 171, 255])), "00010f10abff");
  assertEquals(encodeHex(new Uint8Array()), "");
});
