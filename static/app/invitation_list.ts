import { element, fill } from "./dom.ts";
import { words } from "./i18n.ts";

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
    const button = (label: string, kind: string, act: (roomId: string) => void) =>
      element(
        "button",
        {
          type: "button",
          class: kind,
          "aria-label": `${label}: ${roomName}`,
          on: { click: () => act(roomId) },
        },
        label,
      );
    return element(
      "li",
      {},
      element("span", { class: "room-name", dir: "auto" }, roomName),
      button(words().accept, "primary", this.#actions.open),
      button(words().decline, "plain", this.#actions.decline),
    );
  }
}
