/** What can become of an upload; a refusal may be of one of its chunks, and leaves what was kept to be resumed. */
export type UploadStep = "begun" | "resumed" | "finished" | "refused" | "aborted";

/** Hears how uploads go. */
export interface UploadsReport {
  went(step: UploadStep): void;
  /** A file is kept whole that was not before. */
  stored(bytes: number): void;
  /** Files could not be read or written. */
  failed(error: unknown): void;
}
