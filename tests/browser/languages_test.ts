import { assertEquals } from "@std/assert";
import { browserTest, PATIENCE_MS } from "../support/chromium.ts";
import { TestServer } from "../support/server.ts";

browserTest("who reads Chinese gets a Chinese page, and can choose English", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const context = await browser.newContext({ locale: "zh-CN" });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const surprises: string[] = [];
  page.on("pageerror", ({ message }) => surprises.push(message));
  await page.goto(`http://localhost:${server.port}/`);
  await page.getByLabel("你的名字", { exact: true }).fill("思远");
  assertEquals(await page.locator("html").getAttribute("lang"), "zh-CN");
  await page.getByRole("button", { name: "登录" }).click();
  await page.getByText("你好，思远").waitFor();
  await page.getByLabel("语言").selectOption({ label: "English" });
  await page.getByText("Hello, 思远").waitFor();
  await page.reload();
  await page.getByText("Hello, 思远").waitFor();
  assertEquals(surprises, []);
});
