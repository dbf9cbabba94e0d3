/** Lets one tab at a time send a room's messages, by Web Locks; where there are none, everyone may. */
export class SenderLock {
  #locks: LockManager | undefined;

  constructor(locks: LockManager | undefined = globalThis.navigator?.locks) {
    this.#locks = locks;
  }

  /** Resolves when the lock is held, which it is until the signal is aborted; also when aborted before. */
  acquire(name: string, signal: AbortSignal): Promise<void> {
    const locks = this.#locks;
    if (!locks || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const held = () => {
        resolve();
        return aborted(signal);
      };
      // Without leave to lock (a sandboxed frame) we send all the same: the server knows each id only once.
      locks.request(name, { signal }, held).catch(() => resolve());
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
