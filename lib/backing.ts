import type { Bus } from "./bus/bus.ts";
import { KvBus } from "./bus/kv_bus.ts";
import { LocalBus } from "./bus/local_bus.ts";
import { RedisBus } from "./bus/redis_bus.ts";
import type { Config } from "./config.ts";
import { KvLink } from "./kv/kv_link.ts";
import { openKv } from "./kv/open_kv.ts";
import { RedisLink } from "./redis/redis_link.ts";
import type { Limits } from "./store/limits.ts";
import { KvLimits } from "./store/kv_limits.ts";
import { KvStore } from "./store/kv_store.ts";
import { LocalLimits } from "./store/local_limits.ts";
import { openStore, type StoreWorkers } from "./store/open_store.ts";
import { RedisLimits } from "./store/redis_limits.ts";
import { RedisStore } from "./store/redis_store.ts";
import type { Store } from "./store/store.ts";

/** What a node keeps, and what it shares with others. */
export interface Backing extends AsyncDisposable {
  readonly store: Store;
  /** Not closed with the rest, but before it. */
  readonly bus: Bus;
  readonly limits: Limits;
  /** Hears what programs publish beside us; `hear` MUST NOT throw. */
  hearForeign(name: string, hear: (text: string) => void): Promise<void>;
}

/**
 * Opens what a setting of the store brings with it: a Redis also carries the bus, and counts.
 *
 * @param node What is brought along for other stores
 * @param warn Told, in a sentence, of what puts messages in danger
 * @throws {Error} If something cannot be opened; the message is one sentence
 */
export async function openBacking(
  config: Config,
  node: Partial<Pick<Backing, "bus" | "limits">> & { readonly storeWorkers?: StoreWorkers },
  warn: (text: string) => void,
): Promise<Backing> {
  if (/^rediss?:/.test(config.store)) return await openRedis(config, warn);
  if (config.store.startsWith("kv:")) return await openKvBacking(config, node.limits);
  const store = await openStore(config.store, config, node.storeWorkers);
  return {
    store,
    bus: node.bus ?? new LocalBus(),
    limits: node.limits ?? new LocalLimits(),
    hearForeign: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** Workers of one process are not all there is where others can open the same database: they bring no bus. */
async function openKvBacking(config: Config, rates?: Limits): Promise<Backing> {
  await using opened = new AsyncDisposableStack();
  const place = config.store.slice("kv:".length);
  const link = new KvLink(await openKv(place));
  const store = opened.use(new KvStore(link, config));
  const bus = await KvBus.open(new KvLink(await openKv(place)));
  const kept = opened.move();
  return {
    store,
    bus,
    limits: new KvLimits(link, rates),
    hearForeign: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function openRedis(config: Config, warn: (text: string) => void): Promise<Backing> {
  await using opened = new AsyncDisposableStack();
  const link = opened.use(await RedisLink.open(config.store));
  // What a node appends is published under its name, by which it knows that it has told of it already.
  const nodeId = crypto.randomUUID();
  const store = opened.use(await RedisStore.open(link, config, { nodeId, warn }));
  const bus = await RedisBus.open(config.store, nodeId);
  const kept = opened.move();
  return {
    store,
    bus,
    limits: new RedisLimits(link),
    hearForeign: (name, hear) => bus.hearForeign(name, hear),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
