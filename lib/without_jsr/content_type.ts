const TEXT = "; charset=UTF-8";

/** The media types of what a web server hands out, spelled as `@std/media-types` spells them. */
const TYPES: Record<string, string> = {
  ".avif": "image/avif",
  ".css": `text/css${TEXT}`,
  ".csv": `text/csv${TEXT}`,
  ".gif": "image/gif",
  ".gz": "application/gzip",
  ".htm": `text/html${TEXT}`,
  ".html": `text/html${TEXT}`,
  ".ico": "image/vnd.microsoft.icon",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": `text/javascript${TEXT}`,
  ".json": `application/json${TEXT}`,
  ".m4a": "audio/mp4",
  ".map": `application/json${TEXT}`,
  ".md": `text/markdown${TEXT}`,
  ".mjs": `text/javascript${TEXT}`,
  ".mp3": "audio/mpeg",
  ".mp4": "video/mp4",
  ".ogg": "audio/ogg",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ts": "video/mp2t",
  ".ttf": "font/ttf",
  ".txt": `text/plain${TEXT}`,
  ".wasm": "application/wasm",
  ".wav": "audio/wave",
  ".webm": "video/webm",
  ".webmanifest": `application/manifest+json${TEXT}`,
  ".webp": "image/webp",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".xml": "application/xml",
  ".yaml": `text/yaml${TEXT}`,
  ".zip": "application/zip",
};

/** The `Content-Type` for a file extension with its dot; none for one that is not known. */
export function contentType(extension: string): string | undefined {
  return Object.hasOwn(TYPES, extension.toLowerCase()) ? TYPES[extension.toLowerCase()] : undefined;
}
