import type { FileInfo } from "../sdk/mod.ts";
import { avatar } from "./avatar.ts";
import { element, fill, spoken } from "./dom.ts";
import { drawFile } from "./file_view.ts";
import { explain, words } from "./i18n.ts";
import { icon } from "./icons.ts";
import { drawRichText, isEmoji, mentions } from "./rich_text.ts";
import { dayName, durationName, fullTime, timeOfDay } from "./time_words.ts";
import type { MessageRow, Quote, Row, SystemLine } from "./timeline_rows.ts";
import { drawUpload } from "./upload_view.ts";

const LONG_CHARACTERS = 2_000;
const LONG_LINES = 30;
const QUOTE_CHARACTERS = 200;

/** What rows need from around them, and what a person can do with a message. */
export type RowContext = {
  myName: string;
  retry: (id: string) => void;
  discard: (id: string) => void;
  reply: (row: MessageRow) => void;
  /** Goes to the message with this id. */
  show: (id: string) => void;
  /** Says who has read it. */
  tellReaders: (row: MessageRow) => void;
  /** Asks for a good link to the file of a message. */
  renewFile: (seq: number) => Promise<FileInfo | undefined>;
};

/** Draws one row of the conversation. */
export function drawRow(row: Row, context: RowContext): HTMLElement {
  switch (row.kind) {
    case "day":
      return element("li", { class: "day" }, element("span", {}, dayName(row.timestamp, Date.now())));
    case "unread":
      return element("li", { class: "unread-line" }, element("span", {}, words().unreadLine));
    case "system":
      return element("li", { class: "system", title: fullTime(row.line.timestamp) }, systemText(row.line));
    case "message":
      return drawMessage(row, context);
    case "upload":
      return drawUpload(row.file);
  }
}

function drawMessage(row: MessageRow, context: RowContext): HTMLElement {
  const name = row.mine ? words().you : row.username;
  const showsName = row.opensGroup && !row.mine;
  const author = showsName
    ? element("p", { class: "author", dir: "auto" }, name)
    : element("p", { class: "spoken" }, name);
  const speaksToMe = !row.mine && mentions(row.content, context.myName);
  const kinds = [
    row.mine ? "mine" : "theirs",
    row.opensGroup && "opens",
    speaksToMe && "to-me",
    row.delivery,
  ];
  return element(
    "li",
    { class: `message ${kinds.filter(Boolean).join(" ")}` },
    showsName && avatar(row.userId, row.username),
    element(
      "div",
      { class: "said" },
      author,
      element(
        "div",
        { class: "bubble-row" },
        element(
          "div",
          { class: "bubble", dir: "auto" },
          row.quote && drawQuote(row.quote, context),
          row.file && drawFile(row.file, () => context.renewFile(row.seq)),
          row.content !== "" && drawText(row.content, context.myName),
          drawMeta(row, context),
        ),
        row.seq > 0 && drawReply(row, context),
      ),
      row.delivery === "failed" && drawFailure(row, context),
    ),
  );
}

function drawQuote({ id, username, content }: Quote, { show }: RowContext): HTMLElement {
  const { answered, earlierMessage } = words();
  return element(
    "button",
    { type: "button", class: "quote", on: { click: () => show(id) } },
    spoken(`${answered} `),
    username !== undefined && element("b", { dir: "auto" }, username),
    element("span", { dir: "auto" }, content?.slice(0, QUOTE_CHARACTERS) ?? earlierMessage),
  );
}

function drawReply(row: MessageRow, { reply }: RowContext): HTMLElement {
  const { replyTo, you } = words();
  return element(
    "button",
    {
      type: "button",
      class: "reply",
      // The arrow keys lead here: a stop at every message would be too many.
      tabindex: -1,
      "aria-label": replyTo(row.mine ? you : row.username),
      title: words().reply,
      on: { click: () => reply(row) },
    },
    icon("reply"),
  );
}

function drawMeta(row: MessageRow, context: RowContext): HTMLElement {
  const time = element(
    "time",
    { datetime: new Date(row.timestamp).toISOString(), title: fullTime(row.timestamp) },
    timeOfDay(row.timestamp),
  );
  return element("span", { class: "meta" }, time, ...deliverySign(row, context));
}

function deliverySign(row: MessageRow, { tellReaders }: RowContext): Node[] {
  const { sent, sending, waiting, notSent, delivered, readBy } = words();
  switch (row.delivery) {
    case "acked":
      return [element("span", { class: "faint", title: sent }, icon("tick"), spoken(sent))];
    case "delivered":
      return [element("span", { title: delivered }, icon("tick"), spoken(delivered))];
    case "read": {
      const about = { type: "button", class: "readers", title: readBy(row.readers), tabindex: -1 };
      const click = () => tellReaders(row);
      return [element("button", { ...about, on: { click } }, icon("ticks"), spoken(readBy(row.readers)))];
    }
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

function drawFailure(row: MessageRow, context: RowContext): HTMLElement {
  const { notSent, because, retry, discard } = words();
  const reason = row.errorCode === undefined
    ? notSent
    : notSent + because(explain({ code: row.errorCode, message: row.errorText ?? "" }));
  const button = (label: string, click: () => void) =>
    element("button", { type: "button", class: "plain", on: { click } }, label);
  return element(
    "p",
    { class: "failure" },
    element("span", {}, reason),
    element(
      "span",
      {},
      button(retry, () => context.retry(row.id)),
      button(discard, () => context.discard(row.id)),
    ),
  );
}

function drawText(content: string, myName: string): HTMLElement {
  const text = element("div", { class: isEmoji(content) ? "text emoji" : "text" });
  const lines = content.split("\n", LONG_LINES + 1);
  if (content.length <= LONG_CHARACTERS && lines.length <= LONG_LINES) {
    fill(text, ...drawRichText(content, myName));
    return text;
  }
  const short = lines.slice(0, LONG_LINES / 2).join("\n").slice(0, LONG_CHARACTERS / 2);
  const shown = element("div", {});
  const toggle = element("button", { type: "button", class: "plain" });
  const show = (all: boolean) => {
    fill(shown, ...drawRichText(all ? content : `${short.trimEnd()}…`, myName));
    fill(toggle, all ? words().showLess : words().showAll);
    toggle.setAttribute("aria-expanded", String(all));
  };
  toggle.addEventListener("click", () => show(toggle.getAttribute("aria-expanded") !== "true"));
  show(false);
  text.append(shown, toggle);
  return text;
}

/** Says what happened in the room, and who did it. */
function systemText({ event, username, by, message, reason, seconds }: SystemLine): string {
  const told: Record<string, (name: string, by: string) => string> = words().system;
  const knowsWho = by !== undefined || event === "join" || event === "leave" || event === "reset";
  const text = knowsWho && Object.hasOwn(told, event) ? told[event](username, by ?? "") : message;
  const { forSoLong, because } = words();
  return text + (seconds === undefined ? "" : forSoLong(durationName(seconds))) +
    (reason === undefined ? "" : because(reason));
}
