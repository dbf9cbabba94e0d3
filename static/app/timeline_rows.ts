import type { ChatMessage, FileInfo, MemberInfo, OutgoingFile, OutgoingMessage } from "../sdk/mod.ts";
import type { Span } from "./span.ts";
import { dayNumber } from "./time_words.ts";

const GROUP_GAP_MS = 5 * 60_000;

/** Something that happened in the room while this page watched; it stands after message `afterSeq`. */
export type SystemLine = {
  key: string;
  afterSeq: number;
  event: string;
  username: string;
  message: string;
  timestamp: number;
  /** Who did it, where that is somebody else. */
  by?: string;
  reason?: string;
  seconds?: number;
};

/** How far a message has come. Only one's own can be anything but `received`. */
export type Delivery = "received" | "acked" | "delivered" | "read" | "pending" | "sent" | "failed";

/** The message that is answered; without a text if it is not at hand. */
export type Quote = { id: string; username?: string; content?: string };

/** One message as it is drawn; `opensGroup` shows the author's name above it. */
export type MessageRow = {
  kind: "message";
  key: string;
  id: string;
  /** 0 until the server has it. */
  seq: number;
  mine: boolean;
  opensGroup: boolean;
  userId: string;
  username: string;
  content: string;
  timestamp: number;
  delivery: Delivery;
  /** How many others have read it. */
  readers: number;
  quote?: Quote;
  file?: FileInfo;
  errorCode?: string;
  errorText?: string;
};

/** A file that is on its way. */
export type UploadRow = {
  kind: "upload";
  key: string;
  file: OutgoingFile;
  /** As it was when this row was made: the file itself changes as it goes. */
  status: OutgoingFile["status"];
};

/** One line of the conversation. */
export type Row =
  | MessageRow
  | UploadRow
  | { kind: "day"; key: string; timestamp: number; daysAgo: number }
  | { kind: "unread"; key: string }
  | { kind: "system"; key: string; line: SystemLine };

/** What the rows are made from. `span` says which messages, `atEnd` whether the log's end is among them. */
export type RowSource = {
  messages: readonly ChatMessage[];
  outgoing: readonly OutgoingMessage[];
  files: readonly OutgoingFile[];
  systemLines: readonly SystemLine[];
  span: Span;
  atEnd: boolean;
  me: { userId: string; username: string };
  unreadFrom: number | undefined;
  /** Who is in the room, and how far they have read. */
  people: readonly MemberInfo[];
  /** An answered message that is not among `messages`. */
  answered?: (id: string) => ChatMessage | undefined;
  now: number;
};

/** Puts messages, unsent messages, system lines, day lines and the unread line in order. */
export function buildRows(source: RowSource): Row[] {
  const rows: Row[] = [];
  const lines = source.systemLines.filter((line) =>
    line.afterSeq >= source.span.first - 1 && (source.atEnd || line.afterSeq < source.span.last)
  );
  const add = (row: Row & { kind: "message" | "upload" | "system" }, timestamp: number) => {
    addDay(rows, row.key, timestamp, source.now);
    if (row.kind === "message") row.opensGroup = opensGroup(row, rows.at(-1));
    rows.push(row);
  };
  const addLinesBefore = (seq: number) => {
    while (lines.length > 0 && lines[0].afterSeq < seq) {
      const line = lines.shift()!;
      add({ kind: "system", key: line.key, line }, line.timestamp);
    }
  };

  for (const message of inSpan(source.messages, source.span)) {
    addLinesBefore(message.seq);
    if (message.seq === source.unreadFrom) rows.push({ kind: "unread", key: "unread" });
    add(receivedRow(message, source), message.timestamp);
  }
  addLinesBefore(Infinity);
  if (source.atEnd) {
    for (const message of source.outgoing) {
      if (!hasArrived(message, source)) add(outgoingRow(message, source), message.createdAt);
    }
    for (const file of source.files) {
      const row: UploadRow = { kind: "upload", key: `own:${file.id}`, file, status: file.status };
      if (!hasArrived(file, source)) add(row, file.createdAt);
    }
  }
  return rows;
}

/** Whether a row drawn as `a` may stay on the screen for `b`. */
export function looksSame(a: Row, b: Row): boolean {
  if (a.kind === "day" && b.kind === "day") return a.daysAgo === b.daysAgo;
  if (a.kind === "upload" && b.kind === "upload") return a.file === b.file && a.status === b.status;
  if (a.kind !== "message" || b.kind !== "message") return a.kind === b.kind;
  return a.opensGroup === b.opensGroup && a.delivery === b.delivery && a.errorCode === b.errorCode &&
    a.timestamp === b.timestamp && a.readers === b.readers && a.quote?.content === b.quote?.content;
}

/** The place of a sequence number in messages that are sorted by it: the first at or after it. */
export function indexOfSeq(messages: readonly ChatMessage[], seq: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle].seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function inSpan(messages: readonly ChatMessage[], span: Span): readonly ChatMessage[] {
  return messages.slice(indexOfSeq(messages, span.first), indexOfSeq(messages, span.last + 1));
}

function addDay(rows: Row[], key: string, timestamp: number, now: number): void {
  const last = rows.findLast((row) => row.kind !== "unread");
  if (last !== undefined && dayNumber(timeOf(last)) === dayNumber(timestamp)) return;
  const daysAgo = dayNumber(now) - dayNumber(timestamp);
  const day: Row = { kind: "day", key: `day:${key}`, timestamp, daysAgo };
  // The unread line belongs to the message below it, so the day goes above both.
  if (rows.at(-1)?.kind === "unread") rows.splice(-1, 0, day);
  else rows.push(day);
}

function timeOf(row: Row): number {
  if (row.kind === "system") return row.line.timestamp;
  if (row.kind === "upload") return row.file.createdAt;
  return row.kind === "unread" ? 0 : row.timestamp;
}

function opensGroup(row: MessageRow, before: Row | undefined): boolean {
  return before?.kind !== "message" || before.userId !== row.userId ||
    row.timestamp - before.timestamp > GROUP_GAP_MS;
}

function receivedRow(message: ChatMessage, source: RowSource): MessageRow {
  const myId = source.me.userId;
  const mine = message.userId === myId;
  const readers = mine ? readersOf(message.seq, source).length : 0;
  return {
    kind: "message",
    key: mine ? `own:${message.id}` : `seq:${message.seq}`,
    id: message.id,
    seq: message.seq,
    mine,
    opensGroup: true,
    userId: message.userId,
    username: message.username,
    content: message.content,
    timestamp: message.timestamp,
    delivery: mine ? progressOf(message.seq, readers, source) : "received",
    readers,
    quote: quoteOf(message.replyTo, source),
    file: message.file,
  };
}

function outgoingRow(message: OutgoingMessage, source: RowSource): MessageRow {
  const { me } = source;
  return {
    kind: "message",
    key: `own:${message.id}`,
    id: message.id,
    seq: 0,
    mine: true,
    opensGroup: true,
    userId: me.userId,
    username: me.username,
    content: message.content,
    timestamp: message.createdAt,
    delivery: message.status,
    readers: 0,
    quote: quoteOf(message.replyTo, source),
    errorCode: message.error?.code,
    errorText: message.error?.message,
  };
}

/** Who else has read up to a message. */
export function readersOf(seq: number, { people, me }: Pick<RowSource, "people" | "me">): MemberInfo[] {
  return people.filter((member) => member.read >= seq && member.userId !== me.userId);
}

function progressOf(seq: number, readers: number, { people, me }: RowSource): Delivery {
  if (readers > 0) return "read";
  const hasArrived = people.some((member) => member.delivered >= seq && member.userId !== me.userId);
  return hasArrived ? "delivered" : "acked";
}

function quoteOf(id: string | undefined, source: RowSource): Quote | undefined {
  if (id === undefined) return undefined;
  const answered = source.messages.findLast((message) => message.id === id) ?? source.answered?.(id);
  return { id, username: answered?.username, content: answered?.content || answered?.file?.name };
}

/** An acknowledged message may still be listed as outgoing for a moment after it came back. */
function hasArrived(outgoing: OutgoingMessage | OutgoingFile, { messages, me }: RowSource): boolean {
  if (outgoing.seq !== undefined && outgoing.seq <= (messages.at(-1)?.seq ?? 0)) return true;
  return messages.slice(-100).some((message) => message.id === outgoing.id && message.userId === me.userId);
}
