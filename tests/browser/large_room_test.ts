import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, openRoom, signIn } from "../support/chromium.ts";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

browserTest(
  "where only the number of people is told, the list of them follows while it is shown, and when it is shown again",
  async (browser) => {
    await using server = await TestServer.start({
      GUESTS: "on",
      PRESENCE_DETAIL_LIMIT: "1",
      PRESENCE_GRACE_MS: "0",
    });
    const ann = await signIn(browser, server.port, "Ann");
    let asked = 0;
    ann.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => void (asked += String(payload).split('"members"').length - 1));
    });
    await ann.reload();
    await openRoom(ann, "hall");
    await shows(ann, 1);
    const peers: Peer[] = [];
    for (const name of ["bob", "cat", "dan", "eve", "fay"]) {
      peers.push(await Peer.signIn(server, name));
      await peers.at(-1)!.join("hall");
    }
    const leave = async () => await peers.pop()![Symbol.asyncDispose]();
    await shows(ann, 6);
    await Promise.all([leave(), leave()]);
    await shows(ann, 4, 2);

    const members = ann.getByRole("button", { name: "Members" });
    await members.click();
    const before = asked;
    await leave();
    await ann.getByText("3 online").waitFor();
    assertEquals(asked, before, "nobody looks at the list");
    await members.click();
    await shows(ann, 3, 3);

    await openRoom(ann, "elsewhere");
    await ann.getByRole("heading", { level: 1, name: "elsewhere" }).waitFor();
    await leave();
    await ann.getByRole("link", { name: "hall" }).click();
    await shows(ann, 2, 4);

    await ann.setViewportSize({ width: 390, height: 844 });
    await members.click();
    await using gil = await Peer.signIn(server, "gil");
    await gil.join("hall");
    await shows(ann, 3, 4);
    await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
  },
);

/** Waits until the header and the list of members both say so. */
async function shows(page: Page, here: number, notHere?: number): Promise<void> {
  await page.getByText(`${here} online`).waitFor();
  await page.getByRole("heading", { name: `Here · ${here}`, exact: true }).waitFor();
  if (notHere) await page.getByRole("heading", { name: `Not here · ${notHere}`, exact: true }).waitFor();
}
