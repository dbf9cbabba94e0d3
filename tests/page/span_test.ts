import { assert, assertEquals } from "@std/assert";
import {
  followSpan,
  type Loaded,
  MAX_SHOWN,
  newerSpan,
  olderSpan,
  type Span,
  spanAround,
  tailSpan,
} from "../../static/app/span.ts";

const EMPTY: Loaded = { oldest: 1, newest: 0 };

function count(span: Span): number {
  return span.last - span.first + 1;
}

Deno.test("tailSpan() shows the end of the log, never more than the limit", () => {
  assertEquals(tailSpan(EMPTY), { first: 1, last: 0 });
  assertEquals(tailSpan({ oldest: 51, newest: 100 }), { first: 51, last: 100 });
  assertEquals(tailSpan({ oldest: 1, newest: 10_000 }), { first: 10_001 - MAX_SHOWN, last: 10_000 });
});

Deno.test("spanAround() holds the message asked for, and the end of the log when that is near", () => {
  assertEquals(spanAround(95, { oldest: 51, newest: 100 }), { first: 51, last: 100 });
  const far = spanAround(5_000, { oldest: 1, newest: 10_000 });
  assert(far.first < 5_000 && far.last > 5_000 && count(far) === MAX_SHOWN);
});

Deno.test("olderSpan() and newerSpan() walk the whole log without ever holding more than the limit", () => {
  const loaded = { oldest: 1, newest: 10_000 };
  let span = tailSpan(loaded);
  let steps = 0;
  for (; span.first > 1 && steps < 1_000; steps++) {
    const next = olderSpan(span, loaded);
    assert(next.first < span.first && next.last >= span.first, "the next span overlaps the last");
    span = next;
    assert(count(span) <= MAX_SHOWN);
  }
  assertEquals(span.first, 1);
  for (; span.last < loaded.newest && steps < 2_000; steps++) {
    const next = newerSpan(span, loaded);
    assert(next.last > span.last && next.first <= span.last, "the next span overlaps the last");
    span = next;
    assert(count(span) <= MAX_SHOWN);
  }
  assertEquals(span, tailSpan(loaded));
});

Deno.test("followSpan() moves with the log for a reader at its end", () => {
  const before = { oldest: 1, newest: 500 };
  const after = { oldest: 1, newest: 501 };
  assertEquals(followSpan(tailSpan(before), before, after, true), tailSpan(after));
  assertEquals(followSpan({ first: 1, last: 0 }, EMPTY, { oldest: 1, newest: 1 }, true), {
    first: 1,
    last: 1,
  });
});

Deno.test("followSpan() adds new messages below a reader until the limit, and then moves nothing", () => {
  const before = { oldest: 1, newest: 100 };
  const some = { oldest: 1, newest: 120 };
  const reading = { first: 51, last: 100 };
  assertEquals(followSpan(reading, before, some, false), { first: 51, last: 120 });
  const many = { oldest: 1, newest: 9_000 };
  const full = followSpan(reading, before, many, false);
  assertEquals(full, { first: 51, last: 50 + MAX_SHOWN });
  assertEquals(followSpan(full, many, { oldest: 1, newest: 9_500 }, false), full);
});

Deno.test("followSpan() gives up messages that are no longer loaded", () => {
  const before = { oldest: 1, newest: 1_000 };
  assertEquals(followSpan({ first: 1, last: 100 }, before, { oldest: 51, newest: 1_050 }, false), {
    first: 51,
    last: 100,
  });
  const gone = { oldest: 901, newest: 1_900 };
  assertEquals(followSpan({ first: 1, last: 100 }, before, gone, false), tailSpan(gone));
});

Deno.test("followSpan() keeps its place when older messages are loaded", () => {
  const span = { first: 51, last: 100 };
  assertEquals(followSpan(span, { oldest: 51, newest: 100 }, { oldest: 1, newest: 100 }, false), span);
});
