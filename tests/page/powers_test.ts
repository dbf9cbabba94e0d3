import { assertEquals } from "@std/assert";
import type { Room } from "../../static/sdk/mod.ts";
import { mayManage, powersOver } from "../../static/app/powers.ts";

function room(role: string, isDirect = false): Room {
  return { role, isDirect } as Room;
}

Deno.test("powersOver() gives each role what the server allows it over the others", () => {
  const table = ["owner", "admin", "member"].map((actor) =>
    ["owner", "admin", "member"].map((target) => powersOver(target, room(actor), "user").join(" "))
  );
  const all = "mute unmute kick ban";
  assertEquals(table, [["", `demote ${all}`, `promote ${all}`], ["", "", all], ["", "", ""]]);
  assertEquals(powersOver("owner", room("member"), "admin"), ["promote", "mute", "unmute", "kick", "ban"]);
});

Deno.test("mayManage() is for those who run a room, and nobody runs a direct one", () => {
  const answers = ["owner", "admin", "member"].map((role) => mayManage(room(role), "user"));
  assertEquals(answers, [true, true, false]);
  assertEquals([mayManage(room("member"), "admin"), mayManage(room("owner", true), "admin")], [true, false]);
});
