import type { ChatMessage, Room, SystemMessage, Typing } from "../sdk/mod.ts";
import type { SystemLine } from "./timeline_rows.ts";

const MAX_SYSTEM_LINES = 200;
const TYPING_LASTS_MS = 6_000;
const MAX_TYPING = 20;

/** The system events that earn a line of their own. */
const TOLD_EVENTS = new Set(
  ["join", "leave", "update", "rename", "kick", "ban", "unban", "mute", "unmute", "promote", "demote"],
);

/** After these, somebody types no more. */
const SILENCING_EVENTS = new Set(["leave", "kick", "ban", "mute"]);

/** What a room's list of unread messages looks like when it is opened. */
export type UnreadAtStart = { unread: number; read: number };

/**
 * What the page remembers about one joined room besides its messages: system lines, who is typing, what is unread.
 *
 * Events: `change` (draw again), `chat` (detail `ChatMessage`), `typing`, `left` (detail: code and message).
 */
export class RoomMemory extends EventTarget {
  readonly room: Room;
  readonly systemLines: SystemLine[] = [];
  /** Messages of others that were not on the screen yet. */
  unread: number;
  /** Where the "new" line stands. */
  unreadFrom: number | undefined;

  /** Finds an answered message that is not among those of the room. */
  answered?: (id: string) => ChatMessage | undefined;

  readonly #myId: string;
  readonly #isWatched: () => boolean;
  readonly #typing = new Map<string, { username: string; until: number }>();
  readonly #ended = new AbortController();
  readonly #nameOf: (userId: string) => string | undefined;
  #lineCount = 0;
  #read: number;
  #epoch: string;
  #roomName: string;

  constructor(
    room: Room,
    myId: string,
    start: UnreadAtStart,
    isWatched: () => boolean,
    nameOf: (userId: string) => string | undefined = () => undefined,
  ) {
    super();
    this.room = room;
    this.#myId = myId;
    this.#isWatched = isWatched;
    this.#nameOf = nameOf;
    this.#roomName = room.roomName;
    this.unread = start.unread;
    this.#read = start.read;
    this.#epoch = room.epoch;
    this.unreadFrom = start.unread > 0 ? start.read + 1 : undefined;
    this.#listen();
    room.markDelivered(this.newestSeq);
  }

  /** The number of the newest message here; 0 in an empty room. */
  get newestSeq(): number {
    return this.room.messages.at(-1)?.seq ?? 0;
  }

  /** The names of those who are typing now. */
  typingNames(now: number): string[] {
    for (const [userId, person] of this.#typing) {
      if (person.until <= now) this.#typing.delete(userId);
    }
    return [...this.#typing.values()].map((person) => person.username);
  }

  /** Everything up to a message has been read, here or elsewhere. Says whether that is news. */
  markRead(upTo: number = this.newestSeq): boolean {
    this.#read = Math.max(this.#read, upTo);
    const left = Math.min(this.unread, this.#countAfter(upTo));
    if (left === this.unread) return false;
    this.unread = left;
    this.#tell("change");
    return true;
  }

  /** Puts the "new" line, if there is one, before what is still unread; gives its place. */
  placeUnreadLine(): number | undefined {
    return this.unreadFrom &&= this.unread > 0 ? Math.max(this.unreadFrom, this.#read + 1) : undefined;
  }

  /** Takes the "new" line away. */
  clearUnreadLine(): void {
    this.unreadFrom = undefined;
  }

  /** Stops listening to the room. */
  close(): void {
    this.#ended.abort();
  }

  /** Messages of others after one. Of those that lie before the messages at hand, all count. */
  #countAfter(seq: number): number {
    const { messages } = this.room;
    const before = Math.max(0, (messages[0]?.seq ?? 0) - 1 - seq);
    return before + messages.filter((message) => message.seq > seq && message.userId !== this.#myId).length;
  }

  #listen(): void {
    const { room } = this;
    const options = { signal: this.#ended.signal };
    room.addEventListener("chat", (event) => this.#takeChat(event.detail), options);
    room.addEventListener("system", (event) => this.#takeSystem(event.detail), options);
    room.addEventListener("typing", (event) => this.#takeTyping(event.detail), options);
    room.addEventListener("outgoing", () => this.#tell("change"), options);
    room.addEventListener("file", () => this.#tell("change"), options);
    room.addEventListener("older", () => this.#tell("change"), options);
    room.addEventListener("members", () => this.#tell("change"), options);
    room.addEventListener("reset", () => this.#takeReset(), options);
    room.addEventListener("left", (event) => {
      this.dispatchEvent(new CustomEvent("left", { detail: event.detail }));
    }, options);
  }

  #takeChat(message: ChatMessage): void {
    if (this.#typing.delete(message.userId)) this.#tell("typing");
    this.room.markDelivered(message.seq);
    if (message.userId === this.#myId) {
      this.unreadFrom = undefined;
    } else if (message.seq > this.#read && !this.#isWatched()) {
      if (this.unread === 0) this.unreadFrom = message.seq;
      this.unread++;
    }
    this.dispatchEvent(new CustomEvent("chat", { detail: message }));
    this.#tell("change");
  }

  #takeSystem(said: SystemMessage): void {
    const { userId = "", message = "", timestamp, by, reason, seconds, roomName } = said;
    const isRename = said.event === "update" && roomName !== undefined && roomName !== this.#roomName;
    this.#roomName = roomName ?? this.#roomName;
    const event = isRename ? "rename" : said.event;
    const username = isRename ? this.#roomName : said.username ?? userId;
    const who = by === undefined ? undefined : this.#nameOf(by) ?? by;
    if (TOLD_EVENTS.has(event)) {
      this.#addLine({ event, username, message, timestamp, by: who, reason, seconds });
    }
    if (SILENCING_EVENTS.has(event) && this.#typing.delete(userId)) this.#tell("typing");
    this.#tell("change");
  }

  #takeTyping({ userId, username, isTyping }: Typing): void {
    if (!isTyping) this.#typing.delete(userId);
    else if (userId !== this.#myId && this.#typing.size < MAX_TYPING) {
      this.#typing.set(userId, { username, until: Date.now() + TYPING_LASTS_MS });
    }
    this.#tell("typing");
  }

  #takeReset(): void {
    this.systemLines.length = 0;
    this.unreadFrom = undefined;
    // Of another log, nothing was read.
    if (this.#epoch !== this.room.epoch) this.#read = 0;
    this.#epoch = this.room.epoch;
    this.unread = this.#countAfter(this.#read);
    const before = this.room.messages[0]?.seq ?? 1;
    this.#addLine({ event: "reset", username: "", message: "", timestamp: Date.now() }, before - 1);
    this.#tell("change");
  }

  #addLine(line: Omit<SystemLine, "key" | "afterSeq">, afterSeq = this.newestSeq): void {
    this.systemLines.push({ key: `line:${this.#lineCount++}`, afterSeq, ...line });
    if (this.systemLines.length > MAX_SYSTEM_LINES) this.systemLines.shift();
  }

  #tell(type: string): void {
    this.dispatchEvent(new Event(type));
  }
}
