import { z } from "zod";
import type { People } from "../chat/people.ts";
import { utf8Length } from "../kit/utf8.ts";
import { BODIES } from "../protocol/api.ts";
import { encode } from "../protocol/encode.ts";
import { userId } from "../protocol/fields.ts";
import { LabelledCounter } from "../telemetry/counter.ts";
import type { Log } from "../telemetry/log.ts";

export interface ForeignNotificationsOptions {
  /** As for what the HTTP API is sent, in bytes. */
  readonly maxMessageBytes: number;
}

const SCHEMA = z.object({ userId, ...BODIES.NotificationRequest.shape }, "must be an object");
/** Who writes nonsense writes a lot of it. */
const WARN_EVERY_MS = 10_000;

/**
 * Takes what other programs publish for people, beside the HTTP API: `{userId, title, body, data}` as JSON.
 *
 * Every node hears it, and tells the devices that are connected to itself. Whatever it is, nothing throws.
 */
export class ForeignNotifications {
  readonly count = new LabelledCounter(
    "parley_foreign_notifications_total",
    "Notifications that programs published through Redis, as each node hears them: taken, connected or not, or refused. " +
      "Refused grows when a program writes something else than notifications.",
    "outcome",
    ["taken", "refused"],
  );
  readonly #people: People;
  readonly #log: Log;
  readonly #options: ForeignNotificationsOptions;
  #warnedAt = -Infinity;

  constructor(people: People, log: Log, options: ForeignNotificationsOptions) {
    this.#people = people;
    this.#log = log;
    this.#options = options;
  }

  readonly hear = (text: string): void => {
    const notification = this.#read(text);
    if (typeof notification === "string") return this.#refuse(notification);
    this.count.add(1, "taken");
    const { userId, title, body, data } = notification;
    const line = encode({ type: "notification", title, body, data });
    for (const visitor of this.#people.of(userId)) visitor.send(line, false);
  };

  /** What it says, or what is wrong with it. */
  #read(text: string): z.infer<typeof SCHEMA> | string {
    if (utf8Length(text) > this.#options.maxMessageBytes) return "too long";
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return "not JSON";
    }
    const result = SCHEMA.safeParse(value);
    if (result.success) return result.data;
    const { path, message } = result.error.issues[0];
    return `${path.join(".") || "notification"} ${message}`;
  }

  #refuse(problem: string): void {
    this.count.add(1, "refused");
    const now = Date.now();
    if (now < this.#warnedAt + WARN_EVERY_MS) return;
    this.#warnedAt = now;
    this.#log.warn("foreign_notification_refused", { problem, refused: this.count.get("refused") });
  }
}
