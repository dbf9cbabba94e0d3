import { element } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon } from "./icons.ts";

/** What stands above the oldest message that is shown. */
export function timelineTop(
  state: "start" | "idle" | "loading" | "failed" | "none",
  isEmpty: boolean,
  title: string,
  retry: () => void,
  isDirect = false,
): HTMLElement | false {
  const { roomStart, directStart, loadingOlder, olderFailed, tryAgain, emptyRoom, emptyRoomHint } = words();
  switch (state) {
    case "start":
      if (!isEmpty) return element("p", { class: "hint" }, (isDirect ? directStart : roomStart)(title));
      return element("div", { class: "empty" }, icon("logo"), element("p", {}, emptyRoom), emptyRoomHint);
    case "loading":
      return element("p", { class: "hint" }, loadingOlder);
    case "failed": {
      const again = element("button", { type: "button", class: "plain", on: { click: retry } }, tryAgain);
      return element("p", { class: "hint" }, olderFailed, " ", again);
    }
    default:
      return false;
  }
}
