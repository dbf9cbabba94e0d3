/** The way of the arrow keys from message to message, along their buttons for answering. */
export class MessageSteps {
  readonly #list: HTMLElement;
  readonly #onLeft: () => void;

  /** `onLeft` is called when somebody goes on beyond the last message. */
  constructor(list: HTMLElement, onLeft: () => void) {
    this.#list = list;
    this.#onLeft = onLeft;
  }

  /** Moves the focus to the last message. */
  toLast(): void {
    this.#step(this.#stops.length - 1);
  }

  /** Follows an arrow key pressed in a message; says whether it was one. */
  take({ key, target }: KeyboardEvent): boolean {
    const stop = (target as Element).closest(".message")?.querySelector(".reply");
    const at = stop ? this.#stops.indexOf(stop) : -1;
    if (at < 0 || (key !== "ArrowUp" && key !== "ArrowDown")) return false;
    this.#step(key === "ArrowUp" ? at - 1 : at + 1);
    return true;
  }

  /** What the arrow keys go to, one of each message. */
  get #stops(): Element[] {
    return [...this.#list.querySelectorAll(".reply")];
  }

  #step(at: number): void {
    const { [at]: next } = this.#stops;
    if (next instanceof HTMLElement) next.focus();
    else if (at > 0) this.#onLeft();
  }
}
