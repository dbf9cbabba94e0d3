/** Whether to cut a connection; they are counted from 0 in the order in which they came. */
export type Which = (nth: number) => boolean;

/**
 * A way to a server of this machine that can be cut or held up, as networks do.
 *
 * Given several servers it is a front: each connection goes to the next of them, and past those that are not there.
 */
export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  /** How often it was cut. */
  cuts = 0;
  /** How many connections came. */
  connections = 0;
  readonly #targets: readonly number[];
  readonly #listener: Deno.TcpListener;
  readonly #open = new Map<Deno.Conn, number>();
  readonly #work = new Set<Promise<void>>();
  #isRefusing = false;
  #held: PromiseWithResolvers<void> | undefined;
  #holdsAnswersOf: Which | undefined;
  #cutAfterBytes = Infinity;
  #timesLeft = 0;
  #sentBytes = 0;

  /** Leads to ports of this machine. */
  constructor(...targets: number[]) {
    this.#targets = targets;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#track(this.#accept());
  }

  /** How many connections are open. */
  get open(): number {
    return new Set(this.#open.values()).size;
  }

  /** How many connections are open that lead to a port. */
  openTo(port: number): number {
    return [...this.#open.keys()].filter((socket) => addressOf(socket)?.port === port).length;
  }

  /** Cuts by itself, so often, each time that so many further bytes have gone to the server. */
  cutEvery(bytes: number, times = 1): void {
    this.#cutAfterBytes = bytes;
    this.#timesLeft = times;
    this.#sentBytes = 0;
  }

  /** Cuts all connections, or those that are meant: what is on its way is lost. New ones are let through. */
  cut(which: Which = () => true): void {
    this.cuts++;
    for (const [socket, nth] of this.#open) {
      if (!which(nth)) continue;
      close(socket);
      this.#open.delete(socket);
    }
  }

  /** Cuts all connections and lets no new one through, until it is healed. */
  refuse(): void {
    this.#isRefusing = true;
    this.cut();
  }

  /**
   * Passes nothing on, not even that a connection has ended, and lets new ones come, until it is healed: what a network
   * does that swallows packets. What was sent meanwhile comes through then.
   */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  /** Passes nothing more back on some connections, until it is healed: what is asked for is done, and not answered. */
  holdAnswers(which: Which): void {
    this.#holdsAnswersOf = which;
    this.#held ??= Promise.withResolvers();
  }

  /** Is a good way again. */
  heal(): void {
    this.#isRefusing = false;
    this.#holdsAnswersOf = undefined;
    this.#held?.resolve();
    this.#held = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    close(this.#listener);
    this.cut();
    this.heal();
    await Promise.all(this.#work);
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      const nth = this.connections++;
      if (this.#isRefusing) close(near);
      else this.#track(this.#lead(near, nth));
    }
  }

  async #lead(near: Deno.Conn, nth: number): Promise<void> {
    this.#open.set(near, nth);
    await this.#passing(nth, true);
    const far = await this.#connect(nth);
    if (far === undefined || !this.#open.has(near)) {
      for (const socket of [near, far]) if (socket !== undefined) this.#close(socket);
      return;
    }
    this.#open.set(far, nth);
    await Promise.all([this.#carry(near, far, nth, true), this.#carry(far, near, nth, false)]);
  }

  async #connect(nth: number): Promise<Deno.Conn | undefined> {
    for (let i = 0; i < this.#targets.length; i++) {
      const port = this.#targets[(nth + i) % this.#targets.length];
      const far = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
      if (far !== undefined) return far;
    }
  }

  async #carry(from: Deno.Conn, to: Deno.Conn, nth: number, isToServer: boolean): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        await this.#passing(nth, isToServer);
        for (let at = 0; at < read;) at += await to.write(buffer.subarray(at, read));
        if (isToServer) this.#count(read);
      }
    } catch {
      // It was cut.
    }
    await this.#passing(nth, isToServer);
    for (const socket of [from, to]) this.#close(socket);
  }

  /** Waits while what goes this way is held up. */
  async #passing(nth: number, isToServer: boolean): Promise<void> {
    const which = this.#holdsAnswersOf;
    if (which === undefined || !isToServer && which(nth)) await this.#held?.promise;
  }

  #count(bytes: number): void {
    this.#sentBytes += bytes;
    if (this.#timesLeft === 0 || this.#sentBytes < this.#cutAfterBytes) return;
    this.#timesLeft--;
    this.#sentBytes = 0;
    this.cut();
  }

  #close(socket: Deno.Conn): void {
    this.#open.delete(socket);
    close(socket);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }
}

/** Where a connection leads; `undefined` once it has ended. */
function addressOf(socket: Deno.Conn): Deno.NetAddr | undefined {
  try {
    return socket.remoteAddr as Deno.NetAddr;
  } catch {
    return undefined;
  }
}

function close(end: { close(): void }): void {
  try {
    end.close();
  } catch {
    // It is closed already.
  }
}
