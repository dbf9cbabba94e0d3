import { assertEquals, assertExists, assertMatch, assertNotEquals } from "@std/assert";
import { eTag, ifNoneMatch } from "@std/http/etag";
import { serveFile } from "@std/http/file-server";

const CONTENT = "0123456789";
const MTIME = new Date("2030-01-01T00:00:00.750Z");

/** A folder with one file, gone at the end. */
async function withFile(name: string, content: string, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/${name}`, content);
    await Deno.utime(`${folder}/${name}`, MTIME, MTIME);
    await use(`${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function request(headers: Record<string, string> = {}, method = "GET"): Request {
  return new Request("http://localhost/", { method, headers });
}

Deno.test("serveFile() sends the file with its type, size, time and tag", async () => {
  await withFile("page.html", CONTENT, async (path) => {
    const response = await serveFile(request(), path);
    assertEquals(response.status, 200);
    assertEquals(response.statusText, "OK");
    assertEquals(response.headers.get("content-type"), "text/html; charset=UTF-8");
    assertEquals(response.headers.get("content-length"), "10");
    assertEquals(response.headers.get("accept-ranges"), "bytes");
    assertEquals(response.headers.get("last-modified"), "Tue, 01 Jan 2030 00:00:00 GMT");
    assertEquals(response.headers.get("etag"), 'W/"a-knXFICe/yl7j10VmTEWFssQ6V54"');
    assertEquals(await response.text(), CONTENT);
  });
});

Deno.test("serveFile() answers HEAD without a body", async () => {
  await withFile("a.txt", CONTENT, async (path) => {
    const response = await serveFile(request({}, "HEAD"), path);
    assertEquals([response.status, response.body], [200, null]);
    assertEquals(response.headers.get("content-length"), "10");
    assertExists(response.headers.get("etag"));
  });
});

Deno.test("serveFile() answers 304 to someone who has the file", async () => {
  await withFile("a.txt", CONTENT, async (path) => {
    const etag = (await serveFile(request({}, "HEAD"), path)).headers.get("etag") ?? "";
    for (const known of [etag, `"other", ${etag}`, "*", etag.replace("W/", "")]) {
      const response = await serveFile(request({ "if-none-match": known }), path);
      assertEquals([response.status, response.body], [304, null], known);
      assertEquals(response.headers.get("etag"), etag);
    }
    const since = await serveFile(request({ "if-modified-since": "Tue, 01 Jan 2030 00:00:00 GMT" }), path);
    assertEquals(since.status, 304);
  });
});

Deno.test("serveFile() sends the file to someone who has an older one", async () => {
  await withFile("a.txt", CONTENT, async (path) => {
    const past = "Mon, 31 Dec 2029 23:59:59 GMT";
    const now = "Tue, 01 Jan 2030 00:00:00 GMT";
    const asked: Record<string, string>[] = [
      { "if-none-match": '"other"' },
      { "if-modified-since": past },
      { "if-none-match": '"other"', "if-modified-since": now },
      { "if-modified-since": "nonsense" },
    ];
    for (const headers of asked) {
      const response = await serveFile(request(headers), path);
      assertEquals([response.status, await response.text()], [200, CONTENT]);
    }
  });
});

const RANGES: [range: string, status: number, contentRange: string | null, body: string][] = [
  ["bytes=0-3", 206, "bytes 0-3/10", "0123"],
  ["bytes=4-", 206, "bytes 4-9/10", "456789"],
  ["bytes=-3", 206, "bytes 7-9/10", "789"],
  ["bytes=-99", 206, "bytes 0-9/10", CONTENT],
  ["bytes=8-99", 206, "bytes 8-9/10", "89"],
  ["bytes=9-9", 206, "bytes 9-9/10", "9"],
  ["bytes=10-", 416, "bytes */10", "Range Not Satisfiable"],
  ["bytes=5-4", 416, "bytes */10", "Range Not Satisfiable"],
  ["bytes=-0", 416, "bytes */10", "Range Not Satisfiable"],
  ["bytes=0-1,4-5", 200, null, CONTENT],
  ["bytes=-", 200, null, CONTENT],
  ["lines=1-2", 200, null, CONTENT],
];

for (const [range, status, contentRange, body] of RANGES) {
  Deno.test(`serveFile() answers ${status} to the range ${range}`, async () => {
    await withFile("a.txt", CONTENT, async (path) => {
      const response = await serveFile(request({ range }), path);
      assertEquals(response.status, status);
      assertEquals(response.headers.get("content-range"), contentRange);
      assertEquals(await response.text(), body);
      if (status === 206) assertEquals(response.headers.get("content-length"), `${body.length}`);
    });
  });
}

Deno.test("serveFile() sends a range from the middle of a large file", async () => {
  const content = "abcdefgh".repeat(64 * 1024);
  await withFile("large.bin", content, async (path) => {
    const response = await serveFile(request({ range: "bytes=100001-400000" }), path);
    assertEquals(await response.text() === content.slice(100001, 400001), true);
    const dropped = await serveFile(request({ range: "bytes=0-400000" }), path);
    await dropped.body?.cancel();
  });
});

Deno.test("serveFile() ignores the range of an empty file", async () => {
  await withFile("empty.txt", "", async (path) => {
    const response = await serveFile(request({ range: "bytes=0-9" }), path);
    assertEquals([response.status, await response.text()], [200, ""]);
  });
});

Deno.test("serveFile() answers 404 for a folder and for nothing, 405 to other methods", async () => {
  await withFile("a.txt", CONTENT, async (path) => {
    const statusOf = async (method: string, at: string) => {
      const response = await serveFile(request({}, method), at);
      return [response.status, await response.text()];
    };
    assertEquals(await statusOf("GET", `${path}.gone`), [404, "Not Found"]);
    assertEquals(await statusOf("GET", path.replace("/a.txt", "")), [404, "Not Found"]);
    assertEquals(await statusOf("POST", path), [405, "Method Not Allowed"]);
  });
});

for (
  const [name, type] of [
    ["a.css", "text/css; charset=UTF-8"],
    ["a.JS", "text/javascript; charset=UTF-8"],
    ["a.json", "application/json; charset=UTF-8"],
    ["a.webmanifest", "application/manifest+json; charset=UTF-8"],
    ["a.svg", "image/svg+xml"],
    ["a.png", "image/png"],
    ["a.woff2", "font/woff2"],
    ["a.unknown-kind", null],
    ["constructor", null],
  ] as const
) {
  Deno.test(`serveFile() calls ${name} ${type ?? "nothing"}`, async () => {
    await withFile(name, CONTENT, async (path) => {
      const response = await serveFile(request({}, "HEAD"), path);
      assertEquals(response.headers.get("content-type"), type);
    });
  });
}

Deno.test("eTag() makes strong tags of content and weak ones of files", async () => {
  assertEquals(await eTag(CONTENT), '"a-hNiYd/DUBB77a/kaFvAkjy/Vc+a"');
  assertEquals(await eTag(new TextEncoder().encode(CONTENT)), await eTag(CONTENT));
  assertEquals(await eTag(""), '"0-47DEQpj8HBSa+/TImW+5JCeuQeR"');
  assertMatch(await eTag(CONTENT, { weak: true }), /^W\/"a-/);
  assertEquals(await eTag({ mtime: MTIME, size: 10 }), 'W/"a-knXFICe/yl7j10VmTEWFssQ6V54"');
  assertNotEquals(await eTag({ mtime: MTIME, size: 11 }), await eTag({ mtime: MTIME, size: 10 }));
  assertEquals(await eTag({ mtime: null, size: 10 }), undefined);
});

Deno.test("ifNoneMatch() is false for a tag the client has", () => {
  assertEquals(ifNoneMatch(null, '"a"'), true);
  assertEquals(ifNoneMatch('"b"', '"a"'), true);
  assertEquals(ifNoneMatch('"a"', undefined), true);
  assertEquals(ifNoneMatch('"b", "a"', '"a"'), false);
  assertEquals(ifNoneMatch('W/"a"', '"a"'), false);
  assertEquals(ifNoneMatch('"a"', 'W/"a"'), false);
  assertEquals(ifNoneMatch("*", '"a"'), false);
});
