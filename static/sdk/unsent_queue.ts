import type { BackoffOptions } from "./backoff.ts";
import { delay } from "./delay.ts";
import { isAddress } from "./direct.ts";
import { isPassing, ParleyError } from "./errors.ts";
import { newId } from "./new_id.ts";
import { Outgoing, type OutgoingError, type OutgoingMessage } from "./outgoing.ts";
import type { Pace } from "./pace.ts";
import type { Requests } from "./requests.ts";
import type { SenderLock } from "./sender_lock.ts";
import { SenderTurn } from "./sender_turn.ts";
import { type StatusNote, TabChannel, type TabNote } from "./tab_channel.ts";
import type { Ack, ChatMessage } from "./types.ts";
import { type UnsentLine, UnsentLines } from "./unsent_line.ts";
import { UnsentShelf } from "./unsent_shelf.ts";
import type { StoredMessage, UnsentStore } from "./unsent_store.ts";

/** What the queue needs; `changed` hears of every message whose status changed. */
export type UnsentQueueOptions = {
  storage: UnsentStore;
  lock: SenderLock;
  requests: Requests;
  pace: Pace;
  ackTimeoutMs: number;
  backoff: BackoffOptions;
  random: () => number;
  now: () => number;
  changed(message: OutgoingMessage): void;
};

/**
 * What this user has written and the server has not yet kept. Each message is stored before it is first sent, and sent
 * under the same `id` until it is acknowledged or refused. A room's messages go one after another, so that none can
 * overtake one that was put off; rooms do not wait for each other.
 */
export class UnsentQueue {
  #options: UnsentQueueOptions;
  #shelf: UnsentShelf;
  #lines = new UnsentLines();
  #loaded: Promise<void> = Promise.resolve();
  #tabs: TabChannel | undefined;
  #newest = 0;
  #isConnected = false;

  constructor(options: UnsentQueueOptions) {
    this.#options = options;
    this.#shelf = new UnsentShelf(options.storage);
  }

  /** Takes up what was left under this key; what waits under another key stays in the store. */
  use(key: string): void {
    if (key === this.#shelf.key && this.#tabs) return;
    if (key !== this.#shelf.key) {
      this.close();
      if (this.#shelf.key !== undefined) this.#lines.clear();
      this.#shelf.use(key);
    }
    this.#tabs = new TabChannel(
      this.#shelf.shared ? `parley-unsent/${key}` : undefined,
      (note) => this.#noted(note),
    );
    this.#loaded = this.#load();
    // What was written before anybody knew whose it is.
    for (const line of this.#lines.all) {
      for (const entry of line.entries) if (!entry.stored) void this.#keep(line, entry);
    }
  }

  /** The messages of a room that wait or have failed, in order. */
  of(roomId: string): readonly OutgoingMessage[] {
    return this.#lines.of(roomId).entries;
  }

  /** Writes a message; it goes when its turn comes. */
  add(roomId: string, content: string, about: { replyTo?: string; to?: string } = {}): OutgoingMessage {
    // Never the same time twice: after a reload the times give the order.
    this.#newest = Math.max(this.#options.now(), this.#newest + 1);
    const entry = new Outgoing({ id: newId(), roomId, content, ...about, createdAt: this.#newest });
    const line = this.#lines.of(roomId);
    line.append(entry);
    this.#options.changed(entry);
    this.#openDirect(line);
    void this.#keep(line, entry);
    return entry;
  }

  /** Puts a failed message at the end of its line again. */
  retry(roomId: string, id: string): void {
    const line = this.#lines.of(roomId);
    const entry = line.find(id);
    if (entry?.status !== "failed") return;
    line.append(entry);
    entry.stored = false;
    this.#putBack(entry);
    void this.#keep(line, entry);
  }

  /** Gives a message up. One that is on its way may arrive all the same. */
  discard(roomId: string, id: string): void {
    const line = this.#lines.of(roomId);
    const entry = line.find(id);
    if (!entry) return;
    this.#drop(line, entry);
    this.#tabs?.post({ note: "discarded", roomId, id });
  }

  /** A message of this user is in the log: if it waits here, it has arrived, whether or not an `ack` comes in time. */
  delivered({ id, roomId, seq, timestamp }: Pick<ChatMessage, "id" | "roomId" | "seq" | "timestamp">): void {
    this.#shelf.ended(id);
    const line = this.#lines.holder(roomId, id);
    const entry = line.find(id);
    if (!entry) return;
    const ack: Ack = { type: "ack", id, roomId, seq, timestamp };
    this.#acked(line, entry, ack);
    this.#options.requests.settle(ack);
  }

  /** There is a connection: direct messages, which need no joined room, may go. */
  connected(): void {
    this.#isConnected = true;
    for (const line of this.#lines.all) this.#openDirect(line);
  }

  /** The room is joined: its messages may go. */
  open(roomId: string): void {
    const line = this.#lines.of(roomId);
    if (line.turn) return;
    line.turn = new SenderTurn(this.#options.backoff, this.#options.random);
    void this.#begin(line, line.turn);
  }

  /** The room is left, or the connection lost: its messages wait. */
  shut(roomId: string): void {
    const line = this.#lines.of(roomId);
    line.turn?.end();
    line.turn = undefined;
    for (const entry of line.entries) this.#recall(entry);
  }

  /** As `shut`, for all rooms. */
  shutAll(): void {
    this.#isConnected = false;
    for (const { roomId } of this.#lines.all) this.shut(roomId);
  }

  /** Stops sending, and hearing of other tabs, until `use`. */
  close(): void {
    this.shutAll();
    this.#tabs?.close();
    this.#tabs = undefined;
  }

  async #begin(line: UnsentLine, turn: SenderTurn): Promise<void> {
    await Promise.all([this.#loaded, line.working]);
    if (this.#shelf.shared) {
      await this.#options.lock.acquire(`parley-unsent/${this.#shelf.key}/${line.roomId}`, turn.signal);
      if (!turn.over) await this.#load();
    }
    if (turn.over) return;
    for (const entry of line.entries) this.#recall(entry);
    turn.ready = true;
    this.#wake(line);
  }

  #wake(line: UnsentLine): void {
    if (line.turn?.ready && !line.turn.busy) line.working = this.#work(line, line.turn);
  }

  async #work(line: UnsentLine, turn: SenderTurn): Promise<void> {
    turn.busy = true;
    for (let entry = line.next(); entry && !turn.over; entry = line.next()) {
      await this.#send(line, entry, turn);
    }
    turn.busy = false;
  }

  async #send(line: UnsentLine, entry: Outgoing, turn: SenderTurn): Promise<void> {
    try {
      const ack = await this.#options.pace.run(() => this.#ask(entry, turn));
      if (ack) this.#acked(line, entry, ack);
      turn.backoff.reset();
    } catch (error) {
      if (turn.over || entry.status !== "sent" || !(error instanceof ParleyError)) return;
      if (!isPassing(error)) return this.#fail(line, entry, error);
      this.#putBack(entry, error);
      await delay(turn.backoff.next(), turn.signal);
    }
  }

  async #ask(entry: Outgoing, turn: SenderTurn): Promise<Ack | undefined> {
    // While it waited for its turn, it may have been taken back, or found in the log.
    if (turn.over || entry.status !== "pending") return undefined;
    entry.send();
    this.#tell(entry);
    try {
      return await this.#options.requests.askFor(entry.toCommand(), "ack", this.#options.ackTimeoutMs);
    } catch (error) {
      if (error instanceof ParleyError && error.code === "rate_limited") this.#recall(entry, error);
      throw error;
    }
  }

  #acked(line: UnsentLine, entry: Outgoing, ack: Ack): void {
    if (!line.remove(entry)) return;
    entry.ack(ack);
    void this.#shelf.remove(entry.id);
    this.#tell(entry, ack.timestamp);
  }

  #fail(line: UnsentLine, entry: Outgoing, error: OutgoingError): void {
    entry.fail(error);
    this.#tell(entry);
    if (!isAddress(line.roomId)) return void this.#keep(line, entry);
    // It has no room in which anybody could try it again, or give it up.
    line.remove(entry);
    void this.#shelf.remove(entry.id);
  }

  #drop(line: UnsentLine, entry: Outgoing): void {
    line.remove(entry);
    entry.fail({ code: "discarded", message: "Taken back" });
    void this.#shelf.remove(entry.id);
    this.#options.changed(entry);
  }

  #putBack(entry: Outgoing, error?: OutgoingError): void {
    entry.wait(error);
    this.#tell(entry);
  }

  /** What was on its way has to go again. */
  #recall(entry: Outgoing, error?: OutgoingError): void {
    if (entry.status === "sent") this.#putBack(entry, error);
  }

  #tell(entry: Outgoing, timestamp?: number): void {
    this.#options.changed(entry);
    const { roomId, id, status, seq, error } = entry;
    this.#tabs?.post({ note: "status", roomId, id, status, seq, timestamp, error });
  }

  async #keep(line: UnsentLine, entry: Outgoing): Promise<void> {
    const { key } = this.#shelf;
    if (key === undefined) return; // It is kept once it is known whose it is.
    const message = entry.toStored();
    await this.#shelf.put(message);
    if (key !== this.#shelf.key) return;
    if (line.find(entry.id) !== entry) return this.#shelf.remove(entry.id);
    entry.stored = true;
    this.#tabs?.post({ note: "written", message });
    this.#wake(line);
  }

  async #load(): Promise<void> {
    for (const message of await this.#shelf.load()) this.#adopt(message);
  }

  /** Takes in a message that was written before a reload, or in another tab. */
  #adopt(message: StoredMessage): void {
    const line = this.#lines.of(message.roomId);
    const known = line.find(message.id);
    if (known && (known.status !== "failed" || message.error)) return;
    const entry = known ?? new Outgoing(message);
    this.#newest = Math.max(this.#newest, message.createdAt);
    entry.stored = true;
    if (known) line.append(known);
    else line.insert(entry);
    if (known) known.wait();
    this.#options.changed(entry);
    this.#openDirect(line);
    this.#wake(line);
  }

  #noted(note: TabNote): void {
    if (note.note === "written") return this.#adopt(note.message);
    if (note.note === "discarded" || note.status === "acked") this.#shelf.ended(note.id);
    const line = this.#lines.of(note.roomId);
    const entry = line.find(note.id);
    if (!entry) return;
    if (note.note === "discarded") this.#drop(line, entry);
    else this.#follow(line, entry, note);
  }

  /** Shows what another tab has seen; while it is our turn, only an arrival counts. */
  #follow(line: UnsentLine, entry: Outgoing, { status, seq = 0, timestamp = 0, error }: StatusNote): void {
    const { id, roomId } = entry;
    if (status === "acked") {
      line.remove(entry);
      entry.ack({ type: "ack", id, roomId, seq, timestamp });
    } else if (line.turn?.ready) return;
    else if (status === "failed") entry.fail(error ?? { code: "internal", message: "Refused" });
    else if (status === "sent") entry.send();
    else entry.wait(error);
    this.#options.changed(entry);
  }

  #openDirect(line: UnsentLine): void {
    if (this.#isConnected && line.isDirect) this.open(line.roomId);
  }
}
