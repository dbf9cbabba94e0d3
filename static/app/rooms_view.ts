import { roomLink } from "./address.ts";
import { element, fill, spoken } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon, type IconName } from "./icons.ts";
import { type Invitation, InvitationList } from "./invitation_list.ts";
import type { RoomEntry } from "./room_directory.ts";

const MAX_PUBLIC_ROOMS = 50;
// 1 to 128 characters, none of them a control character.
const ROOM_NAME = /^[^\p{Cc}]{1,128}$/u;

/** What the room list needs to do its work. */
export type RoomsViewOptions = {
  defaultRoom: string;
  open: (roomId: string) => void;
  create: (roomName: string) => void;
  decline: (roomId: string) => void;
  search: () => void;
};

/** The list of rooms, and the field that joins or makes one. */
export class RoomsView {
  readonly element: HTMLElement;
  readonly #options: RoomsViewOptions;
  readonly #field: HTMLInputElement;
  readonly #problem = element("p", { class: "field-problem", id: "room-name-problem", role: "alert" });
  readonly #invitations: InvitationList;
  readonly #own = element("ul", { class: "room-list" });
  readonly #public = element("ul", { class: "room-list" });
  readonly #direct = element("ul", { class: "room-list" });
  readonly #directTitle = element("h2", {}, words().directMessages);
  #entries: RoomEntry[] = [];
  #openRoomId: string | undefined;
  #drawnAs = "";

  constructor(options: RoomsViewOptions) {
    this.#options = options;
    this.#invitations = new InvitationList(options);
    this.#field = element("input", {
      id: "room-name",
      autocomplete: "off",
      spellcheck: "false",
      enterkeyhint: "go",
      placeholder: options.defaultRoom,
      "aria-describedby": "room-name-problem room-name-hint",
      on: { input: () => this.#typed() },
    });
    const submit = (event: Event) => {
      event.preventDefault();
      this.#join();
    };
    const form = element(
      "form",
      { class: "join", on: { submit } },
      element("label", { for: "room-name" }, words().roomName),
      element(
        "div",
        { class: "field-row" },
        this.#field,
        element("button", { type: "submit" }, words().joinRoom),
      ),
      this.#problem,
      element("p", { class: "hint", id: "room-name-hint" }, words().joinHint),
    );
    this.element = element(
      "nav",
      { class: "rooms", "aria-label": words().rooms },
      form,
      element(
        "div",
        { class: "rooms-actions" },
        button("plus", words().newRoom, () => options.create(this.#field.value.trim())),
        button("search", words().search, options.search),
      ),
      this.#invitations.element,
      this.#directTitle,
      this.#direct,
      element("h2", {}, words().yourRooms),
      this.#own,
      element("h2", {}, words().publicRooms),
      this.#public,
    );
    for (const list of [this.#direct, this.#own, this.#public]) roveAmong(list);
  }

  /** Shows these rooms, one of them open, and those that this user is invited to. */
  show(entries: RoomEntry[], openRoomId: string | undefined, invitations: readonly Invitation[] = []): void {
    this.#invitations.show(invitations);
    this.#entries = entries;
    this.#openRoomId = openRoomId;
    this.#draw();
  }

  /** Moves the focus to the field for a room's name. */
  focus(): void {
    this.#field.focus();
  }

  #draw(): void {
    const wanted = this.#field.value.trim().toLowerCase();
    const own = this.#entries.filter((entry) => entry.belongs && !entry.isDirect);
    const direct = this.#entries.filter((entry) => entry.isDirect);
    const others = this.#entries
      .filter((entry) => !entry.belongs && entry.roomName.toLowerCase().includes(wanted))
      .slice(0, MAX_PUBLIC_ROOMS);
    // Most changes in a room do not touch the list; drawing it anew would disturb a reader for nothing.
    const drawnAs = JSON.stringify([own, direct, others, this.#openRoomId]);
    if (drawnAs === this.#drawnAs) return;
    this.#drawnAs = drawnAs;
    const focused = document.activeElement?.closest(".room-list a")?.getAttribute("href");
    this.#directTitle.hidden = this.#direct.hidden = direct.length === 0;
    this.#fillList(this.#direct, direct, "");
    this.#fillList(this.#own, own, words().noRoomsYet);
    this.#fillList(this.#public, others, words().noPublicRooms);
    if (focused) this.element.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }

  #fillList(list: HTMLElement, entries: RoomEntry[], ifNone: string): void {
    if (entries.length === 0) fill(list, element("li", { class: "hint" }, ifNone));
    else fill(list, ...entries.map((entry) => element("li", {}, this.#link(entry))));
    resetStop(list);
  }

  #link(entry: RoomEntry): HTMLElement {
    const { unread, people, passwordProtected } = words();
    const isOpen = entry.roomId === this.#openRoomId;
    const link = element(
      "a",
      {
        href: roomLink(entry.roomId),
        class: entry.unread > 0 && "has-unread",
        "aria-current": isOpen && "page",
      },
      element("span", { class: "room-sign", "aria-hidden": "true" }, signOf(entry)),
      element("span", { class: "room-name", dir: "auto" }, entry.roomName),
    );
    if (entry.isProtected) link.append(spoken(passwordProtected));
    if (entry.unread > 0) {
      const shown = entry.unread > 99 ? "99+" : String(entry.unread);
      link.append(
        element("span", { class: "badge", "aria-hidden": "true" }, shown),
        spoken(unread(entry.unread)),
      );
    } else if (!entry.belongs && entry.members) {
      link.append(element("span", { class: "people" }, people(entry.members)));
    }
    return link;
  }

  #typed(): void {
    fill(this.#problem);
    this.#field.removeAttribute("aria-invalid");
    this.#draw();
  }

  #join(): void {
    const name = this.#field.value.trim() || this.#options.defaultRoom;
    if (!ROOM_NAME.test(name)) {
      fill(this.#problem, words().badRoomName);
      this.#field.setAttribute("aria-invalid", "true");
      this.#field.focus();
      return;
    }
    this.#field.value = "";
    this.#options.open(name);
  }
}

function signOf({ isDirect, isProtected }: RoomEntry): Node | string {
  if (isDirect) return "@";
  return isProtected ? icon("lock") : "#";
}

function button(sign: IconName, label: string, click: () => void): HTMLElement {
  return element("button", { type: "button", class: "plain", on: { click } }, icon(sign), label);
}

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => Math.min(at + 1, count - 1),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, count) => count - 1,
};

/** Makes the links in a list one stop of the Tab key; arrow keys, Home and End move among them. */
function roveAmong(list: HTMLElement): void {
  list.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    const links = linksOf(list);
    const at = links.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    event.preventDefault();
    links[step(at, links.length)].focus();
  });
  list.addEventListener("focusin", (event) => setStop(list, event.target as HTMLElement));
}

/** Chooses where the Tab key stops: the link of the open room, else the first. */
function resetStop(list: HTMLElement): void {
  const links = linksOf(list);
  setStop(list, links.find((link) => link.hasAttribute("aria-current")) ?? links[0]);
}

function setStop(list: HTMLElement, stop: HTMLElement | undefined): void {
  for (const link of linksOf(list)) link.tabIndex = link === stop ? 0 : -1;
}

function linksOf(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("a")];
}
