/** A way to a server on which every connection breaks off after so many bytes, in the middle of whatever it is. */
export class CuttingProxy implements AsyncDisposable {
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #target: number;
  readonly #lifeBytes: () => number;
  readonly #done: Promise<void>;
  readonly #open = new Set<Deno.TcpConn>();

  /** @param lifeBytes How many bytes the next connection lets through, both ways together */
  constructor(target: number, lifeBytes: () => number) {
    this.#target = target;
    this.#lifeBytes = lifeBytes;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#done = this.#accept();
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Cuts every connection there is. */
  cutAll(): void {
    for (const connection of this.#open) this.#close(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cutAll();
    await this.#done;
  }

  async #accept(): Promise<void> {
    const pairs: Promise<void>[] = [];
    for await (const near of this.#listener) pairs.push(this.#join(near));
    await Promise.all(pairs);
  }

  async #join(near: Deno.TcpConn): Promise<void> {
    this.#open.add(near);
    const far = await Deno.connect({ hostname: "127.0.0.1", port: this.#target }).catch(() => undefined);
    if (far === undefined) return this.#close(near);
    this.#open.add(far);
    const life = { bytes: this.#lifeBytes() };
    await Promise.all([this.#carry(near, far, life), this.#carry(far, near, life)]);
  }

  async #carry(from: Deno.TcpConn, to: Deno.TcpConn, life: { bytes: number }): Promise<void> {
    const buffer = new Uint8Array(16_384);
    try {
      for (let count; (count = await from.read(buffer)) !== null;) {
        const allowed = buffer.subarray(0, Math.min(count, life.bytes));
        life.bytes -= allowed.length;
        for (let sent = 0; sent < allowed.length;) sent += await to.write(allowed.subarray(sent));
        if (life.bytes <= 0) break;
      }
    } catch {
      // One of the two is gone, and so are both.
    }
    this.#close(from);
    this.#close(to);
  }

  #close(connection: Deno.TcpConn): void {
    if (this.#open.delete(connection)) connection.close();
  }
}
