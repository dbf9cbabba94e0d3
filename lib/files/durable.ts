import { dirname } from "node:path";
import { FilesUnavailable, UploadBusy } from "./file_store.ts";

/** Only the server's own account may look at what strangers sent. */
export const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Makes a folder and those above it. */
export async function makeFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: FOLDER_MODE });
}

/** Makes the names in a folder outlive the machine, where the system can. */
export async function syncFolder(path: string): Promise<void> {
  try {
    using folder = await Deno.open(path);
    await folder.sync();
  } catch (error) {
    if (Deno.build.os !== "windows") throw error; // There, folders cannot be opened, and need not be.
  }
}

/**
 * Writes a file that is there whole or not at all: always after the end of the process, and after the end of the
 * machine too if it is `durable`.
 */
export async function writeWhole(
  path: string,
  text: string,
  scratch: string,
  durable: boolean,
): Promise<void> {
  try {
    {
      using file = await Deno.open(scratch, { write: true, create: true, truncate: true, mode: FILE_MODE });
      await writeAll(file, new TextEncoder().encode(text));
      if (durable) await file.sync();
    }
    await Deno.rename(scratch, path);
  } catch (error) {
    await removeIfThere(scratch);
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
}

/**
 * Adds a line to a file, durably: several processes may do so at once. An empty line comes before it, so that one that
 * a crash cut off does not take it along.
 */
export async function appendLine(path: string, line: string, create: boolean): Promise<void> {
  using file = await Deno.open(path, { append: true, create, mode: FILE_MODE });
  await writeAll(file, new TextEncoder().encode(`\n${line}\n`));
  await file.sync();
}

/** The lines of a file that are whole, without empty ones. */
export function wholeLines(text = ""): string[] {
  return text.split("\n").slice(0, -1).filter((line) => line !== "");
}

export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}

/** A file's text, or `undefined` if there is none. */
export function readIfThere(path: string): Promise<string | undefined> {
  return unlessMissing(Deno.readTextFile(path));
}

export async function removeIfThere(path: string): Promise<void> {
  await unlessMissing(Deno.remove(path));
}

/** The names in a folder; none if there is no such folder. */
export async function list(path: string): Promise<string[]> {
  const names = await unlessMissing(Array.fromAsync(Deno.readDir(path), ({ name }) => name));
  return names ?? [];
}

/** What came of it; `undefined` where there is no such file. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Makes every failure of the disk the same to who asks. */
export async function io<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof UploadBusy) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FilesUnavailable(`Cannot read or write files: ${reason}`, { cause });
  }
}
