import { sleep } from "../kit/wait.ts";
import { FILE_MODE, removeIfThere, unlessMissing } from "./durable.ts";

/** How often it is tried again. */
const RETRY_MS = 20;

/**
 * A file that one isolate or process holds at a time, so that others leave something alone; it is let go when its holder
 * ends, however that comes.
 */
export class FileLock {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Takes a lock, making its file, whose folder must exist; `undefined` if another holds it for longer than that. */
  static async take(path: string, patienceMs: number): Promise<FileLock | undefined> {
    const giveUpAt = Date.now() + patienceMs;
    while (true) {
      const file = await Deno.open(path, { write: true, create: true, mode: FILE_MODE });
      if (await tryLock(file) && await isStillAt(path, file)) {
        await file.utime(new Date(), new Date()); // What is used now is not swept.
        return new FileLock(path, file);
      }
      file.close();
      if (Date.now() >= giveUpAt) return undefined;
      await sleep(RETRY_MS);
    }
  }

  /** Lets others have it. */
  release(): void {
    this.#file.close();
  }

  /** As {@linkcode FileLock.release}, for what nobody will want again. */
  async remove(): Promise<void> {
    await removeIfThere(this.#path).finally(() => this.release());
  }
}

async function tryLock(file: Deno.FsFile): Promise<boolean> {
  // Deno 2.5 has no such call, and some disks know no locks: there, only one isolate may use the folder.
  if (!("tryLock" in file)) return true;
  try {
    return await file.tryLock(true);
  } catch (error) {
    if (error instanceof Deno.errors.NotSupported) return true;
    throw error;
  }
}

/** Whether it is still that file, and not one that its holder has removed. */
async function isStillAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const [here, there] = await Promise.all([file.stat(), unlessMissing(Deno.stat(path))]);
  return there !== undefined && here.ino === there.ino && here.dev === there.dev;
}
