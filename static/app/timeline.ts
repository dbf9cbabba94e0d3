import { element, fill } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon } from "./icons.ts";
import type { RoomMemory } from "./room_memory.ts";
import { drawRow, type RowActions } from "./row_view.ts";
import { followSpan, type Loaded, newerSpan, olderSpan, type Span, spanAround, tailSpan } from "./span.ts";
import { buildRows, looksSame, type Row } from "./timeline_rows.ts";

/** Nearer than this to the end counts as being there. */
const END_PX = 40;
/** Nearer than this to either edge brings in what lies beyond. */
const EDGE_PX = 500;
const OLDER_PAGE = 50;

type Drawn = { row: Row; element: HTMLElement };

/**
 * The conversation of one room. Only a part of the log is in the document at a time; it moves along as the reader
 * scrolls, and what the reader looks at keeps its place on the screen.
 */
export class Timeline {
  readonly element: HTMLElement;
  readonly #memory: RoomMemory;
  readonly #me: { userId: string; username: string };
  readonly #onSeen: () => void;
  readonly #actions: RowActions;
  readonly #list = element("ol", { class: "rows" });
  readonly #top = element("div", { class: "timeline-top" });
  readonly #scroller: HTMLElement;
  readonly #jump: HTMLButtonElement;
  readonly #drawn = new Map<string, Drawn>();
  readonly #resized: ResizeObserver;
  #span: Span = { first: 1, last: 0 };
  #loaded: Loaded = { oldest: 1, newest: 0 };
  #pinned = true;
  #height = 0;
  #older: "idle" | "loading" | "failed" | "none" = "idle";
  #frame: number | undefined;

  /** `onSeen` is called whenever the end of the conversation is on the screen. */
  constructor(memory: RoomMemory, me: { userId: string; username: string }, onSeen: () => void) {
    this.#memory = memory;
    this.#me = me;
    this.#onSeen = onSeen;
    this.#actions = { retry: (id) => memory.room.retry(id), discard: (id) => memory.room.discard(id) };
    this.#scroller = element(
      "div",
      {
        class: "scroller",
        role: "log",
        "aria-live": "off",
        "aria-label": words().conversation,
        tabindex: 0,
        on: { scroll: () => this.#scrolled(), keydown: (event) => this.#key(event) },
      },
      this.#top,
      this.#list,
    );
    this.#jump = element("button", { type: "button", class: "jump", on: { click: () => this.jumpToEnd() } });
    this.#jump.hidden = true;
    this.element = element("div", { class: "timeline" }, this.#scroller, this.#jump);
    this.#resized = new ResizeObserver(() => this.#stayAtEnd());
  }

  /** Whether the end of the conversation is on the screen. */
  get atEnd(): boolean {
    return this.#pinned;
  }

  /** Draws for the first time, at the first unread message if there is one. Call it once in the document. */
  start(): void {
    this.#loaded = this.#readLoaded();
    const { unreadFrom } = this.#memory;
    const opensAtUnread = unreadFrom !== undefined && unreadFrom >= this.#loaded.oldest &&
      unreadFrom <= this.#loaded.newest;
    this.#span = opensAtUnread ? spanAround(unreadFrom, this.#loaded) : tailSpan(this.#loaded);
    this.#draw();
    const line = this.#drawn.get("unread")?.element;
    if (line) {
      this.#scroller.scrollTop = line.offsetTop - this.#scroller.clientHeight / 4;
      this.#pinned = this.#isNearEnd();
    }
    this.#resized.observe(this.#scroller);
    this.#resized.observe(this.#list);
    this.#afterMove();
  }

  /** Draws what changed, once for all changes of a frame. */
  update(): void {
    // Frames stand still in a hidden tab; drawing can wait until it is seen again.
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      const loaded = this.#readLoaded();
      this.#span = followSpan(this.#span, this.#loaded, loaded, this.#pinned);
      this.#loaded = loaded;
      this.#draw();
      this.#afterMove();
    });
  }

  /** Goes to the newest message. */
  jumpToEnd(): void {
    this.#loaded = this.#readLoaded();
    this.#span = tailSpan(this.#loaded);
    this.#pinned = true;
    this.#draw();
    this.#afterMove();
    if (document.activeElement === this.#jump) this.#scroller.focus({ preventScroll: true });
  }

  /** Stops. */
  close(): void {
    this.#resized.disconnect();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  #readLoaded(): Loaded {
    const { messages } = this.#memory.room;
    return { oldest: messages[0]?.seq ?? 1, newest: messages.at(-1)?.seq ?? 0 };
  }

  #draw(): void {
    const anchor = this.#pinned ? undefined : this.#findAnchor();
    const { room, systemLines, unreadFrom } = this.#memory;
    const atEnd = this.#span.last >= this.#loaded.newest;
    this.#place(buildRows({
      messages: room.messages,
      outgoing: room.outgoing,
      systemLines,
      span: this.#span,
      atEnd,
      me: this.#me,
      unreadFrom,
      now: Date.now(),
    }));
    this.#drawTop();
    if (this.#pinned) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    else if (anchor) this.#restore(anchor);
  }

  /** Makes the list hold these rows, touching only what differs. */
  #place(rows: Row[]): void {
    const wanted = new Set(rows.map((row) => row.key));
    for (const [key, drawn] of this.#drawn) {
      if (wanted.has(key)) continue;
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

  #elementFor(row: Row): HTMLElement {
    const drawn = this.#drawn.get(row.key);
    if (drawn && looksSame(drawn.row, row)) return drawn.element;
    const made = drawRow(row, this.#actions);
    // Replaced in its place, so that the rows around it need not move.
    drawn?.element.replaceWith(made);
    this.#drawn.set(row.key, { row, element: made });
    return made;
  }

  #findAnchor(): { key: string; top: number } | undefined {
    const edge = this.#scroller.getBoundingClientRect().top;
    for (const [key, { row, element }] of this.#drawn) {
      if (row.kind !== "message") continue;
      const box = element.getBoundingClientRect();
      // Rows may be in any order here; one that crosses the upper edge or lies just below it will do.
      if (box.bottom > edge && box.top < edge + this.#scroller.clientHeight) return { key, top: box.top };
    }
  }

  #restore(anchor: { key: string; top: number }): void {
    const drawn = this.#drawn.get(anchor.key);
    if (drawn) this.#scroller.scrollTop += drawn.element.getBoundingClientRect().top - anchor.top;
  }

  #drawTop(): void {
    const { room } = this.#memory;
    const { roomStart, loadingOlder, olderFailed, tryAgain, emptyRoom, emptyRoomHint } = words();
    const isStart = this.#older === "none" || this.#loaded.oldest <= 1;
    if (isStart && this.#span.first > this.#loaded.oldest) fill(this.#top);
    else if (isStart && this.#drawn.size === 0) {
      fill(
        this.#top,
        element("div", { class: "empty" }, icon("logo"), element("p", {}, emptyRoom), emptyRoomHint),
      );
    } else if (isStart) fill(this.#top, element("p", { class: "hint" }, roomStart(room.roomName)));
    else if (this.#older === "loading") fill(this.#top, element("p", { class: "hint" }, loadingOlder));
    else if (this.#older === "failed") {
      const again = { type: "button", class: "plain", on: { click: () => this.#loadOlder() } };
      fill(this.#top, element("p", { class: "hint" }, olderFailed, " ", element("button", again, tryAgain)));
    } else fill(this.#top);
  }

  #scrolled(): void {
    // A change of height moves the scroll position too, and is not the reader's wish.
    if (this.#pinned && this.#scroller.clientHeight !== this.#height) return this.#stayAtEnd();
    this.#pinned = this.#isNearEnd();
    this.#afterMove();
  }

  #key(event: KeyboardEvent): void {
    // By itself the key would only reach the end of what is in the document.
    if (event.key !== "End" || event.target !== this.#scroller) return;
    event.preventDefault();
    this.jumpToEnd();
  }

  #isNearEnd(): boolean {
    return this.#span.last >= this.#loaded.newest && this.#distanceToEnd() < END_PX;
  }

  #distanceToEnd(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  #afterMove(): void {
    if (this.#pinned) this.#onSeen();
    this.#drawJump();
    if (this.#scroller.scrollTop < EDGE_PX) this.#goOlder();
    else if (this.#distanceToEnd() < EDGE_PX && this.#span.last < this.#loaded.newest) {
      this.#span = newerSpan(this.#span, this.#loaded);
      this.#draw();
    }
  }

  #goOlder(): void {
    if (this.#span.first > this.#loaded.oldest) {
      if (this.#pinned) return;
      this.#span = olderSpan(this.#span, this.#loaded);
      this.#draw();
    } else if (this.#older === "idle" && this.#loaded.oldest > 1) this.#loadOlder();
  }

  async #loadOlder(): Promise<void> {
    this.#older = "loading";
    this.#drawTop();
    try {
      this.#older = await this.#memory.room.loadOlder(OLDER_PAGE) ? "idle" : "none";
    } catch {
      this.#older = "failed";
    }
    this.update();
  }

  #drawJump(): void {
    const { unread } = this.#memory;
    const far = this.#span.last < this.#loaded.newest || this.#distanceToEnd() > this.#scroller.clientHeight;
    this.#jump.hidden = this.#pinned || (unread === 0 && !far);
    this.#jump.classList.toggle("news", unread > 0);
    fill(this.#jump, unread > 0 ? words().newMessages(unread) : words().latest, icon("arrowDown"));
  }

  #stayAtEnd(): void {
    this.#height = this.#scroller.clientHeight;
    if (this.#pinned) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    else this.#drawJump();
  }
}
