import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { browserTest, openRoom, say, signIn, untilSo } from "../support/chromium.ts";
import { TestServer } from "../support/server.ts";

const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const TWO_HOURS_MS = 2 * 60 * 60 * 1000;

async function arrive(browser: Parameters<typeof signIn>[0], port: number, name: string): Promise<Page> {
  const page = await signIn(browser, port, name);
  await openRoom(page, "general");
  await page.getByLabel("Message", { exact: true }).waitFor();
  return page;
}

/** Presses the button as soon as the server has a part of the file: sooner than a test could. */
async function pauseOnceBegun(page: Page): Promise<void> {
  await page.evaluate(() => {
    const pauseIfBegun = () => {
      const pause = document.querySelector<HTMLElement>(".upload button[title=Pause]");
      const progress = document.querySelector("progress");
      if (pause && progress && progress.value > 0) pause.click();
      else requestAnimationFrame(pauseIfBegun);
    };
    pauseIfBegun();
  });
}

/** Notes the files that a page announces from now on: their ids. */
function uploadsBegun(page: Page): string[] {
  const ids: string[] = [];
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => {
      for (const line of String(payload).split("\n")) {
        if (line.includes('"type":"file_begin"')) ids.push(JSON.parse(line).id);
      }
    });
  });
  return ids;
}

/** What the page remembers of unfinished files. */
function keptUploads(): string[] {
  return Object.entries(sessionStorage).filter(([key]) => key.includes("upload.")).map(([, id]) => id);
}

function nothingIsKept(): boolean {
  return !Object.keys(sessionStorage).some((key) => key.includes("upload."));
}

/** Drops or pastes files that the page itself makes. */
async function bring(
  page: Page,
  how: "drop" | "paste",
  files: { name: string; type: string; base64: string }[],
) {
  await page.evaluate(({ how, files }) => {
    const data = new DataTransfer();
    for (const { name, type, base64 } of files) {
      const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
      data.items.add(new File([bytes], name, { type }));
    }
    const about = { bubbles: true, cancelable: true };
    if (how === "paste") {
      document.querySelector("#message")!.dispatchEvent(
        new ClipboardEvent("paste", { ...about, clipboardData: data }),
      );
    } else {
      document.querySelector(".talk")!.dispatchEvent(new DragEvent("drop", { ...about, dataTransfer: data }));
    }
  }, { how, files });
}

browserTest("files that are dropped and pasted are shown or offered, each in its way", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const [ann, bob] = [await arrive(browser, server.port, "Ann"), await arrive(browser, server.port, "Bob")];
  let refusals = 1;
  await bob.route("**/files/**", (route) => {
    if (refusals-- > 0) return route.fulfill({ status: 401 });
    return route.continue();
  });
  await bring(ann, "drop", [{ name: "点.png", type: "image/png", base64: PICTURE }]);
  await bring(ann, "paste", [
    { name: "page.html", type: "text/html", base64: btoa("<script>alert(1)</script>") },
    { name: "drawing.svg", type: "image/svg+xml", base64: btoa("<svg/>") },
  ]);
  for (const name of ["点.png", "page.html", "drawing.svg"]) {
    await bob.getByRole("link", { name: `Download ${name}` }).waitFor();
  }
  // Its first link is refused, as one that has ended is: the page gets another.
  const picture = bob.locator(".media img");
  await untilSo(bob, () => document.querySelector<HTMLImageElement>(".media img")?.naturalWidth === 1);
  assertEquals(await picture.getAttribute("alt"), "点.png");
  assertEquals(await bob.locator(".media").evaluate((box) => [box.clientWidth, box.clientHeight]), [
    320,
    240,
  ]);
  assertEquals(await bob.locator(".media").count(), 1);

  await bob.clock.setFixedTime(Date.now() + TWO_HOURS_MS);
  const asked = bob.waitForEvent("download");
  await bob.getByRole("link", { name: "Download page.html" }).click();
  assertEquals((await asked).suggestedFilename(), "page.html");
});

browserTest("a file is paused, cancelled, refused for good, and goes on after a reload", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on", MAX_FILE_BYTES: "20000000" });
  const folder = await Deno.makeTempDir({ prefix: "parley_files_" });
  try {
    await Deno.writeFile(`${folder}/film.bin`, new Uint8Array(20_000_000).fill(7));
    await Deno.writeFile(`${folder}/large.bin`, new Uint8Array(20_000_001));
    const ann = await arrive(browser, server.port, "Ann");
    const choose = (name: string) => ann.locator("input[type=file]").setInputFiles(`${folder}/${name}`);
    const refusal = ann.getByText("Not sent: The file is larger than this server takes.");
    await choose("large.bin");
    await refusal.waitFor();
    assertEquals(await ann.getByRole("button", { name: "Retry: large.bin" }).count(), 0);
    await ann.getByRole("button", { name: "Discard: large.bin" }).click();
    await ann.locator(".upload").waitFor({ state: "detached" });

    await pauseOnceBegun(ann);
    await choose("film.bin");
    await ann.locator(".upload-status", { hasText: "Paused" }).waitFor();
    const kept = await ann.evaluate(keptUploads);
    const begun = uploadsBegun(ann);
    await ann.reload();
    await ann.getByLabel("Message", { exact: true }).waitFor();
    await choose("film.bin");
    await ann.getByRole("link", { name: "Download film.bin" }).waitFor();
    assertEquals([kept.length, begun], [1, kept]);
    await untilSo(ann, nothingIsKept);
    await pauseOnceBegun(ann);
    await Deno.writeFile(`${folder}/film.bin`, new Uint8Array(20_000_000).fill(8));
    await choose("film.bin");
    await ann.getByRole("button", { name: "Cancel: film.bin" }).click();
    await ann.locator(".upload").waitFor({ state: "detached" });
    assertEquals(await ann.locator(".message .file-card").count(), 1);
    await untilSo(ann, nothingIsKept);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

browserTest("where the server takes no files, none can be chosen, dropped or pasted", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on", MAX_FILE_BYTES: "0" });
  const ann = await arrive(browser, server.port, "Ann");
  assertEquals(await ann.locator("input[type=file]").count(), 0);
  const file = { name: "a.txt", type: "text/plain", base64: btoa("a") };
  for (const how of ["drop", "paste"] as const) await bring(ann, how, [file]);
  await say(ann, "No files here");
  await ann.getByText("No files here").waitFor();
  assertEquals(await ann.locator(".message").count(), 1);
});

browserTest(
  "a file is sent while three others are paused, and these go on when they are told to",
  async (browser) => {
    await using server = await TestServer.start({ GUESTS: "on" });
    const ann = await arrive(browser, server.port, "Ann");
    const choose = (name: string, bytes: number) =>
      ann.locator("input[type=file]").setInputFiles({
        name,
        mimeType: "text/plain",
        buffer: Buffer.alloc(bytes, name),
      });
    const large = ["a.bin", "b.bin", "c.bin"];
    for (const name of large) {
      await pauseOnceBegun(ann);
      await choose(name, 16_000_000);
      await ann.getByRole("button", { name: `Go on: ${name}` }).waitFor();
    }
    await choose("note.txt", 1_000);
    await ann.getByRole("link", { name: "Download note.txt" }).waitFor();
    for (const name of large) await ann.getByRole("button", { name: `Go on: ${name}` }).click();
    for (const name of large) await ann.getByRole("link", { name: `Download ${name}` }).waitFor();
  },
);
