import { sleep } from "../kit/wait.ts";
import type { FilePost, FileRecord, FileStore } from "../files/file_store.ts";
import type { Page, Store } from "../store/store.ts";

/** How often files are looked through. */
const EVERY_MS = 60 * 60 * 1000;
/** What is done at once; others come in between. */
const STEP = { files: 20, pauseMs: 20 };
/** A message with a file comes within so long after the file, and clocks differ by less. */
const DELAY_MS = 24 * 60 * 60 * 1000;
/** How much of a log is read at once to find a message, and at most. */
const SEARCH = { limit: 500, maxLength: 1 << 20, pages: 1_000 };

/** Forgets files whose messages retention has taken, and those that never became a message. */
export class FileRetention implements AsyncDisposable {
  readonly #files: FileStore;
  readonly #store: Store;
  readonly #failed: (error: unknown) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #work: Promise<void> | undefined;
  #isDisposed = false;

  /** @param failed Told why it went no further; the next look begins anew */
  constructor(files: FileStore, store: Store, failed: (error: unknown) => void) {
    this.#files = files;
    this.#store = store;
    this.#failed = failed;
    this.#timer = setInterval(
      () => this.#work ??= this.#look().finally(() => this.#work = undefined),
      EVERY_MS,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    clearInterval(this.#timer);
    await this.#work;
  }

  async #look(): Promise<void> {
    try {
      let count = 0;
      for await (const record of this.#files.quietFiles(Date.now())) {
        if (this.#isDisposed) return;
        if (!await this.#isWanted(record)) await this.#files.remove(record);
        if (++count % STEP.files === 0) await sleep(STEP.pauseMs);
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Whether any room still has a message with the file. */
  async #isWanted(record: FileRecord): Promise<boolean> {
    for (const roomId of record.rooms) {
      const known = record.posts.find((post) => post.roomId === roomId);
      const post = known ?? await this.#findPost(record, roomId);
      if (post === undefined) return true;
      if (known === undefined) await this.#files.notePost(record.fileId, post);
      const { epoch, first } = await this.#store.page(roomId, { limit: 1, maxLength: 0 });
      // A log that is another one says nothing of what was said in this one.
      if (epoch !== post.epoch || post.seq >= first) return true;
    }
    return false;
  }

  /**
   * Looks through a room's log for a file's message, whose place was not noted, as before a crash; `undefined` if that
   * would take too long, or there is no log.
   */
  async #findPost({ fileId, storedAt }: FileRecord, roomId: string): Promise<FilePost | undefined> {
    const { epoch, head, first } = await this.#store.page(roomId, { limit: 1, maxLength: 0 });
    if (epoch === "") return undefined;
    let after = await this.#lastBefore(roomId, storedAt - DELAY_MS, first, head);
    for (let pages = 0; pages < SEARCH.pages && !this.#isDisposed; pages++) {
      const { messages, more } = await this.#store.page(roomId, { after, ...SEARCH });
      const found = messages.findLast(({ file }) => file?.fileId === fileId);
      if (found !== undefined) return { roomId, epoch, seq: found.seq };
      if (!more || messages.length === 0) return { roomId, epoch, seq: 0 };
      after = messages.at(-1)!.seq;
      await sleep(STEP.pauseMs);
    }
  }

  /** The last number of a log, which is in the order of time, before a time. */
  async #lastBefore(roomId: string, time: number, first: number, head: number): Promise<number> {
    let [old, fresh] = [first - 1, head + 1];
    while (fresh - old > 1) {
      const middle = Math.floor((old + fresh) / 2);
      const page: Page = await this.#store.page(roomId, { after: middle - 1, limit: 1, maxLength: 0 });
      const message = page.messages.at(0);
      if (message !== undefined && message.timestamp < time) old = middle;
      else fresh = middle;
    }
    return old;
  }
}
