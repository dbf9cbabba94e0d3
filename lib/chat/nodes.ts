/** What keeps the nodes in touch. */
export interface NodesOptions {
  /** Says that this node is here; returns whether others can be heard at all. */
  beat(): boolean;
  /** A node is not waited for any more. */
  gone(node: string): void;
}

/** Every node says that it is here this often… */
const BEAT_MS = 2_000;
/** …and is taken for dead after such a silence: its people are gone within 30 s, the grace for their return included. */
const MAX_SILENCE_MS = 10_000;

/** Which other nodes are alive. */
export class Nodes implements Iterable<string>, Disposable {
  readonly #options: NodesOptions;
  readonly #heardAt = new Map<string, number>();
  /** Nodes that have said goodbye: what they still say does not bring them back. */
  readonly #parted = new Set<string>();
  readonly #onGone: ((node: string, returnWithinMs: number) => void)[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #openedAt = Infinity;

  constructor(options: NodesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#heardAt.size;
  }

  /** Whether it has been here long enough to know every node that was here before. */
  get isOld(): boolean {
    return Date.now() - this.#openedAt > 2 * BEAT_MS;
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#heardAt.keys();
  }

  onGone(handler: (node: string, returnWithinMs: number) => void): void {
    this.#onGone.push(handler);
  }

  /** Begins to keep in touch. */
  open(): void {
    this.#openedAt = Date.now();
    this.#timer = setInterval(() => this.#look(), BEAT_MS);
  }

  /** A node has said something. */
  hear(node: string): "new" | "known" | "parted" {
    if (this.#parted.has(node)) return "parted";
    const isNew = !this.#heardAt.has(node);
    this.#heardAt.set(node, Date.now());
    return isNew ? "new" : "known";
  }

  /** A node has said that it goes. */
  part(node: string, returnWithinMs: number): void {
    this.#parted.add(node);
    this.#drop(node, returnWithinMs);
  }

  /** Nothing could be heard for a while: everybody's silence begins anew. */
  refresh(): void {
    const now = Date.now();
    for (const node of this.#heardAt.keys()) this.#heardAt.set(node, now);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (!this.#options.beat()) return this.refresh();
    const now = Date.now();
    for (const [node, heardAt] of this.#heardAt) if (now - heardAt > MAX_SILENCE_MS) this.#drop(node, 0);
  }

  #drop(node: string, returnWithinMs: number): void {
    if (!this.#heardAt.delete(node)) return;
    this.#options.gone(node);
    for (const handler of this.#onGone) handler(node, returnWithinMs);
  }
}
