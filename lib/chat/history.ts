import { utf8Length } from "../kit/utf8.ts";
import { encodeChat } from "../protocol/encode.ts";
import type { ChatMessage } from "../protocol/messages.ts";
import type { Page, Range, Store } from "../store/store.ts";

export interface HistoryOptions {
  /** What is asked for, or was missed, comes in pages of at most so many messages. */
  readonly recoveryLimit: number;
}

/** A page of a room's log, its messages written already. */
export interface WrittenPage {
  readonly epoch: string;
  readonly seq: number;
  readonly history: string[];
  readonly more: boolean;
}

/** Brings a message that was kept up to date: links to files do not last. */
export type Renew = (message: ChatMessage) => ChatMessage;

const asKept: Renew = (message) => message;

/** A page ends once its messages take this many bytes. */
const PAGE_BYTES = 256 * 1024;
/** What a page holds when nobody said how much. */
const DEFAULT_PAGE = 50;

/** Reads rooms' logs in pages. */
export class History {
  readonly #store: Store;
  readonly #options: HistoryOptions;
  /** How often what was missed could be told without a gap, and how often not. */
  readonly recoveries = { recovered: 0, reset: 0 };
  readonly #renew: Renew;

  /** `renew` brings a message that was kept up to date before it is told. */
  constructor(store: Store, options: HistoryOptions, renew: Renew = asKept) {
    this.#store = store;
    this.#options = options;
    this.#renew = renew;
  }

  /** The newest messages, or those in the range asked for; forward from `after` if that is given. */
  async page(
    roomId: string,
    range: Partial<Omit<Range, "maxLength">> = {},
  ): Promise<WrittenPage> {
    const limit = Math.min(range.limit ?? DEFAULT_PAGE, this.#options.recoveryLimit);
    return await this.#read(roomId, { ...range, limit });
  }

  /**
   * What somebody who knows the log up to `after` has missed; the newest page, and `recovered` false, where that can't
   * be told without a gap.
   */
  async recover(
    roomId: string,
    after: number | undefined,
    epoch: string | undefined,
  ): Promise<WrittenPage & { readonly recovered: boolean }> {
    if (after !== undefined && isPlace(after)) {
      const range = { after, limit: this.#options.recoveryLimit, maxLength: PAGE_BYTES };
      const page = await this.#store.page(roomId, range);
      const isSameLog = epoch === undefined || epoch === page.epoch;
      if (isSameLog && after <= page.head && after >= page.first - 1) {
        this.recoveries.recovered++;
        return { ...write(page, true, this.#renew), recovered: true };
      }
    }
    if (after !== undefined) this.recoveries.reset++;
    return { ...await this.#read(roomId, { limit: DEFAULT_PAGE }), recovered: false };
  }

  async #read(
    roomId: string,
    { after, before, limit }: Omit<Range, "maxLength">,
  ): Promise<WrittenPage> {
    const page = await this.#store.page(roomId, { after, before, limit, maxLength: PAGE_BYTES });
    return write(page, after !== undefined, this.#renew);
  }
}

/** Whether a number may have been given out: a `seq`, or 0 for what was before the first one. */
function isPlace(after: number): boolean {
  return after >= 0 && Number.isSafeInteger(after);
}

/** Writes a page's messages, from the end that it was read from, until it is full. */
function write(page: Page, isForward: boolean, renew: Renew): WrittenPage {
  const { epoch, head: seq, messages } = page;
  const history: string[] = [];
  let bytes = 0;
  for (let i = 0; i < messages.length; i++) {
    const line = encodeChat(renew(messages[isForward ? i : messages.length - 1 - i]));
    bytes += utf8Length(line) + 1;
    if (bytes > PAGE_BYTES && i > 0) break;
    history.push(line);
  }
  if (!isForward) history.reverse();
  return { epoch, seq, history, more: page.more || history.length < messages.length };
}
