import { DIRECT_ROOM } from "./rooms_of_two.ts";
import type { StatementSync } from "node:sqlite";
import type { SqliteConnection } from "./sqlite_connection.ts";
import type { SqliteLog } from "./sqlite_log.ts";
import { ROOM_COLUMNS, toRoom } from "./sqlite_records.ts";
import type { SqliteStandings } from "./sqlite_standings.ts";
import type { NewRoom, RoomChange, RoomRecord } from "./store.ts";

/** The records of rooms. */
export class SqliteRooms {
  readonly #connection: SqliteConnection;
  readonly #log: SqliteLog;
  readonly #standings: SqliteStandings;
  readonly #find: StatementSync;
  readonly #setRecord: StatementSync;
  readonly #change: StatementSync;
  readonly #listAll: StatementSync;
  readonly #list: StatementSync;

  constructor(connection: SqliteConnection, log: SqliteLog, standings: SqliteStandings) {
    this.#connection = connection;
    this.#log = log;
    this.#standings = standings;
    this.#find = connection.prepare(
      `SELECT ${ROOM_COLUMNS} FROM room WHERE room_id = ? AND room_name IS NOT NULL`,
    );
    this.#setRecord = connection.prepare(
      "UPDATE room SET room_name = ?, visibility = ?, password_hash = ?, active_at = ? WHERE key = ?",
    );
    this.#change = connection.prepare(
      "UPDATE room SET room_name = ?, visibility = ?, password_hash = ? WHERE room_id = ?",
    );
    this.#listAll = connection.prepare(
      `SELECT * FROM room WHERE room_name IS NOT NULL AND room_id NOT GLOB '${DIRECT_ROOM}*'
        ORDER BY active_at DESC, key DESC LIMIT ?1`,
    );
    this.#list = connection.prepare(
      `SELECT * FROM (SELECT * FROM room WHERE visibility = 'public' ORDER BY active_at DESC, key DESC LIMIT ?1)
        UNION ALL
        SELECT room.* FROM standing JOIN room ON room.key = standing.room
          WHERE user_id = ?2 AND role IS NOT NULL AND visibility = 'private'
        ORDER BY active_at DESC, key DESC LIMIT ?1`,
    );
  }

  room(roomId: string): RoomRecord | undefined {
    const row = this.#find.get(roomId);
    return row && toRoom(row);
  }

  createRoom(room: NewRoom, now: number): { room: RoomRecord; created: boolean } {
    const { roomId, roomName, visibility, passwordHash, owner } = room;
    const known = this.room(roomId) ?? this.#underLock(roomId);
    if (known !== undefined) return { room: known, created: false };
    const { key } = this.#log.open(roomId, now);
    this.#setRecord.run(roomName, visibility, passwordHash, now, key);
    if (owner !== undefined) {
      this.#standings.change(roomId, owner.userId, owner.username, { role: "owner" }, now);
    }
    return { room: this.room(roomId)!, created: true };
  }

  updateRoom(roomId: string, change: RoomChange): RoomRecord | undefined {
    const known = this.#underLock(roomId);
    if (known === undefined) return undefined;
    const { roomName = known.roomName, visibility = known.visibility, passwordHash = known.passwordHash } =
      change;
    this.#change.run(roomName, visibility, passwordHash, roomId);
    return { ...known, roomName, visibility, passwordHash };
  }

  rooms(userId: string | undefined, limit: number): RoomRecord[] {
    return (userId === undefined ? this.#listAll.all(limit) : this.#list.all(limit, userId)).map(toRoom);
  }

  /** Reads a room once nobody else can write. */
  #underLock(roomId: string): RoomRecord | undefined {
    this.#connection.write();
    return this.room(roomId);
  }
}
