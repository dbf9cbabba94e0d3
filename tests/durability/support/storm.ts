import { ParleyClient } from "../../../static/sdk/mod.ts";
import { ChildServer } from "../../support/child_server.ts";
import { makeToken } from "../../support/server.ts";

/** A server that goes while many are connected, and comes back. */
export interface StormPlan {
  readonly clients: number;
  readonly rooms: number;
  /** How the server goes: told to, so that it can advise its clients, or killed. */
  readonly signal: "SIGTERM" | "SIGKILL";
  /** Where the database goes; it must not exist. */
  readonly file: string;
}

export interface StormReport {
  readonly clients: number;
  /** From the signal until the server was gone, and until it was there again. */
  readonly goneAfterMs: number;
  readonly thereAfterMs: number;
  /** From when the server was there again until half of all, 99 of 100, and all clients were back in their rooms. */
  readonly halfBackMs: number;
  readonly p99BackMs: number;
  readonly allBackMs: number;
  /** The most that tried to come back for the first time within one second, whether the server was there or not. */
  readonly mostPerSecond: number;
  /** Clients whose log is not what the room's log is. */
  readonly wrongLogs: number;
}

const MESSAGES_BEFORE = 5;
const MESSAGES_AFTER = 5;

/** Has everybody listen, ends the server, starts it again, says something, and sees who knows what. */
export async function runStorm({ clients: count, rooms, signal, file }: StormPlan): Promise<StormReport> {
  const settings = { STORE: `sqlite:${file}`, LOG_LEVEL: "warn", PRESENCE_DETAIL_LIMIT: "0" };
  await using first = await ChildServer.start(settings);
  const url = `ws://${first.address}/ws`;
  const logs: string[][] = Array.from({ length: count }, () => []);
  const triedAt: number[] = [];
  const backAt: number[] = [];
  const clients: ParleyClient[] = [];
  let isStorm = false;
  for (let i = 0; i < count; i++) {
    const client = new ParleyClient({ url, token: await makeToken(`client ${i}`) });
    client.addEventListener("chat", ({ detail }) => logs[i].push(`${detail.seq} ${detail.content}`));
    client.addEventListener("message", ({ detail }) => {
      if (isStorm && detail.type === "joined") backAt[i] = performance.now();
    });
    client.addEventListener("state", ({ detail }) => {
      if (isStorm && detail.name === "connecting") triedAt[i] ??= performance.now();
    });
    clients.push(client);
  }
  for (let i = 0; i < count; i += 100) {
    await Promise.all(
      clients.slice(i, i + 100).map(async (client, j) => {
        await client.connect();
        await client.join(`room ${(i + j) % rooms}`);
      }),
    );
  }
  const speak = async (times: number, from: number) => {
    for (let n = from; n < from + times; n++) {
      await Promise.all(
        clients.slice(0, rooms).map((client, room) =>
          client.room(`room ${room}`)!.send(`message ${n}`).acked
        ),
      );
    }
  };
  await speak(MESSAGES_BEFORE, 1);
  isStorm = true;
  const signalledAt = performance.now();
  first.signal(signal);
  await first.ended;
  const goneAt = performance.now();
  await using _ = await ChildServer.start({ ...settings, PORT: String(first.port) });
  const thereAt = performance.now();
  await speak(MESSAGES_AFTER, MESSAGES_BEFORE + 1);
  const whole = Array.from(
    { length: MESSAGES_BEFORE + MESSAGES_AFTER },
    (_, i) => `${i + 1} message ${i + 1}`,
  ).join();
  const isDone = () => logs.every((log) => log.length >= MESSAGES_BEFORE + MESSAGES_AFTER);
  const giveUpAt = thereAt + 60_000;
  while (!isDone() && performance.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 20));
  const wrongLogs = logs.filter((log) => log.join() !== whole).length;
  for (const client of clients) client.close();
  const back = clients.map((_, i) => backAt[i] ?? Infinity).map((at) => at - thereAt).sort((a, b) => a - b);
  const perSecond = new Map<number, number>();
  for (const at of triedAt) {
    const second = Math.floor((at - signalledAt) / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  return {
    clients: count,
    goneAfterMs: Math.round(goneAt - signalledAt),
    thereAfterMs: Math.round(thereAt - signalledAt),
    halfBackMs: Math.round(back[Math.floor(count / 2)]),
    p99BackMs: Math.round(back[Math.floor(count * 0.99)]),
    allBackMs: Math.round(back[count - 1]),
    mostPerSecond: Math.max(...perSecond.values()),
    wrongLogs,
  };
}
