import { assert } from "@std/assert";
import { browserTest, openRoom, signIn } from "../support/chromium.ts";
import { ChildServer } from "../support/child_server.ts";
import { makeToken } from "../support/server.ts";

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
  const edges = await page.locator(".person").evaluate((person) => {
    const boxes = [person.querySelector("button"), person.closest("#sidebar")];
    return boxes.map((box) => box!.getBoundingClientRect().right);
  });
  assert(edges[0] <= edges[1], edges.join(" is beside "));
});

browserTest("a page at an address that is not in ORIGINS says what to do about it", async (browser) => {
  await using server = await ChildServer.start({ GUESTS: "on", ORIGINS: "https://chat.example.org" });
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await page.goto(`http://localhost:${server.port}/`);
  await page.getByLabel("Your name", { exact: true }).fill("Ann");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("must name it in ORIGINS").waitFor();
});

browserTest(
  "a page that has a token already says so as well, and no longer once it is let in",
  async (browser) => {
    const elsewhere = await ChildServer.start({ GUESTS: "on", ORIGINS: "https://chat.example.org" });
    const { port } = elsewhere;
    const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
    await page.goto(`http://localhost:${port}/#token=${await makeToken("ann")}`);
    await page.getByText("must name it in ORIGINS").waitFor();
    elsewhere.signal("SIGKILL");
    await elsewhere.ended;
    await using _ = await ChildServer.start({ GUESTS: "on", PORT: String(port) });
    await page.getByText("Hello, ann").waitFor();
    await page.getByText("must name it in ORIGINS").waitFor({ state: "detached" });
  },
);

browserTest("a page that waits for its next try makes it when somebody comes back to it", async (browser) => {
  await using server = await ChildServer.start({ GUESTS: "on" });
  const page = await signIn(browser, server.port, "Ann");
  server.signal("SIGKILL");
  await page.getByText("The connection was lost.").waitFor();
  // What a later try waits for is seconds away, so that one at once can only be this one.
  await page.getByText(/Next try in ([7-9]|\d\d) s/).waitFor({ timeout: 60_000 });
  const tried = page.waitForEvent("websocket", { timeout: 5_000 });
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await tried;
});
