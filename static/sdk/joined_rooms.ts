import { deadline } from "./deadline.ts";
import { isDirect } from "./direct.ts";
import { ParleyError } from "./errors.ts";
import { MemberList } from "./member_list.ts";
import type { OutgoingMessage } from "./outgoing.ts";
import type { OutgoingFile } from "./outgoing_file.ts";
import { Room, type RoomHost } from "./room.ts";
import { type JoinOptions, RoomLink, type RoomLinkOptions } from "./room_link.ts";
import { emit } from "./typed_events.ts";
import type {
  ChatMessage,
  MessageOf,
  Presence,
  Receipt,
  RoomHistory,
  RoomSummary,
  SystemMessage,
  Typing,
} from "./types.ts";
import type { UnsentQueue } from "./unsent_queue.ts";

/** Who hears of all rooms together. */
export interface JoinedRoomsListener {
  chat(message: ChatMessage): void;
  gap(roomId: string): void;
  /** Somebody has written in a direct room that was not joined. */
  direct(room: Room): void;
  /** A room that was joined could not be joined again. */
  lost(roomId: string, error: ParleyError): void;
}

type Place = { link: RoomLink; room: Room; people: MemberList };

/** What being promoted and demoted makes of somebody. */
const ROLE_AFTER: Record<string, string | undefined> = { promote: "admin", demote: "member" };

/** The rooms a client is in, or wants to be in, and the way of what comes in to each of them. */
export class JoinedRooms {
  #places = new Map<string, Place>();
  #names = new Map<string, string>();
  #connection: AbortController | undefined;
  #linkOptions: RoomLinkOptions;
  #queue: UnsentQueue;
  #host: RoomHost;
  #listener: JoinedRoomsListener;

  constructor(
    linkOptions: RoomLinkOptions,
    queue: UnsentQueue,
    host: RoomHost,
    listener: JoinedRoomsListener,
  ) {
    this.#linkOptions = linkOptions;
    this.#queue = queue;
    this.#host = host;
    this.#listener = listener;
  }

  /** The room, once it has been joined. */
  get(roomId: string): Room | undefined {
    const place = this.#places.get(roomId);
    return place?.link.log.epoch === undefined ? undefined : place.room;
  }

  /** Joins a room and keeps it joined. */
  async join(roomId: string, options: JoinOptions): Promise<Room> {
    const place = this.#places.get(roomId) ?? this.#add(roomId, options);
    await place.link.complete;
    return place.room;
  }

  /** Forgets a room; false if it was not here. */
  remove(roomId: string, error: ParleyError): boolean {
    const place = this.#places.get(roomId);
    if (!place) return false;
    this.#places.delete(roomId);
    this.#queue.shut(roomId);
    this.#host.marks.forget(roomId);
    place.link.end(error);
    emit(place.room, "left", { code: error.code, message: error.message });
    return true;
  }

  /** Waits until the room, if it is one of these, is joined on the present connection. */
  async whenIn(roomId: string | undefined, timeoutMs: number): Promise<void> {
    const link = roomId === undefined ? undefined : this.#places.get(roomId)?.link;
    if (!link || link.isIn) return;
    await deadline(link.joined, timeoutMs, () => {
      throw new ParleyError("timeout", "The room could not be joined in time", { roomId });
    });
  }

  /** Joins all rooms on a new connection. */
  opened(): void {
    this.#connection = new AbortController();
    this.#host.uploads.opened();
    // Where the members are listed, somebody looks: many rooms take their time.
    const places = [...this.#places.values()]
      .sort((a, b) => Number(b.people.isKept) - Number(a.people.isKept));
    for (const { link } of places) link.enter(this.#connection.signal);
  }

  /** The connection is lost, or about to be. */
  interrupted(): void {
    this.#connection?.abort();
    this.#connection = undefined;
    this.#host.uploads.interrupted();
    for (const { link } of this.#places.values()) link.interrupted();
  }

  /** The client has stopped: rooms that were never joined will not be. */
  stopped(error: ParleyError): void {
    this.#host.uploads.stopped(error);
    for (const { link } of [...this.#places.values()]) {
      if (link.log.epoch === undefined) this.remove(link.roomId, error);
    }
  }

  /** What a direct room is called is told at the welcome only. */
  receiveNames(rooms: readonly RoomSummary[]): void {
    for (const { roomId, roomName } of rooms) {
      if (!isDirect(roomId)) continue;
      this.#names.set(roomId, roomName);
      const place = this.#places.get(roomId);
      if (place) place.link.roomName = roomName;
    }
  }

  /** Whether the room is joined on the present connection. */
  isIn(roomId: string): boolean {
    return this.#places.get(roomId)?.link.isIn ?? false;
  }

  /** A live message; false if it is of none of these rooms. */
  receiveChat(message: ChatMessage): boolean {
    const place = this.#places.get(message.roomId);
    if (!place) {
      if (isDirect(message.roomId)) void this.#meet(message);
      return false;
    }
    place.link.receive(message);
    if (place.people.wrote(message)) emit(place.room, "members", place.room);
    return true;
  }

  receivePresence(message: Presence): void {
    for (const { room, people } of this.#places.values()) {
      if (people.presence(message)) emit(room, "members", room);
    }
  }

  receiveReceipt(message: Receipt): void {
    const place = this.#places.get(message.roomId);
    if (place?.people.receipt(message)) emit(place.room, "members", place.room);
  }

  receivePage(page: RoomHistory): void {
    this.#places.get(page.roomId)?.link.receivePage(page);
  }

  receiveTyping(message: Typing): void {
    const room = this.#places.get(message.roomId)?.room;
    if (room) emit(room, "typing", message);
  }

  /** Something happened to a room; `myUserId` tells whether it happened to us. */
  receiveSystem(message: SystemMessage, myUserId: string | undefined): void {
    const place = this.#places.get(message.roomId);
    if (!place) return;
    const { link, room, people } = place;
    const { event, userId } = message;
    link.members = message.members ?? link.members;
    link.roomName = message.roomName ?? link.roomName;
    if (userId === myUserId) link.role = message.role ?? ROLE_AFTER[event] ?? link.role;
    emit(room, "system", message);
    const isBackWithRole = event === "join" &&
      people.members.some((member) => member.userId === userId && member.role !== "member");
    if (people.system(message)) emit(room, "members", room);
    // Who runs a room is told more of it.
    if (userId === myUserId && ROLE_AFTER[event] && people.isKept) room.listMembers().catch(() => {});
    // Who left may have given up their membership, and their role: the same is told of who lost the connection.
    if (people.isKept && (event === "leave" || isBackWithRole)) void room.refreshMembers();
    if (userId === myUserId && (event === "kick" || event === "ban")) {
      this.remove(link.roomId, new ParleyError(event, message.message ?? message.reason ?? "", message));
    }
  }

  /** The server has taken our place in a room, as our token does not reach it any more. */
  receiveLeft({ id, roomId }: MessageOf<"left">): void {
    if (id !== undefined) return; // A late answer: the room may have been joined anew.
    this.remove(roomId, new ParleyError("forbidden", "The token does not reach this room", { roomId }));
  }

  outgoingChanged(message: OutgoingMessage): void {
    const room = this.#places.get(message.roomId)?.room;
    if (room) emit(room, "outgoing", message);
  }

  /** A file of ours changed. */
  fileChanged(file: OutgoingFile): void {
    const room = this.#places.get(file.roomId)?.room;
    if (room) emit(room, "file", file);
  }

  /** Joins a direct room that somebody has written in. */
  async #meet({ roomId, userId, username }: ChatMessage): Promise<void> {
    if (userId !== this.#host.me()) this.#names.set(roomId, username);
    try {
      this.#listener.direct(await this.join(roomId, {}));
    } catch {
      // The next message tries again.
    }
  }

  #add(roomId: string, options: JoinOptions): Place {
    const roomName = this.#names.get(roomId);
    const link = new RoomLink(
      roomId,
      roomName === undefined ? options : { roomName, ...options },
      this.#linkOptions,
      {
        joined: () => {
          this.#queue.open(roomId);
          this.#host.marks.knows(roomId, link.read);
          this.#host.marks.wake();
          // What happened while the connection was lost was not told.
          if (people.isKept) room.listMembers().catch(() => {});
        },
        chat: (message) => {
          emit(room, "chat", message);
          this.#listener.chat(message);
        },
        restarted: () => {
          this.#host.marks.forget(roomId);
          emit(room, "reset", room);
          this.#listener.gap(roomId);
        },
        ended: (error) => this.#ended(link, error),
      },
    );
    const people = new MemberList();
    const room = new Room(link, this.#queue, people, this.#host);
    const place = { link, room, people };
    this.#places.set(roomId, place);
    if (this.#connection) link.enter(this.#connection.signal);
    return place;
  }

  #ended(link: RoomLink, error: ParleyError): void {
    const wasIn = link.log.epoch !== undefined;
    this.remove(link.roomId, error);
    if (wasIn) this.#listener.lost(link.roomId, error);
  }
}
