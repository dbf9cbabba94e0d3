import { alertsButton } from "./alerts.ts";
import { avatar } from "./avatar.ts";
import { element, fill } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon } from "./icons.ts";
import type { Pane } from "./panes.ts";
import { preferences } from "./preferences.ts";

/** The parts the shell puts in their places. */
export type ShellOptions = {
  connection: HTMLElement;
  notices: HTMLElement;
  announcer: HTMLElement;
  rooms: HTMLElement;
  redraw: () => void;
  signOut: () => void;
  onDrawerOpened: () => void;
};

/**
 * The frame of the signed-in page: the room list beside the open room. Where there is no space for both, the list is
 * the page until a room is open, and a drawer from then on.
 */
export class Shell {
  readonly element: HTMLElement;
  readonly #options: ShellOptions;
  readonly #sidebar: HTMLElement;
  readonly #main = element("main", { id: "main", tabindex: -1 });
  readonly #scrim: HTMLElement;
  readonly #person = element("div", { class: "person" });
  readonly #ended = new AbortController();
  #returnFocus: HTMLElement | undefined;

  constructor(options: ShellOptions) {
    this.#options = options;
    const skip = (event: Event) => {
      // Following the link would put it into the address, where the room stands.
      event.preventDefault();
      this.#main.focus();
    };
    // The link of the room that is open leads nowhere else.
    const chosen = (event: Event) =>
      (event.target as Element).closest("[aria-current]") && this.closeDrawer();
    this.#sidebar = element(
      "aside",
      { class: "sidebar", id: "sidebar", on: { click: chosen } },
      element(
        "header",
        { class: "brand" },
        icon("logo"),
        element("span", {}, "Parley"),
        element(
          "button",
          {
            type: "button",
            class: "square close-rooms",
            "aria-label": words().closeRooms,
            on: { click: () => this.closeDrawer() },
          },
          icon("close"),
        ),
      ),
      options.rooms,
      element("footer", {}, this.#person, alertsButton(), preferences(options.redraw)),
    );
    this.#scrim = element("div", { class: "scrim", on: { click: () => this.closeDrawer() } });
    this.element = element(
      "div",
      { class: "shell" },
      element("a", { class: "skip", href: "#main", on: { click: skip } }, words().skipToConversation),
      options.connection,
      options.notices,
      this.#sidebar,
      this.#scrim,
      this.#main,
      options.announcer,
    );
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.closeDrawer();
    }, { signal: this.#ended.signal });
  }

  /** Puts a pane in the main place; `hasRoom` says whether it is more than a greeting. */
  showPane(pane: Pane, hasRoom: boolean): void {
    this.element.classList.toggle("has-room", hasRoom);
    this.closeDrawer();
    fill(this.#main, pane.element);
  }

  /** Shows who is signed in. */
  showPerson(userId: string, username: string): void {
    const signOut = element(
      "button",
      { type: "button", class: "plain", on: { click: () => this.#options.signOut() } },
      words().signOut,
    );
    fill(
      this.#person,
      avatar(userId, username),
      element("span", { class: "person-name", dir: "auto", title: username }, username),
      signOut,
    );
  }

  /** Brings the room list over a narrow page. */
  openDrawer(): void {
    this.#returnFocus = document.activeElement instanceof HTMLElement ? document.activeElement : undefined;
    this.element.classList.add("drawer-open");
    this.#main.inert = true;
    const find = (selector: string) => this.#sidebar.querySelector<HTMLElement>(selector);
    (find("[aria-current]") ?? find(".close-rooms"))?.focus();
    this.#options.onDrawerOpened();
  }

  /** Puts the room list away; the focus returns to where it was. */
  closeDrawer(): void {
    if (!this.element.classList.contains("drawer-open")) return;
    this.element.classList.remove("drawer-open");
    this.#main.inert = false;
    this.#returnFocus?.focus();
  }

  /** Stops. */
  close(): void {
    this.#ended.abort();
  }
}
