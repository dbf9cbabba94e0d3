import { type ChatMessage, type Excerpt, ParleyError, type Room } from "../sdk/mod.ts";
import { words } from "./i18n.ts";
import type { Loaded } from "./span.ts";

const PAGE = 50;
/** As many as a server gives at once. */
const FAR_PAGE = 300;
const MOST_FAR_PAGES = 10;

/** The messages a timeline shows: the newest of the room, or an excerpt further back until the two meet. */
export class TimelineSource {
  readonly #room: Room;
  #excerpt: Excerpt | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  get messages(): readonly ChatMessage[] {
    return this.#away?.messages ?? this.#room.messages;
  }

  /** Whether the newest messages of the room are among these. */
  get isLive(): boolean {
    return this.#away === undefined;
  }

  get loaded(): Loaded {
    const { messages } = this;
    return { oldest: messages[0]?.seq ?? 1, newest: messages.at(-1)?.seq ?? 0 };
  }

  /** Brings in the messages around one; says whether it is among them. */
  async goTo(seq: number): Promise<boolean> {
    const { oldest, newest } = this.loaded;
    if (seq < oldest || seq > newest) this.#excerpt = await this.#room.loadAround(seq);
    return this.messages.some((message) => message.seq === seq);
  }

  /** Back to the newest messages. */
  goToEnd(): void {
    this.#excerpt = undefined;
  }

  loadOlder(limit = PAGE): Promise<boolean> {
    return this.#away?.loadOlder(limit) ?? this.#room.loadOlder(limit);
  }

  async loadNewer(): Promise<void> {
    await this.#away?.loadNewer(PAGE);
  }

  /** Looks for an answered message, page by page further back; gives its number, rejects if it is not found. */
  async find(id: string): Promise<number> {
    for (let page = 0, more = true;; page++) {
      const found = this.messages.findLast((message) => message.id === id);
      if (found) return found.seq;
      if (!more || page === MOST_FAR_PAGES) throw new ParleyError("not_found", words().nothingFound);
      more = await this.loadOlder(FAR_PAGE);
    }
  }

  get #away(): Excerpt | undefined {
    return this.#excerpt?.isMerged ? undefined : this.#excerpt;
  }
}
