import type { ChatMessage, ParleyClient } from "../sdk/mod.ts";
import type { Announcer } from "./announcer.ts";
import { Composer } from "./composer.ts";
import { element, fill } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon } from "./icons.ts";
import { type Pane, paneHeader } from "./panes.ts";
import type { ReadMarks } from "./read_marks.ts";
import type { RoomMemory } from "./room_memory.ts";
import { Timeline } from "./timeline.ts";
import { TypingLine } from "./typing_line.ts";

const DEFAULT_FRAME_BYTES = 65_536;

/** What a room's pane needs from around it. */
export type RoomPaneOptions = {
  client: ParleyClient;
  memory: RoomMemory;
  me: { userId: string; username: string };
  marks: ReadMarks;
  announcer: Announcer;
  showRooms: () => void;
  leave: () => void;
};

/** An open room: its header, the conversation, who is typing, and where to write. */
export class RoomPane implements Pane {
  readonly element: HTMLElement;
  readonly roomId: string;
  readonly #options: RoomPaneOptions;
  readonly #timeline: Timeline;
  readonly #typing: TypingLine;
  readonly #composer: Composer;
  readonly #online = element("p", { class: "online" });
  readonly #ended = new AbortController();

  constructor(options: RoomPaneOptions) {
    this.#options = options;
    const { client, memory, me, leave, showRooms } = options;
    const { room } = memory;
    this.roomId = room.roomId;
    this.#timeline = new Timeline(memory, me, () => this.markSeen());
    this.#typing = new TypingLine(memory);
    this.#composer = new Composer({
      roomId: room.roomId,
      roomName: room.roomName,
      maxFrameBytes: () => client.welcome?.limits.messageBytes ?? DEFAULT_FRAME_BYTES,
      send: (content) => this.#send(content),
      typing: (isTyping) => room.typing(isTyping),
    });
    const leaveButton = element(
      "button",
      { type: "button", class: "quiet-button", on: { click: leave } },
      icon("leave"),
      element("span", {}, words().leaveRoom),
    );
    this.element = element(
      "section",
      { class: "pane room" },
      paneHeader({ title: room.roomName, below: this.#online, actions: [leaveButton], showRooms }),
      this.#timeline.element,
      this.#typing.element,
      this.#composer.element,
    );
    this.#listen();
  }

  /** Draws for the first time, once the pane is in the document. */
  start(): void {
    this.#showOnline();
    this.#composer.start();
    this.#timeline.start();
  }

  /** Moves the focus to where one writes. */
  focus(): void {
    this.#composer.focus();
  }

  /** Whether the end of the conversation is before someone's eyes. */
  get isWatched(): boolean {
    return this.#timeline.atEnd && document.visibilityState === "visible";
  }

  /** Notes as read what is on the screen. */
  markSeen(): void {
    if (!this.isWatched) return;
    const { memory, marks } = this.#options;
    memory.markRead();
    if (memory.newestSeq > 0) marks.mark(this.roomId, memory.newestSeq);
  }

  /** Stops. */
  close(): void {
    this.#ended.abort();
    this.#timeline.close();
    this.#typing.close();
    this.#composer.close();
  }

  #listen(): void {
    const { memory, announcer, me } = this.#options;
    const signal = this.#ended.signal;
    memory.addEventListener("change", () => {
      this.#timeline.update();
      this.#showOnline();
    }, { signal });
    memory.addEventListener("typing", () => this.#typing.update(), { signal });
    memory.addEventListener("chat", (event) => {
      const { userId, username, content } = (event as CustomEvent<ChatMessage>).detail;
      if (userId !== me.userId) announcer.chat(username, content);
    }, { signal });
    memory.room.addEventListener("outgoing", (event) => {
      const { status, error } = event.detail;
      if (status !== "failed" && error?.retryAfterMs) {
        this.#composer.showRateLimit(Date.now() + error.retryAfterMs);
      }
    }, { signal });
    document.addEventListener("visibilitychange", () => this.#visibilityChanged(), { signal });
  }

  #send(content: string): void {
    const { memory } = this.#options;
    memory.clearUnreadLine();
    memory.room.send(content);
    this.#timeline.jumpToEnd();
  }

  #visibilityChanged(): void {
    // What was read before the tab went away needs no "new" line when it is back.
    if (document.visibilityState === "hidden" && this.#timeline.atEnd) this.#options.memory.clearUnreadLine();
    else this.#timeline.update();
  }

  #showOnline(): void {
    fill(this.#online, words().online(this.#options.memory.room.members));
  }
}
