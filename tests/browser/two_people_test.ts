import { assertEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { ChildServer } from "../support/child_server.ts";

const CHROMIUM = "/usr/bin/chromium";
const isMissing = !existsSync(CHROMIUM);
const mustRun = Deno.env.get("REQUIRE_ALL") === "1";
if (isMissing && !mustRun) console.log(`Skipping the browser story: there is no ${CHROMIUM}.`);

/** What a page may take to show something. */
const PATIENCE_MS = 10_000;

Deno.test({
  name: "two people talk in a browser, also over the sudden death of the server",
  ignore: isMissing && !mustRun,
  // The browser's own sockets and timers end with it, later than the test.
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_browser_" });
  // As a newcomer starts it: guests, and a secret that nobody knows and that is another one after each start.
  const settings = { JWT_SECRET: undefined, HOST: undefined, STORE: `sqlite:${folder}/parley.db` };
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const first = await ChildServer.start(settings);
    const ann = await arrive(browser, first.port, "Ann");
    const bob = await arrive(browser, first.port, "Bob");
    await say(ann, "Hello, Bob");
    await sees(bob, ["Hello, Bob"]);
    await say(bob, "Hello, Ann");
    for (const page of [ann, bob]) await sees(page, ["Hello, Bob", "Hello, Ann"]);

    first.signal("SIGKILL");
    await first.ended;
    await ann.getByText("The connection was lost.").waitFor({ timeout: PATIENCE_MS });
    await say(ann, "Are you there?");
    await ann.getByText("Waiting to be sent").waitFor({ timeout: PATIENCE_MS });
    await say(ann, "I will wait");

    await using _ = await ChildServer.start({ ...settings, PORT: String(first.port) });
    for (const page of [ann, bob]) await retry(page);
    const all = ["Hello, Bob", "Hello, Ann", "Are you there?", "I will wait"];
    for (const page of [ann, bob]) await sees(page, all);
    await say(bob, "I am back");
    for (const page of [ann, bob]) await sees(page, [...all, "I am back"]);
    await ann.getByText("Waiting to be sent").waitFor({ state: "detached", timeout: PATIENCE_MS });
    await ann.reload();
    await sees(ann, [...all, "I am back"]);
  } finally {
    await browser.close();
    await Deno.remove(folder, { recursive: true });
  }
});

/** Comes in as a guest, in a browser profile of their own, and joins the room. */
async function arrive(browser: Browser, port: number, name: string): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`http://localhost:${port}/`);
  await page.getByLabel("Your name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Room name").fill("harbour");
  await page.getByRole("button", { name: "Join room" }).click();
  await page.getByLabel("Message", { exact: true }).waitFor();
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

/** Waits until the conversation is exactly this, and stays it while the page settles. */
async function sees(page: Page, texts: string[]): Promise<void> {
  const shown = page.locator(".message .text");
  await shown.nth(texts.length - 1).waitFor({ timeout: PATIENCE_MS });
  assertEquals(await shown.allTextContents(), texts);
}

/** Has the page try again until it is back: the first try may only find out that another secret needs another token. */
async function retry(page: Page): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  const button = page.getByRole("button", { name: "Retry now" });
  const isLost = () => page.getByText(/The connection was lost|Reconnecting/).isVisible();
  while (await isLost() && Date.now() < giveUpAt) await button.click({ timeout: 500 }).catch(() => {});
}
