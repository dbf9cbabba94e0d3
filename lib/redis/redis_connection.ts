import type { RedisClientType } from "@redis/client";
import { connectFailure } from "./connect_failure.ts";
import type { RedisAddress } from "./redis_address.ts";
import { RedisUnavailable, toRedisError } from "./redis_error.ts";
import type { RedisScript } from "./redis_script.ts";

/** How long Redis may take to answer; also to let somebody in. */
const ANSWER_TIMEOUT_MS = 2000;
const LOOK_EVERY_MS = 250;
/** A look that comes later than this says more about this process than about Redis. */
const LATE_LOOK_MS = 1000;
const PING_EVERY_MS = 1000;
/** Commands that may wait for answers at once, and their length in UTF-16 units. */
const MAX_WAITING = 20_000;
const MAX_WAITING_LENGTH = 64 * 1024 * 1024;

interface Waiting {
  readonly since: number;
  readonly length: number;
  readonly fail: (error: RedisUnavailable) => void;
}

/** One connection to Redis. It is never repaired: when anything is wrong it ends, and whatever waits for it fails. */
export class RedisConnection {
  readonly #client: RedisClientType;
  readonly #ended: (error: RedisUnavailable) => void;
  /** In the order in which they were sent. */
  readonly #waiting = new Set<Waiting>();
  #waitingLength = 0;
  readonly #known = new Set<string>();
  readonly #timer: ReturnType<typeof setInterval>;
  #lookedAt = performance.now();
  #heardAt = performance.now();
  #listener: ((text: string, channel: string) => void) | undefined;
  #end: RedisUnavailable | undefined;

  private constructor(client: RedisClientType, ended: (error: RedisUnavailable) => void) {
    this.#client = client;
    this.#ended = ended;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    client.on("error", (error) => this.#finish(toRedisError(error)));
    client.on("end", () => this.#finish(new RedisUnavailable("Redis has closed the connection")));
  }

  /**
   * Connects within two seconds.
   *
   * @param ended Told once that the connection is over, if that was not asked for
   * @throws {RedisUnavailable} If nobody answers, or Redis lets us not in
   */
  static async open(
    address: RedisAddress,
    ended: (error: RedisUnavailable) => void,
  ): Promise<RedisConnection> {
    const { createClient } = await import("@redis/client");
    const { host, port, isEncrypted, username, password, database } = address;
    // Read each time, as certificates are renewed.
    const shown = await readFiles(address);
    const where = { host, port, connectTimeout: ANSWER_TIMEOUT_MS, reconnectStrategy: false as const };
    const client: RedisClientType = createClient({
      socket: isEncrypted ? { ...where, tls: true, ...shown } : where,
      username,
      password,
      database,
      name: "parley",
      disableClientInfo: true,
      disableOfflineQueue: true,
      maintNotifications: "disabled",
      // Each would be a timer of its own, and ends when the command is written.
      commandOptions: { timeout: undefined },
    });
    const { promise: late, reject } = Promise.withResolvers<never>();
    const silence = isEncrypted ? "it does not answer in TLS" : "it does not answer";
    const timer = setTimeout(() => reject(new RedisUnavailable(silence)), ANSWER_TIMEOUT_MS);
    client.on("error", () => {});
    try {
      await Promise.race([client.connect(), late]);
    } catch (error) {
      client.destroy();
      throw connectFailure(error, isEncrypted);
    } finally {
      clearTimeout(timer);
    }
    return new RedisConnection(client, ended);
  }

  /** Sends one command; those of one turn of the event loop travel together, and are done in order. */
  send(args: readonly string[]): Promise<unknown> {
    return this.#wait(args, () => this.#client.sendCommand(args));
  }

  /** Runs a script, which is sent whole the first time only. */
  async run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    if (!this.#known.has(script.sha)) {
      this.#known.add(script.sha);
      return await this.send(["EVAL", script.source, ...rest]);
    }
    try {
      return await this.send(["EVALSHA", script.sha, ...rest]);
    } catch (error) {
      const isForgotten = error instanceof Error && error.message.includes("NOSCRIPT");
      if (!isForgotten) throw error;
      return await this.send(["EVAL", script.source, ...rest]);
    }
  }

  /** Says who hears what is published; the connection then serves for nothing else but that. */
  listen(heard: (text: string, channel: string) => void): void {
    this.#listener = heard;
  }

  /** Hears what is published on channels from now on. */
  subscribe(channels: string[]): Promise<unknown> {
    return this.#wait(channels, () => this.#client.subscribe(channels, this.#heard));
  }

  unsubscribe(channels: string[]): Promise<unknown> {
    // Without the listener, the client would not notice that a channel is subscribed to again meanwhile.
    return this.#wait(channels, () => this.#client.unsubscribe(channels, this.#heard));
  }

  /** Ends the connection at once. */
  close(): void {
    this.#finish(new RedisUnavailable("The connection to Redis was closed"), false);
  }

  readonly #heard = (text: string, channel: string): void => {
    this.#heardAt = performance.now();
    this.#listener?.(text, channel);
  };

  #wait(args: readonly string[], send: () => Promise<unknown>): Promise<unknown> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    let length = 0;
    for (const arg of args) length += arg.length;
    const isFull = this.#waiting.size >= MAX_WAITING ||
      (this.#waiting.size > 0 && this.#waitingLength + length > MAX_WAITING_LENGTH);
    if (isFull) return Promise.reject(new RedisUnavailable("Too much waits for Redis"));
    return new Promise((resolve, reject) => {
      const waiting = { since: performance.now(), length, fail: reject };
      this.#waiting.add(waiting);
      this.#waitingLength += length;
      const done = () => {
        this.#heardAt = performance.now();
        if (this.#waiting.delete(waiting)) this.#waitingLength -= length;
      };
      send().then((reply) => {
        done();
        resolve(reply);
      }, (error) => {
        done();
        const ours = toRedisError(error);
        reject(ours);
        // It has become the copy of another: the address may by now lead to that one.
        if (ours.message.includes("READONLY")) this.#finish(ours);
      });
    });
  }

  /** Looks whether Redis still answers. */
  #look(): void {
    const now = performance.now();
    const isLate = now - this.#lookedAt > LATE_LOOK_MS;
    this.#lookedAt = now;
    // Answers may lie here that nobody had the time to read.
    if (isLate) return;
    const [oldest] = this.#waiting;
    if (oldest !== undefined) {
      // What is published stands in line before answers.
      const since = this.#listener !== undefined ? Math.max(oldest.since, this.#heardAt) : oldest.since;
      if (now - since < ANSWER_TIMEOUT_MS) return;
      this.#finish(new RedisUnavailable("Redis does not answer"));
    } else if (now - this.#heardAt >= PING_EVERY_MS) this.send(["PING"]).catch(() => {});
  }

  #finish(error: Error, isNews = true): void {
    if (this.#end !== undefined) return;
    this.#end = error instanceof RedisUnavailable ? error : new RedisUnavailable(error.message);
    clearInterval(this.#timer);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { fail } of waiting) fail(this.#end);
    this.#client.destroy();
    if (isNews) this.#ended(this.#end);
  }
}

/** What the files of an address hold. */
async function readFiles({ files }: RedisAddress): Promise<Record<string, string>> {
  const held: Record<string, string> = {};
  for (const [name, file] of Object.entries(files ?? {})) {
    try {
      held[name] = await Deno.readTextFile(file);
    } catch (cause) {
      const { code } = cause as { code?: string };
      throw new RedisUnavailable(`"${file}" cannot be read (${code ?? "no text"})`, { cause });
    }
  }
  return held;
}
