import { assert, assertEquals } from "@std/assert";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Asset } from "../../lib/http/asset.ts";

const TEXT = "let it be, ".repeat(200);

async function get(headers: HeadersInit = {}, method = "GET") {
  const asset = await Asset.make("text/css", TEXT);
  return await asset.answer(new Request("http://localhost/", { headers, method }));
}

Deno.test("Asset answers in the smallest encoding that is accepted", async () => {
  const decoders = { "gzip, deflate, br": brotliDecompressSync, "gzip;q=1.0, br;q=0": gunzipSync };
  for (const [accepted, decode] of Object.entries(decoders)) {
    const answer = await get({ "accept-encoding": accepted });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    assertEquals(decode(bytes).toString(), TEXT, accepted);
    assertEquals(answer.headers.get("vary"), "Accept-Encoding");
    assertEquals(answer.headers.get("content-length"), String(bytes.length));
  }
});

Deno.test("Asset answers plainly where no encoding is accepted", async () => {
  for (const accepted of ["", "identity", "deflate", "br;q=0, gzip; q=0.0"]) {
    const answer = await get({ "accept-encoding": accepted });
    assertEquals(answer.headers.get("content-encoding"), null);
    assertEquals(await answer.text(), TEXT);
  }
});

Deno.test("Asset sends nothing twice to who has it, whatever the encoding", async () => {
  const etag = (await get()).headers.get("etag");
  assert(etag);
  const again = await get({ "if-none-match": etag, "accept-encoding": "br" });
  assertEquals([again.status, await again.text()], [304, ""]);
  assertEquals((await get({ "if-none-match": '"another"' })).status, 200);
});

Deno.test("Asset answers HEAD as GET, without the body", async () => {
  const answer = await get({ "accept-encoding": "gzip" }, "HEAD");
  assertEquals([answer.status, await answer.text(), answer.headers.get("content-encoding")], [
    200,
    "",
    "gzip",
  ]);
});
