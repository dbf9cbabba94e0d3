/** An isolate of its own that takes from a bucket as often as it is told, and says how often it was let. */
import { SharedMemoryLimits } from "../../../lib/store/shared_memory_limits.ts";
import type { Rate } from "../../../lib/kit/token_bucket.ts";

interface Order {
  readonly memory: SharedArrayBuffer;
  readonly rate: Rate;
  readonly tries: number;
  readonly now: number;
}

declare const self: {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(taken: number): void;
};

self.onmessage = ({ data: { memory, rate, tries, now } }) => {
  const limits = new SharedMemoryLimits(memory);
  let taken = 0;
  for (let i = 0; i < tries; i++) if (limits.take("a", rate, now) === 0) taken++;
  self.postMessage(taken);
};
