import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { browserTest, openRoom, say, signIn } from "../support/chromium.ts";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

browserTest(
  "a conversation of two is closed, and comes back when asked for or written to",
  async (browser) => {
    await using server = await TestServer.start({ GUESTS: "on" });
    const page = await signIn(browser, server.port, "Ann");
    await openRoom(page, "general");
    await page.getByRole("button", { name: "Leave room" }).waitFor();
    await using bob = await Peer.signIn(server, "bob", { username: "Bob" });
    const write = (content: string) => bob.ask({ type: "dm", to: "@Ann", content });
    const link = page.getByRole("link", { name: "Bob" });
    const close = async () => {
      await page.getByRole("button", { name: "Close conversation" }).click();
      await page.getByText("You closed the conversation with Bob.").waitFor();
      await link.waitFor({ state: "detached" });
    };

    await write("Hello");
    await link.click();
    await page.getByRole("button", { name: "Leave room" }).waitFor({ state: "detached" });
    await close();
    await page.getByRole("button", { name: "Return to “Bob”" }).click();
    await page.locator(".talk").getByText("Hello").waitFor();
    await close();
    await write("Are you there?");
    await link.click();
    await page.locator(".talk").getByText("Are you there?").waitFor();
    await page.locator(".talk").getByText("Hello").waitFor();
  },
);

browserTest(
  "before its first words nothing can be closed, and a file that came too early is tried again",
  async (browser) => {
    await using server = await TestServer.start({ GUESTS: "on" });
    await using bob = await Peer.signIn(server, "bob", { username: "Bob" });
    await bob.join("general");
    const page = await signIn(browser, server.port, "Ann");
    await openRoom(page, "general");
    await page.locator(".side-panel [data-user]", { hasText: "Bob" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Message" }).click();
    await page.getByText("Nothing has been said here yet.").waitFor();
    const close = page.getByRole("button", { name: "Close conversation" });
    assertEquals(await close.isVisible(), false);

    await page.locator("input[type=file]").setInputFiles({
      name: "map.bin",
      mimeType: "application/octet-stream",
      buffer: Buffer.from("here"),
    });
    await page.getByText("Not sent: Write something first.").waitFor();
    await say(page, "This is the way.");
    await close.waitFor();
    await page.getByRole("button", { name: "Retry: map.bin" }).click();
    await page.getByRole("link", { name: "Download map.bin" }).waitFor();
  },
);
