import { assert, assertEquals, assertFalse } from "@std/assert";
import { TokenBucket } from "../../lib/kit/token_bucket.ts";

const RATE = { amount: 10, periodMs: 10_000 };

function takeAll(bucket: TokenBucket, count: number, now: number): number[] {
  return Array.from({ length: count }, () => bucket.take(RATE, now));
}

Deno.test("TokenBucket allows a burst of the whole amount, and not one more", () => {
  const bucket = new TokenBucket(RATE, 0);
  assertEquals(takeAll(bucket, 11, 0), [...Array(10).fill(0), 1_000]);
});

Deno.test("TokenBucket says how long until the next token, and keeps its word", () => {
  const bucket = new TokenBucket(RATE, 0);
  takeAll(bucket, 10, 0);
  assertEquals(bucket.take(RATE, 300), 700);
  assertEquals(bucket.take(RATE, 999), 1);
  assertEquals(bucket.take(RATE, 1_000), 0);
  assertEquals(bucket.take(RATE, 1_000), 1_000);
});

Deno.test("TokenBucket is not set back by what it refuses", () => {
  const bucket = new TokenBucket(RATE, 0);
  takeAll(bucket, 10, 0);
  for (let now = 0; now < 1_000; now += 10) assert(bucket.take(RATE, now) > 0);
  assertEquals(bucket.take(RATE, 1_000), 0);
});

Deno.test("TokenBucket never saves up more than its amount", () => {
  const bucket = new TokenBucket(RATE, 0);
  takeAll(bucket, 10, 0);
  assertEquals(takeAll(bucket, 11, 1_000_000).filter((waitMs) => waitMs === 0).length, 10);
});

Deno.test("TokenBucket stays as it is when the clock goes back", () => {
  const bucket = new TokenBucket(RATE, 60_000);
  takeAll(bucket, 10, 60_000);
  assertEquals(bucket.take(RATE, 0), 1_000);
  assertEquals(bucket.take(RATE, 61_000), 0);
});

Deno.test("TokenBucket never promises a token in no time at all", () => {
  const fast = { amount: 1_000_000, periodMs: 1_000 };
  const bucket = new TokenBucket(fast, 0);
  for (let i = 0; i < fast.amount; i++) bucket.take(fast, 0);
  assertEquals(bucket.take(fast, 0), 1);
});

Deno.test("TokenBucket is full once nothing of what was taken is missing", () => {
  const bucket = new TokenBucket(RATE, 0);
  assert(bucket.isFull(RATE, 0));
  takeAll(bucket, 2, 0);
  assertFalse(bucket.isFull(RATE, 1_999));
  assert(bucket.isFull(RATE, 2_000));
});
