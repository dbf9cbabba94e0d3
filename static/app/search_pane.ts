import { ParleyError, type SearchResult } from "../sdk/mod.ts";
import type { Desk } from "./desk.ts";
import { problemText } from "./dialogs.ts";
import { element, fill } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon } from "./icons.ts";
import { type Pane, paneHeader } from "./panes.ts";
import { fullTime, shortMoment } from "./time_words.ts";

const PAGE = 20;

/** What was looked for last, and found. */
export type SearchState = { query: string; inRoom: boolean; results: SearchResult[]; more: boolean };

/** Looks through everything one may read; each result leads to its place in the conversation. */
export class SearchPane implements Pane {
  readonly element: HTMLElement;
  readonly #desk: Desk;
  readonly #roomId: string | undefined;
  readonly #state: SearchState;
  readonly #field: HTMLInputElement;
  readonly #inRoom = element("input", { type: "checkbox", id: "search-here" });
  readonly #said = element("p", { class: "hint", role: "status" });
  readonly #list = element("ol", { class: "results" });
  readonly #more: HTMLButtonElement;
  #asked = 0;

  /** `state` is kept by the caller, so that going back finds the results again; `close` shows what was there before. */
  constructor(desk: Desk, roomId: string | undefined, state: SearchState, close: () => void) {
    this.#desk = desk;
    this.#roomId = roomId;
    this.#state = state;
    const { search, searchPlaceholder, searchHint, onlyIn, loadMore } = words();
    this.#field = element("input", {
      type: "search",
      "aria-label": search,
      placeholder: searchPlaceholder,
      "aria-describedby": "search-hint",
      maxlength: 512,
      value: state.query,
      enterkeyhint: "search",
      on: {
        input: () => this.#field.value === "" && this.#forget(),
        // The first Escape empties the field, as browsers have it.
        keydown: ({ key }) => key === "Escape" && this.#field.value === "" && close(),
      },
    });
    this.#inRoom.checked = state.inRoom;
    this.#more = element("button", { type: "button", on: { click: () => void this.#find(true) } }, loadMore);
    const submit = (event: Event) => {
      event.preventDefault();
      void this.#find(false);
    };
    const form = element(
      "form",
      { class: "stack search-form", role: "search", on: { submit } },
      element(
        "div",
        { class: "field-row" },
        this.#field,
        element("button", { type: "submit", class: "primary" }, icon("search"), element("span", {}, search)),
      ),
      roomId !== undefined &&
        element("label", { class: "check", for: "search-here" }, this.#inRoom, onlyIn(this.#nameOf(roomId))),
      element("p", { class: "hint", id: "search-hint" }, ...unbroken(searchHint)),
    );
    const back = element(
      "button",
      { type: "button", class: "quiet-button", on: { click: close } },
      icon("close"),
      element("span", {}, words().close),
    );
    this.element = element(
      "section",
      { class: "pane search" },
      paneHeader({ title: search, showRooms: desk.showRooms, actions: [back] }),
      element("div", { class: "search-body", tabindex: -1 }, form, this.#said, this.#list, this.#more),
    );
    this.#draw();
  }

  focus(): void {
    this.#field.focus();
  }

  #forget(): void {
    this.#asked++;
    Object.assign(this.#state, { query: "", results: [], more: false });
    this.#draw();
  }

  async #find(isMore: boolean): Promise<void> {
    const state = this.#state;
    const query = isMore ? state.query : this.#field.value.trim();
    if (query === "") return this.focus();
    const number = ++this.#asked;
    const inRoom = this.#roomId !== undefined && (isMore ? state.inRoom : this.#inRoom.checked);
    fill(this.#said, words().searching);
    this.#more.hidden = true;
    try {
      const page = await this.#desk.client.search(query, {
        limit: PAGE,
        ...(inRoom ? { roomId: this.#roomId } : {}),
        ...(isMore ? { before: state.results.at(-1)?.timestamp } : {}),
      });
      if (number !== this.#asked) return;
      const results = isMore ? [...state.results, ...page.results] : page.results;
      Object.assign(state, { query, inRoom, results, more: page.more });
      this.#draw();
    } catch (error) {
      if (number !== this.#asked) return;
      // Of a query, nothing but its days can be wrong.
      const isBadDay = error instanceof ParleyError && error.code === "bad_request";
      fill(this.#said, isBadDay ? words().badSearch : problemText(error));
      fill(this.#list);
    }
  }

  #draw(): void {
    const { query, results, more } = this.#state;
    const { nothingFound, found } = words();
    const count = results.length === 0 ? nothingFound : found(results.length, more);
    fill(this.#said, query !== "" && count);
    fill(this.#list, ...results.map((result) => element("li", {}, this.#result(result))));
    this.#more.hidden = !more || results.length === 0;
  }

  #result(result: SearchResult): HTMLElement {
    const { roomId, seq, username, timestamp, file } = result;
    const snippet = result.snippet || file?.name || "";
    return element(
      "button",
      { type: "button", class: "result", on: { click: () => this.#desk.open(roomId, seq) } },
      element(
        "span",
        { class: "result-about" },
        element("b", { dir: "auto" }, username),
        element("span", { dir: "auto" }, this.#nameOf(roomId)),
        element("time", { title: fullTime(timestamp) }, shortMoment(timestamp, Date.now())),
      ),
      element(
        "span",
        { class: "result-text", dir: "auto" },
        ...markedPieces(snippet).map(({ text, isHit }) => isHit ? element("mark", {}, text) : text),
      ),
    );
  }

  #nameOf(roomId: string): string {
    const { client, people, me, infoOf } = this.#desk;
    const listed = client.welcome?.rooms.find((room) => room.roomId === roomId);
    const roomName = client.room(roomId)?.roomName ?? infoOf(roomId)?.roomName ?? listed?.roomName ?? roomId;
    return people.titleOf(roomId, roomName, me.userId);
  }
}

/** Lets a text break only after spaces and Chinese commas, so that dates in it stay whole. */
function unbroken(text: string): (HTMLElement | string)[] {
  return text.split(/( |(?<=、))/).map((part) => part === " " ? part : element("span", {}, part));
}

/** A piece of a search result's text. */
export type SnippetPiece = { text: string; isHit: boolean };

/** Takes a snippet apart, whose hits stand between ** and **; stars without a partner, or around nothing, are stars. */
export function markedPieces(snippet: string): SnippetPiece[] {
  // Of the stars around a hit the inner ones are its marks, the others were written.
  return snippet.split(/\*\*(?!\*)([^]+?)\*\*/).map((text, index) => ({ text, isHit: index % 2 === 1 }))
    .filter(({ text }) => text !== "");
}
