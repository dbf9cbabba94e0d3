import { assert, assertEquals } from "@std/assert";
import type { Browser, Page } from "playwright-core";
import { MAX_SHOWN } from "../../static/app/span.ts";
import { BusyRoom } from "../support/busy_room.ts";
import { browserTest, PATIENCE_MS, untilSo } from "../support/chromium.ts";
import { makeToken, TestServer } from "../support/server.ts";

const ROOM = "busy";
const MESSAGES = 10_000;
const MEMBERS = 300;
/** A page that shows nothing new draws 60 frames a second, or what the machine has left: half of that is left here. */
const MIN_SHARE_OF_FRAMES = 0.5;
/** Elements of a message with everything around it, at most. */
const ELEMENTS_PER_ROW = 16;

browserTest("a page keeps up with 100 messages a second in a room of 10 000", async (browser) => {
  await using server = await TestServer.start({ HISTORY_LIMIT: "20000" });
  for (let i = 0; i < MEMBERS; i++) await (await BusyRoom.join(server, ROOM, `m${i}`))[Symbol.asyncDispose]();
  await using room = await BusyRoom.open(server, ROOM, 20);
  await room.fill(MESSAGES);
  const page = await openAs(browser, server, "reader");
  await sees(page, MESSAGES);

  const wanted = MIN_SHARE_OF_FRAMES * Math.min(60, await page.evaluate(countFrames, 1_000));
  let best = 0;
  for (let tries = 0; tries < 3 && best < wanted; tries++) {
    const frames = page.evaluate(countFrames, 3_000);
    await room.talk(100, 3);
    best = Math.max(best, await frames);
  }
  console.log(`${best.toFixed(1)} frames a second`);
  assert(best >= wanted, `${best} frames a second instead of ${wanted}`);

  await sees(page, room.written);
  const rows = await page.locator(".rows .message").count();
  assert(rows <= MAX_SHOWN, `${rows} messages are in the document`);
  const elements = await page.locator(".rows *").count();
  assert(elements <= MAX_SHOWN * ELEMENTS_PER_ROW + 100, `${elements} elements`);
  // By now whoever is in the room is listed, too.
  const inPage = await page.locator("*").count();
  await room.talk(100, 1);
  await sees(page, room.written);
  assert(await page.locator("*").count() <= inPage + 100, `${inPage} elements, and then more`);
});

browserTest("a reader who looks back stays there while the room goes on", async (browser) => {
  await using server = await TestServer.start({ HISTORY_LIMIT: "20000" });
  await using room = await BusyRoom.open(server, ROOM, 3);
  await room.fill(2_000);
  const page = await openAs(browser, server, "reader");
  await sees(page, 2_000);

  await scrollUpTo(page, 1_600);
  assert(await page.locator(".rows .message").count() <= MAX_SHOWN);
  const before = await placeOf(page, 1_600);
  await room.talk(100, 1);
  const jump = page.getByRole("button", { name: "100 new messages" });
  await jump.waitFor();
  assert(Math.abs(await placeOf(page, 1_600) - before) < 2, "what was read has moved");

  await jump.click();
  await sees(page, 2_100);
  await jump.waitFor({ state: "detached" }).catch(() => {});
  assertEquals(await jump.isVisible(), false);
  await room.talk(100, 1);
  await sees(page, 2_200);
  assertEquals(await page.getByRole("log").getByRole("listitem").count() > 0, true);
});

browserTest(
  "a reader who was away begins at the first new message, and has read what was on the screen",
  async (browser) => {
    await using server = await TestServer.start({ HISTORY_LIMIT: "20000" });
    await using room = await BusyRoom.open(server, ROOM, 3);
    await room.fill(1_000);
    {
      await using reader = await BusyRoom.join(server, ROOM, "reader");
      await reader.ask({ type: "receipt", roomId: ROOM, seq: 1_000, status: "read" });
    }
    await room.fill(1_400);
    await using watcher = await BusyRoom.join(server, ROOM, "watcher");
    const page = await openAs(browser, server, "reader");
    const line = page.locator(".unread-line");
    await line.waitFor();
    const first = await page.locator(".unread-line + .message .text").textContent();
    assert(first?.startsWith("Message 1001."), first ?? "nothing");
    const { userId, seq } = await watcher.next("receipt", ({ status }) => status === "read");
    assertEquals(userId, "reader");
    assert(Number(seq) > 1_000 && Number(seq) < 1_100, `read up to ${seq}`);
  },
);

browserTest(
  "the unread count falls while one reads, and a room opens again where one has come to",
  async (browser) => {
    await using server = await TestServer.start({ HISTORY_LIMIT: "20000" });
    await using room = await BusyRoom.open(server, ROOM, 3);
    await (await BusyRoom.join(server, ROOM, "reader"))[Symbol.asyncDispose]();
    await (await BusyRoom.join(server, "quiet", "reader"))[Symbol.asyncDispose]();
    await room.fill(300);
    const page = await openAs(browser, server, "reader");
    const [busy, quiet] = [ROOM, "quiet"].map((name) =>
      page.locator(".room-list a", { hasText: name }).first()
    );
    await page.locator(".unread-line").waitFor();
    await scrollDownTo(page, 120);
    await untilSo(page, () => Number(/^\((\d+)\)/.exec(document.title)?.[1]) <= 181);

    await quiet.click();
    await page.getByRole("heading", { name: "quiet" }).waitFor();
    await busy.click();
    await page.locator(".unread-line").waitFor();
    const first = await page.locator(".unread-line + .message .text").textContent();
    assert(Number(/\d+/.exec(first ?? "")) > 120, `the line stands before ${first}`);

    await scrollDownTo(page, 300);
    await page.mouse.wheel(0, 5_000);
    await untilSo(page, () => !document.title.startsWith("("));
    await quiet.click();
    await page.getByRole("heading", { name: "quiet" }).waitFor();
    await busy.click();
    await sees(page, 300);
    assertEquals(await page.locator(".unread-line").count(), 0);
    const scroller = page.locator(".scroller");
    const above = await scroller.evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight);
    assert(above < 40, `one stands ${above} px above the end`);
  },
);

async function openAs(browser: Browser, server: TestServer, userId: string): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`http://localhost:${server.port}/#token=${await makeToken(userId)}&room=${ROOM}`);
  return page;
}

async function sees(page: Page, message: number): Promise<void> {
  await page.locator(".rows").getByText(`Message ${message}.`).waitFor();
}

function scrollUpTo(page: Page, message: number): Promise<void> {
  return scrollTo(page, message, -2_000);
}

function scrollDownTo(page: Page, message: number): Promise<void> {
  return scrollTo(page, message, 300);
}

async function scrollTo(page: Page, message: number, px: number): Promise<void> {
  await page.locator(".scroller").hover();
  const wanted = page.locator(".rows").getByText(`Message ${message}.`);
  for (let turns = 0; turns < 200 && await wanted.count() === 0; turns++) await page.mouse.wheel(0, px);
  await wanted.scrollIntoViewIfNeeded();
}

async function placeOf(page: Page, message: number): Promise<number> {
  return (await page.locator(".rows").getByText(`Message ${message}.`).boundingBox())!.y;
}

/** Runs in the page: frames a second over some milliseconds. */
function countFrames(ms: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const startedAt = performance.now();
  let frames = 0;
  const next = () => {
    frames++;
    const passed = performance.now() - startedAt;
    if (passed < ms) requestAnimationFrame(next);
    else resolve(frames * 1000 / passed);
  };
  requestAnimationFrame(next);
  return promise;
}
