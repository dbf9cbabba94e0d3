import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { contentDisposition } from "../../lib/http/content_disposition.ts";
import { readRange } from "../../lib/http/byte_range.ts";
import { makeFile, randomBytes, sendFile, type TestFile } from "../support/file_sender.ts";
import { Peer } from "../support/peer.ts";
import { makeToken, TestServer, type TokenFor } from "../support/server.ts";

/** A server with a file in the room `general`. */
class Shared implements AsyncDisposable {
  private constructor(
    readonly server: TestServer,
    readonly ann: Peer,
    readonly file: TestFile,
    readonly url: string,
  ) {}

  static async make(size: number, more: Partial<TestFile> = {}): Promise<Shared> {
    const server = await TestServer.start();
    const ann = await Peer.signIn(server, "ann");
    await ann.join("general");
    const file = makeFile(size, more);
    await sendFile(ann, file);
    const said = await ann.next("chat");
    return new Shared(server, ann, file, (said.file as { url: string }).url);
  }

  get path(): string {
    return this.url.split("?")[0];
  }

  fetch(headers: HeadersInit = {}, init: RequestInit & { url?: string } = {}): Promise<Response> {
    return fetch(this.server.url + (init.url ?? this.url), { ...init, headers });
  }

  async as(userId: string, request: TokenFor = {}): Promise<Response> {
    return await this.fetch({ authorization: `Bearer ${await makeToken(userId, request)}` }, {
      url: this.path,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ann[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

async function statusOf(response: Response | Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

Deno.test("a whole file comes with its length, type and name, and cannot do anything", async () => {
  await using shared = await Shared.make(300_000, { name: "a.png", mime: "image/png" });
  const response = await shared.fetch();
  const { headers } = response;
  assertEquals(response.status, 200);
  assertEquals(await response.bytes(), shared.file.bytes);
  assertEquals(headers.get("content-length"), "300000");
  assertEquals(headers.get("content-type"), "image/png");
  assertEquals(headers.get("content-disposition"), `inline; filename="a.png"; filename*=UTF-8''a.png`);
  assertEquals(headers.get("x-content-type-options"), "nosniff");
  assertEquals(headers.get("accept-ranges"), "bytes");
  assertStringIncludes(headers.get("content-security-policy")!, "sandbox");
  assertStringIncludes(headers.get("content-security-policy")!, "default-src 'none'");
  assertStringIncludes(headers.get("cache-control")!, "private");
});

Deno.test("HEAD says the same and sends nothing", async () => {
  await using shared = await Shared.make(1000);
  const response = await shared.fetch({}, { method: "HEAD" });
  assertEquals([response.status, response.headers.get("content-length")], [200, "1000"]);
  assertEquals(await response.text(), "");
  assertEquals(await statusOf(shared.fetch({}, { method: "POST" })), 405);
});

Deno.test("what can run in a browser is saved, not shown, whatever it is called", async () => {
  const hostile = [
    { mime: "image/svg+xml", type: "application/octet-stream" },
    { mime: "text/html", type: "application/octet-stream" },
    { mime: "application/xhtml+xml", type: "application/octet-stream" },
    { mime: "text/javascript", type: "application/octet-stream" },
    { mime: "image/svg+xml; charset=utf-8", type: "application/octet-stream" },
    { mime: "IMAGE/SVG+XML", type: "application/octet-stream" },
    { mime: "", type: "application/octet-stream" },
    { mime: "application/pdf", type: "application/pdf" },
    { mime: "text/plain", type: "text/plain" },
  ];
  await using shared = await Shared.make(1);
  for (const { mime, type } of hostile) {
    const file = makeFile(0, {
      mime,
      name: "x.html",
      bytes: new TextEncoder().encode(`<script>${mime}</script>`),
    });
    await sendFile(shared.ann, file);
    const { url } = (await shared.ann.next("chat")).file as { url: string };
    const response = await shared.fetch({}, { url });
    await response.body?.cancel();
    assertEquals(response.headers.get("content-type"), type, mime);
    assert(response.headers.get("content-disposition")!.startsWith("attachment;"), mime);
    assertStringIncludes(response.headers.get("content-security-policy")!, "sandbox");
  }
});

Deno.test("hostile names come out harmless, in the message and in the header", async () => {
  await using shared = await Shared.make(1);
  const names: Record<string, string> = {
    "../../etc/passwd": "passwd",
    "evil\u202egpj.exe": "evilgpj.exe",
    'a"; filename="b.exe': 'a"; filename="b.exe',
    "日本.png": "日本.png",
    ["x".repeat(255)]: "x".repeat(255),
  };
  for (const [name, clean] of Object.entries(names)) {
    assertEquals((await sendFile(shared.ann, makeFile(1, { name }))).type, "ack");
    const said = (await shared.ann.next("chat")).file as { name: string; url: string };
    assertEquals(said.name, clean);
    const response = await shared.fetch({}, { url: said.url });
    await response.body?.cancel();
    assertEquals(response.headers.get("content-disposition"), contentDisposition("attachment", clean));
  }
  for (const name of ["a\u0000b", "a\nb", "", "x".repeat(256)]) {
    assertEquals(
      (await sendFile(shared.ann, makeFile(1, { name }))).code,
      "bad_request",
      JSON.stringify(name),
    );
  }
});

Deno.test("a part of a file is a part of it", async () => {
  await using shared = await Shared.make(300_000);
  const { bytes } = shared.file;
  const cases: [range: string, start: number, end: number][] = [
    ["bytes=0-0", 0, 1],
    ["bytes=100-199", 100, 200],
    ["bytes=299999-", 299_999, 300_000],
    ["bytes=150000-999999", 150_000, 300_000],
    ["bytes=-500", 299_500, 300_000],
    ["bytes=-999999", 0, 300_000],
  ];
  for (const [range, start, end] of cases) {
    const response = await shared.fetch({ range });
    assertEquals(response.status, 206, range);
    assertEquals(response.headers.get("content-range"), `bytes ${start}-${end - 1}/300000`);
    assertEquals(await response.bytes(), bytes.slice(start, end));
  }
  for (const range of ["bytes=300000-", "bytes=-0", "bytes=400000-500000"]) {
    const response = await shared.fetch({ range });
    await response.body?.cancel();
    assertEquals([response.status, response.headers.get("content-range")], [416, "bytes */300000"], range);
  }
  for (const range of ["bytes=0-1,5-6", "bytes=5-2", "lines=1-2", "bytes=-", "bytes=a-b"]) {
    assertEquals(await statusOf(shared.fetch({ range })), 200, range);
  }
});

Deno.test("who has a file already is told so, and goes on only with the same one", async () => {
  await using shared = await Shared.make(1000);
  const etag = (await shared.fetch({}, { method: "HEAD" })).headers.get("etag")!;
  assertEquals(await statusOf(shared.fetch({ "if-none-match": etag })), 304);
  assertEquals(await statusOf(shared.fetch({ "if-none-match": `"x", W/${etag}` })), 304);
  assertEquals(await statusOf(shared.fetch({ "if-none-match": `"x"` })), 200);
  assertEquals(await statusOf(shared.fetch({ range: "bytes=5-", "if-range": etag })), 206);
  assertEquals(await statusOf(shared.fetch({ range: "bytes=5-", "if-range": `"another"` })), 200);
});

Deno.test("only members of a room with the file may read it, and a link that is none lets nobody in", async () => {
  await using shared = await Shared.make(1000);
  assertEquals(await statusOf(shared.as("ann")), 200);
  assertEquals(await statusOf(shared.as("eve")), 404);
  assertEquals(await statusOf(shared.as("ann", { rooms: ["team-*"] })), 404);
  assertEquals(await statusOf(shared.fetch({}, { url: shared.path })), 401);
  assertEquals(await statusOf(shared.fetch({ authorization: "Bearer x.y.z" }, { url: shared.path })), 401);
  assertEquals(await statusOf(shared.fetch({}, { url: shared.url.replace("until=", "until=9") })), 401);
  assertEquals(await statusOf(shared.fetch({}, { url: `${shared.url}x` })), 401);
  const token = await makeToken("ann");
  for (
    const path of [
      "/files/",
      "/files/x",
      `${shared.path}/`,
      `${shared.path}%00`,
      "/files/..%2f..%2fetc%2fpasswd",
    ]
  ) {
    assertEquals(
      await statusOf(shared.fetch({ authorization: `Bearer ${token}` }, { url: path })),
      404,
      path,
    );
  }
});

Deno.test("who is thrown out of a room can no longer read its files", async () => {
  await using shared = await Shared.make(1000);
  await using bob = await Peer.signIn(shared.server, "bob");
  await bob.join("general");
  assertEquals(await statusOf(shared.as("bob")), 200);
  await shared.ann.ask({ type: "moderate", roomId: "general", action: "ban", userId: "bob" });
  assertEquals(await statusOf(shared.as("bob")), 404);
});

Deno.test("a reader that goes in the middle leaves no file open", async () => {
  await using shared = await Shared.make(4 << 20);
  const aborting = new AbortController();
  const response = await shared.fetch({}, { signal: aborting.signal });
  const reader = response.body!.getReader();
  await reader.read();
  aborting.abort();
  await reader.closed.catch(() => {});
  assertEquals(await statusOf(shared.fetch()), 200);
}); // The test fails if a file is left open.

Deno.test("an empty file is a file", async () => {
  await using shared = await Shared.make(0, { bytes: randomBytes(0) });
  const response = await shared.fetch();
  assertEquals([response.status, await response.text()], [200, ""]);
  assertEquals(await statusOf(shared.fetch({ range: "bytes=0-" })), 416);
});

Deno.test("a range is read as RFC 9110 says", () => {
  assertEquals(readRange("bytes=0-4", 10), { start: 0, end: 5 });
  assertEquals(readRange("BYTES= 2- ", 10), { start: 2, end: 10 });
  assertEquals(readRange("bytes=-20", 10), { start: 0, end: 10 });
  assertEquals(readRange("bytes=10-", 10), "unsatisfiable");
  assertEquals(readRange("bytes=-1", 0), "unsatisfiable");
  assertEquals(readRange(null, 10), undefined);
  assertEquals(readRange("bytes=0-1, 3-4", 10), undefined);
});

Deno.test("a name is written so that no reader takes it for anything else", () => {
  assertEquals(
    contentDisposition("attachment", `a"b\\c%41 é日.txt`),
    `attachment; filename="a_b_c_41 __.txt"; filename*=UTF-8''a%22b%5Cc%2541%20%C3%A9%E6%97%A5.txt`,
  );
  assert(!/[\r\n]/.test(contentDisposition("inline", "a\r\nb: c")));
});
