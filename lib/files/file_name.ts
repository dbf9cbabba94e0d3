/** Marks that change the direction of text, and others that cannot be seen: with them `exe.txt` can be read for `txt.exe`. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** What a file without a usable name is called. */
const NAMELESS = "file";

/** Leaves of a stranger's file name one path segment that reads as it is; never empty, `.` or `..`. */
export function cleanFileName(name: string): string {
  const segment = name.replace(INVISIBLE, "").split(/[/\\]/).findLast((part) => part.trim() !== "") ?? "";
  // Windows drops dots and blanks at the end, and so would change what kind of file it is.
  return segment.trim().replace(/[. ]+$/, "") || NAMELESS;
}
