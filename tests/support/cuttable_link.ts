/** A way to a server that can be cut: what is on its way then is lost, as when a network fails. */
export class CuttableLink implements AsyncDisposable {
  readonly port: number;
  /** How often it was cut. */
  cuts = 0;
  readonly #target: number;
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.Conn>();
  readonly #work = new Set<Promise<void>>();
  #cutAfterBytes = Infinity;
  #timesLeft = 0;
  #sentBytes = 0;

  /** Leads to a port of this machine. */
  constructor(target: number) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#track(this.#accept());
  }

  /** Cuts by itself, so often, each time that so many further bytes have gone to the server. */
  cutEvery(bytes: number, times = 1): void {
    this.#cutAfterBytes = bytes;
    this.#timesLeft = times;
    this.#sentBytes = 0;
  }

  /** Cuts all connections. */
  cut(): void {
    this.cuts++;
    for (const socket of this.#open) close(socket);
    this.#open.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    close(this.#listener);
    this.cut();
    await Promise.all(this.#work);
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) this.#track(this.#lead(near));
  }

  async #lead(near: Deno.Conn): Promise<void> {
    const far = await Deno.connect({ hostname: "127.0.0.1", port: this.#target }).catch(() => undefined);
    if (far === undefined) return close(near);
    for (const socket of [near, far]) this.#open.add(socket);
    await Promise.all([this.#carry(near, far, true), this.#carry(far, near, false)]);
  }

  async #carry(from: Deno.Conn, to: Deno.Conn, isToServer: boolean): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        for (let at = 0; at < read;) at += await to.write(buffer.subarray(at, read));
        if (isToServer) this.#count(read);
      }
    } catch {
      // It was cut.
    }
    for (const socket of [from, to]) {
      this.#open.delete(socket);
      close(socket);
    }
  }

  #count(bytes: number): void {
    this.#sentBytes += bytes;
    if (this.#timesLeft === 0 || this.#sentBytes < this.#cutAfterBytes) return;
    this.#timesLeft--;
    this.#sentBytes = 0;
    this.cut();
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }
}

function close(end: { close(): void }): void {
  try {
    end.close();
  } catch {
    // It is closed already.
  }
}
