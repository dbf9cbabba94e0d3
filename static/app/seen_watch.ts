/** Finds out which messages really were on a visible screen: those whose end has been in view while the page was. */
export class SeenWatch {
  readonly #onSeen: (seq: number) => void;
  readonly #observer: IntersectionObserver;
  readonly #seqs = new Map<Element, number>();
  readonly #inView = new Set<Element>();
  readonly #look = () => this.#tell();

  constructor(root: Element, onSeen: (seq: number) => void) {
    this.#onSeen = onSeen;
    this.#observer = new IntersectionObserver((entries) => this.#moved(entries), { root });
    document.addEventListener("visibilitychange", this.#look);
  }

  /** Watches the end of a message. */
  watch(end: Element, seq: number): void {
    this.#seqs.set(end, seq);
    this.#observer.observe(end);
  }

  /** Ceases to. */
  forget(end: Element): void {
    this.#observer.unobserve(end);
    this.#seqs.delete(end);
    this.#inView.delete(end);
  }

  /** Stops. */
  close(): void {
    this.#observer.disconnect();
    document.removeEventListener("visibilitychange", this.#look);
  }

  #moved(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting && this.#seqs.has(target)) this.#inView.add(target);
      else this.#inView.delete(target);
    }
    this.#tell();
  }

  #tell(): void {
    if (document.visibilityState !== "visible") return;
    let newest = 0;
    for (const end of this.#inView) newest = Math.max(newest, this.#seqs.get(end) ?? 0);
    if (newest > 0) this.#onSeen(newest);
  }
}
