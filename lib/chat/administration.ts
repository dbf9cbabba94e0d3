import type { Passwords } from "../auth/passwords.ts";
import { Refusal } from "../protocol/codes.ts";
import type { Command } from "../protocol/commands.ts";
import { encode } from "../protocol/encode.ts";
import type { Message } from "../protocol/messages.ts";
import type { RoomRecord, Store } from "../store/store.ts";
import { checkReach, isDirect, isVisible } from "./access.ts";
import { encodeInvitation } from "./invitation.ts";
import type { User } from "./member.ts";
import type { People } from "./people.ts";
import { isAllowed, type Operation } from "./permissions.ts";
import type { Rooms } from "./rooms.ts";

export interface AdministrationOptions {
  /** Who may make rooms. */
  readonly roomCreation: "anyone" | "admin";
}

/** Makes rooms, changes them, and lets people into private ones. */
export class Administration {
  readonly #store: Store;
  readonly #rooms: Rooms;
  readonly #people: People;
  readonly #passwords: Passwords;
  readonly #options: AdministrationOptions;

  constructor(
    store: Store,
    rooms: Rooms,
    people: People,
    passwords: Passwords,
    options: AdministrationOptions,
  ) {
    this.#store = store;
    this.#rooms = rooms;
    this.#people = people;
    this.#passwords = passwords;
    this.#options = options;
  }

  async create(user: User, command: Command<"create">): Promise<Message<"created"> | Refusal> {
    const { id, roomId, roomName = roomId, visibility = "public", password } = command;
    const { userId, username } = user;
    const mayCreate = this.#options.roomCreation === "anyone" || user.role === "admin";
    if (!mayCreate || isDirect(roomId)) return new Refusal("forbidden");
    const refusal = checkReach(user, roomId);
    if (refusal !== undefined) return refusal;
    if (await this.#store.room(roomId) !== undefined) return new Refusal("room_exists");
    const passwordHash = password === undefined ? null : await this.#passwords.hash(password);
    const owner = { userId, username };
    const { lease, created } = await this.#rooms.create({
      roomId,
      roomName,
      visibility,
      passwordHash,
      owner,
    });
    using _ = lease;
    if (!created) return new Refusal("room_exists");
    const { epoch, head: seq } = lease.room.record;
    return { type: "created", ...describe(id, lease.room.record), epoch, seq };
  }

  async update(user: User, command: Command<"update">): Promise<Message<"updated"> | Refusal> {
    const { id, roomId, roomName, visibility, password } = command;
    const refusal = await this.check(user, roomId, "update");
    if (refusal !== undefined) return refusal;
    const passwordHash = password ? await this.#passwords.hash(password) : password;
    const change = { roomName, visibility, passwordHash };
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const record = await this.#store.updateRoom(roomId, given);
    if (record === undefined) return new Refusal("room_not_found");
    const updated = { type: "updated" as const, ...describe(id, record) };
    this.#rooms.renew(record);
    const { username, userId: by } = user;
    const message = `${username} changed the room`;
    const news = { ...updated, id: undefined, type: "system" as const, event: "update" };
    this.#rooms.broadcast(roomId, encode({ ...news, by, message, timestamp: Date.now() }));
    return updated;
  }

  async invite(user: User, { id, roomId, userId }: Command<"invite">): Promise<Message<"invited"> | Refusal> {
    const refusal = await this.check(user, roomId, "invite");
    if (refusal !== undefined) return refusal;
    const standing = await this.#store.standing(roomId, userId);
    if (standing === undefined || standing.role === null && !standing.isInvited) {
      await this.#store.changeStanding(roomId, userId, { isInvited: true });
    }
    const room = await this.#store.room(roomId);
    this.#people.tell(userId, encodeInvitation(roomId, room?.roomName ?? roomId, user));
    return { type: "invited", id, roomId, userId };
  }

  /** Refuses who may not do something to a room, and says nothing of rooms that they may not see. */
  async check(user: User, roomId: string, operation: Operation): Promise<Refusal | undefined> {
    const refusal = checkReach(user, roomId);
    if (refusal !== undefined) return refusal;
    const room = await this.#store.room(roomId);
    const standing = await this.#store.standing(roomId, user.userId);
    if (room === undefined || !isVisible(user, room, standing)) return new Refusal("room_not_found");
    if (isDirect(roomId) || !isAllowed(user, standing?.role ?? null, operation)) {
      return new Refusal("forbidden");
    }
  }
}

function describe(id: string | undefined, { roomId, roomName, visibility, passwordHash }: RoomRecord) {
  return { id, roomId, roomName, visibility, protected: passwordHash !== null };
}
