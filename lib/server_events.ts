import type { Member } from "./chat/member.ts";
import type { Observer, Person } from "./chat/observer.ts";

/** A connection that somebody has signed in on. */
export interface ConnectionDetail {
  /** Names the connection, in the log too. */
  readonly connectionId: string;
  /** Whom the token names. */
  readonly userId: string;
  /** The name that others see. */
  readonly username: string;
  /** `admin` administers the server, not just a room. */
  readonly role: "admin" | "user";
}

/** A connection that is over. */
export interface DisconnectionDetail extends ConnectionDetail {
  /** The close code; 1006 if the connection was lost. */
  readonly code: number;
}

/** The file of a message. */
export interface FileDetail {
  /** Names the file: `GET /files/<fileId>`. */
  readonly fileId: string;
  /** Its sender's name for it, as one path segment. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** What its sender takes it for; nothing here relies on it. */
  readonly mime: string;
  /** A path with a signature that lets anybody read the file for about an hour. */
  readonly url: string;
}

/** A message that has its place in the log. */
export interface MessageDetail {
  /** The client's name for the message, or one made here. */
  readonly id: string;
  /** The room. */
  readonly roomId: string;
  /** The place in the room's log: from 1, without gaps. */
  readonly seq: number;
  /** Whom the token names. */
  readonly userId: string;
  /** The name that others see. */
  readonly username: string;
  /** As it was sent: text, never HTML. */
  readonly content: string;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
  /** The id of the message that this one answers. */
  readonly replyTo?: string;
  /** The file it comes with. */
  readonly file?: FileDetail;
}

/** Somebody who came into a room, or has left it, by all of their connections. */
export interface AttendanceDetail {
  /** The room. */
  readonly roomId: string;
  /** Whom the token names. */
  readonly userId: string;
  /** The name that others see. */
  readonly username: string;
}

/** What a server tells its listeners, and what is in `detail`. */
export interface ServerEventMap {
  /** Somebody has signed in. */
  readonly connection: ConnectionDetail;
  /** A connection is over; every `connection` is followed by one. */
  readonly disconnection: DisconnectionDetail;
  /** A message was appended by this process; each once, and in every room in the order of `seq`. */
  readonly message: MessageDetail;
  /** Somebody has come into a room. */
  readonly join: AttendanceDetail;
  /** Somebody has left a room, or was away for longer than `PRESENCE_GRACE_MS`. */
  readonly leave: AttendanceDetail;
}

/** What is called when something happens; the facts are in `detail`. */
export type ServerListener<K extends keyof ServerEventMap> = (event: CustomEvent<ServerEventMap[K]>) => void;

type AnyListener = EventListenerOrEventListenerObject | ((event: never) => void) | null;

/** Hears what happens and makes events of it, but none that nobody listens for. */
export class ServerEvents extends EventTarget implements Observer {
  readonly #listenedTo = new Set<string>();

  override addEventListener<K extends keyof ServerEventMap>(
    type: K,
    listener: ServerListener<K> | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: AnyListener,
    options?: boolean | AddEventListenerOptions,
  ): void {
    this.#listenedTo.add(type);
    super.addEventListener(type, listener as EventListener, options);
  }

  override removeEventListener<K extends keyof ServerEventMap>(
    type: K,
    listener: ServerListener<K> | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: AnyListener,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener as EventListener, options);
  }

  connected({ connectionId, user: { userId, username, role } }: Member): void {
    if (!this.#listenedTo.has("connection")) return;
    this.#emit("connection", { connectionId, userId, username, role });
  }

  disconnected({ connectionId, user: { userId, username, role } }: Member, code: number): void {
    if (!this.#listenedTo.has("disconnection")) return;
    this.#emit("disconnection", { connectionId, userId, username, role, code });
  }

  appended(message: MessageDetail): void {
    if (!this.#listenedTo.has("message")) return;
    const { id, roomId, seq, userId, username, content, timestamp, replyTo, file } = message;
    this.#emit("message", { id, roomId, seq, userId, username, content, timestamp, replyTo, file });
  }

  joined(roomId: string, { userId, username }: Person): void {
    if (this.#listenedTo.has("join")) this.#emit("join", { roomId, userId, username });
  }

  left(roomId: string, { userId, username }: Person): void {
    if (this.#listenedTo.has("leave")) this.#emit("leave", { roomId, userId, username });
  }

  #emit<K extends keyof ServerEventMap>(type: K, detail: ServerEventMap[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
