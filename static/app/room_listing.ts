import type { RoomDirectory } from "./room_directory.ts";
import type { RoomsView } from "./rooms_view.ts";

const DRAW_AFTER_MS = 50;
const REFRESH_MS = 60_000;

/** Keeps the list of rooms and the number in the page's title up to date. */
export class RoomListing {
  readonly #directory: RoomDirectory;
  readonly #titleOf: (roomId: string) => string;
  readonly #refreshing: ReturnType<typeof setInterval>;
  #view: RoomsView | undefined;
  #open: string | undefined;
  #drawing: ReturnType<typeof setTimeout> | undefined;

  constructor(directory: RoomDirectory, titleOf: (roomId: string) => string) {
    this.#directory = directory;
    this.#titleOf = titleOf;
    directory.addEventListener("change", () => this.drawSoon());
    this.#refreshing = setInterval(() => this.refresh(), REFRESH_MS);
  }

  /** Draws into this view from now on. */
  use(view: RoomsView): void {
    this.#view = view;
    this.draw();
  }

  /** Marks a room as the open one. */
  showOpen(roomId: string | undefined): void {
    this.#open = roomId;
    this.draw();
  }

  draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.#view?.show(this.#directory.entries(), this.#open, this.#directory.invitations);
    const unread = this.#directory.totalUnread;
    const place = this.#open === undefined ? "Parley" : `${this.#titleOf(this.#open)} · Parley`;
    document.title = unread > 0 ? `(${unread}) ${place}` : place;
  }

  /** A burst of messages changes the list once; a timer, because frames stand still in a hidden tab. */
  drawSoon(): void {
    this.#drawing ??= setTimeout(() => this.draw(), DRAW_AFTER_MS);
  }

  /** Asks for the public rooms again, if somebody looks. */
  refresh(): void {
    if (document.visibilityState === "visible") void this.#directory.refresh();
  }

  /** Stops. */
  close(): void {
    clearInterval(this.#refreshing);
    clearTimeout(this.#drawing);
  }
}
