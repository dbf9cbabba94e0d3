/** A message as it is kept until the server has it; one that was refused for good also keeps the refusal. */
export type StoredMessage = {
  id: string;
  roomId: string;
  content: string;
  replyTo?: string;
  /** Whom a direct message goes to: a user id, or `@` and a name. */
  to?: string;
  /** When it was written, in milliseconds since the epoch: never the same twice, so also the order to send in. */
  createdAt: number;
  error?: { code: string; message: string; retryAfterMs?: number };
};

/**
 * Where messages wait until the server has them. `put` and `remove` MUST have taken effect when they resolve, and MUST
 * NOT fail for what is there already or not there; `load` gives what was put under this key, in any order.
 */
export interface UnsentStore {
  /** Whether other tabs, too, may hold this store open: then one of them sends at a time. */
  readonly shared?: boolean;
  load(key: string): Promise<StoredMessage[]>;
  put(key: string, message: StoredMessage): Promise<void>;
  remove(key: string, id: string): Promise<void>;
}
