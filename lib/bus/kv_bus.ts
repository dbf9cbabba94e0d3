import type { KvLink } from "../kv/kv_link.ts";
import { RecentMap } from "../kit/recent_map.ts";
import { afterThisTurn } from "../kit/turn.ts";
import { sleep, within } from "../kit/wait.ts";
import type { Bus, Listener } from "./bus.ts";
import { findEnd, type Item, type Mail, MAIL_MS, readMails, send, TICK } from "./kv_mail.ts";

/** Mails are sent this often at most: what is published meanwhile travels together. */
const MIN_PAUSE_MS = 25;
/** What one mail holds at most, unless one text alone is longer, in UTF-16 units. */
const MAX_MAIL_LENGTH = 200_000;
/** What waits beyond this, in UTF-16 units, is lost. */
const MAX_WAITING_LENGTH = 8_000_000;
/** How often it is looked whether something has come that nobody was woken for: rarely where waking works. */
const MIN_POLL_MS = 100;
const MAX_POLL_MS = 3_000;
/** After a watch broke off, it is begun anew so much later. */
const REWATCH_MS = 1_000;
/** Who has not read for so long may have missed what is no longer kept. */
const MAX_ABSENCE_MS = MAIL_MS / 2;
/** Nodes whose last number is remembered. */
const MAX_KNOWN_NODES = 1_000;
/** The last mail of a node that ends is waited for no longer. */
const MAX_PARTING_MS = 1_000;

interface Topic {
  /** How often it is followed. */
  count: number;
  /** Whether all that was published before it was followed has been passed over. */
  isHeard: boolean;
}

/**
 * Carries texts between instances that have nothing in common but a key-value database.
 *
 * All mails lie there for a minute, in one line whose order the database decides. A watched key wakes the readers;
 * where that does not work they look by themselves.
 */
export class KvBus implements Bus {
  readonly nodeId = crypto.randomUUID();
  readonly isShared = true;
  readonly carriesAppends = false;
  readonly #link: KvLink;
  readonly #topics = new Map<string, Topic>();
  /** The last number of each node. */
  readonly #known = new RecentMap<string, number>(MAX_KNOWN_NODES);
  #listener: Listener | undefined;
  #place: string;
  #readAt = performance.now();
  #isUp = true;
  #reading: Promise<void> | undefined;
  #nextReading: Promise<void> | undefined;
  /** Whether `missed` has to be told with the next mails, or without any. */
  #hasMissed = false;
  #waiting: Item[] = [];
  #waitingLength = 0;
  #sending: Promise<void> | undefined;
  #number = 0;
  #hasLost = false;
  #pollMs = MIN_POLL_MS;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #rewatch: ReturnType<typeof setTimeout> | undefined;
  #watch: ReadableStreamDefaultReader<unknown> | undefined;
  #isClosed = false;

  private constructor(link: KvLink, place: string) {
    this.#link = link;
    this.#place = place;
  }

  /** Opens a bus over a database that it closes in the end; rejects if that cannot be reached. */
  static async open(link: KvLink): Promise<KvBus> {
    return new KvBus(link, await findEnd(link));
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  listen(listener: Listener): void {
    this.#listener = listener;
    if (this.#isClosed) return;
    this.#wakeBy();
    this.#lookLater();
  }

  publish(topic: string, text: string): void {
    if (this.#isClosed) return;
    this.#waitingLength += topic.length + text.length;
    if (this.#waitingLength > MAX_WAITING_LENGTH) {
      this.#waitingLength -= topic.length + text.length;
      this.#hasLost = true;
    } else this.#waiting.push([topic, text]);
    this.#sending ??= this.#send();
  }

  async follow(topic: string): Promise<void> {
    const known = this.#topics.get(topic);
    const followed = known ?? { count: 0, isHeard: false };
    followed.count++;
    if (known === undefined) this.#topics.set(topic, followed);
    if (followed.isHeard || this.#isClosed) return;
    await this.#read();
    if (!this.#isUp) this.#hasMissed = true;
    followed.isHeard = true;
  }

  unfollow(topic: string): void {
    const followed = this.#topics.get(topic);
    if (followed !== undefined && --followed.count === 0) this.#topics.delete(topic);
  }

  /** Takes what was published to the others, and closes the database. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#poll);
    clearTimeout(this.#rewatch);
    await within(MAX_PARTING_MS, this.#sending ?? Promise.resolve());
    await this.#watch?.cancel().catch(() => {});
    this.#link[Symbol.dispose]();
    await this.#reading;
  }

  /** Sends what waits, one mail after another, until nothing does. */
  async #send(): Promise<void> {
    await new Promise<void>(afterThisTurn);
    while (this.#waiting.length > 0 || this.#hasLost) {
      const hasLost = this.#hasLost;
      this.#hasLost = false;
      const mail: Mail = { from: this.nodeId, number: ++this.#number, hasLost, items: this.#take() };
      try {
        await send(this.#link, mail);
        this.#isUp = true;
      } catch {
        this.#isUp = false;
        this.#hasLost = true;
        if (this.#isClosed) break;
      }
      if (!this.#isClosed) await sleep(MIN_PAUSE_MS);
    }
    this.#sending = undefined;
  }

  #take(): Item[] {
    let count = 0;
    for (let length = 0; count < this.#waiting.length; count++) {
      const [topic, text] = this.#waiting[count];
      length += topic.length + text.length;
      if (count > 0 && length > MAX_MAIL_LENGTH) break;
      this.#waitingLength -= topic.length + text.length;
    }
    return this.#waiting.splice(0, count);
  }

  /** Tells whatever was there when it was called, or before; never rejects. */
  #read(): Promise<void> {
    if (this.#reading === undefined) {
      this.#reading = this.#readAll().finally(() => this.#reading = undefined);
      return this.#reading;
    }
    // What is being read now may have begun too early.
    return this.#nextReading ??= this.#reading.then(() => {
      this.#nextReading = undefined;
      return this.#read();
    });
  }

  async #readAll(): Promise<void> {
    const startedAt = performance.now();
    try {
      for await (const { place, mail } of readMails(this.#link, this.#place)) {
        if (this.#isClosed) return;
        this.#place = place;
        this.#open(mail);
      }
    } catch {
      this.#isUp = false;
      return;
    }
    if (startedAt - this.#readAt > MAX_ABSENCE_MS) this.#hasMissed = true;
    this.#readAt = startedAt;
    this.#isUp = true;
    if (!this.#hasMissed) return;
    this.#hasMissed = false;
    this.#listener?.missed();
  }

  #open(mail: Mail | undefined): void {
    if (mail === undefined) this.#hasMissed = true;
    else if (mail.from !== this.nodeId) {
      const { from, number, hasLost, items } = mail;
      const last = this.#known.get(from);
      if (last !== undefined && number <= last) return; // Sent again because the answer was lost.
      if (hasLost || (last !== undefined && number > last + 1)) this.#hasMissed = true;
      this.#known.set(from, number);
      for (const [topic, text] of items) {
        if (this.#topics.get(topic)?.isHeard) this.#listener?.heard(topic, text);
      }
    }
  }

  /** Has itself woken by the key that changes with every mail. */
  async #wakeBy(): Promise<void> {
    try {
      this.#watch = this.#link.watch(TICK).getReader();
      while (!(await this.#watch.read()).done) this.#read();
    } catch {
      // It is tried again, and looked after meanwhile.
    }
    this.#watch = undefined;
    if (!this.#isClosed) this.#rewatch = setTimeout(() => this.#wakeBy(), REWATCH_MS);
  }

  /** Looks by itself, more often for as long as that finds something. */
  #lookLater(): void {
    this.#poll = setTimeout(async () => {
      const place = this.#place;
      await this.#read();
      const isNeeded = place !== this.#place || !this.#isUp || this.#watch === undefined;
      this.#pollMs = isNeeded ? MIN_POLL_MS : Math.min(MAX_POLL_MS, this.#pollMs * 2);
      if (!this.#isClosed) this.#lookLater();
    }, this.#pollMs);
  }
}
