import { assertEquals } from "@std/assert";
import { readToken } from "../../static/app/session.ts";

function tokenWith(claims: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const payload = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  return `eyJhbGciOiJIUzI1NiJ9.${payload}.c2ln`;
}

Deno.test("readToken() reads who a token is for, in both spellings", () => {
  assertEquals(readToken(tokenWith({ sub: "u1", name: "王伟 ÿ>?" })), { userId: "u1", username: "王伟 ÿ>?" });
  assertEquals(readToken(tokenWith({ userId: "u2", username: "Ana" })), { userId: "u2", username: "Ana" });
  assertEquals(readToken(tokenWith({ exp: 1 })), { userId: undefined, username: undefined });
});

Deno.test("readToken() knows what cannot be a token", () => {
  for (const text of ["", "abc", "a.b.c", "a..c", tokenWith(null), tokenWith("text")]) {
    assertEquals(readToken(text), undefined, text);
  }
});
