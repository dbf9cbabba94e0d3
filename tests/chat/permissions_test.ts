import { assertEquals } from "@std/assert";
import type { User } from "../../lib/chat/member.ts";
import { isAllowed, type Operation } from "../../lib/chat/permissions.ts";
import type { Role } from "../../lib/store/standing.ts";

const RANKS: (Role | null)[] = [null, "member", "admin", "owner"];
const ADMINS_WORK: Operation[] = ["update", "invite", "kick", "ban", "unban", "mute", "unmute"];
const OWNERS_WORK: Operation[] = ["promote", "demote"];

function allowed(actor: User, operation: Operation, target: Role | null): (Role | null)[] {
  return RANKS.filter((role) => isAllowed(actor, role, operation, target));
}

Deno.test("isAllowed() asks for a role, and for one above that of whom it is about", () => {
  const user: User = { userId: "ann", username: "Ann", role: "user" };
  for (const operation of ADMINS_WORK) {
    assertEquals(allowed(user, operation, null), ["admin", "owner"], operation);
    assertEquals(allowed(user, operation, "member"), ["admin", "owner"], operation);
    assertEquals(allowed(user, operation, "admin"), ["owner"], operation);
    assertEquals(allowed(user, operation, "owner"), [], operation);
  }
  for (const operation of OWNERS_WORK) {
    for (const target of [null, "member", "admin"] as const) {
      assertEquals(allowed(user, operation, target), ["owner"], operation);
    }
    assertEquals(allowed(user, operation, "owner"), [], operation);
  }
});

Deno.test("isAllowed() puts who runs the server above everybody, whatever they are in the room", () => {
  const root: User = { userId: "root", username: "Root", role: "admin" };
  for (const operation of [...ADMINS_WORK, ...OWNERS_WORK]) {
    for (const target of RANKS) assertEquals(allowed(root, operation, target), RANKS, operation);
  }
});
