import { afterThisTurn, type Flushable, type Turn } from "../kit/turn.ts";
import { encodeChat } from "../protocol/encode.ts";
import type { ChatMessage } from "../protocol/messages.ts";
import { type RoomRecord, StoreUnavailable } from "../store/store.ts";
import { Attendance } from "./attendance.ts";
import { Frame, type Line } from "./frame.ts";
import type { Member } from "./member.ts";
import type { Seat } from "./seat.ts";
import { type ReadAfter, Sequence } from "./sequence.ts";
import { Trail } from "./trail.ts";

/** What a join is answered with, and the last number of the log that the answer covers. */
export interface Answer {
  readonly seq: number;
  /** Called as the member takes its seat: what it is told first. */
  admit(seat: Seat): string[];
}

/** Sends to this many members before other rooms get their turn. */
const SLICE = 64;

/**
 * A room with people in it: gathers what is to be told, and tells it to every member as one frame.
 *
 * While a flush is under way, what arrives gathers for the next one: so frames grow as load rises, and a quiet room
 * tells at once.
 */
export class Room implements Flushable {
  readonly attendance: Attendance;
  #record: RoomRecord;
  readonly #turn: Turn;
  readonly #sequence: Sequence;
  #lines: Line[] = [];
  /** How many lines there ever were, those in `#lines` included. */
  #told = 0;
  #isFlushing = false;
  #isScheduled = false;
  /** Members that take batches, and those that take one object a frame. */
  readonly #rows: [batches: Seat[], singles: Seat[]] = [[], []];
  readonly #trail = new Trail();
  /** How many are at work here without a seat: they keep the room in memory. */
  leases = 0;

  constructor(record: RoomRecord, turn: Turn, readAfter: ReadAfter) {
    this.#record = record;
    this.attendance = new Attendance(record.roomId);
    this.#turn = turn;
    this.#sequence = new Sequence(record.head, (message) => this.#accept(message), readAfter);
  }

  get roomId(): string {
    return this.#record.roomId;
  }

  get record(): RoomRecord {
    return this.#record;
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
    return this.connections === 0 && !this.#trail.isWanted && this.leases === 0 && this.attendance.size === 0;
  }

  /** Takes a message of the log, from here or from another node, in any order. */
  receive(message: ChatMessage): void {
    this.#sequence.receive(message);
  }

  /** Tells something that is not in the log. */
  tell(text: string, options: { droppable?: boolean; except?: Member } = {}): void {
    this.#add({ text, seq: 0, droppable: options.droppable ?? false, except: options.except });
  }

  /**
   * Seats a member behind an answer that takes time to find: nothing told meanwhile is lost, and nothing that the
   * answer holds comes twice.
   *
   * The room stays as it was if the member has gone meanwhile. Rejects if the log cannot be read or more was told
   * meanwhile than can be kept.
   */
  async seat(member: Member, find: () => Promise<Answer>): Promise<void> {
    const mark = this.#trail.begin(this.#told);
    try {
      const answer = await find();
      await this.#sequence.reach(answer.seq);
      const missed = this.#trail.since(mark);
      if (missed === undefined) {
        throw new StoreUnavailable("Cannot seat a member: too much was told meanwhile");
      }
      if (!member.isOpen) return;
      const row = this.#row(member);
      const seat: Seat = { member, from: this.#told, index: row.length };
      row.push(seat);
      for (const line of answer.admit(seat)) member.push(line);
      for (const line of missed) if (line.seq === 0 || line.seq > answer.seq) member.push(line.text);
    } finally {
      this.#trail.end(mark);
    }
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

  /** Every connection that has a seat. */
  *members(): Generator<Member> {
    for (const row of this.#rows) for (const seat of row) yield seat.member;
  }

  /** Sends what has gathered; called by the turn. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#isFlushing || this.#lines.length === 0) return;
    this.#isFlushing = true;
    const lines = this.#lines;
    this.#lines = [];
    this.#sendSlice(new Frame(lines, this.#told - lines.length), this.#seats(), 0);
  }

  #accept(message: ChatMessage): void {
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

  #sendSlice(frame: Frame, seats: readonly Seat[], start: number): void {
    const end = Math.min(start + SLICE, seats.length);
    for (let i = start; i < end; i++) frame.sendTo(seats[i]);
    afterThisTurn(() => {
      if (end < seats.length) return this.#sendSlice(frame, seats, end);
      this.#isFlushing = false;
      this.flush();
    });
  }

  #row(member: Member): Seat[] {
    return this.#rows[member.takesBatches ? 0 : 1];
  }
}
