import { ChildServer } from "../../support/child_server.ts";
import { encodeFrame, RawSocket } from "../../support/raw_socket.ts";
import { makeToken } from "../../support/server.ts";
import type { CrowdAnswer, CrowdRequest } from "./crowd.ts";
import { Link, read } from "./link.ts";
import { Reader, readHistory } from "./reader.ts";
import { Speech } from "./speech.ts";

/** A room in which some stop reading. */
export interface SlowReadersPlan {
  /** Where the database goes; it must not exist. */
  readonly file: string;
  /** All who read, those who will stop included. */
  readonly readers: number;
  readonly stalled: number;
  readonly messagesPerSecond: number;
  readonly contentBytes: number;
  /** How long they stand still; before that, everybody reads for half as long, the first half of it to warm up. */
  readonly seconds: number;
  readonly settings?: Readonly<Record<string, string>>;
}

/** So many of those who read on tell how long messages take; the others only count them. */
const MAX_TIMED = 40;

/** How it went for those who read on, and for the server. */
export interface SlowReadersReport {
  readonly messages: number;
  /** From sending to hearing, for those who read on, while nobody stands still and while some do. */
  readonly p50BeforeMs: number;
  readonly p99BeforeMs: number;
  readonly p50MeanwhileMs: number;
  readonly p99MeanwhileMs: number;
  /** Those who read on whose log is not the room's log. */
  readonly wrongLogs: number;
  /** How many of those who stood still were closed with 4008. */
  readonly closedAsSlow: number;
  /** Those who stood still whose log was not the room's log when they had come back. */
  readonly wrongLogsOfReturned: number;
  readonly memoryBeforeMiB: number;
  readonly memoryMostMiB: number;
  readonly memoryAfterMiB: number;
}

/** Has a writer speak at an even rate while readers stand still, then lets them come back. */
export async function measureSlowReaders(plan: SlowReadersPlan): Promise<SlowReadersReport> {
  const { readers, stalled, seconds, messagesPerSecond } = plan;
  const settings = {
    STORE: `sqlite:${plan.file}`,
    LOG_LEVEL: "warn",
    PRESENCE_DETAIL_LIMIT: "0",
    // Those who stand still, and the crowd, answer no pings.
    HEARTBEAT_MS: "600000",
    ...plan.settings,
  };
  await using server = await ChildServer.start(settings);
  const timed = Math.min(MAX_TIMED, readers - stalled);
  const attentive = Array.from({ length: timed }, (_, i) => new Listener(`reader ${i}`));
  using crowd = await Crowd.bring(server.port, readers - stalled - timed);
  for (const listener of attentive) await listener.open(server.address);
  const still = Array.from({ length: stalled }, (_, i) => new Staller(`stalled ${i}`));
  for (const staller of still) await staller.open(server.port);
  const speech = await Speech.begin(server.port, plan.contentBytes);
  const memoryMiB = () => readMemoryMiB(server.pid);
  let most = 0;
  const lookAtMemory = () => most = Math.max(most, memoryMiB());

  await speech.last(seconds / 4, messagesPerSecond);
  for (const listener of attentive) listener.nextPhase();
  await speech.last(seconds / 4, messagesPerSecond);
  const memoryBeforeMiB = memoryMiB();
  for (const listener of attentive) listener.nextPhase();
  for (const staller of still) staller.stop();
  await speech.last(seconds, messagesPerSecond, lookAtMemory);
  const total = speech.count;
  await speech.end();
  await Promise.all(attentive.map((listener) => listener.reach(total)));
  const wrongInCrowd = await crowd.hear(total);
  const history = await readHistory(server.address, "general");
  const closed = await Promise.all(still.map((staller) => staller.resume(total)));
  const returned = await Promise.all(still.map((staller) => staller.comeBack(server.address, total)));
  const memoryAfterMiB = memoryMiB();
  const isWhole = (seqs: readonly number[]) => seqs.length === total && seqs.every((seq, i) => seq === i + 1);
  const delayMs = (phase: number, share: number) =>
    quantile(attentive.flatMap(({ delaysMs }) => delaysMs[phase]), share);
  const report = {
    messages: history.length,
    p50BeforeMs: delayMs(1, 0.5),
    p99BeforeMs: delayMs(1, 0.99),
    p50MeanwhileMs: delayMs(2, 0.5),
    p99MeanwhileMs: delayMs(2, 0.99),
    wrongLogs: attentive.filter(({ seqs }) => !isWhole(seqs)).length + wrongInCrowd,
    closedAsSlow: closed.filter((code) => code === 4008).length,
    wrongLogsOfReturned: returned.filter((seqs) => !isWhole(seqs)).length,
    memoryBeforeMiB,
    memoryMostMiB: most,
    memoryAfterMiB,
  };
  await Promise.all(attentive.map((one) => (one.cut(), one.closed)));
  return report;
}

/** Many who only read, on a thread of their own. */
class Crowd implements Disposable {
  readonly #worker = new Worker(new URL("./crowd.ts", import.meta.url), { type: "module" });

  static async bring(port: number, size: number): Promise<Crowd> {
    const crowd = new Crowd();
    const tokens = await Promise.all(Array.from({ length: size }, (_, i) => makeToken(`onlooker ${i}`)));
    await crowd.#ask({ port, roomId: "general", tokens });
    return crowd;
  }

  /** Resolves to how many have not heard every message once and in order. */
  async hear(until: number): Promise<number> {
    const answer = await this.#ask({ until });
    return "wrong" in answer ? answer.wrong : NaN;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #ask(request: CrowdRequest): Promise<CrowdAnswer> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => resolve(data);
      this.#worker.onerror = ({ message }) => reject(new Error(message));
      this.#worker.postMessage(request);
    });
  }
}

/** Somebody who reads all the time, and looks at no more of a message than they need. */
class Listener {
  readonly seqs: number[] = [];
  readonly delaysMs: number[][] = [[]];
  readonly #userId: string;
  #link: Link | undefined;
  #wake = Promise.withResolvers<void>();

  constructor(userId: string) {
    this.#userId = userId;
  }

  get closed(): Promise<unknown> {
    return this.#link!.closed;
  }

  async open(address: string): Promise<void> {
    const joined = Promise.withResolvers<void>();
    const hear = (lines: readonly string[]) => {
      for (const line of lines) {
        if (line.startsWith('{"type":"joined"')) joined.resolve();
        else if (line.startsWith('{"type":"chat"')) this.#hear(line);
      }
    };
    this.#link = await Link.open(address, await makeToken(this.#userId), { hear });
    this.#link!.send([{ type: "join", roomId: "general", after: 0 }]);
    await joined.promise;
  }

  nextPhase(): void {
    this.delaysMs.push([]);
  }

  async reach(seq: number): Promise<void> {
    while (this.seqs.length < seq && this.#link!.isOpen) {
      await Promise.race([this.#wake.promise, this.closed]);
    }
  }

  cut(): void {
    this.#link!.cut();
  }

  #hear(line: string): void {
    const now = performance.now();
    this.seqs.push(parseInt(line.slice(line.indexOf('"seq":') + 6)));
    this.delaysMs.at(-1)!.push(now - parseFloat(line.slice(line.indexOf('"content":"') + 11)));
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

/** Somebody who reads for a while, then stands still with the connection open. */
class Staller {
  readonly #userId: string;
  readonly #seqs: number[] = [];
  #epoch = "";
  #socket: RawSocket | undefined;
  #reading: Promise<number> | undefined;
  #isStill = false;
  #until = Infinity;
  #resumed = Promise.withResolvers<void>();

  constructor(userId: string) {
    this.#userId = userId;
  }

  async open(port: number): Promise<void> {
    const headers = { "sec-websocket-protocol": `parley.v1, bearer.${await makeToken(this.#userId)}` };
    this.#socket = await RawSocket.open(port, "/ws", headers);
    const join = { type: "join", roomId: "general", after: 0 };
    await this.#socket.write(encodeFrame({ opcode: 1, payload: JSON.stringify(join) }));
    this.#epoch = String((await this.#socket.hear("joined")).epoch);
    this.#reading = this.#read(this.#socket);
  }

  stop(): void {
    this.#isStill = true;
  }

  /** Reads on; resolves to the code that the connection is closed with, or 0 if it brings everything up to `until`. */
  resume(until: number): Promise<number> {
    this.#until = until;
    this.#resumed.resolve();
    return this.#reading!;
  }

  /** Takes up the log where it broke off; resolves to all numbers that were heard. */
  async comeBack(address: string, until: number): Promise<number[]> {
    const reader = new Reader(this.#userId, "general", { epoch: this.#epoch, seq: this.#seqs.at(-1) ?? 0 });
    await reader.read(address, until);
    const known = reader.follower.stretches.flatMap(({ first, contents }) =>
      contents.map((_, i) => first + i)
    );
    return [...this.#seqs, ...known];
  }

  async #read(socket: RawSocket): Promise<number> {
    for (let frame; (frame = await socket.readFrame()) !== undefined;) {
      if (this.#isStill) await this.#resumed.promise;
      if (frame.opcode === 8) {
        socket.close();
        return frame.payload[0] << 8 | frame.payload[1];
      }
      if (frame.opcode !== 1) continue;
      for (const line of new TextDecoder().decode(frame.payload).split("\n")) {
        if (line.startsWith('{"type":"chat"')) this.#seqs.push(Number(read(line).seq));
      }
      if (this.#seqs.at(-1)! >= this.#until) break;
    }
    socket.close();
    return this.#seqs.at(-1)! >= this.#until ? 0 : 1006;
  }
}

function quantile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return Number(values[Math.floor(values.length * share)]?.toFixed(1));
}

/** What a process holds in memory. */
function readMemoryMiB(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Math.round(Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)![1]) / 1024);
}
