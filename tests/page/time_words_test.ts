import { assert, assertEquals } from "@std/assert";
import { dayName, dayNumber, secondsUntil } from "../../static/app/time_words.ts";

Deno.test("dayNumber() changes at local midnight", () => {
  const midnight = new Date(2026, 10, 20).getTime();
  assertEquals(dayNumber(midnight) - dayNumber(midnight - 1), 1);
  assertEquals(dayNumber(midnight), dayNumber(midnight + 86_399_999));
});

Deno.test("dayName() names the year only when it is another one", () => {
  const now = new Date(2026, 10, 20, 12).getTime();
  assertEquals(dayName(now, now), "Today");
  assertEquals(dayName(new Date(2026, 10, 19, 23, 59).getTime(), now), "Yesterday");
  assert(!dayName(new Date(2026, 10, 18).getTime(), now).includes("2026"));
  assert(dayName(new Date(2025, 10, 20).getTime(), now).includes("2025"));
});

Deno.test("secondsUntil() rounds up and stops at 0", () => {
  assertEquals([secondsUntil(2_001, 1_000), secondsUntil(2_000, 1_000), secondsUntil(0, 1_000)], [2, 1, 0]);
});
