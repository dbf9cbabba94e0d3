import type { Notification } from "../sdk/mod.ts";
import { countDown } from "./countdown.ts";
import { element, fill } from "./dom.ts";
import { explain, words } from "./i18n.ts";
import { icon } from "./icons.ts";
import type { Invitation } from "./invitation_list.ts";
import type { People } from "./people.ts";

/** Something the page has to say; an `error` is read out at once. */
export type Notice = { text: string; tone: "info" | "error"; action?: { label: string; run: () => void } };

/** Nobody waits longer before a notice. */
const LONGEST_COUNTDOWN_MS = 10 * 60_000;

/** One line below the top of the page that says what happened, until it is dismissed or replaced. */
export class Notices {
  readonly element = element("div", { class: "notices", "aria-live": "polite" });
  #stop: () => void = () => {};

  /** Shows a notice in place of the last one. */
  show(notice: Notice): void {
    this.clear();
    const { text, tone, action } = notice;
    const line = element("p", { role: tone === "error" && "alert" }, text);
    const act = action &&
      element(
        "button",
        { type: "button", class: "plain", on: { click: () => this.#run(action.run) } },
        action.label,
      );
    const dismiss = element(
      "button",
      { type: "button", class: "square", "aria-label": words().dismiss, on: { click: () => this.clear() } },
      icon("close"),
    );
    fill(this.element, element("div", { class: `notice ${tone}` }, line, act, dismiss));
  }

  /** Shows a refusal in words; one that ends by itself counts down and goes. */
  showError(error: { code: string; message: string; retryAfterMs?: number }): void {
    this.show({ text: explain(error), tone: "error" });
    if (!error.retryAfterMs || error.retryAfterMs > LONGEST_COUNTDOWN_MS) return;
    const left = element("span", { "aria-hidden": "true", class: "countdown" });
    this.element.querySelector("p")?.append(left);
    this.#stop = countDown(Date.now() + error.retryAfterMs, (seconds) => {
      left.textContent = words().waitSeconds(seconds);
      if (seconds === 0) this.clear();
    });
  }

  /** Takes the notice away. */
  clear(): void {
    this.#stop();
    this.#stop = () => {};
    fill(this.element);
  }

  #run(action: () => void): void {
    this.clear();
    action();
  }
}

/** The room that a notification invites to. */
export function invitationIn({ title, data }: Notification): Invitation | undefined {
  const { kind, roomId } = fieldsOf(data);
  return kind === "invitation" && typeof roomId === "string" ? { roomId, roomName: title } : undefined;
}

/** Puts a notification into words; one that invites to a room leads there. */
export function noticeOf(notification: Notification, people: People, open: (roomId: string) => void): Notice {
  const { title, body, data } = notification;
  const invitation = invitationIn(notification);
  if (!invitation) return { text: `${title} ${body}`, tone: "info" };
  const { by } = fieldsOf(data);
  const name = typeof by === "string" ? people.nameOf(by) : undefined;
  return {
    text: name === undefined ? words().youAreInvited(title) : words().invitedYou(name, title),
    tone: "info",
    action: { label: words().accept, run: () => open(invitation.roomId) },
  };
}

function fieldsOf(data: unknown): Record<string, unknown> {
  return (typeof data === "object" && data ? data : {}) as Record<string, unknown>;
}
