import { cleanFileName } from "../files/file_name.ts";
import type { FileClaim } from "../files/file_store.ts";
import type { Command } from "../protocol/commands.ts";

/** What somebody says of a file, in the form in which it is kept. */
export function claimOf({ name, size, mime, sha256 }: Command<"file_begin">): FileClaim {
  const type = mime.split(";")[0].trim().toLowerCase();
  return {
    name: cleanFileName(name),
    size,
    mime: type || "application/octet-stream",
    sha256: sha256.toLowerCase(),
  };
}
