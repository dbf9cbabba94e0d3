import { element, fill } from "./dom.ts";
import { explain, words } from "./i18n.ts";
import { icon } from "./icons.ts";
import { preferences } from "./preferences.ts";
import { lastName, readToken, type Session, signInAsGuest, SignInError } from "./session.ts";

const MAX_NAME = 64;

/** A sentence above the form. */
export type SignInNote = { text: string; tone: "info" | "error" };

/** What the sign-in page needs: `done` takes the session, `redraw` draws the page in another language. */
export type SignInOptions = {
  note?: SignInNote;
  done: (session: Session) => void;
  redraw: () => void;
};

/** The page of someone who is not signed in: a name is enough, or a token where the server wants one. */
export class SignInPage {
  readonly element: HTMLElement;
  readonly #options: SignInOptions;
  readonly #note = element("p", { class: "sign-in-note", role: "status" });
  readonly #problem = element("p", { class: "field-problem", id: "sign-in-problem", role: "alert" });
  readonly #fields = element("div", { class: "stack" });
  readonly #submit = element("button", { type: "submit", class: "primary" }, words().signIn);
  readonly #other = element("button", { type: "button", class: "plain", on: { click: () => this.#swap() } });
  #field = element("input");
  #withToken = false;
  #busy = false;

  constructor(options: SignInOptions) {
    this.#options = options;
    const submit = (event: Event) => {
      event.preventDefault();
      this.#signIn();
    };
    if (options.note) this.#showNote(options.note);
    const form = element(
      "form",
      { class: "stack", novalidate: true, on: { submit } },
      this.#fields,
      this.#problem,
      this.#submit,
      this.#other,
    );
    this.element = element(
      "main",
      { class: "sign-in" },
      element(
        "div",
        { class: "sign-in-card" },
        element("div", { class: "sign-in-brand" }, icon("logo"), element("span", {}, "Parley")),
        element("h1", {}, words().signInTitle),
        element("p", { class: "tagline" }, words().tagline),
        this.#note,
        form,
      ),
      preferences(options.redraw),
    );
    this.#drawField();
  }

  /** Moves the focus to the field. */
  focus(): void {
    this.#field.focus();
  }

  #drawField(): void {
    const { accessToken, accessTokenHint, yourName, yourNameHint, useName, useToken } = words();
    const about = {
      id: "who",
      required: true,
      "aria-describedby": "who-hint sign-in-problem",
      spellcheck: "false",
    };
    this.#field = this.#withToken
      ? element("input", { ...about, type: "password", autocomplete: "off", autocapitalize: "none" })
      : element("input", { ...about, autocomplete: "nickname", maxlength: MAX_NAME, value: lastName() });
    fill(
      this.#fields,
      element("label", { for: "who" }, this.#withToken ? accessToken : yourName),
      this.#field,
      element("p", { class: "hint", id: "who-hint" }, this.#withToken ? accessTokenHint : yourNameHint),
    );
    fill(this.#other, this.#withToken ? useName : useToken);
  }

  #swap(): void {
    this.#withToken = !this.#withToken;
    this.#show("");
    this.#drawField();
    this.focus();
  }

  async #signIn(): Promise<void> {
    const typed = this.#field.value.trim();
    if (this.#busy) return;
    if (typed === "") return this.#refuse(this.#withToken ? words().tokenNeeded : words().nameNeeded);
    if (this.#withToken) {
      const claims = readToken(typed);
      if (!claims) return this.#refuse(words().tokenRefused);
      return this.#options.done({ token: typed, guest: false, ...claims });
    }
    this.#setBusy(true);
    try {
      this.#options.done(await signInAsGuest(typed));
    } catch (error) {
      this.#setBusy(false);
      if (!(error instanceof SignInError)) throw error;
      this.#explain(error);
    }
  }

  #explain(error: SignInError): void {
    const { guestsOff, originRefused, serverUnreachable, tooManyTries } = words();
    if (error.code === "guests_off") {
      this.#swap();
      this.#showNote({ text: guestsOff, tone: "info" });
      this.#other.hidden = true;
    } else if (error.code === "unreachable") this.#refuse(serverUnreachable);
    else if (error.code === "forbidden") this.#refuse(originRefused);
    else if (error.retryAfterMs) this.#refuse(tooManyTries(Math.ceil(error.retryAfterMs / 1000)));
    else this.#refuse(explain(error));
  }

  #refuse(problem: string): void {
    this.#show(problem);
    this.#field.setAttribute("aria-invalid", "true");
    this.focus();
  }

  #show(problem: string): void {
    fill(this.#problem, problem);
    fill(this.#note);
    this.#note.className = "sign-in-note";
    this.#field.removeAttribute("aria-invalid");
  }

  #showNote(note: SignInNote): void {
    this.#note.textContent = note.text;
    this.#note.className = `sign-in-note ${note.tone}`;
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    fill(this.#submit, busy ? words().signingIn : words().signIn);
  }
}
