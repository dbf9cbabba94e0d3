import { fileURLToPath } from "node:url";
import { Jwks } from "./auth/jwks.ts";
import { type Keys, openPublicKey, openSecret } from "./auth/keys.ts";
import { TokenIssuer } from "./auth/token_issuer.ts";
import { TokenVerifier } from "./auth/token_verifier.ts";
import { Passwords } from "./auth/passwords.ts";
import { openBacking } from "./backing.ts";
import type { Bus } from "./bus/bus.ts";
import { Administration } from "./chat/administration.ts";
import { Cluster } from "./chat/cluster.ts";
import { Direct } from "./chat/direct.ts";
import { Directory } from "./chat/directory.ts";
import { FileRetention } from "./chat/file_retention.ts";
import { History } from "./chat/history.ts";
import { Joining } from "./chat/joining.ts";
import { Moderation } from "./chat/moderation.ts";
import type { Observer } from "./chat/observer.ts";
import { People } from "./chat/people.ts";
import { Posting } from "./chat/posting.ts";
import { Presence } from "./chat/presence.ts";
import { Receipts } from "./chat/receipts.ts";
import { Reception } from "./chat/reception.ts";
import { Rooms } from "./chat/rooms.ts";
import { Searching } from "./chat/searching.ts";
import { SharedFiles } from "./chat/shared_files.ts";
import { Uploads } from "./chat/uploads.ts";
import { type Config, ConfigError } from "./config.ts";
import { Connections, type Tally } from "./connection/connections.ts";
import { Dispatch } from "./connection/dispatch.ts";
import type { ConnectionParts } from "./connection/parts.ts";
import { RateLimits } from "./connection/rate_limits.ts";
import { FileLinks } from "./files/file_links.ts";
import type { FileStore } from "./files/file_store.ts";
import { openFiles } from "./files/open_files.ts";
import { Sweeper } from "./files/sweeper.ts";
import { App } from "./http/app.ts";
import { type Census, countAlone, type Reading } from "./http/census.ts";
import { Cors } from "./http/cors.ts";
import { Downloads } from "./http/downloads.ts";
import { ForeignNotifications } from "./http/foreign_notifications.ts";
import { Guests } from "./http/guests.ts";
import { makeApi } from "./http/make_api.ts";
import { Origins } from "./http/origins.ts";
import { makeReadings } from "./http/readings.ts";
import { StaticFiles } from "./http/static_files.ts";
import { Status } from "./http/status.ts";
import { StoreHealth } from "./http/store_health.ts";
import { Upgrade } from "./http/upgrade.ts";
import { encodeHex } from "./kit/hex.ts";
import { Turn } from "./kit/turn.ts";
import { makeMetrics, reportPosting, reportRooms, reportUploads } from "./measures.ts";
import { drain } from "./shutdown.ts";
import type { Limits } from "./store/limits.ts";
import type { StoreWorkers } from "./store/open_store.ts";
import { Retaining } from "./store/retaining.ts";
import type { Store } from "./store/store.ts";
import { describeError, type Log } from "./telemetry/log.ts";
import { LoopDelay } from "./telemetry/loop_delay.ts";
import { openTracing } from "./telemetry/tracing.ts";
import { VERSION } from "./version.ts";

/** A server that is ready for requests. */
export interface Server extends AsyncDisposable {
  /** Answers one request, WebSocket handshakes included. */
  fetch(request: Request): Promise<Response>;
  /** Does ahead what the first visitor of the page would wait for. */
  prepare(): Promise<void>;
  /** Turns new connections away, brings what is under way to its end, and closes every connection. */
  drain(): Promise<void>;
  /** Counts and logs an error that nobody caught. */
  surprised(stage: string, error: unknown): void;
  /** Names it among the nodes. */
  readonly nodeId: string;
  /** How this server is doing, without others of its process. */
  read(): Reading;
  /** Another node has died: it is not waited for. */
  lost(nodeId: string): void;
}

/** What makes a server one of several; without it, it is the only one. */
export interface Node {
  readonly bus?: Bus;
  readonly limits?: Limits;
  readonly census?: Census;
  /** The connections of all workers of this process. */
  readonly tally?: Tally;
  readonly storeWorkers?: StoreWorkers;
  /** Whether another server of this process clears away what nobody needs any more, in the same store and folder. */
  readonly isTidiedElsewhere?: boolean;
}

/**
 * Puts the parts together. Rejects, with one sentence that says why, if a part cannot be opened.
 *
 * @param observer Hears of what happens; without one, nothing is told
 */
export async function openServer(
  config: Config,
  log: Log,
  observer?: Observer,
  node: Node = {},
): Promise<Server> {
  await using opened = new AsyncDisposableStack();
  const metrics = makeMetrics();
  const loopDelay = opened.use(new LoopDelay());
  const tracing = openTracing();
  const turn = new Turn();
  const surprised = (stage: string, error: unknown) => {
    metrics.surprises.add(1, stage);
    log.error("surprise", { stage, ...describeError(error) });
  };

  const { secret = makeSecret() } = config.jwt;
  warnOfLoss(config, log);
  const warn = (text: string) => log.warn("store_unsafe", { text });
  const backing = opened.use(await naming("STORE", openBacking(config, node, warn)));
  const { store, bus, limits } = backing;
  const cluster = opened.use(new Cluster(bus, (error) => surprised("letter", error)));
  const storeHealth = new StoreHealth(() => cluster.isUp, log);
  const rooms = opened.use(new Rooms(store, turn, reportRooms(metrics, tracing), cluster));
  const links = new FileLinks(secret);
  const history = new History(store, config, links.renew);
  const people = new People(cluster, config.maxConnectionsPerUser);
  const passwords = new Passwords();
  const presence = opened.use(new Presence(rooms, people, config, observer, cluster));
  const joining = new Joining(store, rooms, history, presence, passwords, config, limits);
  const directory = new Directory(store, rooms, people);
  const files = await openFiles(config, log);
  if (!node.isTidiedElsewhere) tidy(store, files, log, opened);
  const report = reportPosting(metrics, storeHealth, log, tracing);
  const posting = new Posting(store, rooms, report, observer);
  const receipts = new Receipts(store, rooms, directory, config);
  const direct = new Direct(store, rooms, people, presence, posting, cluster);
  const administration = new Administration(store, rooms, people, passwords, config);
  const moderation = new Moderation(store, rooms, presence, administration, cluster);
  const searching = new Searching(store, directory, links.renew);
  const uploadsReport = reportUploads(metrics, log);
  const sharedFiles = new SharedFiles(files, links, directory, uploadsReport.failed);
  const uploads = opened.use(
    new Uploads(
      {
        files,
        shared: sharedFiles,
        store,
        rooms,
        directory,
        direct,
        posting,
        cluster,
        report: uploadsReport,
      },
      config,
    ),
  );
  const reception = new Reception(people, presence, directory, joining, uploads, storeHealth);
  const chat = {
    ...{ rooms, people, directory, presence, reception, joining, administration, moderation },
    ...{ posting, history, receipts, direct, searching, uploads, sharedFiles },
  };

  const verifier = new TokenVerifier(await openKeys(config, secret), config.jwt);
  const rates = new RateLimits(config, limits, node.limits);
  const tend = (now: number) => {
    rates.sweep(now);
    storeHealth.look();
  };
  const connections = opened.use(new Connections(config, tend, node.tally));
  const dispatch = new Dispatch(chat, verifier, config, surprised);
  const parts: ConnectionParts = {
    ...{ connections, chat, dispatch, verifier, rates, turn, metrics, log, observer },
    options: connectionOptions(config, files.refusal === undefined ? config.maxFileBytes : 0),
  };

  const census = node.census ?? countAlone();
  const looked = { connections, rooms, storeHealth, loopDelay, version: VERSION };
  metrics.include(...makeReadings({ ...looked, people, history, startedAt: census.startedAt }));
  const status = new Status({ ...looked, store, metrics, census });
  const { limitsFlood } = parts.options;
  const api = makeApi({
    ...{ store, chat, cluster, verifier, rates, log, surprised, version: VERSION },
    isReady: () => status.isReady,
    options: { ...config, limitsFlood },
  });
  const origins = new Origins(config.origins, config.isLoopback);
  const page = opened.use(
    await StaticFiles.open(fileURLToPath(new URL("../static", import.meta.url)), {
      builtRoot: fileURLToPath(new URL("../dist/static", import.meta.url)),
      isBundled: config.page === "bundle",
      failed: (error) => surprised("page", error),
    }),
  );
  const app = new App({
    upgrade: new Upgrade(origins, parts),
    cors: new Cors(origins),
    status,
    ...api,
    files: page,
    downloads: new Downloads({ files, links, shared: sharedFiles, verifier, metrics }),
    guests: config.guests ? new Guests(await TokenIssuer.open(secret), rates, config.jwt) : undefined,
    ...{ metrics, log },
  });
  const foreign = new ForeignNotifications(people, log, config);
  metrics.include(foreign.count);
  await cluster.open();
  await backing.hearForeign("notifications", foreign.hear);
  status.ready();

  const parted = opened.move();
  return {
    fetch: app.fetch,
    surprised,
    nodeId: bus.nodeId,
    read: () => status.read(),
    lost: (nodeId) => cluster.lost(nodeId),
    prepare: () => page.prepare(),
    drain: () => drain({ status, connections, posting, cluster, log }, config.shutdownTimeoutMs),
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}

/** Opens what tokens are checked with; `secret` is only for HS256. */
export function openKeys({ jwt }: Config, secret: string): Promise<Keys> {
  const { algorithm, publicKey, jwksUrl } = jwt;
  if (algorithm === "HS256") return openSecret(secret);
  if (publicKey !== undefined) return naming("JWT_PUBLIC_KEY", openPublicKey(publicKey, algorithm));
  return Promise.resolve(new Jwks(jwksUrl!, algorithm));
}

/** Opens a part; if that fails, the error names the setting that describes it. */
async function naming<T>(setting: string, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`${setting} cannot be used: ${reason}`, { cause });
  }
}

/** Clears away what retention no longer wants, and what nobody went on with, from now on. */
function tidy(store: Store, files: FileStore, log: Log, opened: AsyncDisposableStack): void {
  opened.use(new Retaining(store, (error) => log.warn("retention_failed", describeError(error))));
  opened.use(new Sweeper(files, log));
  opened.use(
    new FileRetention(files, store, (error) => log.warn("file_retention_failed", describeError(error))),
  );
}

/** Says so if nothing will be left of what is said. */
function warnOfLoss({ isDeploy, store }: Config, log: Log): void {
  if (!isDeploy || !/^(memory|sqlite):/.test(store)) return;
  const why = "no disk lasts here, and instances do not see each other: attach a Deno KV database to the app";
  log.warn("store_not_kept", { setting: "STORE", store, why });
}

/** 256 bits that nobody knows, for this run only. */
export function makeSecret(): string {
  return encodeHex(crypto.getRandomValues(new Uint8Array(32)));
}

function connectionOptions(config: Config, maxFileBytes: number): ConnectionParts["options"] {
  const { maxMessageBytes, recoveryLimit, maxRoomsPerConnection, rateChat, rateOther } = config;
  return {
    ...config,
    limitsFlood: rateChat !== undefined && rateOther !== undefined,
    limits: {
      messageBytes: maxMessageBytes,
      fileBytes: maxFileBytes,
      historyPage: recoveryLimit,
      roomsPerConnection: maxRoomsPerConnection,
    },
  };
}
