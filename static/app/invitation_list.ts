import { type Child, element, fill } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon } from "./icons.ts";

/** A room that this user may come into. */
export type Invitation = { roomId: string; roomName: string };

/** What can be done with an invitation. */
export type InvitationActions = { open: (roomId: string) => void; decline: (roomId: string) => void };

/** The rooms this user is invited to, each to be joined or declined; not there while there are none. */
export class InvitationList {
  readonly element = element("section", {
    class: "invitations",
    "aria-label": words().invitations,
    hidden: true,
  });
  readonly #actions: InvitationActions;
  #drawnAs = "";

  constructor(actions: InvitationActions) {
    this.#actions = actions;
  }

  /** Shows these invitations. */
  show(invitations: readonly Invitation[]): void {
    const drawnAs = JSON.stringify(invitations);
    if (drawnAs === this.#drawnAs) return;
    this.#drawnAs = drawnAs;
    this.element.hidden = invitations.length === 0;
    const entries = invitations.map((invitation) => this.#entry(invitation));
    fill(this.element, element("h2", {}, words().invitations), element("ul", {}, ...entries));
  }

  #entry({ roomId, roomName }: Invitation): HTMLElement {
    const { accept, decline } = words();
    const button = (label: string, kind: string, content: Child, act: (roomId: string) => void) =>
      element(
        "button",
        {
          type: "button",
          class: kind,
          title: label,
          "aria-label": `${label}: ${roomName}`,
          on: { click: () => act(roomId) },
        },
        content,
      );
    return element(
      "li",
      {},
      element("span", { class: "room-name", dir: "auto", title: roomName }, roomName),
      button(accept, "", accept, this.#actions.open),
      button(decline, "square", icon("close"), this.#actions.decline),
    );
  }
}
