import { MemoryStore } from "../../../static/sdk/memory_store.ts";

type LockTask = () => Promise<void>;

/** The part of Web Locks that the library uses: one holder at a time, first come, first served. */
class FakeLocks {
  #queues = new Map<string, LockTask[]>();

  request(name: string, { signal }: { signal: AbortSignal }, held: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, queue);
      const task = () => held().then(resolve, reject);
      signal.addEventListener("abort", () => {
        const place = queue.indexOf(task);
        if (place > 0) reject(queue.splice(place, 1) && new DOMException("Aborted", "AbortError"));
      });
      queue.push(task);
      if (queue.length === 1) void this.#run(queue);
    });
  }

  async #run(queue: LockTask[]): Promise<void> {
    for (; queue.length > 0; queue.shift()) await queue[0]();
  }
}

class FakeBroadcastChannel {
  static readonly all = new Set<FakeBroadcastChannel>();
  readonly name: string;
  onmessage: ((event: MessageEvent) => void) | null = null;

  constructor(name: string) {
    this.name = name;
    FakeBroadcastChannel.all.add(this);
  }

  postMessage(message: unknown): void {
    const data = structuredClone(message);
    for (const other of FakeBroadcastChannel.all) {
      if (other !== this && other.name === this.name) {
        queueMicrotask(() => other.onmessage?.(new MessageEvent("message", { data })));
      }
    }
  }

  close(): void {
    this.onmessage = null;
    FakeBroadcastChannel.all.delete(this);
  }
}

/** A store that several tabs have open. */
export class SharedStore extends MemoryStore {
  readonly shared = true;
}

/** Makes the clients of a test tabs of one browser: they share locks and, unless told otherwise, channels. */
export function fakeBrowser({ channels = true } = {}): Disposable {
  const before = globalThis.BroadcastChannel;
  const locks = Object.getOwnPropertyDescriptor(navigator, "locks");
  Object.assign(globalThis, { BroadcastChannel: channels ? FakeBroadcastChannel : undefined });
  Object.defineProperty(navigator, "locks", { value: new FakeLocks(), configurable: true });
  return {
    [Symbol.dispose]: () => {
      Object.assign(globalThis, { BroadcastChannel: before });
      if (locks) Object.defineProperty(navigator, "locks", locks);
      else Reflect.deleteProperty(navigator, "locks");
      FakeBroadcastChannel.all.clear();
    },
  };
}
