import {
  type FileClaim,
  type FileStore,
  type Upload,
  UploadBusy,
  type UploadKey,
} from "../files/file_store.ts";
import { Lanes } from "../kit/lanes.ts";
import { sleep } from "../kit/wait.ts";
import { Refusal } from "../protocol/codes.ts";
import type { Cluster } from "./cluster.ts";
import type { User } from "./member.ts";
import type { SharedFiles } from "./shared_files.ts";
import type { UploadsReport } from "./uploads_report.ts";

/** What uploads are opened with. */
export interface UploadOpeningParts {
  readonly files: FileStore;
  readonly shared: SharedFiles;
  readonly cluster: Cluster;
  readonly report: UploadsReport;
}

export interface UploadOpeningOptions {
  /** What one person may keep here, and have under way, in bytes. */
  readonly maxUserFileBytes: number;
}

/** Uploads one person may have unfinished. */
const MAX_UNFINISHED = 16;
/** Another node that is at the same upload has so much time to let go of it. */
const MAX_LETTING_GO_MS = 3_000;
const RETRY_MS = 50;

/** Opens uploads: goes on with those that have begun, and begins others for who has room left. */
export class UploadOpening {
  readonly #parts: UploadOpeningParts;
  readonly #options: UploadOpeningOptions;
  /** One person's uploads begin one after another, so that each counts for the next. */
  readonly #people = new Lanes();

  constructor(parts: UploadOpeningParts, options: UploadOpeningOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Opens an upload; another node that is at it, for a connection that may be gone, is asked to let go. */
  async open(user: User, key: UploadKey, claim: FileClaim): Promise<Upload | Refusal> {
    const giveUpAt = Date.now() + MAX_LETTING_GO_MS;
    while (true) {
      try {
        return await this.#resume(user, key, claim);
      } catch (error) {
        if (!(error instanceof UploadBusy)) throw error;
        if (Date.now() >= giveUpAt) return new Refusal("unavailable");
        this.#parts.cluster.tellAll("uploading", { key });
        await sleep(RETRY_MS);
      }
    }
  }

  async #resume(user: User, key: UploadKey, claim: FileClaim): Promise<Upload | Refusal> {
    const { files, shared } = this.#parts;
    const upload = await files.resume(key);
    const isSame = upload?.claim.sha256 === claim.sha256 && upload.claim.size === claim.size;
    if (upload !== undefined && isSame) {
      this.#parts.report.went("resumed");
      return upload;
    }
    if (upload?.isStored) return new Refusal("bad_request", { message: "id was used for another file" });
    await upload?.discard();
    const beginning = async () => {
      const { storedBytes, unfinished, unfinishedBytes } = await files.usage(user.userId);
      if (unfinished >= MAX_UNFINISHED) return tooMany(`at most ${MAX_UNFINISHED} unfinished uploads`);
      const { maxUserFileBytes } = this.#options;
      if (storedBytes + unfinishedBytes + claim.size > maxUserFileBytes) {
        return tooMany(`your files may take ${maxUserFileBytes} bytes together`);
      }
      const begun = await files.begin(key, claim, await shared.findSame(user, claim.sha256, claim.size));
      this.#parts.report.went("begun");
      return begun;
    };
    return await this.#people.run(user.userId, () => files.alone(user.userId, beginning));
  }
}

function tooMany(message: string): Refusal {
  return new Refusal("limit_exceeded", { message });
}
