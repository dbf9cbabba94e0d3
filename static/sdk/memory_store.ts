import type { StoredMessage, UnsentStore } from "./unsent_store.ts";

/** Keeps unsent messages for as long as the program runs. */
export class MemoryStore implements UnsentStore {
  #messages = new Map<string, Map<string, StoredMessage>>();

  load(key: string): Promise<StoredMessage[]> {
    return Promise.resolve([...this.#messages.get(key)?.values() ?? []]);
  }

  put(key: string, message: StoredMessage): Promise<void> {
    const messages = this.#messages.get(key) ?? new Map<string, StoredMessage>();
    this.#messages.set(key, messages.set(message.id, message));
    return Promise.resolve();
  }

  remove(key: string, id: string): Promise<void> {
    this.#messages.get(key)?.delete(id);
    return Promise.resolve();
  }
}
