/** Takes the picture of the page that the README shows: `deno task picture`. */
import { Buffer } from "node:buffer";
import { type Browser, chromium, type Page } from "playwright-core";
import { openRoom, say, signIn } from "../support/chromium.ts";
import { makeFile, sendFile } from "../support/file_sender.ts";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

const FILE = new URL("../../.github/page.png", import.meta.url);
const SIZE = { width: 1200, height: 880 };
const ROOM = "harbour walk";
/** Rooms that the person looking has been in, and what was said there since. */
const ELSEWHERE: Record<string, string[]> = {
  "release 2.4": ["The build is green.", "Then it goes out at four."],
  "kitchen": ["There is cake."],
};

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  await using server = await TestServer.start({ GUESTS: "on", PRESENCE_GRACE_MS: "0" });
  await using mia = await Peer.signIn(server, "mia", { username: "Mia" });
  await using jonas = await Peer.signIn(server, "jonas", { username: "Jonas" });
  await using lin = await Peer.signIn(server, "lin", { username: "小林" });
  await lin.join("上海");
  const viewport = { viewport: SIZE, colorScheme: "light" } as const;
  const page = await signIn(browser, server.port, "Ann", viewport);
  for (const room of Object.keys(ELSEWHERE)) {
    await mia.join(room);
    await openRoom(page, room);
    await page.getByRole("heading", { name: room }).first().waitFor();
  }
  for (const each of [mia, jonas, lin]) await each.join(ROOM);
  await openRoom(page, ROOM);
  await page.getByLabel("Message", { exact: true }).waitFor();
  for (const [roomId, lines] of Object.entries(ELSEWHERE)) {
    for (const content of lines) await mia.ask({ type: "chat", roomId, content });
  }
  await jonas.ask({ type: "dm", to: "@Ann", content: "Shall I pick you up?" });
  await talk(page, mia, jonas, lin, await drawMap(browser));
  await jonas.ask({ type: "typing", roomId: ROOM, isTyping: true });
  await page.getByText("Jonas is typing").waitFor();
  await Deno.mkdir(new URL(".", FILE), { recursive: true });
  await Deno.writeFile(FILE, await page.screenshot());
  await page.context().close();
} finally {
  await browser.close();
}

async function talk(page: Page, mia: Peer, jonas: Peer, lin: Peer, map: Uint8Array<ArrayBuffer>) {
  const speak = (peer: Peer, content: string, more: object = {}) =>
    peer.ask({ type: "chat", roomId: ROOM, content, ...more });
  await speak(mia, "Who is coming on Saturday? I thought of ten o'clock.", { id: "when" });
  await speak(lin, "我来！从上海东边出发，大概十点到码头。");
  await speak(jonas, "In. Ten is fine, if somebody brings coffee.", { replyTo: "when" });
  await say(page, "I bring coffee! Which way do we go?");
  await sendFile(
    mia,
    makeFile(0, { roomId: ROOM, name: "the_way.png", mime: "image/png", bytes: map }),
    "Along the shore.",
  );
  await page.locator(".message img").first().waitFor();
  await say(page, "See you at the red pier.");
  for (const peer of [mia, jonas, lin]) {
    const { seq } = await peer.join(ROOM);
    await peer.ask({ type: "receipt", roomId: ROOM, seq, status: "read" });
  }
}

/** A small drawing to send. */
async function drawMap(browser: Browser): Promise<Uint8Array<ArrayBuffer>> {
  const page = await browser.newPage({ viewport: { width: 320, height: 200 } });
  await page.setContent(
    `<body style="margin:0"><svg width="320" height="200" xmlns="http://www.w3.org/2000/svg">
    <rect width="320" height="200" fill="#e8efe4"/>
    <path d="M0 150 C80 110 140 180 320 120 V200 H0 Z" fill="#a9cfe8"/>
    <path d="M28 128 C80 50 130 118 186 66 S270 60 296 108" fill="none" stroke="#c2452d" stroke-width="4" stroke-dasharray="9 7"/>
    <circle cx="28" cy="128" r="8" fill="#25405c"/><circle cx="296" cy="108" r="8" fill="#c2452d"/>
    <text x="16" y="40" font-family="sans-serif" font-size="14" fill="#25405c">Old lighthouse</text>
    <text x="196" y="166" font-family="sans-serif" font-size="14" fill="#25405c">Red pier, 10:00</text></svg>`,
  );
  const picture = await page.screenshot();
  await page.close();
  return new Uint8Array(Buffer.from(picture));
}
