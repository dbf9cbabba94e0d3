import { assert, assertEquals } from "@std/assert";
import { findLinks } from "../../static/app/links.ts";

function urlsIn(text: string): string[] {
  return findLinks(text).flatMap((piece) => piece.url ?? []);
}

Deno.test("findLinks() leaves the text as it was when its pieces are joined again", () => {
  for (
    const text of [
      "",
      "no address",
      "http://",
      "see https://a.example/x?y=1&z=2#q, then (http://b.example/c_(d)).",
      "看https://a.example/路径，然后",
    ]
  ) {
    assertEquals(findLinks(text).map((piece) => piece.text).join(""), text);
  }
});

Deno.test("findLinks() leaves the sentence's punctuation outside the address", () => {
  assertEquals(urlsIn("Look at https://a.example/x. Or http://b.example!?"), [
    "https://a.example/x",
    "http://b.example",
  ]);
  assertEquals(urlsIn("(https://a.example/c_(d))"), ["https://a.example/c_(d)"]);
  assertEquals(urlsIn("<https://a.example/>"), ["https://a.example/"]);
  assertEquals(urlsIn("去https://a.example/x，再见"), ["https://a.example/x"]);
});

Deno.test("findLinks() makes links of http and https addresses only", () => {
  assertEquals(urlsIn("javascript:alert(1) data:text/html,x ftp://a.example file:///etc HTTPS://a.example"), [
    "HTTPS://a.example",
  ]);
});

Deno.test("findLinks() stays quick on hostile text and stops at a hundred links", () => {
  const started = performance.now();
  findLinks(`http://${".".repeat(60_000)}x`);
  findLinks(`http://a${"(".repeat(30_000)}${")".repeat(30_000)}`);
  assertEquals(urlsIn("http://a.b ".repeat(5_000)).length, 100);
  assert(performance.now() - started < 1_000);
});
