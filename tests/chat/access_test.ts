import { assert, assertEquals, assertFalse } from "@std/assert";
import { checkReach, isDirect, isOneOfTwo, isOnList } from "../../lib/chat/access.ts";
import type { User } from "../../lib/chat/member.ts";

function person(userId: string, rooms?: string[]): User {
  return { userId, username: userId, role: "user", rooms };
}

Deno.test("isOnList() lets a token without a list into every room", () => {
  for (const roomId of ["general", "*", "dm:a:b"]) assert(isOnList(person("ann"), roomId));
});

Deno.test("isOnList() compares names byte for byte, and takes a final * for any ending", () => {
  const ann = person("ann", ["general", "team-*", "caf\u00e9", "a*b"]);
  for (const roomId of ["general", "team-", "team-red", "team-*", "caf\u00e9", "a*b"]) {
    assert(isOnList(ann, roomId), roomId);
  }
  for (const roomId of ["", "General", "general2", "team", "Team-red", "cafe\u0301", "aXb"]) {
    assertFalse(isOnList(ann, roomId), roomId);
  }
  assert(isOnList(person("ann", ["*"]), "anything"));
  assertFalse(isOnList(person("ann", []), "general"));
});

Deno.test("only the two that a direct room is for are one of the two", () => {
  assert(isDirect("dm:ann:bob"));
  for (const roomId of ["DM:ann:bob", "xdm:ann:bob", "dm"]) assertFalse(isDirect(roomId), roomId);
  for (const userId of ["ann", "bob"]) assert(isOneOfTwo(userId, "dm:ann:bob"));
  for (const userId of ["an", "annbob", "ann:bob", "", "dm"]) {
    assertFalse(isOneOfTwo(userId, "dm:ann:bob"), userId);
  }
});

Deno.test("a direct room's name holds ids percent-encoded, so that no id can pretend to be two", () => {
  assert(isOneOfTwo("a:b", "dm:a%3Ab:c"));
  assertFalse(isOneOfTwo("a", "dm:a%3Ab:c"));
  assertFalse(isOneOfTwo("a%3Ab", "dm:a%3Ab:c"));
  assert(isOneOfTwo("安", "dm:%E5%AE%89:bob"));
});

Deno.test("checkReach() says nothing of a direct room of others, and forbids rooms that are not on the list", () => {
  assertEquals(checkReach(person("eve"), "dm:ann:bob")?.code, "room_not_found");
  assertEquals(checkReach(person("eve", ["general"]), "dm:ann:bob")?.code, "room_not_found");
  assertEquals(checkReach(person("ann", ["general"]), "secret")?.code, "forbidden");
  assertEquals(checkReach(person("ann"), "dm:ann:bob"), undefined);
  assertEquals(checkReach(person("ann", ["general"]), "general"), undefined);
});
