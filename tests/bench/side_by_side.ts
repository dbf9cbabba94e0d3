import type { BenchServer, Kind } from "./bench_server.ts";
import { bytesEach, connect, type Figures, flood, openIdle, pace } from "./loads.ts";

/** One kind of work, done by several servers. */
export interface Work {
  readonly name: string;
  readonly kinds: readonly Kind[];
  measure(server: BenchServer, seconds: number): Promise<Figures>;
}

/** Every server, in the order of the table. */
export const ALL: readonly Kind[] = ["parley", "parley-sqlite", "parley-plain", "control"];

/** What the servers are compared by. */
export const WORKS: readonly Work[] = [
  { name: "1000 members, as fast as possible", kinds: ALL, measure: (s, t) => flood(s, 1000, 8, t) },
  { name: "100 members, as fast as possible", kinds: ALL, measure: (s, t) => flood(s, 100, 40, t) },
  { name: "10 members, 1000 messages/s", kinds: ALL, measure: (s, t) => pace(s, 10, 1000, t) },
  { name: "one member, as fast as possible", kinds: ALL, measure: (s, t) => flood(s, 1, 200, t) },
  { name: "connect and join, 1000 members", kinds: ALL, measure: connect },
  {
    name: "2000 idle connections",
    kinds: ["parley", "control"],
    measure: async (s) => ({ "bytes/connection": await bytesEach(s, 2000, (count) => openIdle(s, count)) }),
  },
];
