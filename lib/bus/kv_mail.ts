import type { KvLink } from "../kv/kv_link.ts";
import { MAX_TEXT_LENGTH } from "../kv/kv_room_left.ts";

/** A topic and a text. */
export type Item = readonly [topic: string, text: string];

/** What one node has published at once. */
export interface Mail {
  readonly from: string;
  /** Counts the mails of the sender, from 1. */
  readonly number: number;
  /** Whether the sender had to give up something that it wanted to send before. */
  readonly hasLost: boolean;
  readonly items: readonly Item[];
}

/** The value under which a mail lies: with its items or, where they are too long, the number of their pieces. */
type KvMail = Omit<Mail, "items"> & { readonly items?: readonly Item[]; readonly pieces?: number };

/** How long a mail can be fetched; who comes later has missed it. */
export const MAIL_MS = 60_000;
/** Changes with every mail, and wakes who watches it. */
export const TICK: Deno.KvKey = ["parley", "bus", "tick"];

const MAILS: Deno.KvKey = ["parley", "bus", "mail"];
const PIECES: Deno.KvKey = ["parley", "bus", "piece"];
const MAILS_PER_READ = 50;
const PIECES_PER_COMMIT = 12;
/** What is added to each item in its value. */
const ITEM_OVERHEAD = 16;

/**
 * Puts a mail behind all others. Many may try at once: the database gives each its place.
 *
 * Rejects with {@linkcode KvUnavailable} if it is not known to be there; the same mail may come twice then.
 */
export async function send(link: KvLink, { items, ...head }: Mail): Promise<void> {
  const length = items.reduce((sum, [topic, text]) => sum + topic.length + text.length + ITEM_OVERHEAD, 0);
  const pieces = length <= MAX_TEXT_LENGTH ? [] : cut(JSON.stringify(items));
  const value: KvMail = pieces.length === 0 ? { ...head, items } : { ...head, pieces: pieces.length };
  const options = { expireIn: MAIL_MS };
  for (let from = 0; from < pieces.length; from += PIECES_PER_COMMIT) {
    await commit(link, (atomic) => {
      for (const [i, piece] of pieces.slice(from, from + PIECES_PER_COMMIT).entries()) {
        atomic.set(pieceKey(head, from + i), piece, options);
      }
    });
  }
  await commit(link, (atomic) => {
    atomic.set([...MAILS, link.commitVersionstamp() as unknown as Deno.KvKeyPart], value, options);
    atomic.set(TICK, `${head.from} ${head.number}`);
  });
}

/** The place behind all mails there are. */
export async function findEnd(link: KvLink): Promise<string> {
  return await commit(link, (atomic) => atomic.set(TICK, ""));
}

/** The mails behind a place, in order, each with its own place; one whose pieces are gone comes as `undefined`. */
export async function* readMails(
  link: KvLink,
  after: string,
): AsyncGenerator<{ readonly place: string; readonly mail: Mail | undefined }> {
  const span = { start: [...MAILS, after, ""], end: [...MAILS, "~"] };
  for await (const { key, value } of link.list<KvMail>(span, MAILS_PER_READ)) {
    const { items, pieces, ...head } = value;
    const read = pieces === undefined ? items : await readPieces(link, head, pieces);
    yield { place: String(key.at(-1)), mail: read && { ...head, items: read } };
  }
}

async function readPieces(
  link: KvLink,
  head: Pick<Mail, "from" | "number">,
  count: number,
): Promise<readonly Item[] | undefined> {
  const keys = Array.from({ length: count }, (_, i) => pieceKey(head, i));
  const entries = await link.getMany(keys);
  if (entries.some(({ value }) => value === null)) return undefined;
  return JSON.parse(entries.map(({ value }) => value).join(""));
}

function pieceKey({ from, number }: Pick<Mail, "from" | "number">, index: number): Deno.KvKey {
  return [...PIECES, from, number, index];
}

function cut(text: string): string[] {
  const count = Math.ceil(text.length / MAX_TEXT_LENGTH);
  return Array.from({ length: count }, (_, i) => text.slice(i * MAX_TEXT_LENGTH, (i + 1) * MAX_TEXT_LENGTH));
}

async function commit(link: KvLink, ask: (atomic: Deno.AtomicOperation) => void): Promise<string> {
  return await link.untilDone(async () => {
    const committed = await link.commit(ask);
    return committed && { done: committed.versionstamp };
  });
}
