import { drawRow, type RowContext } from "./row_view.ts";
import { drawProgress } from "./upload_view.ts";
import { SeenWatch } from "./seen_watch.ts";
import { looksSame, type Row } from "./timeline_rows.ts";

type Drawn = { row: Row; element: HTMLElement; end: Element | undefined };

/** A row that should stay where it is on the screen. */
export type Anchor = { key: string; top: number };

/** Keeps a list's elements in step with its rows, touching only what differs. */
export class RowList {
  readonly #list: HTMLElement;
  readonly #context: RowContext;
  readonly #seen: SeenWatch;
  readonly #drawn = new Map<string, Drawn>();

  constructor(list: HTMLElement, scroller: HTMLElement, context: RowContext, onSeen: (seq: number) => void) {
    this.#list = list;
    this.#context = context;
    this.#seen = new SeenWatch(scroller, onSeen);
  }

  get isEmpty(): boolean {
    return this.#drawn.size === 0;
  }

  /** The element of a row. */
  get(key: string): HTMLElement | undefined {
    return this.#drawn.get(key)?.element;
  }

  /** The element of a message. */
  ofMessage(seq: number): HTMLElement | undefined {
    for (const { row, element } of this.#drawn.values()) {
      if (row.kind === "message" && row.seq === seq) return element;
    }
  }

  /** Makes the list hold these rows. */
  place(rows: Row[]): void {
    const wanted = new Set(rows.map((row) => row.key));
    for (const [key, drawn] of this.#drawn) {
      if (wanted.has(key)) continue;
      if (drawn.end) this.#seen.forget(drawn.end);
      drawn.element.remove();
      this.#drawn.delete(key);
    }
    let next = this.#list.firstElementChild;
    for (const row of rows) {
      const before = this.#drawn.get(row.key)?.element;
      const made = this.#elementFor(row);
      if (before === next && before !== undefined) next = made;
      if (made === next) next = next.nextElementSibling;
      else this.#list.insertBefore(made, next);
    }
  }

  /** A message in view, to hold on to. */
  findAnchor(scroller: HTMLElement): Anchor | undefined {
    const edge = scroller.getBoundingClientRect().top;
    for (const [key, { row, element }] of this.#drawn) {
      if (row.kind !== "message") continue;
      const box = element.getBoundingClientRect();
      // Rows may be in any order here; one that crosses the upper edge or lies just below it will do.
      if (box.bottom > edge && box.top < edge + scroller.clientHeight) return { key, top: box.top };
    }
  }

  /** How far a row has moved since. */
  movedBy({ key, top }: Anchor): number {
    const drawn = this.#drawn.get(key);
    return drawn ? drawn.element.getBoundingClientRect().top - top : 0;
  }

  /** Stops. */
  close(): void {
    this.#seen.close();
  }

  #elementFor(row: Row): HTMLElement {
    const drawn = this.#drawn.get(row.key);
    if (drawn && looksSame(drawn.row, row)) {
      if (row.kind === "upload") drawProgress(drawn.element, row.file);
      return drawn.element;
    }
    const made = drawRow(row, this.#context);
    if (drawn?.end) this.#seen.forget(drawn.end);
    // Replaced in its place, so that the rows around it need not move.
    const hadFocus = drawn?.element.contains(document.activeElement) ?? false;
    drawn?.element.replaceWith(made);
    if (hadFocus) made.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
    const end = row.kind === "message" && row.seq > 0 ? made.querySelector(".meta") ?? undefined : undefined;
    if (end && row.kind === "message") this.#seen.watch(end, row.seq);
    this.#drawn.set(row.key, { row, element: made, end });
    return made;
  }
}
