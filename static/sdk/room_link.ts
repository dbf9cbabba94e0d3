import { Backoff, type BackoffOptions } from "./backoff.ts";
import { delay } from "./delay.ts";
import { isDirect } from "./direct.ts";
import { isPassing, ParleyError } from "./errors.ts";
import { MessageLog } from "./message_log.ts";
import type { Pace } from "./pace.ts";
import type { Requests } from "./requests.ts";
import type { ChatMessage, Command, RoomHistory } from "./types.ts";

const PATIENCE_WITH_EMPTY_PAGES = 3;
/** The epoch of a log that the server has not begun. */
const UNWRITTEN = "";

/** What goes with a `join`. */
export type JoinOptions = { roomName?: string; password?: string };

/** What all links of a client share. */
export type RoomLinkOptions = {
  requests: Requests;
  joinPace: Pace;
  historyPace: Pace;
  backoff: BackoffOptions;
  random: () => number;
  /** How many messages to ask for at once. */
  pageSize(): number;
};

/** Who hears of a room. */
export interface RoomLinkListener {
  /** The server has let us in, on this connection. */
  joined(): void;
  /** The next message of the log; each once, in order. */
  chat(message: ChatMessage): void;
  /** The log could not be continued where we left it: it begins anew. */
  restarted(): void;
  /** We are not let in any more. */
  ended(error: ParleyError): void;
}

/** Keeps one room joined, on one connection after another, and its log complete. */
export class RoomLink {
  readonly roomId: string;
  readonly log: MessageLog = new MessageLog();
  roomName: string;
  role = "member";
  members = 0;
  read = 0;
  #options: RoomLinkOptions;
  #listener: RoomLinkListener;
  #join: JoinOptions;
  #connection: AbortSignal | undefined;
  #isJoining = false;
  #isIn = false;
  /** Whether the log is complete, so that what comes live is the next message. */
  #isLive = false;
  #joined = Promise.withResolvers<void>();
  #complete = Promise.withResolvers<void>();

  constructor(roomId: string, join: JoinOptions, options: RoomLinkOptions, listener: RoomLinkListener) {
    this.roomId = roomId;
    this.roomName = join.roomName ?? roomId;
    this.#join = join;
    this.#options = options;
    this.#listener = listener;
    this.#ignoreRejection();
  }

  /** Whether the room is joined on the present connection. */
  get isIn(): boolean {
    return this.#isIn;
  }

  /** Resolves when the room is joined on the present connection; rejects if it cannot be. */
  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  /** Resolves when the room is joined and its log is complete for the first time; rejects if it cannot be. */
  get complete(): Promise<void> {
    return this.#complete.promise;
  }

  /** Joins, on a new connection, which lasts until the signal is aborted. */
  enter(connection: AbortSignal): void {
    this.#connection = connection;
    this.#isLive = false;
    void this.#stay(connection, false);
  }

  /** The connection is lost, or about to be. */
  interrupted(): void {
    this.#isLive = false;
    this.#isJoining = false;
    if (this.#isIn) this.#joined = Promise.withResolvers();
    this.#isIn = false;
    this.#ignoreRejection();
  }

  /** Waits, but no longer than the connection lasts. */
  async pause(ms: number): Promise<void> {
    if (this.#connection) await delay(ms, this.#connection);
  }

  /** The room is gone, for this reason. */
  end(error: ParleyError): void {
    this.#isLive = this.#isIn = false;
    this.#connection = undefined;
    this.#joined.reject(error);
    this.#complete.reject(error);
  }

  /** A message came live. */
  receive(message: ChatMessage): void {
    if (this.#isUnwritten) this.#isIn = true; // The server has made the room, and let us in.
    if (this.#isLive && this.log.append(message)) return this.#listener.chat(message);
    this.log.hold(message);
    if (this.#isLive && this.log.hasGap && this.#connection) {
      this.#isLive = false;
      void this.#stay(this.#connection, true);
    }
  }

  /** The page that comes before the answer to our `join`. */
  receivePage(page: RoomHistory): void {
    if (!this.#isJoining) return;
    if (page.recovered && (page.epoch === this.log.epoch || this.#isUnwritten)) {
      this.log.epoch = page.epoch;
      this.log.endsAt(page.seq);
      this.#takePage(page);
    } else {
      const isFirst = this.log.epoch === undefined;
      this.log.restart(page.epoch, page.history, page.seq);
      if (!isFirst) this.#listener.restarted();
    }
  }

  async #stay(connection: AbortSignal, isJoined: boolean): Promise<void> {
    const backoff = new Backoff(this.#options.backoff, this.#options.random);
    while (this.#isOn(connection)) {
      try {
        if (!isJoined) await this.#askToJoin(connection);
        isJoined = false;
        return await this.#fill(connection);
      } catch (error) {
        if (!this.#isOn(connection)) return;
        if (this.#isNothingYet(error)) return this.#beginUnwritten();
        if (this.#isFinal(error)) return this.#listener.ended(error);
        await delay(backoff.next(), connection);
      }
    }
  }

  async #askToJoin(connection: AbortSignal): Promise<void> {
    const { epoch, seq } = this.log;
    const place = epoch === undefined ? {} : { after: seq, ...(this.#isUnwritten ? {} : { epoch }) };
    const command: Command = { type: "join", roomId: this.roomId, ...this.#join, ...place };
    this.#isJoining = true;
    const ask = async () => {
      // Its turn may have come after the connection's end.
      if (!this.#isOn(connection)) throw new ParleyError("disconnected", "The connection was lost");
      return await this.#options.requests.askFor(command, "joined");
    };
    const joined = await (this.#isTryingPassword ? ask() : this.#options.joinPace.run(ask));
    if (!this.#isOn(connection)) return;
    this.#isJoining = false;
    this.#isIn = true;
    if (!isDirect(this.roomId)) this.roomName = joined.roomName;
    this.role = joined.role;
    this.members = joined.members;
    this.read = joined.read;
    if (this.log.epoch === undefined) this.log.restart(joined.epoch, [], joined.seq);
    this.#joined.resolve();
    this.#listener.joined();
  }

  /** A direct room is made by its first message; until then it is an empty one. */
  #beginUnwritten(): void {
    this.#isJoining = false;
    if (!this.#isUnwritten) this.log.restart(UNWRITTEN, [], 0);
    this.#isLive = true;
    this.#joined.resolve();
    this.#complete.resolve();
    this.#listener.joined();
  }

  get #isUnwritten(): boolean {
    return this.log.epoch === UNWRITTEN;
  }

  #isNothingYet(error: unknown): boolean {
    const isNew = this.log.epoch === undefined || this.#isUnwritten;
    return error instanceof ParleyError && error.code === "room_not_found" && isDirect(this.roomId) && isNew;
  }

  /** Brings the log up to its head, page by page; then what comes live is taken as it comes. */
  async #fill(connection: AbortSignal): Promise<void> {
    let emptyPages = 0;
    while (this.#isOn(connection)) {
      this.#takeEarly();
      if (!this.log.hasGap) {
        this.#isLive = true;
        return this.#complete.resolve();
      }
      const before = this.log.seq;
      this.#takePage(await this.#nextPage());
      if (this.log.seq > before) emptyPages = 0;
      else if (++emptyPages === PATIENCE_WITH_EMPTY_PAGES) {
        throw new ParleyError("unavailable", "The log has a gap");
      } else await delay(200, connection);
    }
  }

  async #nextPage(): Promise<RoomHistory> {
    const { roomId, log: { epoch, seq } } = this;
    const command: Command = { type: "history", roomId, after: seq, limit: this.#options.pageSize() };
    try {
      const ask = () => this.#options.requests.askFor(command, "room_history");
      const page = await this.#options.historyPace.run(ask);
      if (page.epoch === epoch) return page;
    } catch {
      // Joining again tells what is wrong.
    }
    throw new ParleyError("unavailable", "The log could not be read on");
  }

  #takePage(page: RoomHistory): void {
    this.log.reaches(page.seq);
    for (const [index, message] of page.history.entries()) {
      if (this.log.append(message)) this.#listener.chat(message);
      else if (message.seq > this.log.seq) return this.#skipTo(page, index);
    }
  }

  /** The log no longer reaches back to where we are. */
  #skipTo(page: RoomHistory, index: number): void {
    const { head } = this.log;
    this.log.restart(page.epoch, page.history.slice(index), page.seq);
    this.log.reaches(head);
    this.#listener.restarted();
  }

  #takeEarly(): void {
    for (let next = this.log.takeEarly(); next; next = this.log.takeEarly()) {
      if (this.log.append(next)) this.#listener.chat(next);
    }
  }

  #isOn(connection: AbortSignal): boolean {
    return this.#connection === connection && !connection.aborted;
  }

  /** Somebody types a password: they should hear at once that they have tried too often. */
  get #isTryingPassword(): boolean {
    return this.#join.password !== undefined && this.log.epoch === undefined;
  }

  #isFinal(error: unknown): error is ParleyError {
    if (!(error instanceof ParleyError) || isPassing(error) || error.code === "internal") return false;
    return error.code !== "rate_limited" || this.#isTryingPassword;
  }

  #ignoreRejection(): void {
    this.#joined.promise.catch(() => {});
    this.#complete.promise.catch(() => {});
  }
}
