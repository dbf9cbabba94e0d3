import type { Page } from "playwright-core";
import { browserTest, openRoom, say, signIn } from "../support/chromium.ts";
import { TestServer } from "../support/server.ts";

async function search(page: Page, words: string): Promise<void> {
  await page.locator(".rooms-actions").getByRole("button", { name: "Search" }).click();
  await page.getByRole("searchbox", { name: "Search" }).fill(words);
  await page.keyboard.press("Enter");
  await page.getByText("1 found").waitFor();
}

browserTest("who has searched comes back to the room in whatever way they try", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const page = await signIn(browser, server.port, "Ann");
  await openRoom(page, "general");
  await page.getByLabel("Message", { exact: true }).waitFor();
  await say(page, "What about **lunch**?");
  const isBack = () => page.getByLabel("Message", { exact: true }).waitFor();

  await search(page, "lunch");
  await page.getByText("What about **lunch**?").waitFor();
  await page.getByRole("link", { name: "general" }).click();
  await isBack();

  await search(page, "lunch");
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await isBack();

  await search(page, "lunch");
  await page.goBack();
  await isBack();
  await page.goForward();
  await page.getByText("1 found").waitFor();

  await page.keyboard.press("Escape");
  await page.getByText("1 found").waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await isBack();

  await search(page, "lunch");
  await page.reload();
  await page.getByRole("searchbox", { name: "Search" }).waitFor();
  await page.getByRole("link", { name: "general" }).click();
  await isBack();
});
