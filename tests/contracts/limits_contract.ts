import { assert, assertEquals } from "@std/assert";
import type { Limits } from "../../lib/store/limits.ts";

/** Nodes that count together, and their clock. */
export interface Counters extends AsyncDisposable {
  /** Two of them, or one that is both. */
  readonly nodes: readonly [Limits, Limits];
  now(): number;
  /** Lets so much time pass, or a little more. */
  pass(ms: number): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** Slow enough that nothing comes back while a test looks. */
const SLOW = { amount: 10, periodMs: HOUR_MS };
/** Fast enough to be waited for, and slow enough that a burst is over before one comes back. */
const FAST = { amount: 3, periodMs: 900 };

/** What everything promises that counts how often things are done. */
export function testLimits(name: string, open: () => Promise<Counters>, { ignore = false } = {}): void {
  const test = (sentence: string, story: (counting: Counting) => Promise<void>) =>
    Deno.test({ name: `${name}: ${sentence}`, ignore }, async () => {
      await using counters = await open();
      await story(new Counting(counters));
    });

  test("take() allows a burst of the whole amount over all nodes, and not one more", async ({ take }) => {
    const waits = await Promise.all(Array.from({ length: 10 }, (_, i) => take("a", SLOW, i % 2)));
    assertEquals(waits, Array(10).fill(0));
    for (const node of [0, 1]) assertAbout(await take("a", SLOW, node), HOUR_MS / 10);
  });

  test("take() says how long until there is one, and keeps its word", async ({ take, pass }) => {
    const burst = (node: number) => Promise.all(Array.from({ length: 20 }, () => take("a", FAST, node)));
    const refused = (waits: number[]) => waits.filter((waitMs) => waitMs > 0);
    const first = refused(await burst(0));
    assertEquals(first.length, 17);
    assert(first.every((waitMs) => waitMs <= 300), `${Math.max(...first)} ms`);
    // What is refused sets nobody back.
    const waitMs = refused(await burst(1)).at(-1)!;
    await pass(waitMs);
    assertEquals(await take("a", FAST, 1), 0);
  });

  test("take() never saves up more than the amount", async ({ take, pass }) => {
    for (let i = 0; i < 3; i++) await take("a", FAST);
    await pass(2_700);
    const waits = await Promise.all(Array.from({ length: 4 }, () => take("a", FAST)));
    assertEquals(waits.filter((waitMs) => waitMs === 0).length, 3);
  });

  test("take() never promises one in no time at all", async ({ take }) => {
    const rate = { amount: 100, periodMs: 40 };
    const waits = await Promise.all(Array.from({ length: 1_000 }, () => take("a", rate)));
    assertEquals([...new Set(waits)].sort(), [0, 1]);
  });

  test("begin() lets so many tries through, then none until the window ends", async ({ begin, pass }) => {
    const rate = { amount: 2, periodMs: 3_000 };
    assertEquals(await begin("a", rate), 0);
    await pass(750);
    assertEquals(await begin("a", rate, 1), 0);
    const waitMs = await begin("a", rate);
    assert(waitMs > 0 && waitMs <= 2_250, `${waitMs} ms`);
    for (let i = 0; i < 20; i++) {
      const again = await begin("a", rate, i % 2);
      assert(again > 0 && again <= waitMs, `${again} ms after ${waitMs} ms`);
    }
    await pass(waitMs);
    assertEquals(await begin("a", rate, 1), 0);
  });

  test("begin() counts what is tried at once on all nodes", async ({ begin }) => {
    const waits = await Promise.all(Array.from({ length: 50 }, (_, i) => begin("a", SLOW, i % 2)));
    assertEquals(waits.filter((waitMs) => waitMs === 0).length, 10);
    for (const waitMs of waits.filter((waitMs) => waitMs > 0)) assertAbout(waitMs, HOUR_MS);
  });

  test("forgive() begins a new window", async ({ begin, forgive }) => {
    for (let i = 0; i < 10; i++) await begin("a", SLOW);
    await forgive("a");
    for (let i = 0; i < 10; i++) assertEquals(await begin("a", SLOW, i % 2), 0);
    assertAbout(await begin("a", SLOW), HOUR_MS);
    await forgive("never tried");
  });

  test("every name counts by itself, whatever it is", async ({ take, begin, forgive }) => {
    const once = { amount: 1, periodMs: HOUR_MS };
    const names = ["a", "a ", "A", "漢字 🎉", "{a}", "a:b", 'x"\\\r\n\u0000', "", "x".repeat(500)];
    for (const name of names) assertEquals(await take(name, once), 0, name);
    for (const name of names) assertEquals(await begin(name, once), 0, name);
    for (const name of names) assert(await take(name, once) > 0 && await begin(name, once) > 0, name);
    for (const name of names) await forgive(name);
    for (const name of names) assert(await take(name, once) > 0, name);
  });

  test("sweep() changes nothing", async ({ take, begin, sweep }) => {
    for (let i = 0; i < 10; i++) await Promise.all([take("a", SLOW), begin("a", SLOW)]);
    sweep();
    assert(await take("a", SLOW) > 0);
    assert(await begin("a", SLOW) > 0);
  });
}

function assertAbout(waitMs: number, expectedMs: number): void {
  assert(waitMs <= expectedMs && waitMs > expectedMs - 60_000, `${waitMs} ms instead of ${expectedMs} ms`);
}

/** The nodes, and the time. */
class Counting {
  readonly #counters: Counters;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  readonly take = async (key: string, rate: typeof SLOW, node = 0): Promise<number> =>
    await this.#counters.nodes[node].take(key, rate, this.#counters.now());

  readonly begin = async (key: string, rate: typeof SLOW, node = 0): Promise<number> =>
    await this.#counters.nodes[node].begin(key, rate, this.#counters.now());

  readonly forgive = async (key: string): Promise<void> => await this.#counters.nodes[1].forgive(key);

  readonly sweep = (): void => {
    for (const node of this.#counters.nodes) node.sweep(this.#counters.now());
  };

  readonly pass = (ms: number): Promise<void> => this.#counters.pass(ms);
}
