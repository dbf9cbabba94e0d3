import { assertEquals } from "@std/assert";
import { Attendance } from "../../lib/chat/attendance.ts";

Deno.test("Attendance counts people, not connections", () => {
  const attendance = new Attendance("general");
  assertEquals(attendance.enter("ann", "Ann", 0), true);
  assertEquals(attendance.enter("ann", "Ann", 0), false);
  assertEquals(attendance.enter("bob", "Bob", 0), true);
  assertEquals(attendance.size, 2);
  assertEquals(attendance.get("ann")?.connections, 2);
});

Deno.test("Attendance has a person in until they leave, and says when their last connection is gone", () => {
  const attendance = new Attendance("general");
  attendance.enter("ann", "Ann", 0);
  attendance.enter("ann", "Ann", 0);
  assertEquals(attendance.exit("ann"), undefined);
  const ann = attendance.exit("ann");
  assertEquals(ann, {
    roomId: "general",
    userId: "ann",
    username: "Ann",
    connections: 0,
    elsewhere: undefined,
    told: "online",
    isBack: false,
    mutedUntil: 0,
  });
  assertEquals(attendance.size, 1);
  assertEquals(attendance.enter("ann", "Ann", 0), false);
  attendance.leave("ann");
  assertEquals([attendance.size, attendance.get("ann")], [0, undefined]);
  assertEquals(attendance.exit("ann"), undefined);
});

Deno.test("Attendance knows a person by their latest name", () => {
  const attendance = new Attendance("general");
  attendance.enter("ann", "Ann", 0);
  attendance.enter("ann", "Annie", 0);
  assertEquals(attendance.get("ann")?.username, "Annie");
});

Deno.test("Attendance knows of a mute what the latest join found", () => {
  const attendance = new Attendance("general");
  attendance.enter("ann", "Ann", 0);
  attendance.enter("ann", "Ann", 5_000);
  assertEquals(attendance.get("ann")?.mutedUntil, 5_000);
});
