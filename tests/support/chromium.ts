import { assert } from "@std/assert";
import { existsSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { sleep } from "../../lib/kit/wait.ts";

const CHROMIUM = "/usr/bin/chromium";
const isMissing = !existsSync(CHROMIUM);
const mustRun = Deno.env.get("REQUIRE_ALL") === "1";

/** What a page may take to show something. */
export const PATIENCE_MS = 10_000;

/** A test in a real browser; skipped, with a word about it, where there is none. */
export function browserTest(name: string, story: (browser: Browser) => Promise<void>): void {
  if (isMissing && !mustRun) console.log(`Skipped: ${name} (there is no ${CHROMIUM})`);
  Deno.test({
    name,
    ignore: isMissing && !mustRun,
    // The browser's own pipes and timers end with it, later than the test.
    sanitizeOps: false,
    sanitizeResources: false,
  }, async () => {
    const { chromium } = await import("playwright-core");
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    try {
      await story(browser);
    } finally {
      await browser.close();
    }
  });
}

/** Comes in as a guest, in a browser profile of their own. */
export async function signIn(
  browser: Browser,
  port: number,
  name: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`http://localhost:${port}/`);
  await page.getByLabel("Your name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Room name").waitFor({ state: "attached" });
  return page;
}

/** Joins or opens a room by its name. */
export async function openRoom(page: Page, room: string): Promise<void> {
  await page.getByLabel("Room name", { exact: true }).fill(room);
  await page.getByRole("button", { name: "Join room" }).click();
}

/** Waits until something is so in a page. It is asked from outside: what asks inside may not, by the page's policy. */
export async function untilSo(page: Page, isSo: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (!await page.evaluate(isSo)) {
    assert(Date.now() < giveUpAt, `It is never so: ${isSo}`);
    await sleep(20);
  }
}

/** Writes a message into the open room. */
export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}
