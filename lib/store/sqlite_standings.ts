import type { StatementSync } from "node:sqlite";
import { ROLES } from "./roles.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";
import type { SqliteLog } from "./sqlite_log.ts";
import type { SqlitePeople } from "./sqlite_people.ts";
import { ROOM_COLUMNS, STANDING_COLUMNS, toRoom, toStanding } from "./sqlite_records.ts";
import { type Cursor, isMember, type Membership, type Standing, type StandingChange } from "./standing.ts";
import type { RoomRecord } from "./store.ts";

const STANDINGS = "standing JOIN room ON room.key = standing.room";
const OF_ROOM = "room = (SELECT key FROM room WHERE room_id = ?1)";
/** The last number that a cursor given as `?3` or `?4` can come to. */
const DELIVERED = "max(min(?3, room.head), min(?4, room.head))";
const READ = "min(?4, room.head)";

/** What is kept of people in rooms. */
export class SqliteStandings {
  readonly #connection: SqliteConnection;
  readonly #log: SqliteLog;
  readonly #people: SqlitePeople;
  readonly #find: StatementSync;
  readonly #add: StatementSync;
  readonly #change: StatementSync;
  readonly #join: StatementSync;
  readonly #strip: StatementSync;
  readonly #removeEmpty: StatementSync;
  readonly #advance: StatementSync;
  readonly #listMembers: StatementSync;
  readonly #listBanned: StatementSync;
  readonly #listInvitations: StatementSync;
  readonly #listMemberships: StatementSync;

  constructor(connection: SqliteConnection, log: SqliteLog, people: SqlitePeople) {
    this.#connection = connection;
    this.#log = log;
    this.#people = people;
    this.#find = connection.prepare(
      `SELECT ${STANDING_COLUMNS} FROM ${STANDINGS} WHERE room_id = ? AND user_id = ?`,
    );
    this.#add = connection.prepare(
      `INSERT INTO standing (room, user_id, username, delivered, read) VALUES (?, ?, ?, 0, 0)
        ON CONFLICT DO NOTHING`,
    );
    this.#change = connection.prepare(
      `UPDATE standing SET username = ?3, role = ?4, is_invited = ?5, banned_until = ?6, muted_until = ?7
        WHERE room = ?1 AND user_id = ?2`,
    );
    this.#join = connection.prepare(
      `UPDATE standing SET id = (SELECT max(id) + 1 FROM standing), delivered = ?3, read = ?3
        WHERE room = ?1 AND user_id = ?2`,
    );
    this.#strip = connection.prepare(
      `UPDATE standing SET role = NULL, is_invited = 0 WHERE ${OF_ROOM} AND user_id = ?2`,
    );
    this.#removeEmpty = connection.prepare(
      `DELETE FROM standing WHERE ${OF_ROOM} AND user_id = ?2 AND banned_until = 0 AND muted_until = 0`,
    );
    this.#advance = connection.prepare(
      `UPDATE standing SET delivered = max(delivered, ${DELIVERED}), read = max(read, ${READ}) FROM room
        WHERE room.room_id = ?1 AND standing.room = room.key AND user_id = ?2 AND role IS NOT NULL
          AND (delivered < ${DELIVERED} OR read < ${READ})`,
    );
    this.#listMembers = connection.prepare(
      `SELECT ${STANDING_COLUMNS}, (SELECT last_seen FROM person WHERE person.user_id = standing.user_id) AS last_seen
        FROM ${STANDINGS} WHERE ${OF_ROOM} AND role IS NOT NULL ORDER BY role, username, user_id LIMIT ?2`,
    );
    this.#listBanned = connection.prepare(
      `SELECT ${STANDING_COLUMNS} FROM ${STANDINGS} WHERE ${OF_ROOM} AND banned_until > 0 AND banned_until > ?2
        ORDER BY username, user_id LIMIT ?3`,
    );
    this.#listInvitations = connection.prepare(
      `SELECT ${ROOM_COLUMNS} FROM ${STANDINGS}
        WHERE user_id = ? AND is_invited = 1 AND role IS NULL AND room_name IS NOT NULL ORDER BY room_id LIMIT ?`,
    );
    this.#listMemberships = connection.prepare(
      `SELECT ${STANDING_COLUMNS}, ${ROOM_COLUMNS.replace("room_id, ", "")} FROM ${STANDINGS}
        WHERE user_id = ? AND role IS NOT NULL AND room_name IS NOT NULL ORDER BY id DESC LIMIT ?`,
    );
  }

  standing(roomId: string, userId: string): Standing | undefined {
    const row = this.#find.get(roomId, userId);
    return row && toStanding(row);
  }

  putMember(roomId: string, userId: string, username: string, now: number): Membership {
    const seen = this.standing(roomId, userId);
    if (isMember(seen) && seen.username === username && !seen.isInvited) return seen;
    this.#connection.write();
    const role = this.standing(roomId, userId)?.role ?? "member";
    return { ...this.change(roomId, userId, username, { role, isInvited: false }, now), role };
  }

  changeStanding(roomId: string, userId: string, change: StandingChange, now: number): Standing {
    this.#connection.write();
    const username = this.standing(roomId, userId)?.username ?? this.#people.person(userId)?.username ??
      userId;
    return this.change(roomId, userId, username, change, now);
  }

  /** Sets what is given; who gets a role has read everything so far. */
  change(roomId: string, userId: string, username: string, change: StandingChange, now: number): Standing {
    const { key, head } = this.#log.open(roomId, now);
    this.#add.run(key, userId, username);
    const known = this.standing(roomId, userId)!;
    const { role = known.role, isInvited = known.isInvited } = change;
    const { bannedUntil = known.bannedUntil, mutedUntil = known.mutedUntil } = change;
    const rank = role === null ? null : ROLES.indexOf(role);
    this.#change.run(key, userId, username, rank, isInvited ? 1 : 0, bannedUntil, mutedUntil);
    if (role !== null && known.role === null) this.#join.run(key, userId, head);
    return this.standing(roomId, userId)!;
  }

  removeMember(roomId: string, userId: string): void {
    this.#connection.write();
    if (this.#removeEmpty.run(roomId, userId).changes === 0) this.#strip.run(roomId, userId);
  }

  advance(cursors: readonly Cursor[]): boolean[] {
    this.#connection.write();
    return cursors.map(({ roomId, userId, delivered = 0, read = 0 }) =>
      this.#advance.run(roomId, userId, delivered, read).changes === 1
    );
  }

  members(roomId: string, limit: number): (Membership & { readonly lastSeen: number })[] {
    const found: (Membership & { readonly lastSeen: number })[] = [];
    for (const row of this.#listMembers.all(roomId, limit)) {
      const member = toStanding(row);
      if (isMember(member)) found.push({ ...member, lastSeen: Number(row.last_seen ?? 0) });
    }
    return found;
  }

  banned(roomId: string, now: number, limit: number): Standing[] {
    return this.#listBanned.all(roomId, now, limit).map(toStanding);
  }

  invitations(userId: string, limit: number): RoomRecord[] {
    return this.#listInvitations.all(userId, limit).map(toRoom);
  }

  memberships(userId: string, limit: number): { room: RoomRecord; membership: Membership }[] {
    const found: { room: RoomRecord; membership: Membership }[] = [];
    for (const row of this.#listMemberships.all(userId, limit)) {
      const membership = toStanding(row);
      if (isMember(membership)) found.push({ room: toRoom(row), membership });
    }
    return found;
  }
}
