/** Marks a database file as ours (`PRAGMA application_id`): "Parl". */
export const APPLICATION_ID = 0x5061726c;

/** How many low bits of a message's row id are its `seq`; the bits above are the key of its room. */
const SEQ_BITS = 36;
/** SQL that tells the `seq` of a message. */
export const SEQ = `id & ${2 ** SEQ_BITS - 1}`;
/** SQL that tells the row id of a message from SQL for the key of its room and its `seq`. */
export function rowId(room: string, seq: string): string {
  return `(${room} << ${SEQ_BITS} | ${seq})`;
}
/** SQL that tells the key of the room of a message; an index is made of exactly these words. */
export const ROOM = `id >> ${SEQ_BITS}`;

/**
 * The steps from an empty file to the current schema; `user_version` counts those taken.
 *
 * A step that has been released MUST NOT be changed: add one.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE room (
    key INTEGER PRIMARY KEY,
    room_id TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    head INTEGER NOT NULL,
    active_at INTEGER NOT NULL,
    room_name TEXT, -- NULL, like the next two, while the room is only a log
    visibility TEXT,
    password_hash TEXT
  );
  CREATE INDEX room_public ON room (active_at) WHERE visibility = 'public';

  -- One tree holds all logs, each of them in one piece: what is read together lies together.
  CREATE TABLE message (
    id INTEGER PRIMARY KEY, -- key of the room, then seq
    user_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    is_unique INTEGER NOT NULL, -- 1 if the server made the id
    username TEXT NOT NULL,
    content TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    reply_to TEXT,
    file TEXT -- JSON
  );
  -- The id comes first: where clients begin theirs with the time, all new entries lie together.
  CREATE UNIQUE INDEX message_sent ON message (message_id, user_id, id >> 36) WHERE is_unique = 0;

  CREATE TABLE member (
    id INTEGER PRIMARY KEY, -- in the order of joining
    room INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    username TEXT NOT NULL,
    role INTEGER NOT NULL, -- 0 owner, 1 admin, 2 member
    delivered INTEGER NOT NULL,
    read INTEGER NOT NULL,
    UNIQUE (room, user_id)
  );
  CREATE INDEX member_listed ON member (room, role, username, user_id);
  CREATE INDEX member_joined ON member (user_id, id);
  `,
  `
  -- Who was thrown out, or invited, has a standing without being a member.
  CREATE TABLE standing (
    id INTEGER PRIMARY KEY, -- in the order of joining
    room INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    username TEXT NOT NULL,
    role INTEGER, -- 0 owner, 1 admin, 2 member, NULL for who is none
    is_invited INTEGER NOT NULL DEFAULT 0,
    banned_until INTEGER NOT NULL DEFAULT 0,
    muted_until INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL,
    read INTEGER NOT NULL,
    UNIQUE (room, user_id)
  );
  INSERT INTO standing (id, room, user_id, username, role, delivered, read)
    SELECT id, room, user_id, username, role, delivered, read FROM member;
  DROP TABLE member;
  CREATE INDEX standing_listed ON standing (room, role, username, user_id) WHERE role IS NOT NULL;
  CREATE INDEX standing_joined ON standing (user_id, id) WHERE role IS NOT NULL;

  CREATE TABLE person (
    user_id TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    last_seen INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX person_named ON person (username);

  -- Messages come into the index later than into the log: room.indexed tells how far it is.
  ALTER TABLE room ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX room_waiting ON room (key) WHERE head > indexed;
  -- Only which message holds which piece of text is kept: no text, and no places in it.
  CREATE VIRTUAL TABLE search USING fts5 (
    grams, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
  );
  -- Merging is done apart from adding, in small portions, so that neither holds the lock for long.
  INSERT INTO search (search, rank) VALUES ('automerge', 0), ('crisismerge', 200);
  CREATE TABLE search_entry (
    id INTEGER PRIMARY KEY, -- as in search, nearly in the order of time
    message INTEGER NOT NULL UNIQUE,
    older INTEGER NOT NULL -- no entry with a lower id is newer than this
  );
  CREATE TABLE search_state (
    last_id INTEGER NOT NULL,
    newest INTEGER NOT NULL, -- the highest timestamp so far
    delay INTEGER NOT NULL -- how much older an entry can be than one before it, in milliseconds
  );
  INSERT INTO search_state VALUES (0, 0, 0);
  `,
  `
  CREATE INDEX standing_banned ON standing (room, username, user_id) WHERE banned_until > 0;
  CREATE INDEX standing_invited ON standing (user_id) WHERE is_invited = 1;
  `,
];
