import { createHmac, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import type { ChatMessage } from "../protocol/messages.ts";

/** A link is good for at least this long… */
const LIFE_MS = 60 * 60 * 1000;
/** …and stays the same for this long, so that browsers need not fetch twice. */
const STEP_MS = 15 * 60 * 1000;
/** What the server's secret is used for here, and nowhere else. */
const PURPOSE = "parley file links v1";
/** 192 bits: more than enough, and short to read. */
const SIGNATURE_BYTES = 24;

/**
 * Makes and checks links to files that need no token, as pictures in a page cannot send one.
 *
 * A link is made for whoever is just being told a message, and so is a member of its room; it is bound to one file, and
 * ends by itself after 60 to 75 minutes. Who is banned can use the ones they have until then, and gets no new ones.
 */
export class FileLinks {
  readonly #key: Buffer;

  constructor(secret: string) {
    this.#key = createHmac("sha256", secret).update(PURPOSE).digest();
  }

  /** The path of a file, with what lets its reader in. */
  link(fileId: string, now = Date.now()): string {
    const until = Math.ceil((now + LIFE_MS) / STEP_MS) * STEP_MS / 1000;
    return `/files/${fileId}?until=${until}&sig=${this.#sign(fileId, until)}`;
  }

  /** A message of the log as it is told: with a fresh link to its file. */
  readonly renew = (message: ChatMessage): ChatMessage => {
    const { file } = message;
    return file === undefined ? message : { ...message, file: { ...file, url: this.link(file.fileId) } };
  };

  /** Whether a link's query is one that was made here for this file, and is still good. */
  isGood(fileId: string, query: URLSearchParams, now = Date.now()): boolean {
    const until = Number(query.get("until"));
    if (!Number.isSafeInteger(until) || until * 1000 <= now) return false;
    const signature = Buffer.from(query.get("sig") ?? "");
    const expected = Buffer.from(this.#sign(fileId, until));
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }

  #sign(fileId: string, until: number): string {
    const hash = createHmac("sha256", this.#key).update(`${fileId}\n${until}`).digest();
    return hash.subarray(0, SIGNATURE_BYTES).toString("base64url");
  }
}
