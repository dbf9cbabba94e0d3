import type { Chance } from "../../hostile/chance.ts";
import { makeToken } from "../../support/server.ts";
import { type Journal, nameMessage } from "./journal.ts";
import { Link, read } from "./link.ts";

/** How a writer writes. */
export interface WriterOptions {
  /** Messages under way at once. */
  readonly window: number;
  /** Characters added to each message. */
  readonly filler?: number;
  /** Told how long each acknowledgement took. */
  readonly took?: (ms: number) => void;
}

const PAUSE_MS = 50;
const JOIN = "join";
const CHAT = '{"type":"chat"';

/**
 * Writes to a room as fast as acknowledgements allow, over one connection after another.
 *
 * What was under way when a connection ended is written again under the same ids, or given up, as chance has it.
 */
export class Writer {
  readonly refusals = new Map<string, number>();
  /** How long an answer took that was a refusal, at most. */
  slowestRefusalMs = 0;
  readonly #number: number;
  readonly #journal: Journal;
  readonly #options: WriterOptions;
  readonly #underWay = new Map<number, number>();
  readonly #filler: string;
  #token: string | undefined;
  #link: Link | undefined;
  #isWriting = false;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(number: number, journal: Journal, options: WriterOptions) {
    this.#number = number;
    this.#journal = journal;
    this.#options = options;
    this.#filler = " ".repeat(options.filler ?? 0);
  }

  /** Messages without an answer. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Connects and writes, until the connection ends, for whatever reason; resolves then. */
  async write(address: string, chance: Chance): Promise<void> {
    this.#token ??= await makeToken(`writer ${this.#number}`);
    const link = await Link.open(address, this.#token, { hear: (lines) => this.#hear(lines) });
    if (link === undefined) return;
    this.#link = link;
    this.#isWriting = true;
    const { roomId } = this.#journal;
    if (chance.once(2)) this.#underWay.clear();
    const again = [...this.#underWay.keys()].map((place) => this.#command(place));
    for (const place of this.#underWay.keys()) this.#underWay.set(place, performance.now());
    link.send([{ type: "join", roomId, id: JOIN }, ...again]);
    this.#fill();
    await link.closed;
    this.#stop();
  }

  /** Writes nothing new; resolves when everything was answered or the connection is gone. */
  async finish(): Promise<void> {
    this.#stop();
    while (this.#underWay.size > 0 && this.#link?.isOpen) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    this.#link?.cut();
  }

  #stop(): void {
    this.#isWriting = false;
    clearTimeout(this.#pause);
    this.#pause = undefined;
  }

  #fill(): void {
    if (!this.#isWriting || this.#pause !== undefined) return;
    const commands: object[] = [];
    while (this.#underWay.size < this.#options.window) {
      const place = this.#journal.write(this.#number);
      this.#underWay.set(place, performance.now());
      commands.push(this.#command(place));
    }
    this.#link!.send(commands);
  }

  #command(place: number): object {
    const id = `m${place}`;
    return {
      type: "chat",
      roomId: this.#journal.roomId,
      id,
      content: nameMessage(this.#number, place) + this.#filler,
    };
  }

  #hear(lines: readonly string[]): void {
    for (const line of lines) if (!line.startsWith(CHAT)) this.#answered(line);
    this.#fill();
  }

  #answered(line: string): void {
    const said = read(line);
    if (said.type === "error") {
      const code = String(said.code);
      this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
    }
    if (typeof said.id !== "string" || said.type !== "ack" && said.type !== "error") return;
    // Who is not let in now comes again.
    if (said.id === JOIN) return this.#link!.cut();
    const place = Number(said.id.slice(1));
    const sentAt = this.#underWay.get(place);
    if (sentAt === undefined) return;
    this.#underWay.delete(place);
    if (said.type === "error") return this.#refused(performance.now() - sentAt);
    this.#options.took?.(performance.now() - sentAt);
    this.#journal.acknowledge(this.#number, place, Number(said.seq), said.duplicate === true);
  }

  /** Whoever is told to try again does so a moment later. */
  #refused(tookMs: number): void {
    this.slowestRefusalMs = Math.max(this.slowestRefusalMs, tookMs);
    if (!this.#isWriting) return;
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.#fill();
    }, PAUSE_MS);
  }
}
