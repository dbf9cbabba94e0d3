import { KvLink } from "../kv/kv_link.ts";
import { openKv } from "../kv/open_kv.ts";
import type { Bus } from "./bus.ts";
import { KvBus } from "./kv_bus.ts";
import { LocalBus } from "./local_bus.ts";

/**
 * Opens the bus that goes with a store: who shares the one is reached by the other.
 *
 * @throws {Error} If it cannot be opened; the message is one sentence
 */
export async function openBus(store: string): Promise<Bus> {
  if (!store.startsWith("kv:")) return new LocalBus();
  return await KvBus.open(new KvLink(await openKv(store.slice("kv:".length))));
}
