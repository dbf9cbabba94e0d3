import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import type { Locator, Page } from "playwright-core";
import { browserTest, openRoom, PATIENCE_MS, say, signIn } from "../support/chromium.ts";
import { TcpProxy } from "../support/tcp_proxy.ts";
import { randomBytes, sha256 } from "../support/file_sender.ts";
import { TestServer } from "../support/server.ts";

const ROOM = "东方 harbour";
const API_KEY = "a-key-for-tests-long-enough-for-this";
const CHINESE = "我家在上海东边，靠近码头。";

browserTest("three people live through everything a room can do", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on", API_KEY });
  await using link = new TcpProxy(server.port);
  const [ann, bob, cat] = await Promise.all([
    signIn(browser, link.port, "Ann"),
    signIn(browser, server.port, "Bob"),
    signIn(browser, server.port, "Cat"),
  ]);

  await makeRoom(ann, "open sesame");
  await comeIn(bob, "open sesame");
  await isShutOut(cat);

  await comeIn(cat, "open sesame");
  await say(ann, CHINESE);
  await sees(cat, CHINESE);
  await actOn(ann, "Bob", "Mute…", "Mute");
  await sees(bob, /^Ann muted Bob for 10 min/);
  await bob.getByText(/^You may read here, and write again from/).waitFor();
  await say(bob, "Can you hear me?");
  await actOn(ann, "Cat", "Make admin");
  await sees(cat, "Ann made Cat an admin");
  await cat.getByRole("button", { name: "Room settings" }).waitFor();
  assertEquals(await bob.getByRole("button", { name: "Room settings" }).isVisible(), false);
  assertEquals(await cat.getByText("Can you hear me?").count(), 0);

  await sendFileOverCut(ann, bob, link);
  await fillRoom(server.port);
  await searchAndJump(bob);
  await directMessageWaits(bob, cat);
});

async function makeRoom(page: Page, password: string): Promise<void> {
  await page.getByRole("button", { name: "New room…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Room name").fill(ROOM);
  await dialog.getByLabel("Password").fill(password);
  await dialog.getByRole("button", { name: "Create room" }).click();
  await writingField(page).waitFor();
}

async function comeIn(page: Page, password: string): Promise<void> {
  await openRoom(page, ROOM);
  await tryPassword(page, password);
  await writingField(page).waitFor();
}

async function isShutOut(page: Page): Promise<void> {
  await openRoom(page, ROOM);
  await tryPassword(page, "open barley");
  await page.getByText("That password is wrong.").waitFor();
  assertEquals(await writingField(page).count(), 0);
}

async function tryPassword(page: Page, password: string): Promise<void> {
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Unlock" }).click();
}

/** Opens what can be done with a member, and does it; `sure` is the button that follows. */
async function actOn(page: Page, name: string, action: string, sure?: string): Promise<void> {
  await page.locator(".side-panel [data-user]", { hasText: name }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: action }).click();
  if (sure !== undefined) await dialog.getByRole("button", { name: sure, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

async function sendFileOverCut(from: Page, to: Page, link: TcpProxy): Promise<void> {
  const bytes = randomBytes(3_000_000);
  const chooser = from.waitForEvent("filechooser");
  await from.getByRole("button", { name: "Attach file" }).click();
  link.cutEvery(1_000_000, 1);
  await (await chooser).setFiles({
    name: "地图.bin",
    mimeType: "application/octet-stream",
    buffer: Buffer.from(bytes),
  });
  const card = to.getByRole("link", { name: "Download 地图.bin" });
  await card.waitFor({ timeout: 2 * PATIENCE_MS });
  assertEquals(link.cuts, 1);
  const [download] = await Promise.all([to.waitForEvent("download"), card.click()]);
  assertEquals(download.suggestedFilename(), "地图.bin");
  assertEquals(sha256(await Deno.readFile(await download.path())), sha256(bytes));
  await from.getByRole("link", { name: "Download 地图.bin" }).waitFor();
  await from.locator(".upload").waitFor({ state: "detached" });
}

/** Enough lines to put what was said first far out of sight. */
async function fillRoom(port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/api/rooms/${encodeURIComponent(ROOM)}/messages`;
  for (let line = 0; line < 80; line++) {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ content: `Line ${line}`, username: "Log" }),
    });
    assertEquals(response.status, 201, await response.text());
  }
}

async function searchAndJump(page: Page): Promise<void> {
  await sees(page, "Line 79");
  const said = page.locator(".talk").getByText(CHINESE);
  assertEquals(await said.count() === 1 && await isInView(said), false);
  await page.locator("header").getByRole("button", { name: "Search" }).click();
  await page.getByRole("searchbox", { name: "Search" }).fill("上海");
  await page.keyboard.press("Enter");
  const result = page.locator(".result");
  await result.waitFor();
  assertEquals(await result.locator("mark").allTextContents(), ["上海"]);
  await result.click();
  const found = page.locator(".message.found");
  await found.waitFor();
  assertEquals(await found.locator(".text").textContent(), CHINESE);
  assert(await isInView(found));
}

/** A page that is gone keeps its session, and is the same person when it comes back. */
async function directMessageWaits(from: Page, to: Page): Promise<void> {
  const address = to.url();
  await to.goto("about:blank");
  await say(from, "/msg @Cat 明天见");
  await sees(from, "明天见");
  await to.goto(address);
  const direct = to.locator(".rooms a", { hasText: "Bob" });
  await direct.locator(".badge", { hasText: "1" }).waitFor();
  await direct.click();
  await sees(to, "明天见");
}

async function isInView(element: Locator): Promise<boolean> {
  return await element.evaluate((element: Element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
}

function writingField(page: Page): Locator {
  return page.getByLabel("Message", { exact: true });
}

async function sees(page: Page, text: string | RegExp): Promise<void> {
  await page.locator(".talk").getByText(text).first().waitFor();
}
