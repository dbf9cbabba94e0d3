import { assertEquals } from "@std/assert";
import { fileAddress, fileKind, isStale } from "../../static/app/file_kind.ts";
import { fileSize } from "../../static/app/file_size.ts";
import { pastedFiles } from "../../static/app/attaching.ts";
import { mediaTypeOf } from "../../lib/http/media_types.ts";

Deno.test("fileKind() shows exactly what the server lets a page show", () => {
  const types = ["image", "audio", "video", "text", "application", "constructor", ""];
  const formats =
    "png jpeg gif webp avif bmp svg+xml svg html mpeg mp4 aac ogg opus wav webm flac quicktime pdf";
  for (const type of types) {
    for (const format of [...formats.split(" "), "x", ""]) {
      const mime = `${type}/${format}`;
      assertEquals(fileKind(mime) !== "card", mediaTypeOf(mime).isShown, mime);
    }
  }
  for (const mime of ["", "image", "image/png;a=b", "IMAGE/PNG"]) assertEquals(fileKind(mime), "card", mime);
});

Deno.test("fileAddress() leads to this server's files and nowhere else", () => {
  const good = "/files/0123456789abcdef0123456789abcdef?until=1800000000&sig=aB-_9";
  assertEquals(fileAddress(good), good.slice(1));
  const bad = [
    "javascript:alert(1)",
    "//evil.test/files/1",
    "https://evil.test/files/1",
    "/files/../api/token",
    "/files/1?x=1#y",
    "/files/",
    "\n/files/1",
    "data:text/html,x",
    "",
  ];
  for (const url of bad) assertEquals(fileAddress(url), undefined, url);
});

Deno.test("isStale() tells a link that has ended, or ends within a minute", () => {
  const url = "/files/1?until=1000&sig=x";
  assertEquals([isStale(url, 900_000), isStale(url, 950_000), isStale("/files/1", 0)], [false, true, false]);
});

Deno.test("fileSize() uses the reader's language", () => {
  assertEquals([0, 999, 1_500, 26_214_400, 5e12].map((bytes) => fileSize(bytes, "en")), [
    "0 bytes",
    "999 bytes",
    "1.5 kB",
    "26.2 MB",
    "5,000 GB",
  ]);
  assertEquals(fileSize(1_500_000, "zh-CN"), "1.5 MB");
});

Deno.test("pastedFiles() takes a picture, and leaves a text that has a picture of itself", () => {
  const picture = new File(["x"], "image.png");
  const pasted = (types: string[]) => ({ types, files: [picture] }) as unknown as DataTransfer;
  assertEquals(pastedFiles(pasted(["Files"])), [picture]);
  assertEquals(pastedFiles(pasted(["text/html", "Files"])), [picture]);
  assertEquals(pastedFiles(pasted(["text/plain", "text/html", "Files"])), []);
  assertEquals(pastedFiles(null), []);
});
