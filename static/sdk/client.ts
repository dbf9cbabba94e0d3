import { type ParleyClientOptions, withDefaults } from "./client_options.ts";
import { Connection, type ConnectionState } from "./connection.ts";
import { deadline } from "./deadline.ts";
import { ClientCommands } from "./client_commands.ts";
import { addressOf, directRoomId } from "./direct.ts";
import { ParleyError } from "./errors.ts";
import { JoinedRooms } from "./joined_rooms.ts";
import { MessageStream } from "./message_stream.ts";
import type { OutgoingMessage } from "./outgoing.ts";
import { JOINS_APART_MS, Pace } from "./pace.ts";
import { ReceiptMarks } from "./receipt_marks.ts";
import { Requests } from "./requests.ts";
import type { Room } from "./room.ts";
import type { JoinOptions } from "./room_link.ts";
import { SenderLock } from "./sender_lock.ts";
import { Tokens } from "./tokens.ts";
import { emit } from "./typed_events.ts";
import type { ChatMessage, Command, MessageOf, RoomHistory, ServerMessage, Welcome } from "./types.ts";
import { UnsentQueue } from "./unsent_queue.ts";
import { Uploads } from "./uploads.ts";

const USUAL_PAGE = 100;
const CLOSING_TIMEOUT_MS = 2_000;

/** A connection to a Parley server that comes back by itself, with the rooms it has joined and the messages it owes. */
export class ParleyClient extends ClientCommands implements AsyncIterable<ServerMessage> {
  #url: URL;
  #userKey: string | undefined;
  #timeoutMs: number;
  #tokens: Tokens;
  #connection: Connection;
  #requests: Requests;
  #paces = { join: new Pace(JOINS_APART_MS), history: new Pace(), chat: new Pace() };
  #queue: UnsentQueue;
  #rooms: JoinedRooms;
  #marks: ReceiptMarks;
  #uploads: Uploads;
  #streams = new Set<MessageStream<ServerMessage>>();
  #welcome: Welcome | undefined;
  #opening: PromiseWithResolvers<Welcome> | undefined;

  /** Makes a client, which does nothing before `connect`; throws a `TypeError` if the address cannot be one. */
  constructor(options: ParleyClientOptions) {
    super();
    const settled = withDefaults(options);
    const tokens = this.#tokens = new Tokens(settled.token, settled.now);
    const send = (line: string) => this.#connection.send(line);
    const requests = this.#requests = new Requests({ send, timeoutMs: settled.commandTimeoutMs });
    const changed = (message: OutgoingMessage) => this.#outgoingChanged(message);
    const { join: joinPace, history: historyPace, chat: pace } = this.#paces;
    const pageSize = () => this.#welcome?.limits.historyPage ?? USUAL_PAGE;
    this.#url = settled.url;
    this.#userKey = settled.userKey;
    this.#timeoutMs = settled.commandTimeoutMs;
    this.#queue = new UnsentQueue({ ...settled, lock: new SenderLock(), requests, pace, changed });
    this.#marks = new ReceiptMarks({ requests, isIn: (roomId) => this.#rooms.isIn(roomId) });
    this.#uploads = new Uploads({
      ...settled,
      maxBytes: () => this.#welcome?.limits.fileBytes ?? Infinity,
      askFor: (command, type) => this.askFor(command, type),
      sendBytes: (frame) => this.#connection.sendBytes(frame),
      bufferedBytes: () => this.#connection.bufferedBytes,
      changed: (file) => this.#rooms.fileChanged(file),
    });
    this.#rooms = new JoinedRooms(
      { ...settled, requests, joinPace, historyPace, pageSize },
      this.#queue,
      {
        askFor: (command, type) => this.askFor(command, type),
        send: (command) => send(JSON.stringify(command)),
        leave: (roomId) => this.leave(roomId),
        now: settled.now,
        me: () => this.#welcome?.userId ?? "",
        marks: this.#marks,
        uploads: this.#uploads,
      },
      {
        chat: (message) => emit(this, "chat", message),
        gap: (roomId) => emit(this, "gap", { roomId }),
        direct: (room) => emit(this, "direct", room),
        lost: (roomId, { code, message }) => emit(this, "error", { type: "error", code, message, roomId }),
      },
    );
    this.#connection = new Connection({ ...settled, url: settled.url.href, tokens }, {
      changed: (state) => this.#stateChanged(state),
      opened: (welcome) => this.#opened(welcome),
      received: (message) => this.#received(message),
      interrupted: () => this.#interrupted(),
      lost: () => this.#requests.lost(),
    });
  }

  /** Where the connection stands; the `state` event tells when it changes. */
  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** What the server said last about who we are, its limits, and our rooms. */
  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  /** Connects, and keeps trying; resolves at the welcome, rejects only when stopped for good. */
  connect(): Promise<Welcome> {
    if (this.state.name === "open" && this.#welcome) return Promise.resolve(this.#welcome);
    this.#opening ??= Promise.withResolvers();
    const { promise } = this.#opening;
    promise.catch(() => {}); // who does not wait for it looks at `state`
    if (this.#userKey !== undefined) this.#queue.use(this.#userKey);
    this.#connection.start();
    return promise;
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void {
    this.#connection.retryNow();
  }

  /** Ends the connection for good. Unsent messages stay in the storage; `connect` begins anew. */
  close(): void {
    void this.#connection.close();
  }

  /** Joins a room and keeps it joined; rejects with a `ParleyError` if the server does not let us in. */
  async join(roomId: string, options: JoinOptions = {}): Promise<Room> {
    this.#mustRun();
    return await this.#rooms.join(roomId, options);
  }

  /** Leaves a room for good. */
  async leave(roomId: string): Promise<void> {
    this.#rooms.remove(roomId, new ParleyError("left", "Left the room", { roomId }));
    try {
      await this.askFor({ type: "leave", roomId }, "left");
    } catch (error) {
      if (!(error instanceof ParleyError) || error.code !== "not_a_member") throw error;
    }
  }

  /** A joined room. */
  room(roomId: string): Room | undefined {
    return this.#rooms.get(roomId);
  }

  /**
   * Writes to one person: a user id, or `@` and a name that only one person has. It is kept until the server has it, or
   * refuses one whose room nobody knows. A person named by id has a room at once, to be joined by `directRoomId`.
   */
  dm(to: string, content: string, options: { replyTo?: string } = {}): OutgoingMessage {
    const me = this.#welcome?.userId;
    const isKnown = me !== undefined && !to.startsWith("@");
    return this.#queue.add(isKnown ? directRoomId(me, to) : addressOf(to), content, { ...options, to });
  }

  /**
   * Sends any command and gives its answer; rejects with a `ParleyError`. Without a connection it waits for one, up to
   * `commandTimeoutMs`. It is sent once: if the connection is lost before the answer, the error is `disconnected`.
   */
  async request(command: Command): Promise<ServerMessage> {
    this.#mustRun();
    await this.#rooms.whenIn(command.roomId, this.#timeoutMs);
    return await this.#requests.ask(command);
  }

  /** Everything the server says, from now until the client stops. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ServerMessage> {
    const stream = new MessageStream<ServerMessage>(() => this.#streams.delete(stream));
    this.#streams.add(stream);
    return stream;
  }

  /** Closes, and waits until the socket has closed, 2 s at most. */
  async [Symbol.asyncDispose](): Promise<void> {
    await deadline(this.#connection.close(), CLOSING_TIMEOUT_MS, () => {});
  }

  #mustRun(): void {
    const { state } = this;
    if (state.name === "stopped") throw stopped(state);
  }

  protected async askFor<T extends ServerMessage["type"]>(command: Command, type: T): Promise<MessageOf<T>> {
    this.#mustRun();
    await this.#rooms.whenIn(command.roomId, this.#timeoutMs);
    return await this.#requests.askFor(command, type);
  }

  #opened(welcome: Welcome): void {
    this.#welcome = welcome;
    this.#requests.maxBytes = welcome.limits.messageBytes;
    this.#queue.use(this.#userKey ?? `${this.#url.host}/${welcome.userId}`);
    this.#requests.opened();
    this.#queue.connected();
    this.#rooms.receiveNames(welcome.rooms);
    this.#rooms.opened();
    if (this.isAway) this.tellAvailability();
    emit(this, "welcome", welcome);
    this.#pass(welcome);
    this.#opening?.resolve(welcome);
    this.#opening = undefined;
  }

  #interrupted(): void {
    this.#queue.shutAll();
    this.#rooms.interrupted();
    this.#requests.interrupted();
    this.#marks.rest();
    for (const pace of Object.values(this.#paces)) pace.reset();
  }

  #stateChanged(state: ConnectionState): void {
    if (state.name === "stopped") this.#stopped(stopped(state));
    emit(this, "state", state);
  }

  #stopped(error: ParleyError): void {
    this.#queue.close();
    this.#requests.stopped();
    this.#rooms.stopped(error);
    this.#opening?.reject(error);
    this.#opening = undefined;
    for (const stream of this.#streams) stream.end();
  }

  #outgoingChanged(message: OutgoingMessage): void {
    this.#rooms.outgoingChanged(message);
    emit(this, "unsent", message);
  }

  #received(message: ServerMessage): void {
    if (message.type === "chat") this.#receivedChat(message);
    else this.#receivedOther(message);
    this.#pass(message);
  }

  #pass(message: ServerMessage): void {
    emit(this, "message", message);
    for (const stream of this.#streams) stream.push(message);
  }

  #receivedChat(message: ChatMessage): void {
    this.#delivered(message);
    if (!this.#rooms.receiveChat(message)) emit(this, "chat", message);
  }

  #delivered(message: ChatMessage): void {
    if (message.userId !== this.#welcome?.userId) return;
    this.#queue.delivered(message);
    this.#uploads.delivered(message);
  }

  #receivedOther(message: ServerMessage): void {
    switch (message.type) {
      case "room_history":
        return this.#receivedHistory(message);
      case "ack":
        // An answer later than we waited for it still says that the message is kept.
        if (!this.#requests.settle(message)) this.#queue.delivered(message);
        return;
      case "error":
        if (this.#requests.settle(message) || this.#uploads.refused(message)) return;
        return emit(this, "error", message);
      case "file_progress":
        return this.#uploads.progressed(message);
      case "system":
        this.#rooms.receiveSystem(message, this.#welcome?.userId);
        return emit(this, "system", message);
      case "typing":
        this.#rooms.receiveTyping(message);
        return emit(this, "typing", message);
      case "token_expiring":
        void this.#tokens.replace((token) => this.#requests.askFor({ type: "auth", token }, "authenticated"));
        return emit(this, "token_expiring", message);
      case "presence":
        this.#rooms.receivePresence(message);
        return emit(this, "presence", message);
      case "receipt":
        this.#rooms.receiveReceipt(message);
        return emit(this, "receipt", message);
      case "left":
        return this.#requests.settle(message) ? undefined : this.#rooms.receiveLeft(message);
      case "notification":
        return emit(this, "notification", message);
      case "event":
        return emit(this, "event", message);
      default:
        this.#requests.settle(message);
    }
  }

  #receivedHistory(page: RoomHistory): void {
    for (const message of page.history) this.#delivered(message);
    if (page.id === undefined) this.#rooms.receivePage(page);
    else this.#requests.settle(page);
  }
}

function stopped({ code, reason }: { code: number; reason: string }): ParleyError {
  return new ParleyError("closed", `The client has stopped: ${code} ${reason}`.trimEnd());
}
