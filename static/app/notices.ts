import { countDown } from "./countdown.ts";
import { element, fill } from "./dom.ts";
import { explain, words } from "./i18n.ts";
import { icon } from "./icons.ts";

/** Something the page has to say; an `error` is read out at once. */
export type Notice = { text: string; tone: "info" | "error"; action?: { label: string; run: () => void } };

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
    if (!error.retryAfterMs) return;
    const left = element("span", { "aria-hidden": "true", class: "countdown" });
    this.element.querySelector("p")?.append(" ", left);
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
