import { element, fill, spoken } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon } from "./icons.ts";

/** Hears which files somebody has chosen. */
export type Take = (files: readonly File[]) => void;

/** The button that lets somebody choose files. */
export function attachButton(take: Take): HTMLElement {
  const chosen = element("input", { type: "file", multiple: true, tabindex: -1, "aria-hidden": "true" });
  chosen.hidden = true;
  chosen.addEventListener("change", () => {
    const files = [...chosen.files ?? []];
    chosen.value = ""; // so that the same file can be chosen again
    if (files.length > 0) take(files);
  });
  const { attachFile } = words();
  return element(
    "button",
    { type: "button", class: "square attach", title: attachFile, on: { click: () => chosen.click() } },
    icon("clip"),
    spoken(attachFile),
    chosen,
  );
}

/** The files in what is pasted. Where a text comes with a picture of itself, as from a spreadsheet, it is a text. */
export function pastedFiles(pasted: DataTransfer | null): File[] {
  const isText = pasted?.types.includes("text/plain") && pasted.types.includes("text/html");
  return isText ? [] : [...pasted?.files ?? []];
}

/** Takes files that are dropped on an element, if it takes any, and shows that they may be. */
export function acceptDrops(
  target: HTMLElement,
  title: () => string,
  take: Take | undefined,
  signal: AbortSignal,
): void {
  const sign = element("p", { class: "drop-here" });
  sign.hidden = true;
  target.append(sign);
  const over = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // Anywhere else on the page the browser would open the file in its place.
    event.preventDefault();
    const isHere = take !== undefined && target.contains(event.target as Node);
    event.dataTransfer.dropEffect = isHere ? "copy" : "none";
    if (isHere && sign.hidden) fill(sign, icon("clip"), words().dropHere(title()));
    sign.hidden = !isHere;
  };
  const drop = (event: DragEvent) => {
    sign.hidden = true;
    const files = [...event.dataTransfer?.files ?? []];
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (files.length > 0 && target.contains(event.target as Node)) take?.(files);
  };
  const left = (event: DragEvent) => {
    if (event.relatedTarget === null) sign.hidden = true;
  };
  document.addEventListener("dragover", over, { signal });
  document.addEventListener("drop", drop, { signal });
  document.addEventListener("dragleave", left, { signal });
}
