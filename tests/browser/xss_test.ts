import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { cleanFileName } from "../../lib/files/file_name.ts";
import { browserTest, signIn } from "../support/chromium.ts";
import { makeFile, sendFile } from "../support/file_sender.ts";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";
import { XSS_PAYLOADS } from "../support/xss_payloads.ts";

type Payloads = typeof XSS_PAYLOADS;

/** As many as one room can show at a time, with two messages and three lines about each. */
const ROOM_SIZE = 60;
const NAME_LENGTH = 64;
const WORD = "zebra";

/** Where what strangers write stands in the page. */
const FIELDS = {
  "user name": ".author, .side-panel .member-name",
  "room name": ".system:has-text('named the room')",
  message: ".message .text",
  reply: ".quote span[dir=auto]",
  "file name": ".file-name",
  reason: ".system:has-text('muted')",
};

/** What the page makes itself; anything else came out of a payload. */
const USUAL_TAGS =
  "A ASIDE AUDIO B BUTTON CODE DIV FOOTER FORM H1 H2 H3 HEADER IMG INPUT LABEL LI MAIN MARK NAV " +
  "OL OPTION P PATH PRE PROGRESS SECTION SELECT SMALL SPAN SVG TEXTAREA TIME UL VIDEO";

browserTest("nothing that a stranger can write is run by the page", async (browser) => {
  assert(XSS_PAYLOADS.length >= 300);
  await using server = await TestServer.start({ GUESTS: "on", HISTORY_LIMIT: "5000" });
  // Without the policy of the page, which would keep what slips through from running.
  const page = await signIn(browser, server.port, "Vic", {
    bypassCSP: true,
    viewport: { width: 1280, height: 800 },
  });
  await page.evaluate("globalThis.executed = []; globalThis.X = (n) => void executed.push(n)");
  await using owner = await Peer.signIn(server, "owner");
  const seen = new Map(Object.keys(FIELDS).map((field) => [field, new Set<number>()]));
  for (let at = 0; at < XSS_PAYLOADS.length; at += ROOM_SIZE) {
    await fillRoom(server, owner, page, `room-${at}`, XSS_PAYLOADS.slice(at, at + ROOM_SIZE));
    for (const [field, place] of Object.entries(FIELDS)) {
      for (const n of await numbersIn(page, place)) seen.get(field)!.add(n);
    }
    await checkDocument(page);
  }
  await search(page);
  seen.set("search snippet", new Set(await numbersIn(page, ".result-text")));
  await checkDocument(page);

  for (const [field, numbers] of seen) {
    const shown = shortened(field);
    assert(shown.length >= 300, `${shown.length} payloads fit a ${field}`);
    assertEquals(shown.filter(({ n }) => !numbers.has(n)).map(({ text }) => text), [], field);
  }
  assertEquals(await page.evaluate("executed"), []);
  await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=X(1)>')");
  await page.waitForFunction("executed.length === 1");
});

/** Has a stranger for each payload come, write, answer, send a file, and be muted for a reason, while the page looks. */
async function fillRoom(
  server: TestServer,
  owner: Peer,
  page: Page,
  roomId: string,
  payloads: Payloads,
): Promise<void> {
  await owner.join(roomId);
  await page.evaluate((room) => location.hash = `#room=${room}`, roomId);
  await page.locator(`.pane.room h1`, { hasText: roomId }).waitFor();
  const strangers = await Promise.all(payloads.map(async (payload) => {
    const username = lineOf(payload.text).slice(0, NAME_LENGTH);
    const peer = await Peer.signIn(server, `stranger-${payload.n}`, { username });
    await peer.join(roomId);
    return { ...payload, peer };
  }));
  let replyTo: string | undefined;
  for (const { n, text, peer } of [...strangers, strangers[0]]) {
    const said = await peer.ask({ type: "chat", roomId, content: `${WORD}\n${text}`, replyTo });
    assertEquals(said.type, "ack");
    replyTo = String(said.id);
    if (n === strangers[0].n && said.seq !== 1) break; // one more, to answer the last one
  }
  await Promise.all(strangers.map(async ({ n, text, peer }) => {
    const mime = n % 4 === 0 ? "image/png" : "text/html";
    const file = makeFile(1, { roomId, name: lineOf(text), mime, bytes: new Uint8Array([n, n >> 8]) });
    assertEquals((await sendFile(peer, file)).type, "ack");
    const room = { roomId, userId: `stranger-${n}` };
    const muted = await owner.ask({ type: "moderate", action: "mute", ...room, seconds: 600, reason: text });
    assertEquals(muted.type, "moderated");
    const updated = await owner.ask({ type: "update", roomId, roomName: lineOf(text).slice(0, 128) });
    assertEquals(updated.type, "updated");
  }));
  await owner.ask({ type: "chat", roomId, content: `That was ${roomId}` });
  await page.getByText(`That was ${roomId}`).waitFor();
  await Promise.all(strangers.map(({ peer }) => peer[Symbol.asyncDispose]()));
}

async function search(page: Page): Promise<void> {
  await page.locator(".rooms").getByRole("button", { name: "Search" }).click();
  await page.getByRole("searchbox", { name: "Search" }).fill(WORD);
  await page.keyboard.press("Enter");
  const more = page.getByRole("button", { name: "Load more" });
  const results = page.locator(".result");
  await results.first().waitFor();
  while (await more.isVisible()) {
    const shown = await results.count();
    await more.click();
    await results.nth(shown).waitFor();
  }
}

async function numbersIn(page: Page, place: string): Promise<number[]> {
  const texts = await page.locator(place).allTextContents();
  // A reason comes after the name of whom it is about, which is a payload too.
  return texts.map((text) => text.split(" for 10 ").at(-1)!).flatMap((text) =>
    [...text.matchAll(/X\((\d+)\)/g)].map((match) => Number(match[1]))
  );
}

/** No element, handler or address is there that the page has not made. */
async function checkDocument(page: Page): Promise<void> {
  const strange = await page.evaluate((usual) => {
    const found: string[] = [];
    for (const element of document.querySelectorAll("body *")) {
      const tag = element.tagName.toUpperCase();
      if (!usual.includes(tag)) found.push(tag);
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on") || name === "srcdoc") found.push(`${tag} ${name}`);
        const isAddress = ["href", "src", "action", "formaction", "data"].includes(name);
        if (isAddress && !/^(https?:\/\/|files\/[0-9a-f]{32}\?|#)/.test(value)) found.push(`${tag} ${value}`);
      }
    }
    return found;
  }, USUAL_TAGS.split(" "));
  assertEquals([...new Set(strange)], []);
}

/** Those payloads whose call is still in them when they have been made to fit a field. */
function shortened(field: string): Payloads {
  const fit: Record<string, (text: string) => string> = {
    "user name": (text) => lineOf(text).slice(0, NAME_LENGTH),
    "room name": (text) => lineOf(text).slice(0, 128),
    "file name": (text) => cleanFileName(lineOf(text)),
  };
  return XSS_PAYLOADS.filter(({ n, text }) => (fit[field]?.(text) ?? text).includes(`X(${n})`));
}

/** Names have no control characters. */
function lineOf(text: string): string {
  return text.replace(/[\n\t]/g, " ");
}
