import { assertEquals } from "@std/assert";
import { stripTypeScriptTypes } from "node:module";
import type { Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
const hasChromium = await Deno.stat(CHROMIUM).then(() => true, () => false);
const ignore = !hasChromium && Deno.env.get("REQUIRE_ALL") !== "1";
if (ignore) console.warn(`Skipped: the client library in a browser (there is no ${CHROMIUM})`);

/** Serves the sources as JavaScript, at their own addresses. */
async function serveFile(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/") return new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
  if (!pathname.endsWith(".ts")) return new Response(null, { status: 404 });
  const source = await Deno.readTextFile(new URL(`../..${pathname}`, import.meta.url));
  const script = stripTypeScriptTypes(source).replace('"@std/assert"', '"/tests/sdk/support/page_assert.ts"');
  return new Response(script, { headers: { "content-type": "text/javascript" } });
}

/** Opens two tabs of one browser. */
async function inBrowser(check: (tabs: [Page, Page]) => Promise<void>): Promise<void> {
  const { chromium } = await import("playwright-core");
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, serveFile);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const context = await browser.newContext();
    const tabs: [Page, Page] = [await context.newPage(), await context.newPage()];
    for (const tab of tabs) await tab.goto(`http://127.0.0.1:${server.addr.port}/`);
    await check(tabs);
  } finally {
    await browser.close();
  }
}

/** Tests that need a browser leave its pipes to the runtime. */
const options = { ignore, sanitizeOps: false, sanitizeResources: false };

Deno.test("IndexedDbStore keeps what an unsent store must keep", options, () =>
  inBrowser(async ([tab]) => {
    const error = await tab.evaluate(`(async () => {
      const { IndexedDbStore } = await import("/static/sdk/mod.ts");
      const { checkUnsentStore } = await import("/tests/sdk/support/unsent_store_contract.ts");
      return await checkUnsentStore(new IndexedDbStore()).then(() => "", (error) => error.stack);
    })()`);
    assertEquals(error, "");
  }));

Deno.test(
  "IndexedDbStore keeps messages over a reload, and for the other tab",
  options,
  () =>
    inBrowser(async ([first, second]) => {
      await first.evaluate(`(async () => {
      const { IndexedDbStore } = await import("/static/sdk/mod.ts");
      const message = { id: "m1", roomId: "general", content: "kept", createdAt: 1 };
      await new IndexedDbStore().put("ada", message);
    })()`);
      await first.reload();
      const load = `(async () => {
      const { IndexedDbStore } = await import("/static/sdk/mod.ts");
      return (await new IndexedDbStore().load("ada")).map((message) => message.content);
    })()`;
      assertEquals([await first.evaluate(load), await second.evaluate(load)], [["kept"], ["kept"]]);
    }),
);

Deno.test(
  "SenderLock gives one tab its turn after the other has gone",
  options,
  () =>
    inBrowser(async ([first, second]) => {
      const acquire = `(async () => {
      const { SenderLock } = await import("/static/sdk/sender_lock.ts");
      globalThis.isHeld = false;
      const held = new SenderLock().acquire("room", new AbortController().signal);
      globalThis.turn = held.then(() => globalThis.isHeld = true);
    })()`;
      await first.evaluate(acquire);
      await first.waitForFunction("globalThis.isHeld");
      await second.evaluate(acquire);
      await second.waitForFunction("navigator.locks.query().then(({ pending }) => pending.length === 1)");
      assertEquals(await second.evaluate("globalThis.isHeld"), false);
      await first.close();
      await second.waitForFunction("globalThis.isHeld");
    }),
);

Deno.test("TabChannel tells the other tab", options, () =>
  inBrowser(async ([first, second]) => {
    await second.evaluate(`(async () => {
      const { TabChannel } = await import("/static/sdk/tab_channel.ts");
      globalThis.channel = new TabChannel("unsent", (note) => globalThis.heard = note);
    })()`);
    await first.evaluate(`(async () => {
      const { TabChannel } = await import("/static/sdk/tab_channel.ts");
      new TabChannel("unsent", () => {}).post({ note: "discarded", roomId: "general", id: "m1" });
    })()`);
    const heard = await second.waitForFunction("globalThis.heard");
    assertEquals(await heard.jsonValue(), { note: "discarded", roomId: "general", id: "m1" });
  }));
