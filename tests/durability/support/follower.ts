import type { Said } from "../../support/peer.ts";

/** A piece of the log as a follower knows it: everything from `first` on, without gaps. */
export interface Stretch {
  readonly epoch: string;
  readonly first: number;
  readonly contents: string[];
}

/**
 * Follows a room's log as a careful client does, over one connection after another, and writes down whatever it was
 * told that it should not have been: a gap, something twice, something that changed.
 */
export class Follower {
  readonly roomId: string;
  /** What was known of the log; a new stretch begins where the server said that it could not continue the old one. */
  readonly stretches: Stretch[] = [];
  readonly violations: string[] = [];
  /** How many messages came by recovery rather than live. */
  recovered = 0;
  #seq = 0;
  #isPaging = true;
  #early = new Map<number, string>();

  /** @param known Where the log was left earlier, if it was followed before */
  constructor(roomId: string, known?: { readonly epoch: string; readonly seq: number }) {
    this.roomId = roomId;
    if (known === undefined) return;
    this.stretches.push({ epoch: known.epoch, first: known.seq + 1, contents: [] });
    this.#seq = known.seq;
  }

  /** The last message known. */
  get seq(): number {
    return this.#seq;
  }

  /** Whether everything there was has been read, so that what comes is new. */
  get isLive(): boolean {
    return !this.#isPaging;
  }

  /** The stretch that is being continued. */
  get current(): Stretch | undefined {
    return this.stretches.at(-1);
  }

  /** The command that takes up the log where it was left. */
  join(): object {
    this.#isPaging = true;
    this.#early.clear();
    const { epoch } = this.current ?? {};
    const place = epoch === undefined ? { after: 0 } : { after: this.#seq, epoch };
    return { type: "join", roomId: this.roomId, ...place };
  }

  /** Takes what is about the log; returns the command to give next, if one is needed. */
  hear(said: Said): object | undefined {
    if (said.roomId !== this.roomId) return;
    if (said.type === "chat") this.#hearLive(said);
    if (said.type === "room_history") return this.#hearPage(said);
  }

  #hearLive({ seq, content }: Said): void {
    if (this.#isPaging) this.#early.set(Number(seq), String(content));
    else this.#take(Number(seq), String(content), "live");
  }

  #hearPage({ epoch, history, recovered, more, seq: head }: Said): object | undefined {
    const page = history as Said[];
    if (recovered === false || this.current === undefined) {
      const first = Number(page[0]?.seq ?? Number(head) + 1);
      this.stretches.push({ epoch: String(epoch), first, contents: [] });
      this.#seq = first - 1;
    } else if (epoch !== this.current.epoch) {
      this.violations.push(`the epoch changed without a word after ${this.#seq}`);
    } else if (recovered === undefined && page.length > 0 && Number(page[0].seq) > this.#seq + 1) {
      // The log was shortened while it was read; whether it can be continued is for a join to say.
      return this.join();
    }
    for (const { seq, content } of page) this.#take(Number(seq), String(content), "page");
    this.recovered += page.length;
    // A page that ends early is read on. One that was not recovered is the newest: what lies before is not wanted.
    if (more && recovered !== false) {
      return { type: "history", roomId: this.roomId, after: this.#seq, limit: 10_000 };
    }
    return this.#takeEarly();
  }

  /** What came live while pages were read joins up with them, or lies beyond what they held. */
  #takeEarly(): object | undefined {
    for (const [seq, content] of this.#early) {
      if (seq <= this.#seq) continue;
      if (seq > this.#seq + 1) {
        return { type: "history", roomId: this.roomId, after: this.#seq, limit: 10_000 };
      }
      this.#take(seq, content, "early");
    }
    this.#early.clear();
    this.#isPaging = false;
  }

  #take(seq: number, content: string, how: string): void {
    if (seq !== this.#seq + 1) {
      this.violations.push(`${how}: ${seq} came after ${this.#seq}`);
      return;
    }
    this.#seq = seq;
    this.current!.contents.push(content);
  }
}
