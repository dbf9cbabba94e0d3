import { assert, assertEquals } from "@std/assert";
import { dayName, dayNumber, secondsUntil, shortMoment, timeOfDay } from "../../static/app/time_words.ts";

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

Deno.test("timeOfDay() writes the small hours as the reader's region does", () => {
  const early = new Date(2026, 10, 21, 0, 7).getTime();
  const told = ["en-GB", "en-US"].map((tag) => {
    Object.defineProperty(navigator, "languages", { value: [tag], configurable: true });
    return timeOfDay(early).replace(/\s/u, " ");
  });
  Reflect.deleteProperty(navigator, "languages");
  assertEquals(told, ["00:07", "12:07 AM"]);
});

Deno.test("secondsUntil() rounds up and stops at 0", () => {
  assertEquals([secondsUntil(2_001, 1_000), secondsUntil(2_000, 1_000), secondsUntil(0, 1_000)], [2, 1, 0]);
});

Deno.test("shortMoment() tells the time of what is yet to come, today or not, and the year of another year", () => {
  const now = new Date(2026, 10, 20, 23, 33).getTime();
  const soon = new Date(2026, 10, 21, 0, 33).getTime();
  const later = new Date(2027, 0, 3, 9, 5).getTime();
  assertEquals(shortMoment(now + 60_000, now), timeOfDay(now + 60_000));
  assert(shortMoment(soon, now).includes("21"));
  assert(shortMoment(soon, now).includes(timeOfDay(soon)));
  assert(!shortMoment(soon, now).includes("2026"));
  assert(shortMoment(later, now).includes("2027"));
});

Deno.test("shortMoment() names only the day of what was before today", () => {
  const now = new Date(2026, 10, 20, 0, 33).getTime();
  const before = new Date(2026, 10, 19, 23, 47).getTime();
  assert(shortMoment(before, now).includes("19"));
  assert(!shortMoment(before, now).includes("47"));
});
