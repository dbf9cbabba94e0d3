import type { SQLOutputValue, StatementSync } from "node:sqlite";
import { ROLES } from "./roles.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";
import type { SqliteLog } from "./sqlite_log.ts";
import type { Membership, NewRoom, Role, RoomRecord } from "./store.ts";

type Row = Record<string, SQLOutputValue>;

const ROOM_COLUMNS = "room_id, room_name, visibility, password_hash, epoch, head";
const MEMBER_COLUMNS = "room_id, user_id, username, role, delivered, read";
const MEMBERS = "member JOIN room ON room.key = member.room";

/** The records of rooms, and who belongs to them. */
export class SqliteRooms {
  readonly #connection: SqliteConnection;
  readonly #log: SqliteLog;
  readonly #findRoom: StatementSync;
  readonly #setRecord: StatementSync;
  readonly #listRooms: StatementSync;
  readonly #findMember: StatementSync;
  readonly #setMember: StatementSync;
  readonly #removeMember: StatementSync;
  readonly #listMembers: StatementSync;
  readonly #listMemberships: StatementSync;

  constructor(connection: SqliteConnection, log: SqliteLog) {
    this.#connection = connection;
    this.#log = log;
    this.#findRoom = connection.prepare(
      `SELECT ${ROOM_COLUMNS} FROM room WHERE room_id = ? AND room_name IS NOT NULL`,
    );
    this.#setRecord = connection.prepare(
      "UPDATE room SET room_name = ?, visibility = ?, password_hash = ?, active_at = ? WHERE key = ?",
    );
    this.#listRooms = connection.prepare(
      `SELECT * FROM (SELECT * FROM room WHERE visibility = 'public' ORDER BY active_at DESC, key DESC LIMIT ?1)
        UNION ALL
        SELECT room.* FROM ${MEMBERS} WHERE user_id = ?2 AND visibility = 'private'
        ORDER BY active_at DESC, key DESC LIMIT ?1`,
    );
    this.#findMember = connection.prepare(
      `SELECT ${MEMBER_COLUMNS} FROM ${MEMBERS} WHERE room_id = ? AND user_id = ?`,
    );
    this.#setMember = connection.prepare(
      `INSERT INTO member (room, user_id, username, role, delivered, read) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
        ON CONFLICT (room, user_id) DO UPDATE SET username = excluded.username, role = excluded.role`,
    );
    this.#removeMember = connection.prepare(
      "DELETE FROM member WHERE room = (SELECT key FROM room WHERE room_id = ?) AND user_id = ?",
    );
    this.#listMembers = connection.prepare(
      `SELECT ${MEMBER_COLUMNS} FROM ${MEMBERS}
        WHERE room = (SELECT key FROM room WHERE room_id = ?) ORDER BY role, username, user_id LIMIT ?`,
    );
    this.#listMemberships = connection.prepare(
      `SELECT ${MEMBER_COLUMNS}, room_name, visibility, password_hash, epoch, head FROM ${MEMBERS}
        WHERE user_id = ? AND room_name IS NOT NULL ORDER BY id DESC LIMIT ?`,
    );
  }

  room(roomId: string): RoomRecord | undefined {
    const row = this.#findRoom.get(roomId);
    return row && toRoom(row);
  }

  createRoom(room: NewRoom, now: number): { room: RoomRecord; created: boolean } {
    const known = this.room(room.roomId) ?? this.#underLock(() => this.room(room.roomId));
    if (known !== undefined) return { room: known, created: false };
    const { roomId, roomName, visibility, passwordHash, owner } = room;
    const { key, head } = this.#log.open(roomId, now);
    this.#setRecord.run(roomName, visibility, passwordHash, now, key);
    if (owner !== undefined) this.#setMember.run(key, owner.userId, owner.username, rank("owner"), head);
    return { room: this.room(roomId)!, created: true };
  }

  rooms(userId: string, limit: number): RoomRecord[] {
    return this.#listRooms.all(limit, userId).map(toRoom);
  }

  membership(roomId: string, userId: string): Membership | undefined {
    const row = this.#findMember.get(roomId, userId);
    return row && toMember(row);
  }

  putMember(roomId: string, userId: string, username: string, now: number): Membership {
    const seen = this.membership(roomId, userId);
    if (seen?.username === username) return seen;
    const known = this.#underLock(() => this.membership(roomId, userId));
    const { key, head } = this.#log.open(roomId, now);
    this.#setMember.run(key, userId, username, rank(known?.role ?? "member"), head);
    return this.membership(roomId, userId)!;
  }

  removeMember(roomId: string, userId: string): void {
    this.#connection.write();
    this.#removeMember.run(roomId, userId);
  }

  members(roomId: string, limit: number): Membership[] {
    return this.#listMembers.all(roomId, limit).map(toMember);
  }

  memberships(userId: string, limit: number): { room: RoomRecord; membership: Membership }[] {
    const rows = this.#listMemberships.all(userId, limit);
    return rows.map((row) => ({ room: toRoom(row), membership: toMember(row) }));
  }

  /** Reads again once nobody else can write. */
  #underLock<T>(read: () => T): T {
    this.#connection.write();
    return read();
  }
}

function rank(role: Role): number {
  return ROLES.indexOf(role);
}

function toRoom(row: Row): RoomRecord {
  return {
    roomId: String(row.room_id),
    roomName: String(row.room_name),
    visibility: row.visibility === "public" ? "public" : "private",
    passwordHash: row.password_hash === null ? null : String(row.password_hash),
    epoch: String(row.epoch),
    head: Number(row.head),
  };
}

function toMember(row: Row): Membership {
  return {
    roomId: String(row.room_id),
    userId: String(row.user_id),
    username: String(row.username),
    role: ROLES[Number(row.role)],
    delivered: Number(row.delivered),
    read: Number(row.read),
  };
}
