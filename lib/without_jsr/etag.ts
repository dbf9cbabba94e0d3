/** The part of `@std/http/etag` that Parley uses: the same tags for the same files. */

/** What a tag is made of when it stands for a file. */
export interface FileInfo {
  mtime: Date | null;
  size: number;
}

/** How a tag is made: by which digest (SHA-256), and whether it is weak (only those of files are). */
export interface ETagOptions {
  algorithm?: AlgorithmIdentifier;
  weak?: boolean;
}

const EMPTY_TAG = "0-47DEQpj8HBSa+/TImW+5JCeuQeR";
const DIGEST_CHARACTERS = 27;

/** The entity tag of a text or of bytes. */
export function eTag(entity: string | Uint8Array<ArrayBuffer>, options?: ETagOptions): Promise<string>;
/** The entity tag of a file, by its time and size; none when its time is unknown. */
export function eTag(entity: FileInfo, options?: ETagOptions): Promise<string | undefined>;
export async function eTag(
  entity: string | Uint8Array<ArrayBuffer> | FileInfo,
  options: ETagOptions = {},
): Promise<string | undefined> {
  const isFile = typeof entity === "object" && "mtime" in entity;
  if (isFile && !entity.mtime) return undefined;
  const tag = isFile
    ? `${entity.size.toString(16)}-${await digest(String(entity.mtime?.toJSON()), options)}`
    : await contentTag(entity, options);
  return (options.weak ?? isFile) ? `W/"${tag}"` : `"${tag}"`;
}

/** Whether the answer must be sent: false when `If-None-Match` names the tag (RFC 9110 §13.1.2). */
export function ifNoneMatch(value: string | null, etag: string | undefined): boolean {
  if (!value || !etag) return true;
  if (value.trim() === "*") return false;
  return !value.trim().split(/\s*,\s*/).some((tag) => withoutWeakness(tag) === withoutWeakness(etag));
}

async function contentTag(content: string | Uint8Array<ArrayBuffer>, options: ETagOptions): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  if (bytes.length === 0) return EMPTY_TAG;
  return `${bytes.length.toString(16)}-${await digest(bytes, options)}`;
}

async function digest(content: string | Uint8Array<ArrayBuffer>, options: ETagOptions): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const hash = await crypto.subtle.digest(options.algorithm ?? "SHA-256", bytes);
  return new Uint8Array(hash).toBase64().slice(0, DIGEST_CHARACTERS);
}

function withoutWeakness(tag: string): string {
  return tag.replace(/^W\//, "");
}
