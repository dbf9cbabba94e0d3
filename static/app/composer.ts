import { attachButton, pastedFiles, type Take } from "./attaching.ts";
import { countDown } from "./countdown.ts";
import { element, fill } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon } from "./icons.ts";
import { measureMessage } from "./message_size.ts";
import { recall, remember } from "./remembered.ts";

const STOPS_TYPING_AFTER_MS = 5_000;
// What older browsers report for a key that belongs to an input method.
const INPUT_METHOD_KEY = 229;

/** What the composer needs from the room. */
export type ComposerOptions = {
  roomId: string;
  maxFrameBytes: () => number;
  /** Gives what keeps the text from being sent. */
  send: (content: string, replyTo: string | undefined) => string | undefined;
  /** Where files are taken. */
  sendFiles: Take | undefined;
  typing: (isTyping: boolean) => void;
  /** Called when somebody goes up from the empty field. */
  goUp: () => void;
};

/** The message that is being answered. */
export type Answered = { id: string; username: string; content: string };

/** Where a message is written. What was begun is kept for this tab until it is sent. */
export class Composer {
  readonly element: HTMLElement;
  readonly #options: ComposerOptions;
  readonly #text: HTMLTextAreaElement;
  readonly #send: HTMLButtonElement;
  readonly #answered = element("div", { class: "answering" });
  readonly #note = element("p", { class: "composer-note", id: "composer-note", role: "status" });
  readonly #mute = element("p", { class: "composer-note", role: "status" });
  #replyTo: string | undefined;
  #isTyping = false;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #stopCounting: () => void = () => {};

  constructor(options: ComposerOptions) {
    this.#options = options;
    this.#text = element("textarea", {
      id: "message",
      rows: 1,
      dir: "auto",
      enterkeyhint: "send",
      "aria-describedby": "composer-note composer-hint",
      on: {
        input: () => this.#edited(),
        keydown: (event) => this.#key(event),
        blur: () => this.#setTyping(false),
        paste: (event) => this.#paste(event),
      },
    });
    this.#send = element(
      "button",
      { type: "submit", class: "primary send", title: words().send },
      icon("send"),
    );
    this.#send.append(element("span", {}, words().send));
    const submit = (event: Event) => {
      event.preventDefault();
      this.#submit();
    };
    this.element = element(
      "form",
      { class: "composer", on: { submit } },
      this.#answered,
      this.#mute,
      this.#note,
      element("label", { class: "spoken", for: "message" }, words().message),
      element(
        "div",
        { class: "field-row" },
        options.sendFiles && attachButton(options.sendFiles),
        this.#text,
        this.#send,
      ),
      element("p", { class: "composer-hint", id: "composer-hint" }, words().composerHint),
    );
    this.#text.value = recall("tab", this.#draftKey) ?? "";
  }

  /** Says which room is written to. */
  showTitle(title: string): void {
    this.#text.placeholder = words().messagePlaceholder(title);
  }

  /** Puts a text back that was refused, unless another has been begun. */
  restore(content: string): void {
    if (this.#text.value !== "") return;
    this.#text.value = content;
    remember("tab", this.#draftKey, content);
    this.#fit();
  }

  /** Fits the field to a kept draft. Call it once in the document. */
  start(): void {
    this.#fit();
  }

  /** Moves the focus to the text. */
  focus(): void {
    this.#text.focus({ preventScroll: true });
  }

  /** Makes what is written next an answer. */
  answer(message: Answered | undefined): void {
    this.#replyTo = message?.id;
    this.#drawAnswered(message);
    this.focus();
  }

  /** Says for how long the server takes no more messages from this user. */
  showRateLimit(until: number): void {
    this.#stopCounting();
    const left = element("span", { class: "countdown", "aria-hidden": "true" });
    this.#note.className = "composer-note";
    fill(this.#note, words().sendingTooFast, left);
    this.#stopCounting = countDown(until, (seconds) => {
      left.textContent = words().goingOn(seconds);
      if (seconds === 0) fill(this.#note);
    });
  }

  /** Says above the field why nothing may be written here for now. */
  showMute(reason: string | undefined): void {
    fill(this.#mute, reason);
  }

  /** Stops. */
  close(): void {
    this.#setTyping(false);
    this.#stopCounting();
  }

  get #draftKey(): string {
    return `draft.${this.#options.roomId}`;
  }

  #measure() {
    return measureMessage(this.#text.value, this.#options.roomId, this.#options.maxFrameBytes());
  }

  #edited(): void {
    const { value } = this.#text;
    remember("tab", this.#draftKey, value === "" ? undefined : value);
    this.#setTyping(value.trim() !== "");
    this.#fit();
  }

  #fit(): void {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
    const { fits, nearlyFull, charactersLeft } = this.#measure();
    this.#send.classList.toggle("idle", this.#text.value.trim() === "" || !fits);
    this.#text.setAttribute("aria-invalid", String(!fits));
    if (!nearlyFull) {
      if (this.#note.classList.contains("size")) fill(this.#note);
      this.#note.classList.remove("size", "over");
      return;
    }
    this.#stopCounting();
    this.#note.className = `composer-note size${fits ? "" : " over"}`;
    this.#note.textContent = fits
      ? words().charactersLeft(charactersLeft)
      : words().charactersOver(Math.max(1, -charactersLeft));
  }

  #key(event: KeyboardEvent): void {
    // A key that picks a word in an input method is not ours.
    if (event.isComposing || event.keyCode === INPUT_METHOD_KEY) return;
    if (event.key === "Enter" && !event.shiftKey) this.#submit();
    else if (event.key === "ArrowUp" && this.#text.value === "") this.#options.goUp();
    else if (event.key === "Escape" && this.#replyTo !== undefined) this.answer(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #paste(event: ClipboardEvent): void {
    const files = pastedFiles(event.clipboardData);
    const { sendFiles } = this.#options;
    if (files.length === 0 || !sendFiles) return;
    event.preventDefault();
    sendFiles(files);
  }

  #submit(): void {
    const content = this.#text.value;
    if (content.trim() !== "" && this.#measure().fits) {
      const problem = this.#options.send(content, this.#replyTo);
      if (problem !== undefined) return this.#refuse(problem);
      this.answer(undefined);
      this.#text.value = "";
      remember("tab", this.#draftKey, undefined);
      this.#setTyping(false);
      this.#fit();
    }
    this.focus();
  }

  #refuse(problem: string): void {
    this.#stopCounting();
    this.#note.className = "composer-note size over";
    this.#note.textContent = problem;
  }

  #drawAnswered(message: Answered | undefined): void {
    if (!message) return fill(this.#answered);
    const { noReply, answering } = words();
    const drop = element(
      "button",
      { type: "button", class: "square", "aria-label": noReply, on: { click: () => this.answer(undefined) } },
      icon("close"),
    );
    const about = element(
      "p",
      {},
      element("b", {}, answering(message.username)),
      " ",
      element("span", { dir: "auto" }, message.content.slice(0, 200)),
    );
    fill(this.#answered, icon("reply"), about, drop);
  }

  #setTyping(isTyping: boolean): void {
    clearTimeout(this.#idle);
    if (isTyping) this.#idle = setTimeout(() => this.#setTyping(false), STOPS_TYPING_AFTER_MS);
    if (isTyping || this.#isTyping) this.#options.typing(isTyping);
    this.#isTyping = isTyping;
  }
}
