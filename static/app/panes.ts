import { ParleyError } from "../sdk/mod.ts";
import { element } from "./dom.ts";
import { explain, words } from "./i18n.ts";
import { icon, type IconName } from "./icons.ts";

/** The main part of the page. */
export interface Pane {
  readonly element: HTMLElement;
  /** Called once the pane is in the document. */
  start?(): void;
  focus?(): void;
  close?(): void;
}

/** What is shown while no room is open. */
export function noRoomPane(username: string, defaultRoom: string, open: (roomId: string) => void): Pane {
  const { welcome, welcomeNoName, chooseRoom, openDefault } = words();
  const title = username === "" ? welcomeNoName : welcome(username);
  const button = element(
    "button",
    { type: "button", class: "primary", on: { click: () => open(defaultRoom) } },
    openDefault(defaultRoom),
  );
  return {
    element: element(
      "section",
      { class: "pane no-room" },
      card("logo", element("h1", {}, title), element("p", {}, chooseRoom), button),
    ),
  };
}

/** What is shown until a room is open. */
export function openingPane(roomId: string, showRooms: () => void): Pane {
  const line = element("p", { class: "opening", role: "status" }, words().opening(roomId));
  return {
    element: element("section", { class: "pane" }, paneHeader({ title: roomId, showRooms }), line),
  };
}

/** Says why a room does not open; where a password is missing or wrong, it asks for one. */
export function closedPane(
  roomId: string,
  error: unknown,
  showRooms: () => void,
  tryAgain: (password?: string) => void,
  password: string | undefined,
): Pane {
  const refusal = error instanceof ParleyError ? error : { code: "internal", message: String(error) };
  if (refusal.code !== "wrong_password" && password === undefined) {
    return refusedPane(roomId, refusal, showRooms, () => tryAgain());
  }
  return passwordPane(roomId, password === undefined ? undefined : explain(refusal), showRooms, tryAgain);
}

/** Says why a room does not open. */
function refusedPane(
  roomId: string,
  error: { code: string; message: string },
  showRooms: () => void,
  tryAgain: () => void,
): Pane {
  const button = element("button", { type: "button", on: { click: tryAgain } }, words().tryAgain);
  const reason = element("p", { role: "alert" }, explain(error));
  return {
    element: element(
      "section",
      { class: "pane" },
      paneHeader({ title: roomId, showRooms }),
      card("warning", element("h2", {}, words().cannotOpen(roomId)), reason, button),
    ),
    focus: () => button.focus(),
  };
}

/** Asks for a room's password; `problem` says what was wrong with the last one. */
function passwordPane(
  roomId: string,
  problem: string | undefined,
  showRooms: () => void,
  unlock: (password: string) => void,
): Pane {
  const field = element("input", {
    id: "room-password",
    type: "password",
    required: true,
    autocomplete: "off",
    "aria-describedby": "room-password-problem",
    "aria-invalid": problem !== undefined && "true",
  });
  const submit = (event: Event) => {
    event.preventDefault();
    unlock(field.value);
  };
  const form = element(
    "form",
    { class: "stack", on: { submit } },
    element("label", { for: "room-password" }, words().password),
    field,
    element("p", { class: "field-problem", id: "room-password-problem", role: "alert" }, problem ?? ""),
    element("button", { type: "submit", class: "primary" }, words().unlock),
  );
  return {
    element: element(
      "section",
      { class: "pane" },
      paneHeader({ title: roomId, showRooms }),
      card("lock", element("h2", {}, words().passwordTitle(roomId)), form),
    ),
    focus: () => field.focus(),
  };
}

function card(sign: IconName, ...rest: HTMLElement[]): HTMLElement {
  return element("div", { class: "card" }, icon(sign), ...rest);
}

/** What stands at the top of a pane. */
export type PaneHeader = {
  title: string;
  below?: HTMLElement;
  actions?: HTMLElement[];
  showRooms: () => void;
};

/** Makes the top of a pane, with the button that brings the room list where there is no space beside it. */
export function paneHeader({ title, below, actions, showRooms }: PaneHeader): HTMLElement {
  const menu = element(
    "button",
    {
      type: "button",
      class: "square show-rooms",
      "aria-label": words().showRooms,
      "aria-controls": "sidebar",
      "aria-expanded": "false",
      on: { click: showRooms },
    },
    icon("menu"),
  );
  return element(
    "header",
    { class: "pane-header" },
    menu,
    element("div", { class: "pane-title" }, element("h1", { dir: "auto" }, title), below),
    element("div", { class: "pane-actions" }, ...actions ?? []),
  );
}
