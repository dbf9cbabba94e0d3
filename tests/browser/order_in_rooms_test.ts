import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, openRoom, say, signIn } from "../support/chromium.ts";
import { TestServer } from "../support/server.ts";

browserTest(
  "who was invited while away comes in, and mutes and bans are seen after a reload",
  async (browser) => {
    await using server = await TestServer.start({ GUESTS: "on", PRESENCE_GRACE_MS: "0" });
    const [ann, bob] = [await signIn(browser, server.port, "Ann"), await signIn(browser, server.port, "Bob")];
    await openRoom(bob, "hall");
    await openRoom(ann, "hall");
    await ann.locator(".side-panel [data-user]", { hasText: "Bob" }).waitFor();
    const address = `http://localhost:${server.port}/`;
    await bob.goto("about:blank");

    await ann.locator(".side-panel [data-user]", { hasText: "Last seen" }).waitFor();
    await ann.reload();
    await ann.locator(".side-panel [data-user]", { hasText: "Last seen" }).waitFor();
    await makePrivateRoom(ann, "Den");
    await invite(ann, "Bob");

    await bob.goto(address);
    const invitations = bob.locator(".invitations");
    await invitations.getByText("Den").waitFor();
    await bob.getByText("You are invited to “Den”.").waitFor();
    await invitations.getByRole("button", { name: "Join" }).click();
    await bob.getByLabel("Message", { exact: true }).waitFor();
    await invitations.waitFor({ state: "hidden" });

    await actOn(ann, "Mute…", "Mute");
    await bob.getByText(/^You may read here, and write again from/).waitFor();
    await bob.reload();
    await bob.getByText(/^You may read here, and write again from/).waitFor();
    await say(bob, "Hello?");
    assertEquals(await bob.locator(".message").count(), 0);
    await ann.reload();
    await ann.locator(".side-panel [data-user]", { hasText: "Muted until" }).waitFor();
    await actOn(ann, "Let write again");
    await bob.getByText(/^You may read here/).waitFor({ state: "detached" });
    await say(bob, "Hello!");
    await ann.locator(".message", { hasText: "Hello!" }).waitFor();

    await actOn(ann, "Ban…", "Ban");
    await bob.getByText("You were removed from “Den”.").waitFor();
    await ann.reload();
    await ann.getByRole("button", { name: "Room settings" }).click();
    const banned = ann.locator(".banned li", { hasText: "Bob" });
    await banned.getByRole("button", { name: "Let come back" }).click();
    await banned.waitFor({ state: "detached" });
    await ann.getByText("Nobody is banned.").waitFor();
  },
);

browserTest("an invitation can be declined, and is then told no more", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const [ann, bob] = [await signIn(browser, server.port, "Ann"), await signIn(browser, server.port, "Bob")];
  await openRoom(bob, "hall");
  await openRoom(ann, "hall");
  await ann.locator(".side-panel [data-user]", { hasText: "Bob" }).waitFor();
  await makePrivateRoom(ann, "Den");
  await invite(ann, "Bob");
  await bob.getByText("Ann invited you to “Den”.").waitFor();
  await bob.locator(".invitations").getByRole("button", { name: "Decline" }).click();
  await bob.locator(".invitations").waitFor({ state: "hidden" });
  await bob.reload();
  await bob.locator(".room-list a", { hasText: "hall" }).first().waitFor();
  assertEquals(await bob.locator(".invitations").isVisible(), false);
});

browserTest("who is taken out of a room reads so, whatever they had open there", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const [ann, bob] = [await signIn(browser, server.port, "Ann"), await signIn(browser, server.port, "Bob")];
  await openRoom(ann, "hall");
  await ann.getByRole("button", { name: "Room settings" }).waitFor();
  await openRoom(bob, "hall");
  await bob.locator(".side-panel [data-user]", { hasText: "Ann" }).click();
  await bob.getByRole("dialog").waitFor();
  await actOn(ann, "Remove…", "Remove");
  await bob.getByText("You were removed from “hall”.").waitFor();
  await bob.getByRole("dialog").waitFor({ state: "detached" });
  await bob.getByRole("heading", { name: "Hello, Bob" }).waitFor();
});

async function makePrivateRoom(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "New room…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Room name").fill(name);
  await dialog.getByLabel("Who may see it").selectOption("private");
  await dialog.getByRole("button", { name: "Create room" }).click();
  await page.getByLabel("Message", { exact: true }).waitFor();
}

async function invite(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Room settings" }).click();
  const dialog = page.getByRole("dialog");
  const section = dialog.locator("section", { hasText: "Invite somebody" });
  await section.getByLabel("Person").fill(name);
  await section.getByRole("button", { name: "Invite" }).click();
  await dialog.getByText(`${name} was invited.`).waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
}

/** Does something to Bob; `sure` is the button that follows. */
async function actOn(page: Page, action: string, sure?: string): Promise<void> {
  await page.locator(".side-panel [data-user]", { hasText: "Bob" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: action }).click();
  if (sure !== undefined) await dialog.getByRole("button", { name: sure, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}
