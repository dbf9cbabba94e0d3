import { assert } from "@std/assert";
import { browserTest, openRoom, signIn } from "../support/chromium.ts";
import { ChildServer } from "../support/child_server.ts";

browserTest("a page that lost the server no longer says who is there or writing", async (browser) => {
  await using server = await ChildServer.start({ GUESTS: "on" });
  const ann = await signIn(browser, server.port, "Ann");
  const bob = await signIn(browser, server.port, "Bob");
  for (const page of [ann, bob]) {
    await openRoom(page, "general");
    await page.getByLabel("Message", { exact: true }).waitFor();
  }
  await bob.getByLabel("Message", { exact: true }).pressSequentially("I");
  for (const words of ["Bob is typing…", "2 online"]) await ann.getByText(words).waitFor();

  server.signal("SIGKILL");
  await ann.getByText("The connection was lost.").waitFor();
  for (const words of ["Bob is typing…", "2 online"]) await ann.getByText(words).waitFor({ state: "hidden" });
});

browserTest("a name of 64 letters without a blank leaves the way out on the page", async (browser) => {
  await using server = await ChildServer.start({ GUESTS: "on" });
  const page = await signIn(browser, server.port, "x".repeat(64));
  const signOut = (await page.getByRole("button", { name: "Sign out" }).boundingBox())!;
  const sidebar = (await page.locator("#sidebar").boundingBox())!;
  assert(signOut.x + signOut.width <= sidebar.x + sidebar.width, `${signOut.x} is beside the sidebar`);
});

browserTest("a page at an address that is not in ORIGINS says what to do about it", async (browser) => {
  await using server = await ChildServer.start({ GUESTS: "on", ORIGINS: "https://chat.example.org" });
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await page.goto(`http://localhost:${server.port}/`);
  await page.getByLabel("Your name", { exact: true }).fill("Ann");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("must name it in ORIGINS").waitFor();
});
