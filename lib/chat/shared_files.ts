import type { FileLinks } from "../files/file_links.ts";
import { type FileRecord, type FileStore, FilesUnavailable } from "../files/file_store.ts";
import { Refusal } from "../protocol/codes.ts";
import type { FileInfo } from "../protocol/messages.ts";
import type { Directory } from "./directory.ts";
import type { User } from "./member.ts";
import type { Room } from "./room.ts";

/** Rooms that may hold one file. */
const MAX_ROOMS = 100;

/** The files that rooms hold: who may read them, and how they come to further rooms. */
export class SharedFiles {
  readonly #files: FileStore;
  readonly #links: FileLinks;
  readonly #directory: Directory;
  readonly #failed: (error: unknown) => void;

  /** `failed` hears why files could not be read or written. */
  constructor(files: FileStore, links: FileLinks, directory: Directory, failed: (error: unknown) => void) {
    this.#files = files;
    this.#links = links;
    this.#directory = directory;
    this.#failed = failed;
  }

  /** Whether a person belongs to a room that holds the file. */
  async mayRead(user: User, { rooms }: FileRecord): Promise<boolean> {
    for (const roomId of rooms) {
      if (await this.#directory.checkMember(user, roomId) === undefined) return true;
    }
    return false;
  }

  /** A file with the content, among those that a person may read. */
  async findSame(user: User, sha256: string, size: number): Promise<FileRecord | undefined> {
    for (const record of await this.#files.sharing(sha256)) {
      if (record.size === size && await this.mayRead(user, record)) return record;
    }
  }

  /** A file that is kept, for a message in a room whose members may read it from now on. */
  attach(user: User, roomId: string, fileId: string): Promise<FileInfo | Refusal> {
    return this.guard(async () => {
      const record = await this.#files.find(fileId);
      if (record === undefined || !await this.mayRead(user, record)) {
        return new Refusal("file_rejected", { message: "No such file" });
      }
      if (!record.rooms.includes(roomId)) {
        if (record.rooms.length >= MAX_ROOMS) {
          return new Refusal("file_rejected", { message: `The file is in ${MAX_ROOMS} rooms already` });
        }
        await this.#files.addRoom(fileId, roomId);
      }
      return this.describe(record);
    });
  }

  /** Remembers that a message with a file stands in a room; where that fails, it can be found out later. */
  async notePost(fileId: string, { roomId, record: { epoch } }: Room, seq: number): Promise<void> {
    try {
      await this.#files.notePost(fileId, { roomId, epoch, seq });
    } catch (error) {
      this.#failed(error);
    }
  }

  /** What a message says of a file. */
  describe({ fileId, name, size, mime }: FileRecord): FileInfo {
    return { fileId, name, size, mime, url: this.#links.link(fileId) };
  }

  /** Does something with files; where they cannot be reached, it may be tried again. */
  async guard<T>(work: () => Promise<T>): Promise<T | Refusal> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof FilesUnavailable)) throw error;
      this.#failed(error);
      return new Refusal("unavailable");
    }
  }
}
