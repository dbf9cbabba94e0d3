import type { ChatMessage, ParleyClient, Room } from "../sdk/mod.ts";

const PAGE = 100;
/** Most of what is answered was said not long before; what lies further back is shown as an earlier message. */
const MOST_PAGES = 3;

/** The answered messages that lie further back than those at hand: found by reading on, without showing it. */
export class Answered {
  readonly #client: ParleyClient;
  readonly #room: Room;
  readonly #found: () => void;
  readonly #read = new Map<string, ChatMessage>();
  readonly #wanted = new Set<string>();
  #pages = 0;
  #oldest = Infinity;
  #reading = false;

  /** `found` is called when messages that were asked for have come. */
  constructor(client: ParleyClient, room: Room, found: () => void) {
    this.#client = client;
    this.#room = room;
    this.#found = found;
  }

  /** A message by its id, if it was read; else it is looked for, once. */
  get(id: string): ChatMessage | undefined {
    const message = this.#read.get(id);
    if (message === undefined && !this.#wanted.has(id)) {
      this.#wanted.add(id);
      void this.#look();
    }
    return message;
  }

  /** Forgets everything: the log began anew. */
  clear(): void {
    this.#read.clear();
    this.#wanted.clear();
    this.#pages = 0;
    this.#oldest = Infinity;
  }

  async #look(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#isWanting && this.#pages < MOST_PAGES && await this.#readOn());
    } catch {
      // Without a connection, or with a log that began anew, it stays an earlier message.
    } finally {
      this.#reading = false;
    }
  }

  get #isWanting(): boolean {
    return [...this.#wanted].some((id) => !this.#read.has(id));
  }

  /** Reads one page further back; says whether there is more. */
  async #readOn(): Promise<boolean> {
    const { roomId, messages } = this.#room;
    const before = Math.min(this.#oldest, messages[0]?.seq ?? 1);
    if (before <= 1) return false;
    this.#pages++;
    const page = await this.#client.request({ type: "history", roomId, before, limit: PAGE });
    if (page.type !== "room_history" || page.epoch !== this.#room.epoch || page.history.length === 0) {
      return false;
    }
    this.#oldest = page.history[0].seq;
    for (const message of page.history) this.#read.set(message.id, message);
    if (page.history.some(({ id }) => this.#wanted.has(id))) this.#found();
    return page.more;
  }
}
