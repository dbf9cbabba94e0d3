import { deadline } from "./deadline.ts";
import type { StoredMessage, UnsentStore } from "./unsent_store.ts";

const PATIENCE_MS = 5_000;

/**
 * One user's part of an `UnsentStore`. A store that fails (full, or forbidden) or hangs for 5 s keeps nobody from
 * sending: its messages then live only in memory, and one that could not be removed is sent again under its known id.
 */
export class UnsentShelf {
  #store: UnsentStore;
  #key: string | undefined;
  #reading = 0;
  /** What came to its end while the store was being read: the reading may still tell of it. */
  #ended = new Set<string>();

  constructor(store: UnsentStore) {
    this.#store = store;
  }

  get shared(): boolean {
    return this.#store.shared ?? false;
  }

  get key(): string | undefined {
    return this.#key;
  }

  use(key: string): void {
    this.#key = key;
  }

  /** What waits here, oldest first. */
  async load(): Promise<StoredMessage[]> {
    const key = this.#key ?? "";
    this.#reading++;
    const messages = await patiently(this.#store.load(key), []);
    const waiting = key === this.#key ? messages.filter(({ id }) => !this.#ended.has(id)) : [];
    if (--this.#reading === 0) this.#ended.clear();
    return waiting.sort((one, other) => one.createdAt - other.createdAt);
  }

  async put(message: StoredMessage): Promise<void> {
    await patiently(this.#store.put(this.#key ?? "", message), undefined);
  }

  async remove(id: string): Promise<void> {
    this.ended(id);
    await patiently(this.#store.remove(this.#key ?? "", id), undefined);
  }

  /** Tells that a message waits no longer, whoever removes it. */
  ended(id: string): void {
    if (this.#reading > 0) this.#ended.add(id);
  }
}

function patiently<T>(work: Promise<T>, otherwise: T): Promise<T> {
  return deadline(work, PATIENCE_MS, () => otherwise).catch(() => otherwise);
}
