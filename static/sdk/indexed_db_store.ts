import type { StoredMessage, UnsentStore } from "./unsent_store.ts";

const MESSAGES = "messages";

type Row = { key: string; id: string; message: StoredMessage };

/** Keeps unsent messages in the browser, over reloads; all tabs of the origin share them. */
export class IndexedDbStore implements UnsentStore {
  readonly shared = true;
  #name: string;
  #database: Promise<IDBDatabase> | undefined;

  constructor(name = "parley-unsent") {
    this.#name = name;
  }

  async load(key: string): Promise<StoredMessage[]> {
    // A key is an array, and arrays sort after all strings: these bounds hold every id.
    const rows = await this.#run<Row[]>(
      "readonly",
      (rows) => rows.getAll(IDBKeyRange.bound([key], [key, []])),
    );
    return rows.map((row) => row.message);
  }

  async put(key: string, message: StoredMessage): Promise<void> {
    const row: Row = { key, id: message.id, message };
    await this.#run("readwrite", (rows) => rows.put(row));
  }

  async remove(key: string, id: string): Promise<void> {
    await this.#run("readwrite", (rows) => rows.delete([key, id]));
  }

  async #run<T>(mode: IDBTransactionMode, act: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const transaction = (await this.#opened()).transaction(MESSAGES, mode);
    const request = act(transaction.objectStore(MESSAGES));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  #opened(): Promise<IDBDatabase> {
    this.#database ??= this.#open();
    this.#database.catch(() => this.#database = undefined);
    return this.#database;
  }

  #open(): Promise<IDBDatabase> {
    const request = indexedDB.open(this.#name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(MESSAGES, { keyPath: ["key", "id"] });
    return new Promise((resolve, reject) => {
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        // The browser may take the database away, or another tab delete it: the next use opens it again.
        database.onclose = () => this.#database = undefined;
        database.onversionchange = () => {
          database.close();
          this.#database = undefined;
        };
        resolve(database);
      };
    });
  }
}
