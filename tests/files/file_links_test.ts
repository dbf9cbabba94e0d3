import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { FileLinks } from "../../lib/files/file_links.ts";

const ID = "0123456789abcdef0123456789abcdef";
const HOUR_MS = 60 * 60 * 1000;
const NOW = Date.UTC(2026, 0, 1, 12, 7);

function query(link: string): URLSearchParams {
  return new URL(link, "http://x").searchParams;
}

Deno.test("a link is good for its file and an hour at least, and not for two", () => {
  const links = new FileLinks("secret");
  const link = query(links.link(ID, NOW));
  assert(links.isGood(ID, link, NOW));
  assert(links.isGood(ID, link, NOW + HOUR_MS));
  assert(!links.isGood(ID, link, NOW + 2 * HOUR_MS));
  assert(!links.isGood(ID.replace("0", "1"), link, NOW));
});

Deno.test("a link stays the same for a while, so that browsers need not fetch again", () => {
  const links = new FileLinks("secret");
  assertEquals(links.link(ID, NOW), links.link(ID, NOW + 5 * 60_000));
  assertNotEquals(links.link(ID, NOW), links.link(ID, NOW + 20 * 60_000));
});

Deno.test("a link that was made elsewhere, changed or cut is no link", () => {
  const links = new FileLinks("secret");
  assert(!links.isGood(ID, query(new FileLinks("another").link(ID, NOW)), NOW));
  const link = query(links.link(ID, NOW));
  const [until, sig] = [link.get("until")!, link.get("sig")!];
  const tries = [
    { until: String(Number(until) + 900), sig },
    { until, sig: sig.slice(1) },
    { until, sig: "" },
    { until, sig: `${sig.startsWith("A") ? "B" : "A"}${sig.slice(1)}` },
    { until: "Infinity", sig },
    { until: "", sig },
    { sig },
    { until },
  ];
  for (const change of tries) {
    const fields = Object.entries(change).filter((entry): entry is [string, string] =>
      entry[1] !== undefined
    );
    assert(!links.isGood(ID, new URLSearchParams(fields), NOW), JSON.stringify(change));
  }
});
