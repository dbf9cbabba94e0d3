import { assert, assertEquals } from "@std/assert";
import { browserTest, openRoom, PATIENCE_MS, signIn } from "../support/chromium.ts";
import { Peer } from "../support/peer.ts";
import { makeToken, TestServer } from "../support/server.ts";

const viewport = { width: 390, height: 844 };

browserTest(
  "where the list of rooms is the page, it has a heading, and no key leads to what is not seen",
  async (browser) => {
    await using server = await TestServer.start({ GUESTS: "on" });
    const ann = await signIn(browser, server.port, "Ann", { viewport });
    const heading = ann.getByRole("main").getByRole("heading", { level: 1, name: "Hello, Ann" });
    await heading.waitFor({ state: "attached" });
    assertEquals(await ann.getByRole("button", { name: "Open “general”" }).count(), 0);

    await ann.locator("body").press("Tab");
    assert(await ann.evaluate(() => document.activeElement?.closest(".sidebar") !== null));
  },
);

browserTest("the hint below the search breaks between its examples, not within a date", async (browser) => {
  await using server = await TestServer.start();
  for (const locale of ["en-GB", "zh-CN"]) {
    const page = await (await browser.newContext({ viewport, locale })).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`http://localhost:${server.port}/#token=${await makeToken("ann")}`);
    await page.locator(".rooms-actions button").last().click();
    const lines = await page.locator("#search-hint").evaluate(linesOf);
    assert(lines.length > 1, "there was space for all in one line");
    assert(lines.some((line) => line.includes("before:2026-01-31")), `${locale}: ${lines.join(" | ")}`);
    assert(lines.some((line) => line.includes("after:2026-01-01")), `${locale}: ${lines.join(" | ")}`);
  }
});

browserTest("choosing the room that is open puts the list of rooms away", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const ann = await signIn(browser, server.port, "Ann", { viewport, hasTouch: true });
  await openRoom(ann, "harbour");
  const field = ann.getByRole("textbox", { name: "Message", exact: true });
  await field.waitFor();
  const show = ann.getByRole("button", { name: "Show rooms" });
  const open = ann.locator(".sidebar a[aria-current]");
  for (const choose of [() => open.tap(), () => ann.keyboard.press("Enter")]) {
    await show.click();
    await open.and(ann.locator(":focus")).waitFor();
    await choose();
    await ann.locator(".drawer-open").waitFor({ state: "detached" });
    await show.and(ann.locator(":focus")).waitFor();
    assertEquals(await ann.locator("[inert]").count(), 0);
  }
});

browserTest("a search stays on the screen when the language is changed", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const ann = await signIn(browser, server.port, "Ann", { viewport });
  await ann.getByRole("button", { name: "Search", exact: true }).click();
  await ann.getByRole("searchbox").waitFor();
  await ann.getByRole("button", { name: "Show rooms" }).click();
  await ann.getByLabel("Language").selectOption({ label: "中文" });
  await ann.getByRole("heading", { name: "搜索" }).waitFor();
  await ann.getByRole("searchbox").waitFor();
});

browserTest("what does not fit in one line is cut at its own end, in either direction", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  await using bob = await Peer.signIn(server, "bob");
  await bob.join("a room with quite a long name to write to");
  const roomId = "a room with quite a long name to write to";
  const say = (content: string, more: object) => bob.ask({ type: "chat", roomId, content, ...more });
  await say("אבג ".repeat(40), { id: "hebrew" });
  await say("abc ".repeat(40), { id: "english" });
  await say("one", { replyTo: "hebrew" });
  await say("two", { replyTo: "english" });

  const ann = await signIn(browser, server.port, "Ann", { viewport });
  await openRoom(ann, roomId);
  const quotes = ann.locator(".quote");
  await quotes.nth(1).waitFor();
  for (const quote of await quotes.all()) assertEquals(await quote.evaluate(isFirstLetterSeen), true);
  await ann.locator(".message").first().hover();
  await ann.getByRole("button", { name: /^Reply to/ }).first().click();
  assertEquals(await ann.locator(".answering p").evaluate(isFirstLetterSeen), true);
  const field = ann.getByRole("textbox", { name: "Message", exact: true });
  assert(await field.evaluate((each) => each.scrollHeight < 48));
});

browserTest("in a dialog taller than the page, all of what has the focus is seen", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const ann = await signIn(browser, server.port, "Ann", { viewport: { width: 390, height: 480 } });
  await openRoom(ann, "harbour");
  await ann.getByRole("button", { name: "Room settings" }).click();
  const dialog = ann.getByRole("dialog", { name: "Settings of “harbour”" });
  await dialog.getByLabel("Person").last().waitFor();
  assert(await dialog.evaluate((each) => each.scrollHeight > each.clientHeight));

  const hidden = new Set<string>();
  let controls = 0;
  for (const key of ["Tab", "Shift+Tab"]) {
    for (let step = 0; step < 12; step++) {
      await ann.keyboard.press(key);
      const hides = await dialog.evaluate(hidesFocus);
      if (hides === undefined) continue;
      controls++;
      if (hides !== "") hidden.add(`${key} ${hides}`);
    }
  }
  assert(controls > 10, `only ${controls} were reached`);
  assertEquals([...hidden], []);
});

/** Which control has the focus, if part of it or of its ring is out of sight; nothing if none below the heading has it. */
function hidesFocus(dialog: Element): string | undefined {
  const focused = document.activeElement!;
  const heading = dialog.querySelector("header")!;
  if (focused === dialog || !dialog.contains(focused) || heading.contains(focused)) return undefined;
  const { top, bottom } = focused.getBoundingClientRect();
  const { outlineWidth, outlineOffset } = getComputedStyle(focused);
  const ringPx = parseFloat(outlineWidth) + parseFloat(outlineOffset);
  const isSeen = top - ringPx >= heading.getBoundingClientRect().bottom &&
    bottom + ringPx <= dialog.getBoundingClientRect().bottom;
  return isSeen ? "" : focused.outerHTML;
}

/** Whether the first letter of what is quoted is where it can be seen. */
function isFirstLetterSeen(quote: Element): boolean {
  const text = quote.querySelector("[dir=auto]:last-child")!.firstChild!;
  const range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(text, 1);
  const [letter, box] = [range.getBoundingClientRect(), quote.getBoundingClientRect()];
  return letter.left >= box.left && letter.right <= box.right;
}

/** The lines in which an element's text is shown. */
function linesOf(shown: Element): string[] {
  const lines = new Map<number, string>();
  const range = document.createRange();
  const texts = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode as Text;
    for (let at = 0; at < text.length; at++) {
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      const top = Math.round(range.getBoundingClientRect().top / 8);
      lines.set(top, (lines.get(top) ?? "") + text.data[at]);
    }
  }
  return [...lines.values()];
}
