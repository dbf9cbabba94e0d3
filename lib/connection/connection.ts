import type { Identity } from "../auth/token_verifier.ts";
import type { Availability } from "../chat/member.ts";
import type { Place } from "../chat/visitor.ts";
import { SlidingWindow } from "../kit/sliding_window.ts";
import { afterThisTurn } from "../kit/turn.ts";
import { type Ending, ENDINGS, Refusal } from "../protocol/codes.ts";
import { type Command, roomOf } from "../protocol/commands.ts";
import { encode, encodeRefusal } from "../protocol/encode.ts";
import { StoreUnavailable } from "../store/store.ts";
import { describeError } from "../telemetry/log.ts";
import type { Caller } from "./caller.ts";
import { sortEnding } from "./closing.ts";
import { type Desk, Inbox } from "./inbox.ts";
import { type Opening, openingFor } from "./opening.ts";
import { Outbox } from "./outbox.ts";
import { closeWhileTalking, cutIfTalking, cutOff } from "./parting.ts";
import type { ConnectionParts } from "./parts.ts";
import { Pulse } from "./pulse.ts";
import { TokenClock } from "./token_clock.ts";
import { encodeWelcome } from "./welcome.ts";

/** Finds out how a connection begins. */
export type Identify = () => Promise<Opening>;

/** No event ever comes, not even a close, from a socket whose peer went before the handshake was answered. */
const MAX_OPENING_MS = 5_000;
/** Commands with long answers: these wait until the reader has taken in most of what it was sent before. */
const LONG_ANSWERS: ReadonlySet<string> = new Set(["join", "history", "rooms", "members", "search"]);
/** What a peer sends after the end is let be for so long. */
const MAX_PARTING_MS = 1_000;
/** A peer that does not answer the end is waited for so long, or for two heartbeats if those are shorter. */
const MAX_SILENCE_MS = 10_000;
/** More errors than this end a connection. */
const ERRORS = { amount: 100, periodMs: 10_000 };

/** One socket: who it speaks for, what comes in, what goes out, and how it ends. */
export class Connection implements Caller, Desk {
  readonly connectionId = crypto.randomUUID();
  readonly arrivedAt = Date.now();
  readonly takesBatches: boolean;
  readonly places = new Map<string, Place>();
  availability: Availability = "online";
  readonly #socket: WebSocket;
  readonly #parts: ConnectionParts;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #pulse: Pulse;
  readonly #errors = new SlidingWindow(ERRORS);
  #identity: Identity | undefined;
  #clock: TokenClock | undefined;
  #authTimer: ReturnType<typeof setTimeout> | undefined;
  #caughtUp: PromiseWithResolvers<void> | undefined;
  #ending: Ending | undefined;
  #endedAt = Infinity;
  #isGone = false;

  constructor(socket: WebSocket, identify: Identify, takesBatches: boolean, parts: ConnectionParts) {
    const { options, turn, metrics } = parts;
    this.takesBatches = takesBatches;
    this.#socket = socket;
    this.#parts = parts;
    this.#pulse = new Pulse(socket, options.heartbeatMs);
    this.#inbox = new Inbox(this, options);
    const onSlow = () => queueMicrotask(() => this.end(ENDINGS.slowConsumer));
    const { maxSendBufferBytes } = options;
    const outgoing = { takesBatches, maxSendBufferBytes, onSlow, isHeld: true };
    this.#outbox = new Outbox(socket, turn, outgoing, metrics.traffic);
    parts.connections.add(this);
    metrics.opened.add();
    socket.binaryType = "arraybuffer";
    socket.onopen = this.#guard("open", () => this.#inbox.hold(this.#open(identify)));
    socket.onmessage = this.#guard("message", (event: MessageEvent) => this.#receive(event.data));
    socket.onclose = this.#guard("close", (event: CloseEvent) => this.#gone(event.code));
    socket.onerror = () => {}; // A close event always follows, and says as much.
  }

  get user(): Identity {
    if (this.#identity === undefined) throw new TypeError("Cannot name the user: nobody has signed in");
    return this.#identity;
  }

  get isOpen(): boolean {
    return this.#ending === undefined && !this.#isGone;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(frame: string, droppable: boolean): void {
    this.#outbox.send(frame, droppable);
  }

  push(line: string): void {
    if (this.#identity === undefined) this.#outbox.sendAlone(line); // There is no welcome to wait for.
    else this.#outbox.push(line);
  }

  evicted(roomId: string): void {
    this.places.delete(roomId);
  }

  refuse(refusal: Refusal, id?: string, roomId?: string): void {
    if (!this.isOpen) return;
    if (this.#identity === undefined) return this.end(ENDINGS.authenticationRequired);
    this.#parts.metrics.refusals.add(1, refusal.code);
    this.push(encodeRefusal(refusal, id, roomId));
    if (this.#errors.add(Date.now())) this.end(ENDINGS.tooManyErrors);
  }

  takeChunk(frame: ArrayBuffer): boolean {
    if (this.#outbox.isHeld) return false;
    this.#parts.chat.uploads.receive(this, frame);
    return true;
  }

  pong(): void {
    if (this.#identity === undefined) this.end(ENDINGS.authenticationRequired);
    else this.#outbox.sendAlone("pong");
  }

  handle(command: Command): void | Promise<void> {
    if (this.#identity === undefined) {
      if (command.type === "auth") return this.#authenticate(command).catch(this.#surprised("auth"));
      return this.end(ENDINGS.authenticationRequired);
    }
    const { rates, metrics } = this.#parts;
    metrics.commands.add(1, command.type);
    const wait = rates.take(this.#identity.userId, command.type, Date.now());
    return typeof wait === "number" ? this.#proceed(command, wait) : this.#proceedAfter(command, wait);
  }

  renew(identity: Identity): void {
    this.#identity = identity;
    this.#clock = new TokenClock(identity.expiresAt, Date.now());
  }

  /** Looks after what time brings; called several times a second. */
  check(now: number): void {
    if (!this.isOpen) return this.#part(now - this.#endedAt);
    if (this.#socket.readyState === WebSocket.CONNECTING) {
      if (now - this.arrivedAt <= MAX_OPENING_MS) return;
      this.#parts.metrics.unopened.add();
      return this.#gone(1006);
    }
    if (this.#caughtUp !== undefined && !this.#outbox.isBehind) this.#caughtUp.resolve();
    if (this.#pulse.check(now)) return this.end(ENDINGS.noHeartbeat);
    switch (this.#clock?.check(now)) {
      case "expired":
        return this.end(ENDINGS.tokenExpired);
      case "ending":
        this.push(encode({ type: "token_expiring", expiresAt: this.#clock!.expiresAt }));
    }
  }

  /** Looks after a socket that was closed here, and whose peer has not answered for so long. */
  #part(sinceMs: number): void {
    if (sinceMs > MAX_PARTING_MS) cutIfTalking(this.#socket);
    const patienceMs = Math.min(MAX_SILENCE_MS, this.#parts.options.heartbeatMs * 2);
    if (sinceMs > patienceMs && cutOff(this.#socket)) this.#gone(1006);
  }

  /** Ends the connection, once: it is out of its rooms at once, whatever its socket does. */
  end(ending: Ending): void {
    if (!this.isOpen) return;
    this.#outbox.close();
    this.#ending = ending;
    this.#endedAt = Date.now();
    if (ending === ENDINGS.slowConsumer) this.#parts.metrics.slowConsumers.add();
    this.#leave(ending.code);
    try {
      closeWhileTalking(this.#socket, ending);
    } catch {
      // Not open yet, or no longer: either way its close event follows.
    }
  }

  async #open(identify: Identify): Promise<void> {
    if (!this.isOpen) return this.#socket.close();
    this.#pulse.begin();
    const opening = await identify();
    if (!this.isOpen) return;
    if (opening === "unauthenticated") {
      const { authTimeoutMs } = this.#parts.options;
      this.#authTimer = setTimeout(() => this.end(ENDINGS.authenticationRequired), authTimeoutMs);
      return;
    }
    if ("code" in opening) return this.end(opening);
    await this.#welcome(opening);
  }

  #receive(frame: unknown): void {
    if (!this.isOpen) return;
    this.#parts.metrics.traffic.received(frame);
    this.#inbox.receive(frame);
  }

  async #authenticate({ id, token }: Command<"auth">): Promise<void> {
    const opening = openingFor(await this.#parts.verifier.verify(token));
    clearTimeout(this.#authTimer);
    if ("code" in opening) return this.end(opening);
    await this.#welcome(opening);
    if (id === undefined || !this.isOpen) return;
    const { userId, username, expiresAt } = opening;
    this.push(encode({ type: "authenticated", id, userId, username, expiresAt }));
  }

  /** Carries a command out, unless its giver has to wait first. */
  #proceed(command: Command, retryAfterMs: number): void | Promise<void> {
    if (retryAfterMs > 0) {
      return this.refuse(new Refusal("rate_limited", { retryAfterMs }), command.id, roomOf(command));
    }
    if (LONG_ANSWERS.has(command.type) && this.#outbox.isBehind) return this.#handleLater(command);
    return this.#parts.dispatch.handle(this, command);
  }

  /** The same, when it takes time to find out. */
  async #proceedAfter(command: Command, wait: Promise<number>): Promise<void> {
    try {
      const retryAfterMs = await wait;
      if (this.isOpen) await this.#proceed(command, retryAfterMs);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) return this.#surprised("rates")(error);
      this.refuse(new Refusal("unavailable"), command.id, roomOf(command));
    }
  }

  /** Keeps a command, and with it all that come after it, until the reader has caught up. */
  async #handleLater(command: Command): Promise<void> {
    this.#caughtUp = Promise.withResolvers();
    await this.#caughtUp.promise;
    this.#caughtUp = undefined;
    if (this.isOpen) await this.#parts.dispatch.handle(this, command);
  }

  /** Lets somebody in. */
  async #welcome(identity: Identity): Promise<void> {
    if (!this.isOpen) return;
    const { chat: { people, reception }, options, log, observer } = this.#parts;
    if (people.isFull(identity.userId)) return this.end(ENDINGS.tooManyConnections);
    this.renew(identity);
    observer?.connected(this);
    try {
      const rooms = await reception.arrive(this);
      if (!this.isOpen) return;
      this.#outbox.begin(encodeWelcome(this.connectionId, identity, options, rooms));
      afterThisTurn(() => reception.remind(this).catch(() => {})); // Then they are told when they come again.
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) return this.#surprised("welcome")(error);
      log.warn("welcome_failed", { connectionId: this.connectionId, why: error.message });
      this.end(ENDINGS.unavailable);
    }
  }

  #leave(code: number): void {
    clearTimeout(this.#authTimer);
    if (this.#identity === undefined) return;
    this.#parts.chat.reception.depart(this);
    this.#parts.observer?.disconnected(this, code);
  }

  /** The socket is closed; the runtime can say so twice. */
  #gone(code: number): void {
    if (this.#isGone) return;
    const wasOpen = this.isOpen;
    this.#isGone = true;
    this.#pulse.end();
    const { connections, metrics, log } = this.#parts;
    connections.delete(this);
    if (wasOpen) {
      this.#outbox.close();
      this.#leave(code || 1006);
    }
    const endedWith = this.#ending?.code ?? (code || 1006);
    metrics.endings.add(1, String(endedWith));
    const outcome = sortEnding(endedWith, this.#ending !== undefined);
    log.debug("connection_closed", { connectionId: this.connectionId, code: endedWith, outcome });
  }

  /** Nothing that happens on a socket may reach the runtime as an exception: it would end the process. */
  #guard<E>(stage: string, handler: (event: E) => void | Promise<void>): (event: E) => void {
    return (event) => {
      try {
        handler(event)?.catch(this.#surprised(stage));
      } catch (error) {
        this.#surprised(stage)(error);
      }
    };
  }

  #surprised(stage: string): (error: unknown) => void {
    return (error) => {
      this.#parts.metrics.surprises.add(1, stage);
      this.#parts.log.error("surprise", { stage, connectionId: this.connectionId, ...describeError(error) });
      this.end(ENDINGS.internal);
    };
  }
}
