import type { BenchServer, Kind } from "./bench_server.ts";
import { Crowd } from "./crowd.ts";
import { bytesEach, flood, MOST_ROOMS, openIdle, openRooms, pace } from "./loads.ts";

/** How a cost changes as something grows. */
export interface Curve {
  readonly name: string;
  /** What grows. */
  readonly axis: string;
  readonly unit: string;
  readonly kinds: readonly Kind[];
  readonly sizes: readonly number[];
  /** What such a server must be told beside the usual. */
  readonly settings?: Readonly<Record<string, string>>;
  measure(server: BenchServer, size: number, seconds: number): Promise<number>;
}

const BOTH: readonly Kind[] = ["parley", "control"];
const MANY_ROOMS = { MAX_ROOMS_PER_CONNECTION: String(MOST_ROOMS + 1) };
const KEEP_ALL = { HISTORY_LIMIT: "10000000", MAX_CONNECTIONS: "20000" };

/** A server that has just started is slower than one that runs. */
const WARM_UP_SECONDS = 2;

/** What may grow, and what must not. */
export const CURVES: readonly Curve[] = [
  {
    name: "Processor time per delivery",
    axis: "members of the room",
    unit: "µs",
    kinds: BOTH,
    sizes: [10, 100, 1_000, 10_000],
    async measure(server, size, seconds) {
      await flood(server, 10, 8, WARM_UP_SECONDS);
      return (await flood(server, size, 8, seconds))["µs CPU/delivery"];
    },
  },
  {
    name: "Processor time per message",
    axis: "rooms, ten members in one of them and nobody else",
    unit: "µs",
    kinds: ["parley"],
    sizes: [1, 1_000, 100_000],
    settings: MANY_ROOMS,
    async measure(server, size, seconds) {
      using _rooms = await openRooms(server, size);
      await pace(server, 10, 1_000, WARM_UP_SECONDS);
      return (await pace(server, 10, 1_000, seconds))["µs CPU/delivery"] * 10;
    },
  },
  {
    name: "Memory per idle connection",
    axis: "connections",
    unit: "bytes",
    kinds: BOTH,
    sizes: [1_000, 3_000, 10_000],
    measure: (server, size) => bytesEach(server, size, (count) => openIdle(server, count)),
  },
  {
    name: "Memory per member",
    axis: "members of a room, each with a connection",
    unit: "bytes",
    kinds: BOTH,
    sizes: [1_000, 3_000, 10_000],
    measure: (server, size) => bytesEach(server, size, (count) => Crowd.gather(server, count)),
  },
  {
    name: "Memory per room",
    axis: "rooms",
    unit: "bytes",
    kinds: ["parley"],
    sizes: [10_000, 30_000, 100_000],
    settings: MANY_ROOMS,
    measure: (server, size) => bytesEach(server, size, (count) => openRooms(server, count)),
  },
  {
    name: "Memory per message kept",
    axis: "messages in memory, of about 100 characters",
    unit: "bytes",
    kinds: ["parley"],
    sizes: [10_000, 30_000, 100_000],
    settings: KEEP_ALL,
    measure: (server, size) => bytesEach(server, size, (count) => say(server, count)),
  },
];

/** Has one member say so much to itself. */
async function say(server: BenchServer, messages: number): Promise<Disposable> {
  const crowd = await Crowd.gather(server, 1);
  for (let said = 0; said < messages;) {
    for (; said < messages && said - crowd.heard < 200; said++) await crowd.say(said);
    await crowd.hears(Math.min(messages, said - 199));
  }
  await crowd.hears(messages);
  return crowd;
}
