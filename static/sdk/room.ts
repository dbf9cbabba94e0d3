import { isDirect, otherOf } from "./direct.ts";
import { Excerpt } from "./excerpt.ts";
import type { MemberList } from "./member_list.ts";
import type { OutgoingMessage } from "./outgoing.ts";
import type { FileSource, OutgoingFile, SendFileOptions } from "./outgoing_file.ts";
import type { ReceiptMarks } from "./receipt_marks.ts";
import type { RoomLink } from "./room_link.ts";
import { emit, TypedEvents } from "./typed_events.ts";
import type {
  BannedInfo,
  ChatMessage,
  Command,
  MemberInfo,
  MessageOf,
  ServerMessage,
  SystemMessage,
  Typing,
} from "./types.ts";
import type { UnsentQueue } from "./unsent_queue.ts";
import type { Uploads } from "./uploads.ts";

const TYPING_EVERY_MS = 3_000;
const OLDER_PAGE = 50;
/** How soon it is asked again who belongs to a room: the longer the list, the later. */
const REFRESH_AFTER_MS = 1_000;
const REFRESH_MS_A_PERSON = 20;

/** What a room tells its listeners, and what is in `detail`. */
export type RoomEvents = {
  /** A message, live or recovered after a break: each once, in order. */
  chat: ChatMessage;
  /** `messages` does not continue what was there before: show it anew. */
  reset: Room;
  /** Older messages were put in front of `messages`. */
  older: Room;
  /** Somebody came or went, or the room changed. */
  system: SystemMessage;
  typing: Typing;
  /** `people` has changed: who is there, or how far they have read. Only after `listMembers`. */
  members: Room;
  /** One of `outgoing` changed its status, or left the list. */
  outgoing: OutgoingMessage;
  /** One of `files` changed its status, came further, or left the list. */
  file: OutgoingFile;
  /** We are no longer in the room, and why: `left` if we wished it. */
  left: { code: string; message: string };
};

/** What a room needs of its client. */
export interface RoomHost {
  askFor<T extends ServerMessage["type"]>(command: Command, type: T): Promise<MessageOf<T>>;
  send(command: Command): void;
  leave(roomId: string): Promise<void>;
  now(): number;
  /** Who we are, once that is known. */
  me(): string;
  readonly marks: ReceiptMarks;
  readonly uploads: Uploads;
}

/** A joined room: its messages, what we are about to send, and what happens in it. `ParleyClient.join` gives it. */
export class Room extends TypedEvents<RoomEvents> {
  #link: RoomLink;
  #queue: UnsentQueue;
  #host: RoomHost;
  #people: MemberList;
  #loading: Promise<boolean> | undefined;
  #saidTypingAt: number | undefined;
  #isRefreshing = false;

  constructor(link: RoomLink, queue: UnsentQueue, people: MemberList, host: RoomHost) {
    super();
    this.#link = link;
    this.#queue = queue;
    this.#people = people;
    this.#host = host;
  }

  get roomId(): string {
    return this.#link.roomId;
  }

  get roomName(): string {
    return this.#link.roomName;
  }

  /** Our own role: `owner`, `admin` or `member`. */
  get role(): string {
    return this.#link.role;
  }

  /** Whether this is the room of two people, which goes by the name of the other. */
  get isDirect(): boolean {
    return isDirect(this.roomId);
  }

  /** How many people are in the room. */
  get members(): number {
    return this.#link.members;
  }

  /** How far we had read when we joined. */
  get read(): number {
    return this.#link.read;
  }

  /** The name of this life of the log. */
  get epoch(): string {
    return this.#link.log.epoch ?? "";
  }

  /** The number of the newest message. */
  get seq(): number {
    return this.#link.log.seq;
  }

  /** Oldest first and without gaps: the newest 1 000, and as many older ones as `loadOlder` brought. */
  get messages(): readonly ChatMessage[] {
    return this.#link.log.messages;
  }

  /** Whether `loadOlder` may bring more. */
  get hasOlder(): boolean {
    return this.#link.log.hasOlder;
  }

  /** What we have written and the server has not yet kept, or has refused, in order. */
  get outgoing(): readonly OutgoingMessage[] {
    return this.#queue.of(this.roomId);
  }

  /** Writes a message. It is kept, over reloads and lost connections, until the server has it. */
  send(content: string, options: { replyTo?: string } = {}): OutgoingMessage {
    this.#saidTypingAt = undefined;
    const { replyTo } = options;
    const to = this.isDirect ? otherOf(this.roomId, this.#host.me()) : undefined;
    return this.#queue.add(this.roomId, content, { replyTo, to });
  }

  /** The files that are on their way here or have failed, in the order they were chosen. */
  get files(): readonly OutgoingFile[] {
    return this.#host.uploads.of(this.roomId);
  }

  /**
   * Sends a file, which becomes a message once the server has it whole; over lost connections, as long as this client
   * lives. Three are sent at a time, the others wait; paused ones keep none waiting.
   */
  sendFile(file: FileSource, options: SendFileOptions = {}): OutgoingFile {
    return this.#host.uploads.add(this.roomId, file, options);
  }

  /** Sends a failed message again, after those that wait. */
  retry(id: string): void {
    this.#queue.retry(this.roomId, id);
  }

  /** Gives up a message that waits or has failed. */
  discard(id: string): void {
    this.#queue.discard(this.roomId, id);
  }

  /** Tells the others that we type, at most once in 3 s, or that we no longer do. */
  typing(isTyping: boolean): void {
    const now = this.#host.now();
    const saidAt = this.#saidTypingAt;
    const isNews = isTyping ? saidAt === undefined || now - saidAt >= TYPING_EVERY_MS : saidAt !== undefined;
    if (!isNews || !this.#link.isIn) return;
    this.#saidTypingAt = isTyping ? now : undefined;
    this.#host.send({ type: "typing", roomId: this.roomId, isTyping });
  }

  /** Puts up to `limit` older messages in front; false when there are none before those. */
  loadOlder(limit: number = OLDER_PAGE): Promise<boolean> {
    this.#loading ??= this.#loadOlder(limit).finally(() => this.#loading = undefined);
    return this.#loading;
  }

  /** Reads the part of the log around a message; `undefined` if it is among `messages` already. */
  async loadAround(seq: number): Promise<Excerpt | undefined> {
    const { log, roomId } = this.#link;
    if (seq >= (log.messages[0]?.seq ?? log.seq + 1)) return undefined;
    const excerpt = new Excerpt(log, (range) => {
      return this.#host.askFor({ type: "history", roomId, ...range }, "room_history");
    });
    await excerpt.open(seq);
    return excerpt;
  }

  /** Reads one message again, as when the link to its file is good no more; `undefined` if it is gone. */
  async readAgain(seq: number): Promise<ChatMessage | undefined> {
    const { log, roomId } = this.#link;
    const range = { after: seq - 1, limit: 1 };
    const page = await this.#host.askFor({ type: "history", roomId, ...range }, "room_history");
    const message = page.history.find((message) => message.seq === seq);
    if (page.epoch !== log.epoch || !message) return undefined;
    log.replace(message);
    return message;
  }

  /** Everybody who belongs to the room; from then on `people` is kept up to date. */
  async listMembers(): Promise<MemberInfo[]> {
    const { members, banned } = await this.#host.askFor({ type: "members", roomId: this.roomId }, "members");
    this.#people.take(members, banned);
    emit(this, "members", this);
    return members;
  }

  /**
   * Lists the members again, in a second or, where they are many, later, and once however often this is called
   * meanwhile. Where `system` events tell only the number of `members`, call it at each to keep `people` up to date.
   */
  async refreshMembers(): Promise<void> {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    await this.#link.pause(REFRESH_AFTER_MS + REFRESH_MS_A_PERSON * this.people.length);
    this.#isRefreshing = false;
    // Who is back after a break asks anyway.
    if (this.#link.isIn) this.listMembers().catch(() => {});
  }

  /** Who belongs to the room and how far they have read, as far as it is known; empty before `listMembers`. */
  get people(): readonly MemberInfo[] {
    return this.#people.members;
  }

  /** Who may not come in, after `listMembers`; `undefined` for who may not let them back in. */
  get banned(): readonly BannedInfo[] | undefined {
    return this.#people.banned;
  }

  /** Tells that the messages up to `seq` were read: at most once a second, and only if that is news. */
  markRead(seq: number): void {
    this.#host.marks.mark(this.roomId, "read", Math.min(seq, this.seq));
  }

  /** Tells that the messages up to `seq` have come, likewise. */
  markDelivered(seq: number): void {
    this.#host.marks.mark(this.roomId, "delivered", Math.min(seq, this.seq));
  }

  /** Leaves the room; what waits in `outgoing` is sent when it is joined again. */
  leave(): Promise<void> {
    return this.#host.leave(this.roomId);
  }

  async #loadOlder(limit: number): Promise<boolean> {
    const { log, roomId } = this.#link;
    const { epoch, hasOlder } = log;
    if (!hasOlder) return false;
    const before = log.messages[0]?.seq ?? log.seq + 1;
    const page = await this.#host.askFor({ type: "history", roomId, before, limit }, "room_history");
    // If the log began anew meanwhile, this page belongs to nothing.
    if (page.epoch !== epoch || log.epoch !== epoch) return log.hasOlder;
    const added = log.prepend(page.history);
    if (added > 0) emit(this, "older", this);
    return added > 0 ? page.more : page.history.length > 0;
  }
}
