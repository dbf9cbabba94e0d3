import { openSecret } from "../../lib/auth/keys.ts";
import { Passwords } from "../../lib/auth/passwords.ts";
import { TokenIssuer } from "../../lib/auth/token_issuer.ts";
import { type Identity, TokenVerifier } from "../../lib/auth/token_verifier.ts";
import { Administration } from "../../lib/chat/administration.ts";
import { Direct } from "../../lib/chat/direct.ts";
import { Directory } from "../../lib/chat/directory.ts";
import { History } from "../../lib/chat/history.ts";
import { Joining } from "../../lib/chat/joining.ts";
import { Moderation } from "../../lib/chat/moderation.ts";
import { People } from "../../lib/chat/people.ts";
import { Posting } from "../../lib/chat/posting.ts";
import { Presence } from "../../lib/chat/presence.ts";
import { Receipts } from "../../lib/chat/receipts.ts";
import { Reception } from "../../lib/chat/reception.ts";
import { SharedFiles } from "../../lib/chat/shared_files.ts";
import { Uploads } from "../../lib/chat/uploads.ts";
import { FileLinks } from "../../lib/files/file_links.ts";
import { NoFiles } from "../../lib/files/no_files.ts";
import { Rooms } from "../../lib/chat/rooms.ts";
import { Searching } from "../../lib/chat/searching.ts";
import { Connection } from "../../lib/connection/connection.ts";
import type { Opening } from "../../lib/connection/opening.ts";
import { Connections } from "../../lib/connection/connections.ts";
import { Dispatch } from "../../lib/connection/dispatch.ts";
import type { ConnectionParts } from "../../lib/connection/parts.ts";
import { RateLimits } from "../../lib/connection/rate_limits.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { utf8Length } from "../../lib/kit/utf8.ts";
import type { Ending } from "../../lib/protocol/codes.ts";
import { silentLog } from "../../lib/telemetry/log.ts";
import { Metrics } from "../../lib/telemetry/metrics.ts";
import { FakeStore } from "../chat/fake_store.ts";
import { nextTurn } from "../chat/fakes.ts";

const SECRET = "a secret of at least thirty-two bytes";

/** Somebody who may do what everybody may, for an hour. */
export function makeIdentity(userId: string, more: Partial<Identity> = {}): Identity {
  return { userId, username: userId, role: "user", expiresAt: Date.now() + 3_600_000, ...more };
}

export async function makeToken(userId: string, ttlSeconds = 3_600): Promise<string> {
  const issuer = await TokenIssuer.open(SECRET);
  return (await issuer.issue({ userId, username: userId, ttlSeconds })).token;
}

/** The server's half of a socket, with a peer that does what the test says. */
export class FakeSocket {
  readonly sent: string[] = [];
  bufferedAmount = 0;
  readyState: number = WebSocket.OPEN;
  ending: Ending | undefined;
  onopen: () => void = () => {};
  onmessage: (event: { data: unknown }) => void = () => {};
  onclose: (event: { code: number }) => void = () => {};

  send(frame: string): void {
    this.sent.push(frame);
    this.bufferedAmount += utf8Length(frame);
  }

  close(code: number, reason: string): void {
    this.ending ??= { code, reason };
    this.readyState = WebSocket.CLOSING;
  }

  /** The peer reads everything, and this is what it was since the last time. */
  read(): Record<string, unknown>[] {
    this.bufferedAmount = 0;
    return this.sent.splice(0).flatMap((frame) => frame.split("\n")).map((line) =>
      line === "pong" ? { type: line } : JSON.parse(line)
    );
  }

  /** The peer says something. */
  say(...messages: (object | string)[]): void {
    const data = messages.map((message) => typeof message === "string" ? message : JSON.stringify(message))
      .join("\n");
    this.onmessage({ data });
  }
}

/** What a server puts together, over a store in memory. */
export async function openParts(options: Partial<ConnectionParts["options"]> = {}) {
  const store = new FakeStore(1_000);
  const turn = new Turn();
  const surprises: unknown[] = [];
  const rooms = new Rooms(store, turn);
  const history = new History(store, { recoveryLimit: 300 });
  const [people, passwords] = [new People(undefined, 2), new Passwords()];
  const settings = { presenceGraceMs: 5_000, presenceDetailLimit: 200, roomCreation: "anyone" } as const;
  const presence = new Presence(rooms, people, settings);
  const joining = new Joining(store, rooms, history, presence, passwords, settings);
  const posting = new Posting(store, rooms, { appended() {}, failed() {} });
  const directory = new Directory(store, rooms, people);
  const administration = new Administration(store, rooms, people, passwords, settings);
  const failed = (error: unknown) => void surprises.push(error);
  const files = new NoFiles();
  const sharedFiles = new SharedFiles(files, new FileLinks(SECRET), directory, failed);
  const direct = new Direct(store, rooms, people, presence, posting);
  const uploads = new Uploads(
    {
      files,
      shared: sharedFiles,
      store,
      rooms,
      directory,
      direct,
      posting,
      report: { failed, went() {}, stored() {} },
    },
    { maxFileBytes: 0, maxUserFileBytes: 0 },
  );
  const reception = new Reception(people, presence, directory, joining, uploads);
  const chat = {
    ...{ rooms, joining, posting, history, directory, people, presence, reception, administration },
    ...{ direct, uploads, sharedFiles },
    receipts: new Receipts(store, rooms, directory, settings),
    moderation: new Moderation(store, rooms, presence, administration),
    searching: new Searching(store, directory),
  };
  const verifier = new TokenVerifier(await openSecret(SECRET), { algorithm: "HS256", maxAgeSeconds: 86_400 });
  const rates = new RateLimits({ rateChat: undefined, rateOther: undefined });
  const limits = { maxConnections: 100, heartbeatMs: 25_000 };
  const connections = new Connections(limits, () => {});
  const surprised = (_stage: string, error: unknown) => void surprises.push(error);
  const dispatch = new Dispatch(chat, verifier, { maxRoomsPerConnection: 2 }, surprised);
  const parts: ConnectionParts = {
    ...{ connections, chat, dispatch, verifier, rates, turn },
    metrics: new Metrics(),
    log: silentLog,
    options: {
      maxMessageBytes: 65_536,
      limitsFlood: true,
      authTimeoutMs: 10_000,
      heartbeatMs: 25_000,
      maxSendBufferBytes: 1 << 20,
      limits: { messageBytes: 65_536, fileBytes: 0, historyPage: 300, roomsPerConnection: 2 },
      ...options,
    },
  };

  /** Opens a connection as the runtime would. */
  async function connect(opening: Opening, takesBatches = true) {
    const socket = new FakeSocket();
    const connection = new Connection(
      socket as unknown as WebSocket,
      () => Promise.resolve(opening),
      takesBatches,
      parts,
    );
    socket.onopen();
    await settled();
    return { socket, connection };
  }

  return {
    ...{ store, parts, surprises, connect },
    [Symbol.dispose]() {
      connections[Symbol.dispose]();
      presence[Symbol.dispose]();
    },
  };
}

/** Resolves once everything that was asked for has been done and sent. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 6; i++) await nextTurn();
}
