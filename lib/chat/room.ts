import { afterThisTurn, type Flushable, type Turn } from "../kit/turn.ts";
import { encodeChat } from "../protocol/encode.ts";
import type { ChatMessage } from "../protocol/messages.ts";
import { type RoomRecord, StoreUnavailable } from "../store/store.ts";
import type { MessageTrace, Tracing } from "../telemetry/tracing.ts";
import { Attendance } from "./attendance.ts";
import { Evictions } from "./evictions.ts";
import { countMessages, Frame, type Line } from "./frame.ts";
import type { Member } from "./member.ts";
import type { Seat } from "./seat.ts";
import { type Log, Sequence } from "./sequence.ts";
import { Trail } from "./trail.ts";

/** What a join is answered with, and the last number of the log that the answer covers. */
export interface Answer {
  readonly seq: number;
  /** Asked just before; a member that has found a seat meanwhile wants no second one. */
  isWanted?(): boolean;
  /** Called as the member takes its seat: what it is told first. */
  admit(seat: Seat): string[];
}

/** Hears what rooms tell. */
export interface RoomReport {
  /** So many messages of the log were sent, each counted once for each connection. */
  delivered(count: number): void;
  /** What had gathered was sent to every member. */
  flushed(tookMs: number): void;
  /** Where traces are collected, what follows every message. */
  readonly tracing?: Tracing;
}

/** Hears nothing. */
export const SILENT: RoomReport = { delivered() {}, flushed() {} };

/** One flush under way. */
interface Flush {
  readonly frame: Frame;
  readonly seats: readonly Seat[];
  readonly startedAt: number;
  readonly traces: readonly MessageTrace[];
}

/** Sends to this many members before other rooms get their turn. */
const SLICE = 64;

/**
 * A room with people in it: gathers what is to be told, and tells it to every member as one frame.
 *
 * While a flush is under way, what arrives gathers for the next one: so frames grow as load rises, and a quiet room
 * tells at once.
 */
export class Room implements Flushable, Disposable {
  readonly attendance: Attendance;
  /** As it was read last; the log has gone on since. */
  record: RoomRecord;
  readonly #turn: Turn;
  readonly #report: RoomReport;
  /** The traces of the messages in `#lines`. */
  #traces: MessageTrace[] = [];
  readonly #sequence: Sequence;
  #lines: Line[] = [];
  /** How many lines there ever were, those in `#lines` included. */
  #told = 0;
  #isFlushing = false;
  #isScheduled = false;
  /** Members that take batches, and those that take one object a frame. */
  readonly #rows: [batches: Seat[], singles: Seat[]] = [[], []];
  readonly #trail = new Trail();
  readonly #evictions = new Evictions();
  /** How many are at work here without a seat: they keep the room in memory. */
  leases = 0;

  constructor(record: RoomRecord, turn: Turn, log: Log, report: RoomReport = SILENT) {
    this.record = record;
    this.attendance = new Attendance(record.roomId);
    this.#turn = turn;
    this.#report = report;
    this.#sequence = new Sequence(record.head, (message) => this.#accept(message), log);
  }

  get roomId(): string {
    return this.record.roomId;
  }

  /** The last message told here. */
  get head(): number {
    return this.#sequence.head;
  }

  get connections(): number {
    return this.#rows[0].length + this.#rows[1].length;
  }

  /** Whether nobody would miss it. */
  get isIdle(): boolean {
    return this.connections === 0 && !this.#trail.isWanted && this.leases === 0 && this.attendance.isIdle;
  }

  /** How often somebody was thrown out, or anything else about what they may do has changed. */
  get evictions(): number {
    return this.#evictions.count;
  }

  /** A person's standing has changed: their joins that are under way have read another. */
  unsettle(userId: string): void {
    this.#evictions.add(userId);
  }

  /** Takes a message of the log, from here or from another node, in any order. */
  receive(message: ChatMessage): void {
    this.#sequence.receive(message);
  }

  /** Resolves once everything up to `seq` was told; rejects if the log cannot be read. */
  reach(seq: number): Promise<void> {
    return this.#sequence.reach(seq);
  }

  /** Tells the members here something that is not in the log. */
  tell(text: string, options: { droppable?: boolean; except?: Member } = {}): void {
    this.#add({ text, seq: 0, droppable: options.droppable ?? false, except: options.except });
  }

  /**
   * Seats a member behind an answer that takes time to find: nothing told meanwhile is lost, and nothing that the
   * answer holds comes twice.
   *
   * The room stays as it was if the member has gone meanwhile. Rejects if the log cannot be read, if more was told
   * meanwhile than can be kept, or if this person's standing has changed since there were `evictions`.
   */
  async seat(member: Member, evictions: number, find: () => Promise<Answer>): Promise<void> {
    const mark = this.#trail.begin(this.#told);
    try {
      const answer = await find();
      await this.#sequence.reach(answer.seq);
      const missed = this.#trail.since(mark);
      if (missed === undefined) {
        throw new StoreUnavailable("Cannot seat a member: too much was told meanwhile");
      }
      if (this.#evictions.concern(member.user.userId, evictions)) {
        throw new StoreUnavailable("Cannot seat a member: moderated meanwhile");
      }
      if (!member.isOpen || answer.isWanted?.() === false) return;
      const seat = this.seatNow(member);
      const lines = answer.admit(seat);
      for (const line of lines) member.push(line);
      const unheard = missed.filter(({ seq }) => seq === 0 || seq > answer.seq);
      for (const { text } of unheard) member.push(text);
      this.#report.delivered(countMessages(unheard));
    } finally {
      this.#trail.end(mark);
    }
  }

  /** Seats a member that wants to hear only what comes next. */
  seatNow(member: Member): Seat {
    const row = this.#row(member);
    const seat: Seat = { member, from: this.#told, index: row.length };
    row.push(seat);
    return seat;
  }

  /** Gives a seat up; nothing more is sent to it. */
  unseat(seat: Seat): void {
    if (seat.from === Infinity) return;
    seat.from = Infinity;
    const row = this.#row(seat.member);
    const last = row.pop()!;
    if (last === seat) return;
    row[seat.index] = last;
    last.index = seat.index;
  }

  /** Takes back every seat of a person; returns the connections that had one. */
  evict(userId: string): Member[] {
    this.unsettle(userId);
    const seats = this.#rows.flat().filter(({ member }) => member.user.userId === userId);
    for (const seat of seats) {
      this.unseat(seat);
      seat.member.evicted(this.roomId);
    }
    return seats.map(({ member }) => member);
  }

  /** Every connection that has a seat. */
  *members(): Generator<Member> {
    for (const row of this.#rows) for (const { member } of row) yield member;
  }

  /** Sends what has gathered; called by the turn. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#isFlushing || this.#lines.length === 0) return;
    this.#isFlushing = true;
    const lines = this.#lines;
    this.#lines = [];
    const traces = this.#traces;
    if (traces.length > 0) this.#traces = [];
    const frame = new Frame(lines, this.#told - lines.length);
    this.#sendSlice({ frame, seats: this.#seats(), startedAt: performance.now(), traces }, 0);
  }

  [Symbol.dispose](): void {
    this.#sequence[Symbol.dispose]();
  }

  #accept(message: ChatMessage): void {
    const trace = this.#report.tracing?.take(message);
    if (trace !== undefined) this.#traces.push(trace);
    this.#add({ text: encodeChat(message), seq: message.seq, droppable: false, except: undefined });
  }

  #add(line: Line): void {
    this.#told++;
    this.#lines.push(line);
    this.#trail.add(line);
    if (this.#isFlushing || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#turn.endRoom(this);
  }

  /** A row that no join or leave can change while slices of it are being sent. */
  #seats(): readonly Seat[] {
    const [batches, singles] = this.#rows;
    return singles.length === 0 && batches.length <= SLICE ? batches : [...batches, ...singles];
  }

  #sendSlice(flush: Flush, start: number): void {
    const { frame, seats } = flush;
    const end = Math.min(start + SLICE, seats.length);
    for (let i = start; i < end; i++) frame.sendTo(seats[i]);
    if (end === seats.length) this.#account(flush);
    // A small room holds nobody up, and so is held up by nobody: it can tell again at once.
    if (seats.length <= SLICE) {
      this.#isFlushing = false;
      return;
    }
    afterThisTurn(() => {
      if (end < seats.length) return this.#sendSlice(flush, end);
      // What was read during the last slice is on its way to the log now: a turn more, and it goes with the rest
      // (29 messages a frame instead of 19 with 100 members and 40 messages under way, a fifth less CPU).
      afterThisTurn(() => this.#reopen());
    });
  }

  #reopen(): void {
    this.#isFlushing = false;
    this.flush();
  }

  #account({ frame, startedAt, traces, seats }: Flush): void {
    for (const trace of traces) trace.delivered(seats.length);
    if (seats.length === 0) return;
    if (frame.deliveries > 0) this.#report.delivered(frame.deliveries);
    this.#report.flushed(performance.now() - startedAt);
  }

  #row(member: Member): Seat[] {
    return this.#rows[member.takesBatches ? 0 : 1];
  }
}
