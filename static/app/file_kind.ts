/** How a file is shown: in its place in the conversation, or as a card to save it from. */
export type FileKind = "image" | "audio" | "video" | "card";

/** What a browser shows without running anything in it. SVG is not among them: it can hold scripts. */
const SHOWN: Record<string, readonly string[]> = {
  image: ["png", "jpeg", "gif", "webp", "avif", "bmp"],
  audio: ["mpeg", "mp4", "aac", "ogg", "opus", "wav", "webm", "flac"],
  video: ["mp4", "webm", "ogg", "quicktime"],
};

/** How a file of a media type is shown. */
export function fileKind(mime: string): FileKind {
  const [type, format] = mime.split("/");
  return Object.hasOwn(SHOWN, type) && SHOWN[type].includes(format) ? type as FileKind : "card";
}

/** A file's address on this server, relative to the page; `undefined` for what leads anywhere else. */
export function fileAddress(url: string): string | undefined {
  return /^\/files\/[\w-]+(\?[\w=&.%-]*)?$/.test(url) ? url.slice(1) : undefined;
}

/** Whether a link has ended, or soon does. */
export function isStale(url: string, now: number): boolean {
  const until = /[?&]until=(\d+)/.exec(url)?.[1];
  return until !== undefined && Number(until) * 1000 - now < 60_000;
}
