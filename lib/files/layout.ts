import { createHash } from "node:crypto";
import { join } from "node:path";
import { encodeHex } from "../kit/hex.ts";
import type { UploadKey } from "./file_store.ts";

/**
 * Where things are kept, all of it under names made here:
 *
 * - `contents/ab/<fileId>`: what is in a file; files of the same content are hard links to one
 * - `records/ab/<fileId>`: what was said of it, and in further lines the rooms that got it later, and its messages
 * - `hashes/ab/<sha256>`: the files with that content, one a line
 * - `people/ab/<hash of the user id>/<fileId>-<size>`: whose files they are
 * - `uploads/<hash of the user id>/<hash of room and id>.{json,part,done,lock}`: what is on its way
 * - `uploads/<hash of the user id>/person.lock`: held by who counts what they have
 * - `scratch/`: what is being written
 */
export class Layout {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  get uploads(): string {
    return join(this.#root, "uploads");
  }

  get scratch(): string {
    return join(this.#root, "scratch");
  }

  content(fileId: string): string {
    return join(this.#root, "contents", fan(fileId), fileId);
  }

  /** The folders that hold the records. */
  get records(): string {
    return join(this.#root, "records");
  }

  record(fileId: string): string {
    return join(this.#root, "records", fan(fileId), fileId);
  }

  hash(sha256: string): string {
    return join(this.#root, "hashes", fan(sha256), sha256);
  }

  person(userId: string): string {
    const name = digest(userId);
    return join(this.#root, "people", fan(name), name);
  }

  uploadsOf(userId: string): string {
    return join(this.uploads, digest(userId));
  }

  personLock(userId: string): string {
    return join(this.uploadsOf(userId), "person.lock");
  }

  /** Without the ending. */
  upload({ userId, roomId, id }: UploadKey): string {
    return join(this.uploadsOf(userId), digest(JSON.stringify([roomId, id])));
  }

  /** A name that nothing else has. */
  newScratch(): string {
    return join(this.scratch, crypto.randomUUID());
  }
}

/** 128 bits that nobody can guess. */
export function newFileId(): string {
  return encodeHex(crypto.getRandomValues(new Uint8Array(16)));
}

/** So many files in one folder would be slow to find. */
function fan(name: string): string {
  return name.slice(0, 2);
}

/** Names something by what a stranger chose, without letting them choose the name. */
function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 40);
}
