import { browserTest, openRoom, signIn } from "../support/chromium.ts";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

browserTest(
  "a reply shows what it answers, also where that was said long before, and leads there or says it cannot",
  async (browser) => {
    await using server = await TestServer.start({ GUESTS: "on", HISTORY_LIMIT: "1000" });
    await using bob = await Peer.signIn(server, "bob");
    await bob.join("hall");
    const say = (content: string, more: object = {}) =>
      bob.ask({ type: "chat", roomId: "hall", content, ...more });
    for (let i = 1; i <= 400; i++) await say(`Line ${i}.`, { id: `line-${i}` });
    await say("To what was said not long ago.", { replyTo: "line-250" });
    await say("To what nobody remembers.", { replyTo: "line-1" });
    await say("To what was never said.", { replyTo: "line-0" });

    const page = await signIn(browser, server.port, "Ann");
    await openRoom(page, "hall");
    const replyTo = (text: string) => page.locator(".message", { hasText: text }).locator(".quote");
    await replyTo("not long ago").getByText("Line 250.").waitFor();
    await replyTo("nobody remembers").getByText("an earlier message").waitFor();
    await replyTo("not long ago").click();
    await page.locator(".message.found", { hasText: "Line 250." }).waitFor();
    await page.getByRole("button", { name: "Latest" }).click();
    await replyTo("nobody remembers").click();
    await page.locator(".message.found", { hasText: "Line 1." }).waitFor();
    await page.getByRole("button", { name: "Latest" }).click();
    await replyTo("never said").click();
    await page.getByText("Nothing was found.").waitFor();
  },
);
