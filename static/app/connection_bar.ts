import type { ConnectionState, ParleyClient } from "../sdk/mod.ts";
import { countDown } from "./countdown.ts";
import { element, fill } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon } from "./icons.ts";
import { isOriginRefused } from "./origin_check.ts";

// A connection that opens this quickly needs no words.
const PATIENCE_MS = 700;
// One try that fails, the first or the one after a loss, needs no reason.
const ASKS_WHY_AT = 3;
const SHUTTING_DOWN = 1001;
const ENDED_BY_ADMIN = 4503;
const TOO_MANY = 4504;

/** Says what the connection is doing whenever it is not simply there. */
export class ConnectionBar {
  readonly element = element("div", { class: "connection" });
  readonly #client: ParleyClient;
  readonly #startAgain: () => void;
  readonly #said = element("span", { role: "status" });
  readonly #left = element("span", { class: "countdown", "aria-hidden": "true" });
  readonly #retry: HTMLButtonElement;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #stopCounting: () => void = () => {};
  #wasLost = false;
  #isRefused = false;

  /** `startAgain` makes a new connection after one that was stopped for good. */
  constructor(client: ParleyClient, startAgain: () => void) {
    this.#client = client;
    this.#startAgain = startAgain;
    this.#retry = element(
      "button",
      { type: "button", on: { click: () => this.#retryNow() } },
      words().retryNow,
    );
    this.element.append(
      element("p", {}, icon("warning"), element("span", {}, this.#said, this.#left)),
      this.#retry,
    );
    this.element.hidden = true;
  }

  /** Shows a state of the connection. */
  show(state: ConnectionState): void {
    this.#stopCounting();
    clearTimeout(this.#patience);
    fill(this.#left);
    switch (state.name) {
      case "open":
        this.#said.textContent = this.#wasLost ? words().connected : "";
        this.#wasLost = this.#isRefused = false;
        this.#setHidden(true);
        break;
      case "waiting":
        this.#wasLost = true;
        this.#say(this.#isRefused ? words().originRefused : lostText(state.code), true);
        this.#stopCounting = countDown(state.retryAt, (seconds) => {
          this.#left.textContent = words().nextTry(seconds);
        });
        if (state.attempt >= ASKS_WHY_AT) void this.#askWhy();
        break;
      case "stopped":
        this.#say(stoppedText(state.code), true);
        break;
      default:
        this.#say(this.#wasLost ? words().reconnecting : words().connecting, this.#wasLost);
        if (this.#wasLost) break;
        this.#setHidden(true);
        this.#patience = setTimeout(() => this.#setHidden(false), PATIENCE_MS);
    }
  }

  /** Stops counting. */
  close(): void {
    this.#stopCounting();
    clearTimeout(this.#patience);
  }

  async #askWhy(): Promise<void> {
    this.#isRefused = await isOriginRefused();
    if (this.#isRefused && this.#client.state.name === "waiting") this.#say(words().originRefused, true);
  }

  #say(text: string, canRetry: boolean): void {
    if (this.#said.textContent !== text) this.#said.textContent = text;
    this.#retry.hidden = !canRetry;
    this.#setHidden(false);
  }

  #setHidden(hidden: boolean): void {
    // A live region inside a hidden element is silent: only its looks are taken away.
    this.element.hidden = false;
    this.element.classList.toggle("quiet", hidden);
    if (hidden) this.#retry.hidden = true;
  }

  #retryNow(): void {
    if (this.#client.state.name === "stopped") this.#startAgain();
    else this.#client.retryNow();
  }
}

function lostText(code: number | undefined): string {
  if (code === SHUTTING_DOWN) return words().serverRestarting;
  return globalThis.navigator.onLine === false ? words().deviceOffline : words().connectionLost;
}

function stoppedText(code: number): string {
  if (code === ENDED_BY_ADMIN) return words().stoppedByAdmin;
  if (code === TOO_MANY) return words().tooManyConnections;
  return words().stopped;
}
