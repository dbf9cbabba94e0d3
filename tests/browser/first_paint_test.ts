import { assert, assertEquals } from "@std/assert";
import { browserTest, PATIENCE_MS, untilSo } from "../support/chromium.ts";
import { makeToken, TestServer } from "../support/server.ts";

browserTest(
  "the page is drawn in a handful of requests, before the server has said a word",
  async (browser) => {
    await using server = await TestServer.start();
    const context = await browser.newContext({ locale: "en-GB" });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const complaints: string[] = [];
    page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.routeWebSocket(/\/ws$/, () => {}); // It is open, and nothing comes.
    await page.goto(`http://localhost:${server.port}/#token=${await makeToken("ann")}`);
    await page.getByRole("navigation", { name: "Rooms" }).waitFor();

    await untilSo(page, isPainted);
    const loaded = await page.evaluate(loadedPaths);
    assert(loaded.length <= 6, loaded.join(" "));
    assertEquals(loaded.filter((path) => path.endsWith(".ts")), []);
    assertEquals(complaints, []);
  },
);

browserTest("a browser that comes again loads neither scripts nor styles", async (browser) => {
  await using server = await TestServer.start();
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const address = `http://localhost:${server.port}/`;
  await page.goto(address);
  await page.getByRole("button", { name: "Sign in" }).waitFor();

  assert((await page.evaluate(transferredPaths)).some((path) => path.endsWith(".js")));

  await page.goto("about:blank");
  await page.goto(address);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  const loaded = await page.evaluate(loadedPaths);
  assert(loaded.some((path) => path.endsWith(".js")) && loaded.some((path) => path.endsWith(".css")));
  const transferred = await page.evaluate(transferredPaths);
  assertEquals(transferred.filter((path) => /\.(js|css)$/.test(path)), []);
});

function isPainted(): boolean {
  return performance.getEntriesByType("paint").length > 0;
}

function loadedPaths(): string[] {
  return performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
}

/** What came over the network, not out of the browser's own store. */
function transferredPaths(): string[] {
  const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  return entries.filter(({ transferSize }) => transferSize > 0).map(({ name }) => new URL(name).pathname);
}
