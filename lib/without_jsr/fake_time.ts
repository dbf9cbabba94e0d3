/** The part of `@std/testing/time` that the tests use. */
import { FakeTimers } from "./fake_timers.ts";

/** An operation that does not fit the state time is in. */
export class TimeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TimeError";
  }
}

/** What stands in for real time while a `FakeTime` lives; kept to be put back. */
const REAL = {
  Date,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  signalTimeout: AbortSignal.timeout,
};

let active: FakeTime | undefined;

/**
 * Replaces `Date`, the timers and `AbortSignal.timeout` by ones that stand still until told to move; `setImmediate`,
 * `performance` and what is imported from `node:timers` stay real. One at a time; `using` restores it.
 */
export class FakeTime {
  #timers: FakeTimers;
  #start: number;

  /** Starts at the given time, by default the present. */
  constructor(start?: number | string | Date | null) {
    if (active) throw new TimeError("Cannot construct FakeTime: time is already faked");
    this.#start = start === undefined || start === null ? REAL.Date.now() : readTime(start);
    if (Number.isNaN(this.#start)) {
      throw new TypeError(`Cannot construct FakeTime: invalid start time ${this.#start}`);
    }
    this.#timers = new FakeTimers(this.#start);
    active = this;
    this.#install();
  }

  /** Puts real time back, whichever `FakeTime` is active. */
  static restore(): void {
    if (!active) throw new TimeError("Cannot restore time: time is already restored");
    active.restore();
  }

  /** Runs the callback, and the promise it gives, in real time. */
  static async restoreFor<T>(callback: () => Promise<T> | T): Promise<T> {
    if (!active) throw new TimeError("Cannot restore time: time is not faked");
    const paused = active;
    uninstall();
    try {
      const result = callback();
      return result instanceof Promise ? await result : result;
    } finally {
      paused.#install();
    }
  }

  /** Milliseconds since the epoch; setting it runs the timers due until then, each at its own time. */
  get now(): number {
    return this.#timers.now;
  }
  set now(value: number) {
    if (value < this.now) {
      throw new RangeError(
        `Cannot set current time in the past, time must be >= ${this.now}: received ${value}`,
      );
    }
    this.#timers.advanceTo(value);
  }

  /** The time this began with. */
  get start(): number {
    return this.#start;
  }

  /** Moves on by so many milliseconds. */
  tick(ms = 0): void {
    this.now += ms;
  }

  /** Runs what is waiting in promises, then moves on by so many milliseconds. */
  async tickAsync(ms = 0): Promise<void> {
    await this.runMicrotasks();
    this.tick(ms);
  }

  /** Moves on to the next timer, and tells whether there was one. */
  next(): boolean {
    const due = this.#timers.nextDue();
    if (due !== undefined) this.now = due;
    return due !== undefined;
  }

  /** Runs what is waiting in promises, then moves on to the next timer. */
  async nextAsync(): Promise<boolean> {
    await this.runMicrotasks();
    return this.next();
  }

  /** Moves on until no timer is left: never returns while an interval lives. */
  runAll(): void {
    while (this.next());
  }

  /** As `runAll`, and runs what is waiting in promises before each timer. */
  async runAllAsync(): Promise<void> {
    while (this.#timers.nextDue() !== undefined) await this.nextAsync();
  }

  /** Waits for so many milliseconds of real time. */
  async delay(ms: number, options: { signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    const aborted = () => new DOMException("Delay was aborted.", "AbortError");
    if (signal?.aborted) throw aborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = REAL.setTimeout.call(globalThis, resolve, ms);
    const abort = () => {
      REAL.clearTimeout.call(globalThis, timer);
      reject(aborted());
    };
    signal?.addEventListener("abort", abort, { once: true });
    await promise;
    signal?.removeEventListener("abort", abort);
  }

  /** Waits until what is waiting in promises has run. */
  async runMicrotasks(): Promise<void> {
    await this.delay(0);
  }

  /** Puts real time back. */
  restore(): void {
    if (!active) throw new TimeError("Cannot restore time: time is already restored");
    active = undefined;
    uninstall();
  }

  [Symbol.dispose](): void {
    this.restore();
  }

  #install(): void {
    const timers = this.#timers;
    Object.assign(globalThis, {
      Date: fakeDate(timers),
      setTimeout: (callback: unknown, ms?: number, ...args: unknown[]) =>
        timers.add(requireFunction(callback, "setTimeout"), ms, args, false),
      setInterval: (callback: unknown, ms?: number, ...args: unknown[]) =>
        timers.add(requireFunction(callback, "setInterval"), ms, args, true),
      clearTimeout: (id?: unknown) => timers.remove(id),
      clearInterval: (id?: unknown) => timers.remove(id),
    });
    AbortSignal.timeout = (ms: number) => {
      const controller = new AbortController();
      const abort = () => controller.abort(new DOMException("Signal timed out.", "TimeoutError"));
      timers.add(abort, ms, [], false);
      return controller.signal;
    };
  }
}

function uninstall(): void {
  const { signalTimeout, ...globals } = REAL;
  Object.assign(globalThis, globals);
  AbortSignal.timeout = signalTimeout;
}

function fakeDate(timers: FakeTimers): DateConstructor {
  return new Proxy(REAL.Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [timers.now] : args, newTarget),
    apply: () => new REAL.Date(timers.now).toString(),
    get: (target, name, receiver) => name === "now" ? () => timers.now : Reflect.get(target, name, receiver),
  });
}

function readTime(start: number | string | Date): number {
  return typeof start === "number" ? Math.floor(start) : new REAL.Date(start).getTime();
}

function requireFunction(callback: unknown, name: string): (...args: unknown[]) => unknown {
  if (typeof callback === "function") return callback as (...args: unknown[]) => unknown;
  throw new TimeError(`FakeTime does not support non-function callbacks to ${name}`);
}
