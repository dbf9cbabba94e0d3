import { assertEquals } from "@std/assert";
import { english } from "../../static/app/words_en.ts";
import { browserTest, openRoom, say, signIn } from "../support/chromium.ts";
import { TestServer } from "../support/server.ts";

browserTest("a command that does not exist is not sent, but kept and explained", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const page = await signIn(browser, server.port, "Ann");
  await openRoom(page, "general");
  const field = page.getByLabel("Message", { exact: true });
  await field.waitFor();
  const problem = page.getByText("There is no such command.");

  await say(page, "/foo bar");
  await problem.waitFor();
  assertEquals(await field.inputValue(), "/foo bar");
  await field.press("Home");
  await field.press("Space");
  await problem.waitFor({ state: "detached" });
  await field.press("Enter");
  for (const text of ["/usr/bin", "//foo", "/ hello"]) await say(page, text);

  const texts = page.locator(".message .text");
  await texts.nth(3).waitFor();
  assertEquals(await texts.allTextContents(), ["/foo bar", "/usr/bin", "//foo", "/ hello"]);
});

browserTest("a message to a name that nobody has is there to be written again", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const page = await signIn(browser, server.port, "Jean-Luc");
  await openRoom(page, "general");
  await say(page, "Hello");
  await page.locator(".message .text", { hasText: "Hello" }).waitFor();
  await say(page, "/msg @Nobody a long text");
  await page.getByText(english.errors.user_not_found).waitFor();
  assertEquals(await page.getByLabel("Message", { exact: true }).inputValue(), "/msg @Nobody a long text");
});
