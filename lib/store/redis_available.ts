import { RedisUnavailable } from "../redis/redis_error.ts";
import { StoreUnavailable } from "./store.ts";

/** Says in the words of stores that Redis cannot be reached. */
export async function available<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof RedisUnavailable)) throw cause;
    throw new StoreUnavailable(cause.message, { cause });
  }
}
