import { type ChatMessage, isDirect } from "../sdk/mod.ts";
import { words } from "./i18n.ts";
import { element } from "./dom.ts";
import { icon } from "./icons.ts";
import { mentions } from "./rich_text.ts";

const BODY_CHARACTERS = 200;

/** What alerts need to know. */
export type AlertsOptions = {
  me: () => { userId: string; username: string };
  titleOf: (roomId: string) => string;
  open: (roomId: string, seq: number) => void;
};

/** Tells of mentions and direct messages outside the page while it is hidden, once the person has allowed it. */
export class Alerts {
  readonly #options: AlertsOptions;

  constructor(options: AlertsOptions) {
    this.#options = options;
  }

  /** Shows a message that speaks to this person and that they cannot see. */
  chat(message: ChatMessage): void {
    const { userId, username } = this.#options.me();
    const { roomId, file } = message;
    const content = message.content || file?.name || "";
    const isForMe = isDirect(roomId) || mentions(content, username);
    if (message.userId === userId || !isForMe || document.visibilityState === "visible") return;
    if (globalThis.Notification?.permission !== "granted") return;
    const title = isDirect(roomId)
      ? message.username
      : words().saysIn(message.username, this.#options.titleOf(roomId));
    try {
      const note = new Notification(title, {
        body: content.slice(0, BODY_CHARACTERS),
        tag: roomId,
        icon: "icon_192.png",
      });
      note.onclick = () => {
        globalThis.focus();
        this.#options.open(roomId, message.seq);
        note.close();
      };
    } catch {
      // Some phones let only service workers do this; the title's number must do there.
    }
  }
}

/** The button that asks whether the page may show notifications; nothing where there is no more to ask. */
export function alertsButton(): HTMLElement | false {
  if (globalThis.Notification?.permission !== "default") return false;
  const button = element(
    "button",
    {
      type: "button",
      class: "plain alerts",
      on: {
        click: async () => {
          await Notification.requestPermission();
          if (Notification.permission !== "default") button.remove();
        },
      },
    },
    icon("bell"),
    words().notifyMe,
  );
  return button;
}
