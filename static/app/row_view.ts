import { avatar } from "./avatar.ts";
import { element, fill, spoken } from "./dom.ts";
import { explain, words } from "./i18n.ts";
import { icon } from "./icons.ts";
import { findLinks } from "./links.ts";
import { dayName, fullTime, timeOfDay } from "./time_words.ts";
import type { MessageRow, Row, SystemLine } from "./timeline_rows.ts";

const LONG_CHARACTERS = 2_000;
const LONG_LINES = 30;

/** What a person can do with a message that was not sent. */
export type RowActions = { retry: (id: string) => void; discard: (id: string) => void };

/** Draws one row of the conversation. */
export function drawRow(row: Row, actions: RowActions): HTMLElement {
  switch (row.kind) {
    case "day":
      return element("li", { class: "day" }, element("span", {}, dayName(row.timestamp, Date.now())));
    case "unread":
      return element("li", { class: "unread-line" }, element("span", {}, words().unreadLine));
    case "system":
      return element("li", { class: "system", title: fullTime(row.line.timestamp) }, systemText(row.line));
    case "message":
      return drawMessage(row, actions);
  }
}

function drawMessage(row: MessageRow, actions: RowActions): HTMLElement {
  const name = row.mine ? words().you : row.username;
  const showsName = row.opensGroup && !row.mine;
  const author = showsName
    ? element("p", { class: "author", dir: "auto" }, name)
    : element("p", { class: "spoken" }, name);
  return element(
    "li",
    { class: `message ${row.mine ? "mine" : "theirs"}${row.opensGroup ? " opens" : ""} ${row.delivery}` },
    showsName && avatar(row.userId, row.username),
    element(
      "div",
      { class: "said" },
      author,
      element("div", { class: "bubble", dir: "auto" }, drawText(row.content), drawMeta(row)),
      row.delivery === "failed" && drawFailure(row, actions),
    ),
  );
}

function drawMeta(row: MessageRow): HTMLElement {
  const time = element(
    "time",
    { datetime: new Date(row.timestamp).toISOString(), title: fullTime(row.timestamp) },
    timeOfDay(row.timestamp),
  );
  return element("span", { class: "meta" }, time, ...deliverySign(row));
}

function deliverySign(row: MessageRow): Node[] {
  const { sent, sending, waiting, notSent } = words();
  switch (row.delivery) {
    case "acked":
      return [icon("tick"), spoken(sent)];
    case "sent":
      return [icon("clock"), spoken(sending)];
    case "pending":
      return [icon("clock"), element("span", { class: "state" }, waiting)];
    case "failed":
      return [icon("warning"), spoken(notSent)];
    case "received":
      return [];
  }
}

function drawFailure(row: MessageRow, actions: RowActions): HTMLElement {
  const { notSent, retry, discard } = words();
  const reason = row.errorCode === undefined
    ? notSent
    : `${notSent}: ${explain({ code: row.errorCode, message: row.errorText ?? "" })}`;
  return element(
    "p",
    { class: "failure" },
    element("span", {}, reason),
    element(
      "span",
      {},
      element(
        "button",
        { type: "button", class: "plain", on: { click: () => actions.retry(row.id) } },
        retry,
      ),
      element(
        "button",
        { type: "button", class: "plain", on: { click: () => actions.discard(row.id) } },
        discard,
      ),
    ),
  );
}

function drawText(content: string): HTMLElement {
  const text = element("div", { class: "text" });
  const lines = content.split("\n", LONG_LINES + 1);
  if (content.length <= LONG_CHARACTERS && lines.length <= LONG_LINES) {
    fill(text, ...withLinks(content));
    return text;
  }
  const short = lines.slice(0, LONG_LINES / 2).join("\n").slice(0, LONG_CHARACTERS / 2);
  const shown = element("div", {});
  const toggle = element("button", { type: "button", class: "plain" });
  const show = (all: boolean) => {
    fill(shown, ...withLinks(all ? content : `${short.trimEnd()}…`));
    fill(toggle, all ? words().showLess : words().showAll);
    toggle.setAttribute("aria-expanded", String(all));
  };
  toggle.addEventListener("click", () => show(toggle.getAttribute("aria-expanded") !== "true"));
  show(false);
  text.append(shown, toggle);
  return text;
}

function withLinks(content: string): (Node | string)[] {
  return findLinks(content).map(({ text, url }) =>
    url === undefined
      ? text
      : element("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, text)
  );
}

function systemText(line: SystemLine): string {
  const told: Record<string, (name: string) => string> = words().system;
  return Object.hasOwn(told, line.event) ? told[line.event](line.username) : line.message;
}
