import { sleep } from "../../lib/kit/wait.ts";
import type { BenchServer } from "./bench_server.ts";
import { Crowd } from "./crowd.ts";
import { RawMember } from "./raw_member.ts";

/** Figures by their unit. */
export type Figures = Record<string, number>;

/** Keeps `inFlight` messages under way and counts deliveries. */
export async function flood(
  server: BenchServer,
  members: number,
  inFlight: number,
  seconds: number,
): Promise<Figures> {
  using crowd = await Crowd.gather(server, members);
  return await meter(server, crowd, async () => {
    const end = performance.now() + seconds * 1000;
    let said = 0;
    for (; said < inFlight; said++) crowd.say(said);
    while (performance.now() < end) {
      await crowd.hears(crowd.heard + 1);
      const outstanding = said - Math.floor(crowd.heard / members);
      for (let i = outstanding; i < inFlight; i++) crowd.say(said++);
    }
    await crowd.hears(said * members);
  });
}

/** Sends at a steady rate and looks at delays. */
export async function pace(
  server: BenchServer,
  members: number,
  perSecond: number,
  seconds: number,
): Promise<Figures> {
  using crowd = await Crowd.gather(server, members);
  return await meter(server, crowd, async () => {
    const start = performance.now();
    let said = 0;
    while (performance.now() - start < seconds * 1000) {
      const due = (performance.now() - start) * perSecond / 1000;
      while (said < due) crowd.say(said++);
      await sleep(1);
    }
    await crowd.hears(said * members);
  });
}

/** Has a thousand members come in. */
export async function connect(server: BenchServer): Promise<Figures> {
  const [startedAt, cpu] = [performance.now(), await server.cpuSeconds()];
  using crowd = await Crowd.gather(server, 1000);
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    "connections/s": crowd.size / seconds,
    "µs CPU/connection": (await server.cpuSeconds() - cpu) * 1e6 / crowd.size,
  };
}

/** Opens connections that do nothing. */
export async function openIdle(server: BenchServer, count: number, together = 50): Promise<Disposable> {
  const members: RawMember[] = [];
  const open = async (i: number) => {
    members.push(await RawMember.open(await server.entrance(i), { heard() {}, bufferBytes: 1_024 }));
  };
  for (let i = 0; i < count; i += together) {
    const batch = Math.min(together, count - i);
    await Promise.all(Array.from({ length: batch }, (_, k) => open(i + k)));
  }
  return {
    [Symbol.dispose]() {
      for (const member of members) member.close();
    },
  };
}

/** A connection may be in so many rooms here. */
export const MOST_ROOMS = 1_000;

/** Joins so many rooms, in which nobody else is, over as few connections as may be. */
export async function openRooms(server: BenchServer, count: number): Promise<Disposable> {
  const members: RawMember[] = [];
  for (let first = 0; first < count; first += MOST_ROOMS) {
    members.push(await joinRooms(server, members.length, first, Math.min(count, first + MOST_ROOMS)));
  }
  return {
    [Symbol.dispose]() {
      for (const member of members) member.close();
    },
  };
}

/** Joins the rooms from one number up to another, some at a time. */
async function joinRooms(
  server: BenchServer,
  i: number,
  first: number,
  end: number,
  together = 100,
): Promise<RawMember> {
  let joined = first;
  let wake = Promise.withResolvers<void>();
  const heard = () => {
    joined++;
    wake.resolve();
  };
  const member = await RawMember.open(await server.entrance(i), { heard, mark: '"type":"joined"' });
  for (let asked = first; joined < end;) {
    for (; asked < end && asked - joined < together; asked++) {
      await member.send(JSON.stringify({ type: "join", roomId: `room ${asked}` }));
    }
    wake = Promise.withResolvers();
    if (asked === joined) continue;
    const timer = setTimeout(() => wake.reject(new Error(`${joined} of ${asked} rooms were joined`)), 10_000);
    await wake.promise;
    clearTimeout(timer);
  }
  return member;
}

/** Bytes of memory for each of so many things, beyond what the first few take. */
export async function bytesEach(
  server: BenchServer,
  count: number,
  make: (count: number) => Promise<Disposable>,
): Promise<number> {
  using _first = await make(Math.min(count, 100));
  const before = await settledBytes(server);
  using _made = await make(count);
  return (await settledBytes(server) - before) / count;
}

/** Memory in use once it changes no more, or after ten seconds. */
async function settledBytes(server: BenchServer): Promise<number> {
  let bytes = await server.residentBytes();
  for (let turns = 0; turns < 10; turns++) {
    await sleep(1_000);
    const before = bytes;
    bytes = await server.residentBytes();
    if (Math.abs(bytes - before) < before / 500) break;
  }
  return bytes;
}

async function meter(server: BenchServer, crowd: Crowd, work: () => Promise<void>): Promise<Figures> {
  await sleep(200);
  const [startedAt, cpu] = [performance.now(), await server.cpuSeconds()];
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const used = await server.cpuSeconds() - cpu;
  const delays = crowd.delaysMs.sort((a, b) => a - b);
  return {
    "deliveries/s": crowd.heard / seconds,
    "µs CPU/delivery": used / crowd.heard * 1e6,
    "p50 ms": delays[Math.floor(delays.length * 0.5)],
    "p99 ms": delays[Math.floor(delays.length * 0.99)],
  };
}
