import type { FileInfo } from "../sdk/mod.ts";
import { element, fill } from "./dom.ts";
import { fileAddress, fileKind, isStale } from "./file_kind.ts";
import { fileSize } from "./file_size.ts";
import { words } from "./i18n.ts";
import { icon } from "./icons.ts";

/** Asks for a good link in place of one that has ended. */
type Renew = () => Promise<FileInfo | undefined>;

/** Draws a file that came with a message: pictures, sound and films in a box of their own size, others as a card. */
export function drawFile(file: FileInfo, renew: Renew): HTMLElement {
  const kind = fileKind(file.mime);
  const card = drawCard(file, renew);
  if (kind === "card") return card;
  const box = element("div", { class: `media ${kind}` });
  const media = kind === "image"
    ? element("img", { alt: file.name, loading: "lazy", decoding: "async" })
    : element(kind, { controls: true, preload: "metadata", "aria-label": file.name });
  load(media, file, renew, () => fill(box, element("p", { class: "hint" }, words().fileFailed)));
  if (kind === "image") fill(box, pictureLink(file, renew, media));
  else fill(box, media);
  return element("div", { class: "shown-file" }, box, card);
}

function drawCard(file: FileInfo, renew: Renew): HTMLElement {
  const { name, size } = file;
  return fileLink(
    file,
    renew,
    { class: "file-card", download: name, "aria-label": words().download(name), title: name },
    icon("file"),
    element("span", { class: "file-name", dir: "auto" }, name),
    element("span", { class: "file-size" }, fileSize(size, words().languageTag)),
  );
}

function pictureLink(file: FileInfo, renew: Renew, picture: HTMLElement): HTMLElement {
  const label = words().openPicture(file.name);
  return fileLink(
    file,
    renew,
    { target: "_blank", rel: "noopener noreferrer", "aria-label": label },
    picture,
  );
}

/** A link that gets a good address first if its own has ended. */
function fileLink(
  file: FileInfo,
  renew: Renew,
  attributes: Record<string, string>,
  ...children: Node[]
): HTMLElement {
  let { url } = file;
  let isRenewed = false;
  const click = (event: MouseEvent) => {
    // A new link is followed even if it looks stale: then it is this clock that is wrong.
    if (isRenewed || !isStale(url, Date.now())) return;
    event.preventDefault();
    void renew().then((fresh) => {
      const address = fresh && fileAddress(fresh.url);
      if (address === undefined) return;
      url = fresh!.url;
      link.href = address;
      isRenewed = true;
      link.click();
      isRenewed = false;
    }, () => {});
  };
  const link = element(
    "a",
    { ...attributes, href: fileAddress(url), on: { click } },
    ...children,
  );
  return link;
}

/** Shows it, with a new link if the one at hand has ended or does not work. */
function load(
  media: HTMLImageElement | HTMLMediaElement,
  { url }: FileInfo,
  renew: Renew,
  failed: () => void,
): void {
  let hasRenewed = false;
  const show = (url: string) => {
    const address = fileAddress(url);
    if (address === undefined) return failed();
    media.src = address;
  };
  const again = async () => {
    if (hasRenewed) return failed();
    hasRenewed = true;
    const fresh = await renew().catch(() => undefined);
    if (fresh) show(fresh.url);
    else failed();
  };
  media.addEventListener("error", () => void again());
  if (isStale(url, Date.now())) void again();
  else show(url);
}
