import { secondsUntil } from "./time_words.ts";

/** Calls `show` with the whole seconds left, now and at each change, the last time with 0. Returns how to stop it. */
export function countDown(until: number, show: (seconds: number) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const step = () => {
    const leftMs = until - Date.now();
    show(secondsUntil(until, Date.now()));
    if (leftMs > 0) timer = setTimeout(step, leftMs % 1000 || 1000);
  };
  step();
  return () => clearTimeout(timer);
}
