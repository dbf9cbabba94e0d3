import type { OutgoingFile } from "../sdk/mod.ts";
import { element, spoken } from "./dom.ts";
import { fileSize } from "./file_size.ts";
import { explain, words } from "./i18n.ts";
import { icon, type IconName } from "./icons.ts";

// Where the connection or the server is only busy or away, the library goes on by itself. Of what it gives up for,
// these may have passed when it is tried again: a conversation of two, say, is there after its first words.
const MAY_PASS = ["closed", "internal", "room_not_found"];

/** Draws a file that is on its way, with what can be done about it. */
export function drawUpload(file: OutgoingFile): HTMLElement {
  const { you, pause, goOn, cancel, retry, discard } = words();
  const isFailed = file.status === "failed";
  const button = (sign: IconName, label: string, click: () => void) =>
    element(
      "button",
      {
        type: "button",
        class: "square",
        "aria-label": `${label}: ${file.name}`,
        title: label,
        on: { click },
      },
      icon(sign),
    );
  const mayPause = file.status === "sending" || file.status === "waiting" || file.status === "hashing";
  const drawn = element(
    "li",
    { class: `message mine opens upload ${isFailed ? "failed" : "going"}` },
    element(
      "div",
      { class: "said" },
      element("p", { class: "spoken" }, you),
      element(
        "div",
        { class: "bubble" },
        icon("file"),
        element(
          "div",
          { class: "upload-about" },
          element("p", { class: "file-name", dir: "auto" }, file.name),
          isFailed
            ? undefined
            : element("progress", { max: Math.max(1, file.size), "aria-label": words().file(file.name) }),
          element("p", { class: "upload-status" }),
        ),
        isFailed && mayPass(file) && button("again", retry, () => file.retry()),
        mayPause && button("pause", pause, () => file.pause()),
        file.status === "paused" && button("play", goOn, () => file.resume()),
        file.status !== "checking" && file.status !== "sent" &&
          button("close", isFailed ? discard : cancel, () => file.cancel()),
      ),
    ),
    isFailed && spoken(words().notSent),
  );
  drawProgress(drawn, file);
  return drawn;
}

/** Shows how far a file has come. */
export function drawProgress(drawn: HTMLElement, file: OutgoingFile): void {
  const progress = drawn.querySelector("progress");
  if (progress) progress.value = file.size === 0 ? 1 : file.sentBytes;
  const status = drawn.querySelector(".upload-status");
  const text = statusText(file);
  if (status && status.textContent !== text) status.textContent = text;
}

function mayPass({ error }: OutgoingFile): boolean {
  return !error || error.retryAfterMs !== undefined || MAY_PASS.includes(error.code);
}

function statusText({ status, sentBytes, size, error }: OutgoingFile): string {
  const { waiting, preparing, sentOf, checking, paused, notSent, because, fileErrors, languageTag } = words();
  switch (status) {
    case "waiting":
      return waiting;
    case "hashing":
      return preparing;
    case "paused":
      return paused;
    case "failed": {
      const known: Record<string, string> = fileErrors;
      if (!error) return notSent;
      return notSent + because(Object.hasOwn(known, error.code) ? known[error.code] : explain(error));
    }
    case "sending":
      return sentOf(fileSize(sentBytes, languageTag), fileSize(size, languageTag));
    default:
      return checking;
  }
}
