import { assertEquals } from "@std/assert";
import { TokenClock } from "../../lib/connection/token_clock.ts";

const HOUR = 60 * 60_000;

function story(clock: TokenClock, times: number[]): string[] {
  return times.map((now) => clock.check(now));
}

Deno.test("TokenClock announces the end a minute ahead, once", () => {
  const clock = new TokenClock(HOUR, 0);
  const times = [0, HOUR - 60_001, HOUR - 60_000, HOUR - 59_999, HOUR - 1, HOUR, HOUR + 1];
  assertEquals(story(clock, times), ["good", "good", "ending", "good", "good", "expired", "expired"]);
});

Deno.test("TokenClock announces the end of a shorter life at half of it", () => {
  const clock = new TokenClock(2_000, 1_000);
  assertEquals(story(clock, [1_000, 1_499, 1_500, 1_999, 2_000]), [
    "good",
    "good",
    "ending",
    "good",
    "expired",
  ]);
});

Deno.test("TokenClock announces nothing any more once the end has come", () => {
  assertEquals(story(new TokenClock(HOUR, 0), [HOUR]), ["expired"]);
  assertEquals(story(new TokenClock(0, 1_000), [1_000, 1_001]), ["expired", "expired"]);
});
