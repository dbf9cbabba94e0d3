import { Chance } from "../../hostile/chance.ts";

/** What happens to an object on its way. */
export type Fate = "passes" | "dropped" | "doubled" | "late" | "cut before" | "cut after";

/** An object on its way. */
export interface Passage {
  readonly direction: "up" | "down";
  readonly type: string;
  /** Tells it from others of its type; the same each time it is sent again, and in another run. */
  readonly name: string;
  /** How often it came by before. */
  readonly times: number;
}

export type DecideFate = (passage: Passage) => Fate;

/** One connection that comes in, and the one that goes on from it. */
interface Pair {
  readonly near: WebSocket;
  readonly far: WebSocket;
  readonly user: string;
  /** What is to be passed on in each direction, in order. */
  readonly queues: { up: Promise<void>; down: Promise<void> };
}

const LATE_MS = 25;

/** A way to a server on which every single object has its fate. */
export class FaultyProxy implements AsyncDisposable {
  decide: DecideFate = () => "passes";
  /** How often each fate came to pass. */
  readonly fates = new Map<Fate, number>();
  readonly #target: string;
  readonly #http: Deno.HttpServer<Deno.NetAddr>;
  readonly #pairs = new Set<Pair>();
  /** The queues of all pairs there ever were. */
  readonly #queues: Pair["queues"][] = [];
  readonly #seen = new Map<string, number>();
  /** Contents by the ids of messages, which are others in every run. */
  readonly #contents = new Map<string, string>();

  constructor(target: string) {
    this.#target = target;
    this.#http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#accept(request),
    );
  }

  /** Where a user connects; it makes a user's fates their own. */
  url(user: string): string {
    return `ws://127.0.0.1:${this.#http.addr.port}/${encodeURIComponent(user)}`;
  }

  cutAll(): void {
    for (const pair of this.#pairs) cut(pair);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll();
    await this.#http.shutdown();
    await Promise.all(this.#queues.flatMap(({ up, down }) => [up, down]));
  }

  #accept(request: Request): Response {
    const protocols = request.headers.get("sec-websocket-protocol")!.split(/, */);
    const { socket: near, response } = Deno.upgradeWebSocket(request, {
      protocol: protocols[0],
      idleTimeout: 0,
    });
    const far = new WebSocket(`ws://${this.#target}/ws`, protocols);
    const user = decodeURIComponent(new URL(request.url).pathname.slice(1));
    const pair: Pair = { near, far, user, queues: { up: opened(near, far), down: opened(near, far) } };
    this.#pairs.add(pair);
    this.#queues.push(pair.queues);
    near.onmessage = ({ data }) => this.#take(pair, "up", data);
    far.onmessage = ({ data }) => this.#take(pair, "down", data);
    for (const socket of [near, far]) {
      socket.onerror = () => {};
      socket.onclose = () => {
        this.#pairs.delete(pair);
        cut(pair);
      };
    }
    return response;
  }

  #take(pair: Pair, direction: Passage["direction"], frame: string): void {
    for (const line of frame.split("\n")) {
      pair.queues[direction] = pair.queues[direction].then(() => this.#pass(pair, direction, line));
    }
  }

  async #pass(pair: Pair, direction: Passage["direction"], line: string): Promise<void> {
    const fate = this.#fateOf(pair.user, direction, line);
    this.fates.set(fate, (this.fates.get(fate) ?? 0) + 1);
    const to = direction === "up" ? pair.far : pair.near;
    const send = () => {
      if (to.readyState === WebSocket.OPEN) to.send(line);
    };
    if (fate === "dropped") return;
    if (fate === "cut before") return cut(pair);
    if (fate === "late") await new Promise((resolve) => setTimeout(resolve, LATE_MS));
    send();
    if (fate === "doubled") send();
    if (fate === "cut after") cut(pair);
  }

  #fateOf(user: string, direction: Passage["direction"], line: string): Fate {
    if (line === "ping" || line === "pong") return "passes";
    const { type, id, content } = JSON.parse(line);
    if (direction === "up" && type === "chat") this.#contents.set(id, content);
    const name = `${user} ${type} ${content ?? this.#contents.get(id) ?? ""}`;
    const key = `${direction} ${name}`;
    const times = this.#seen.get(key) ?? 0;
    this.#seen.set(key, times + 1);
    return this.decide({ direction, type, name, times });
  }
}

/** Fates that depend only on the seed, and on what is passed for the how many-eth time: not on the moment. */
export function seededFates(seed: number, odds: number): DecideFate {
  const fates: readonly Fate[] = ["dropped", "doubled", "late", "late", "cut before", "cut after"];
  return ({ direction, type, name, times }) => {
    // Without it the client would wait 15 s for the next attempt.
    if (type === "welcome") return "passes";
    const chance = new Chance(hash(`${seed} ${direction} ${name} ${times}`));
    return chance.once(odds) ? chance.pick(fates) : "passes";
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

function cut({ near, far }: Pair): void {
  for (const socket of [near, far]) {
    if (socket.readyState < WebSocket.CLOSING) socket.close();
  }
}

/** Resolves once both sockets are open, or one of them never will be. */
async function opened(...sockets: WebSocket[]): Promise<void> {
  await Promise.all(sockets.map((socket) =>
    new Promise<void>((resolve) => {
      for (const event of ["open", "close"]) socket.addEventListener(event, () => resolve());
    })
  ));
}
