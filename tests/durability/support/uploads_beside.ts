import { ChildServer } from "../../support/child_server.ts";
import { SmallTalk, type TalkReport } from "./small_talk.ts";
import type { UploadCrowdAnswer, UploadCrowdRequest } from "./upload_crowd.ts";

/** A talk, and files that are sent beside it. */
export interface UploadsPlan {
  /** A folder for the database and the files. */
  readonly folder: string;
  readonly uploaders: number;
  readonly fileBytes: number;
  /** How long the talk goes on without files, and then with them. */
  readonly seconds: number;
}

export interface UploadsReport {
  readonly alone: TalkReport;
  readonly besideUploads: TalkReport;
  readonly p99RoseByMs: number;
  readonly files: number;
  readonly uploadedMiBPerSecond: number;
}

/** Measures what files on their way do to messages; those who send them have a core of their own, if there is one. */
export async function measureUploads(plan: UploadsPlan): Promise<UploadsReport> {
  const { folder, uploaders, fileBytes, seconds } = plan;
  await using server = await ChildServer.start({
    STORE: `sqlite:${folder}/parley.db`,
    FILES_DIR: `${folder}/files`,
    MAX_FILE_BYTES: String(1 << 30),
    MAX_USER_FILE_BYTES: String(2 ** 40),
    LOG_LEVEL: "warn",
  });
  await using talk = await SmallTalk.begin(server);
  await talk.last(seconds / 5);
  const alone = await talk.last(seconds);
  using crowd = new UploadCrowd({ address: server.address, people: uploaders, fileBytes });
  await crowd.begun;
  await talk.last(seconds / 5);
  const startedAt = performance.now();
  const besideUploads = await talk.last(seconds);
  const elapsedSeconds = (performance.now() - startedAt) / 1000 + seconds / 5;
  const files = await crowd.stop();
  return {
    alone,
    besideUploads,
    p99RoseByMs: Number((besideUploads.p99Ms - alone.p99Ms).toFixed(1)),
    files,
    uploadedMiBPerSecond: Number((files * fileBytes / 2 ** 20 / elapsedSeconds).toFixed(1)),
  };
}

/** People who send files, in a thread of their own: what they do takes nothing from who measures. */
class UploadCrowd implements Disposable {
  readonly #worker = new Worker(new URL("./upload_crowd.ts", import.meta.url), { type: "module" });
  readonly #begun = Promise.withResolvers<void>();
  readonly #outcome = Promise.withResolvers<number>();

  constructor(request: UploadCrowdRequest) {
    this.#worker.onmessage = ({ data }: MessageEvent<UploadCrowdAnswer>) => {
      if ("begun" in data) this.#begun.resolve();
      else if ("files" in data) this.#outcome.resolve(data.files);
      else for (const { reject } of [this.#begun, this.#outcome]) reject(new Error(data.failed));
    };
    this.#outcome.promise.catch(() => {}); // Whoever waits for the beginning hears of it as well.
    this.#worker.postMessage(request);
  }

  /** Resolves once the first file has arrived; rejects if none can. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Lets what is on its way arrive; resolves to how many files did. */
  stop(): Promise<number> {
    const request: UploadCrowdRequest = { stop: true };
    this.#worker.postMessage(request);
    return this.#outcome.promise;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
