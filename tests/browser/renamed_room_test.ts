import { assertEquals } from "@std/assert";
import { browserTest, openRoom, say, signIn } from "../support/chromium.ts";
import { TestServer } from "../support/server.ts";

browserTest("who has a room open reads its new name wherever its name stands", async (browser) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  const [ann, bob] = [await signIn(browser, server.port, "Ann"), await signIn(browser, server.port, "Bob")];
  await openRoom(ann, "hall");
  await ann.getByPlaceholder("Write to hall").waitFor();
  await say(ann, "Hello");
  await openRoom(bob, "hall");
  await bob.getByText("This is where “hall” begins.").waitFor();
  const writing = bob.getByLabel("Message", { exact: true });
  await writing.fill("Half a sen");

  await ann.getByRole("button", { name: "Room settings" }).click();
  await ann.getByRole("dialog").getByLabel("Room name").fill("Town hall");
  await ann.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  for (const page of [ann, bob]) {
    await page.getByRole("heading", { level: 1, name: "Town hall", includeHidden: true }).waitFor();
    await page.getByPlaceholder("Write to Town hall").waitFor();
    await page.getByText("This is where “Town hall” begins.").waitFor();
    await page.locator(".talk").evaluate((talk) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["here"], "map.bin"));
      talk.dispatchEvent(new DragEvent("dragover", { dataTransfer, bubbles: true }));
    });
    await page.getByText("Drop files to send them to Town hall").waitFor();
  }
  assertEquals(await writing.inputValue(), "Half a sen");
});
