import { Counter, LabelledCounter } from "./counter.ts";
import type { Metric } from "./exposition.ts";
import { type Family, takeDown } from "./family.ts";
import { Histogram } from "./histogram.ts";
import { Traffic } from "./traffic.ts";

/** Everything a label can say: our own words only, so that strangers cannot make the page grow. */
export interface MetricLabels {
  readonly commands: readonly string[];
  readonly refusals: readonly string[];
  readonly endings: readonly string[];
  /** Where surprises are caught. */
  readonly stages: readonly string[];
}

const STATUSES = "101 200 201 204 206 304 400 401 403 404 405 409 413 415 416 422 426 429 500 503".split(" ");

/** What the server counts. Rooms and people are never named. */
export class Metrics {
  readonly opened = new Counter(
    "parley_opened_total",
    "Connections opened. Grows when people come, or keep coming back: compare with parley_closed_total.",
  );
  readonly endings: LabelledCounter;
  readonly unopened = new Counter(
    "parley_unopened_total",
    "Peers gone before their handshake was answered. Grows when they are reset; each keeps a file open to the end.",
  );
  readonly slowConsumers = new Counter(
    "parley_slow_consumers_total",
    "Connections closed because they read too slowly. Grows when networks are bad, or rooms too busy for their readers.",
  );
  readonly commands: LabelledCounter;
  readonly refusals: LabelledCounter;
  readonly traffic = new Traffic();
  readonly appended = new Counter(
    "parley_appended_total",
    "Messages appended to the log. Grows when people and programs talk.",
  );
  readonly duplicates = new Counter(
    "parley_duplicates_total",
    "Messages sent again with the same id, and not appended again. Grows when clients lose answers and retry.",
  );
  readonly acks = new Counter(
    "parley_acks_total",
    "Messages acknowledged, duplicates too. Grows when people and programs talk.",
  );
  readonly appendTime = new Histogram(
    "parley_append_seconds",
    "How long the store takes for what arrived in one turn. Grows when the disk or the database is slow.",
  );
  readonly storeErrors = new Counter(
    "parley_store_errors_total",
    "Messages the store could not take. Grows when the disk or the database is in trouble.",
  );
  readonly deliveries = new Counter(
    "parley_deliveries_total",
    "Messages told to connections in their rooms. Grows when rooms are busy or large.",
  );
  readonly fanOutTime = new Histogram(
    "parley_fanout_seconds",
    "How long a room takes to send what gathered to every member. Grows when rooms are large, or the process is busy.",
  );
  readonly uploads = new LabelledCounter(
    "parley_uploads_total",
    "Uploads, by what became of them. Resumed grows when connections break; refused grows when files are too large or not " +
      "as announced, or the disk is behind; the rest grows when people share files.",
    "step",
    ["begun", "resumed", "finished", "refused", "aborted"],
  );
  readonly storedBytes = new Counter(
    "parley_stored_file_bytes_total",
    "Bytes of files kept whole, also where the disk had the same already. Grows when people share files: mind the disk.",
  );
  readonly downloads = new LabelledCounter(
    "parley_downloads_total",
    "Answers to who fetches files: the whole file, a part, only a check of what is there, or none. None grows when links " +
      "have ended or people try doors; the rest grows when people open files.",
    "answer",
    ["whole", "part", "check", "none"],
  );
  readonly downloadBytes = new Counter(
    "parley_download_bytes_total",
    "Bytes of files asked for, also where the asker left before the end. Grows when people open files.",
  );
  readonly fileErrors = new Counter(
    "parley_file_errors_total",
    "Times files could not be read or written. Grows when the disk is full or in trouble.",
  );
  readonly answers = new LabelledCounter(
    "parley_http_answers_total",
    "HTTP requests answered, by status. Those of 500 and more grow when something of ours fails; all grows when programs call.",
    "status",
    STATUSES,
  );
  readonly surprises: LabelledCounter;
  readonly #more: Metric[] = [];

  constructor({ commands = [], refusals = [], endings = [], stages = [] }: Partial<MetricLabels> = {}) {
    this.endings = new LabelledCounter(
      "parley_closed_total",
      "Connections closed, by close code. 4008 grows when readers cannot keep up, 4010 grows when networks lose them.",
      "code",
      endings,
    );
    this.commands = new LabelledCounter(
      "parley_commands_total",
      "Commands received and understood, by type. Grows when clients talk.",
      "type",
      commands,
    );
    this.refusals = new LabelledCounter(
      "parley_refusals_total",
      "Commands refused, by code. Grows when clients misbehave, or limits are too tight.",
      "code",
      refusals,
    );
    this.surprises = new LabelledCounter(
      "parley_surprises_total",
      "Errors nobody expected, by where they were caught. Grows when the server has a bug: please report it.",
      "stage",
      stages,
    );
  }

  /** Adds what somebody else keeps. */
  include(...metrics: Metric[]): void {
    this.#more.push(...metrics);
  }

  /** How all of it stands. */
  takeDown(): Family[] {
    const { opened, endings, unopened, slowConsumers, commands, refusals, answers, surprises } = this;
    const { framesIn, bytesIn, framesOut, bytesOut, skipped } = this.traffic;
    const { appended, duplicates, acks, appendTime, storeErrors, deliveries, fanOutTime } = this;
    const connections = [opened, endings, unopened, slowConsumers, commands, refusals];
    const frames = [framesIn, bytesIn, framesOut, bytesOut, skipped];
    const messages = [appended, duplicates, acks, appendTime, storeErrors, deliveries, fanOutTime];
    const { uploads, storedBytes, downloads, downloadBytes, fileErrors } = this;
    const files = [uploads, storedBytes, downloads, downloadBytes, fileErrors];
    return takeDown([
      ...connections,
      ...frames,
      ...messages,
      ...files,
      answers,
      surprises,
      ...this.#more,
    ]);
  }
}
