import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { hashFile } from "../../static/sdk/hash_file.ts";
import { Sha256 } from "../../static/sdk/sha256.ts";

const bytes = Uint8Array.from({ length: 1_000 }, (_, index) => index * 7);

function expected(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

Deno.test("Sha256 agrees with the platform for every length around its blocks", () => {
  for (let length = 0; length <= 200; length++) {
    const hash = new Sha256();
    hash.update(bytes.subarray(0, length));
    assertEquals(hash.hex(), expected(bytes.subarray(0, length)), String(length));
  }
});

Deno.test("Sha256 does not care how the data is cut into pieces", () => {
  for (const size of [1, 3, 63, 64, 65, 127, 999]) {
    const hash = new Sha256();
    for (let at = 0; at < bytes.length; at += size) hash.update(bytes.subarray(at, at + size));
    assertEquals(hash.hex(), expected(bytes), String(size));
  }
});

Deno.test("hashFile() gives the same digest for small files and for those read in pieces", async () => {
  const { signal } = new AbortController();
  const large = new Uint8Array((25 << 20) + 5).fill(9);
  for (const data of [new Uint8Array(), bytes, large]) {
    assertEquals(await hashFile(new Blob([data]), signal), expected(data), String(data.length));
  }
});
