/** Types that a browser shows without running anything in them: these may stand in a page. SVG is not one of them. */
const SHOWN: ReadonlySet<string> = new Set([
  ...["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"],
  ...[
    "audio/mpeg",
    "audio/mp4",
    "audio/aac",
    "audio/ogg",
    "audio/opus",
    "audio/wav",
    "audio/webm",
    "audio/flac",
  ],
  ...["video/mp4", "video/webm", "video/ogg", "video/quicktime"],
]);

/** Types that help whoever saves the file. */
const SAVED: ReadonlySet<string> = new Set([
  ...["application/pdf", "application/zip", "application/gzip", "application/json", "text/plain", "text/csv"],
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation",
]);

/** As what a file is sent, whatever a stranger has called it. */
export function mediaTypeOf(mime: string): { readonly type: string; readonly isShown: boolean } {
  if (SHOWN.has(mime)) return { type: mime, isShown: true };
  return { type: SAVED.has(mime) ? mime : "application/octet-stream", isShown: false };
}
