import { element, fill } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon } from "./icons.ts";
import { MessageSteps } from "./message_steps.ts";
import type { RoomMemory } from "./room_memory.ts";
import { RowList } from "./row_list.ts";
import type { RowContext } from "./row_view.ts";
import { followSpan, type Loaded, newerSpan, olderSpan, type Span, spanAround, tailSpan } from "./span.ts";
import { buildRows } from "./timeline_rows.ts";
import { TimelineSource } from "./timeline_source.ts";
import { timelineTop } from "./timeline_top.ts";

/** Nearer than this to the end counts as being there. */
const END_PX = 40;
/** Nearer than this to either edge brings in what lies beyond. */
const EDGE_PX = 500;
const FOUND_MS = 2_500;

/** What a timeline needs from around it. */
export type TimelineOptions = {
  memory: RoomMemory;
  me: { userId: string; username: string };
  title: () => string;
  actions: Pick<RowContext, "reply" | "show" | "tellReaders">;
  /** Called when the messages up to this number have been on a visible screen. */
  onSeen: (seq: number) => void;
  /** Called when the person goes back from the messages to writing. */
  onLeft: () => void;
};

/**
 * The conversation of one room. Only a part of the log is in the document at a time; it moves along as the reader
 * scrolls, and what the reader looks at keeps its place on the screen.
 */
export class Timeline {
  readonly element: HTMLElement;
  readonly #options: TimelineOptions;
  readonly #memory: RoomMemory;
  readonly #source: TimelineSource;
  readonly #rows: RowList;
  readonly #steps: MessageSteps;
  readonly #list = element("ol", { class: "rows" });
  readonly #top = element("div", { class: "timeline-top" });
  readonly #scroller: HTMLElement;
  readonly #jump: HTMLButtonElement;
  readonly #resized: ResizeObserver;
  #span: Span = { first: 1, last: 0 };
  #loaded: Loaded = { oldest: 1, newest: 0 };
  #pinned = true;
  #height = 0;
  #older: "idle" | "loading" | "failed" | "none" = "idle";
  #isWaiting = false;
  #frame: number | undefined;

  constructor(options: TimelineOptions) {
    this.#options = options;
    const { memory, me, actions } = options;
    this.#memory = memory;
    this.#source = new TimelineSource(memory.room);
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
    const context: RowContext = {
      ...actions,
      myName: me.username,
      retry: (id) => memory.room.retry(id),
      discard: (id) => memory.room.discard(id),
      renewFile: async (seq) => (await memory.room.readAgain(seq))?.file,
    };
    this.#rows = new RowList(this.#list, this.#scroller, context, options.onSeen);
    this.#steps = new MessageSteps(this.#list, options.onLeft);
    const jump = () => this.jumpToEnd();
    this.#jump = element("button", { type: "button", class: "jump", hidden: true, on: { click: jump } });
    this.element = element("div", { class: "timeline" }, this.#scroller, this.#jump);
    this.#resized = new ResizeObserver(() => this.#stayAtEnd());
  }

  /** Whether the end of the conversation is on the screen. */
  get atEnd(): boolean {
    return this.#pinned && this.#source.isLive;
  }

  /**
   * Draws for the first time, at the first unread message if there is one. Call it once in the document. Where one is
   * led to another message, `jumpTo` draws.
   */
  start(isLed = false): void {
    this.#loaded = this.#source.loaded;
    const unreadFrom = this.#memory.placeUnreadLine();
    const opensAtUnread = unreadFrom !== undefined && unreadFrom <= this.#loaded.newest;
    const isHere = opensAtUnread && unreadFrom >= this.#loaded.oldest;
    for (const each of [this.#scroller, this.#list]) this.#resized.observe(each);
    if (isLed || opensAtUnread && !isHere) {
      this.#wait();
      if (!isLed) void this.#goTo(unreadFrom!).then(() => this.#lookAtUnread(), () => {});
      return;
    }
    this.#span = isHere ? spanAround(unreadFrom, this.#loaded) : tailSpan(this.#loaded);
    this.#draw();
    if (isHere) this.#lookAtUnread();
    this.#afterMove();
  }

  /** Draws what changed, once for all changes of a frame. */
  update(): void {
    // Frames stand still in a hidden tab; drawing can wait until it is seen again.
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      if (this.#isWaiting) return;
      const { loaded } = this.#source;
      this.#span = followSpan(this.#span, this.#loaded, loaded, this.#pinned);
      this.#loaded = loaded;
      this.#draw();
      this.#afterMove();
    });
  }

  /** Goes to the newest message. */
  jumpToEnd(): void {
    this.#isWaiting = false;
    this.#source.goToEnd();
    this.#loaded = this.#source.loaded;
    this.#span = tailSpan(this.#loaded);
    this.#pinned = true;
    this.#draw();
    this.#afterMove();
    if (document.activeElement === this.#jump) this.#scroller.focus({ preventScroll: true });
  }

  /** Goes to a message, wherever in the log it is; rejects if that part cannot be read. */
  async jumpTo(seq: number): Promise<void> {
    if (!await this.#goTo(seq)) return;
    const found = this.#rows.ofMessage(seq);
    if (!found) return;
    const middle = (this.#scroller.clientHeight - found.offsetHeight) / 2;
    this.#scroller.scrollTop = found.offsetTop - Math.max(16, middle);
    found.tabIndex = -1;
    found.focus({ preventScroll: true });
    found.classList.add("found");
    setTimeout(() => found.classList.remove("found"), FOUND_MS);
  }

  /** Goes to an answered message; rejects if it cannot be found. */
  async jumpToAnswered(id: string): Promise<void> {
    await this.jumpTo(this.#memory.answered?.(id)?.seq ?? await this.#source.find(id));
  }

  /** Moves the focus to the last message, from where the arrow keys lead on. */
  focusLast(): void {
    this.#steps.toLast();
  }

  /** Stops. */
  close(): void {
    this.#resized.disconnect();
    this.#rows.close();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  /** Draws nothing until the part of the log is here where one begins: what has been drawn counts as read. */
  #wait(): void {
    this.#isWaiting = true;
    this.#pinned = false;
    this.#older = "loading";
    this.#drawTop();
  }

  async #goTo(seq: number): Promise<boolean> {
    const isThere = await this.#source.goTo(seq).catch((error) => {
      if (this.#isWaiting) this.jumpToEnd();
      throw error;
    });
    this.#isWaiting = false;
    this.#loaded = this.#source.loaded;
    this.#span = spanAround(seq, this.#loaded);
    this.#pinned = false;
    this.#older = "idle";
    this.#draw();
    return isThere;
  }

  #lookAtUnread(): void {
    const line = this.#rows.get("unread");
    if (!line) return;
    this.#scroller.scrollTop = line.offsetTop - this.#scroller.clientHeight / 4;
    this.#pinned = this.#isNearEnd();
  }

  #draw(): void {
    const anchor = this.#pinned ? undefined : this.#rows.findAnchor(this.#scroller);
    const { room, systemLines, unreadFrom } = this.#memory;
    this.#rows.place(buildRows({
      messages: this.#source.messages,
      ...{ outgoing: room.outgoing, files: room.files },
      answered: this.#memory.answered,
      systemLines,
      span: this.#span,
      atEnd: this.#source.isLive && this.#span.last >= this.#loaded.newest,
      me: this.#options.me,
      unreadFrom,
      people: room.people,
      now: Date.now(),
    }));
    this.#drawTop();
    if (this.#pinned) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    else if (anchor) this.#scroller.scrollTop += this.#rows.movedBy(anchor);
  }

  #drawTop(): void {
    const isStart = this.#older === "none" || this.#loaded.oldest <= 1;
    const state = !isStart ? this.#older : this.#span.first > this.#loaded.oldest ? "idle" : "start";
    const { title, memory: { room: { isDirect } } } = this.#options;
    fill(this.#top, timelineTop(state, this.#rows.isEmpty, title(), () => this.#loadOlder(), isDirect));
  }

  #scrolled(): void {
    // A change of height moves the scroll position too, and is not the reader's wish.
    if (this.#pinned && this.#scroller.clientHeight !== this.#height) return this.#stayAtEnd();
    this.#pinned = this.#isNearEnd();
    this.#afterMove();
  }

  #key(event: KeyboardEvent): void {
    const isOnScroller = event.target === this.#scroller;
    if (event.key === "End" && isOnScroller) this.jumpToEnd(); // The browser knows only what is in the document.
    else if (event.key === "Escape" && !isOnScroller) this.#options.onLeft();
    else if (!this.#steps.take(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #isNearEnd(): boolean {
    return this.#source.isLive && this.#span.last >= this.#loaded.newest && this.#distanceToEnd() < END_PX;
  }

  #distanceToEnd(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  #afterMove(): void {
    this.#drawJump();
    if (this.#scroller.scrollTop < EDGE_PX) this.#goOlder();
    else if (this.#distanceToEnd() < EDGE_PX) this.#goNewer();
  }

  #goOlder(): void {
    if (this.#span.first > this.#loaded.oldest) {
      if (this.#pinned) return;
      this.#span = olderSpan(this.#span, this.#loaded);
      this.#draw();
    } else if (this.#older === "idle" && this.#loaded.oldest > 1) this.#loadOlder();
  }

  #goNewer(): void {
    if (this.#span.last < this.#loaded.newest) {
      this.#span = newerSpan(this.#span, this.#loaded);
      this.#draw();
    } else if (!this.#source.isLive) {
      this.#source.loadNewer().then(() => this.update(), () => {});
    }
  }

  async #loadOlder(): Promise<void> {
    this.#older = "loading";
    this.#drawTop();
    try {
      this.#older = await this.#source.loadOlder() ? "idle" : "none";
    } catch {
      this.#older = "failed";
    }
    this.update();
  }

  #drawJump(): void {
    const { unread } = this.#memory;
    const isBack = !this.#source.isLive || this.#span.last < this.#loaded.newest;
    const isFar = isBack || this.#distanceToEnd() > this.#scroller.clientHeight;
    this.#jump.hidden = this.#pinned || (unread === 0 && !isFar);
    this.#jump.classList.toggle("news", unread > 0);
    fill(this.#jump, unread > 0 ? words().newMessages(unread) : words().latest, icon("arrowDown"));
  }

  #stayAtEnd(): void {
    this.#height = this.#scroller.clientHeight;
    if (this.#pinned) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    else this.#drawJump();
  }
}
