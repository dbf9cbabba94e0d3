import { element } from "./dom.ts";
import { words } from "./i18n.ts";

const GATHER_MS = 400;
const MAX_CHARACTERS = 200;

/** Reads new messages out through a polite live region; what comes in a burst is only counted. */
export class Announcer {
  readonly element = element("div", { class: "spoken", "aria-live": "polite", "aria-atomic": "true" });
  readonly #gathered: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Says a message once those that come with it are known. */
  chat(username: string, content: string): void {
    this.#gathered.push(words().says(username, content.slice(0, MAX_CHARACTERS)));
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const gathered = this.#gathered.splice(0);
      this.say(gathered.length > 3 ? words().newMessages(gathered.length) : gathered.join("\n"));
    }, GATHER_MS);
  }

  /** Says a sentence at once. */
  say(text: string): void {
    this.element.textContent = text;
  }

  /** Stops. */
  close(): void {
    clearTimeout(this.#timer);
  }
}
