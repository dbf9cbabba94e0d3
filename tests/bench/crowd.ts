import type { BenchServer } from "./bench_server.ts";
import { RawMember } from "./raw_member.ts";

/** More members than this read into smaller buffers. */
const MANY = 1_000;
const PATIENCE_MS = 20_000;

/** Some members in one room, who count what they hear and how late. */
export class Crowd implements Disposable {
  readonly #members: RawMember[] = [];
  /** Messages heard so far, by all together. */
  heard = 0;
  /** Milliseconds from sending to hearing, of a sample. */
  delaysMs: number[] = [];
  #wake = Promise.withResolvers<void>();

  /** Brings members into a room, `together` at a time. */
  static async gather(server: BenchServer, members: number, together = 50): Promise<Crowd> {
    const crowd = new Crowd();
    for (let i = 0; i < members; i += together) {
      const batch = Array.from(
        { length: Math.min(together, members - i) },
        (_, k) => crowd.#bring(server, i + k, members > MANY ? 4_096 : 65_536),
      );
      await Promise.all(batch);
    }
    return crowd;
  }

  get size(): number {
    return this.#members.length;
  }

  /** Says something as member number `i`. */
  async say(i: number): Promise<void> {
    const content = `${performance.now()}:${"x".repeat(80)}`;
    await this.#members[i % this.size].send(JSON.stringify({ type: "chat", roomId: "bench", content }));
  }

  /** Resolves once so much was heard; rejects after a time in which nothing was. */
  async hears(count: number): Promise<void> {
    while (this.heard < count) {
      const before = this.heard;
      this.#wake = Promise.withResolvers();
      const timer = setTimeout(() => this.#wake.resolve(), PATIENCE_MS);
      await this.#wake.promise;
      clearTimeout(timer);
      if (this.heard === before) throw new Error(`Heard ${this.heard} of ${count}, and then nothing`);
    }
  }

  [Symbol.dispose](): void {
    for (const member of this.#members) member.close();
  }

  async #bring(server: BenchServer, i: number, bufferBytes: number): Promise<void> {
    const isSampled = i % 16 === 0;
    const heard = (sentAtMs: number) => {
      this.heard++;
      if (isSampled) this.delaysMs.push(performance.now() - sentAtMs);
      this.#wake.resolve();
    };
    this.#members.push(await RawMember.join(await server.entrance(i), "bench", { heard, bufferBytes }));
  }
}
