/**
 * Work with a Redis that is left where the Redis is gone and an end was asked for.
 *
 * @module
 */
import type { RedisLink } from "./redis_connection.ts";

/** Milliseconds that a Redis which is gone has to come back when work is asked to end, and those between looks. */
const [LAST_WAIT, LOOK_EVERY] = [2000, 200];

/**
 * Does something with a Redis. When the signal comes while the Redis is gone, and it does not come back soon, that is left as
 * it is: commands would wait for ever.
 *
 * @param given `isBusy`: whether something is at hand that needs no Redis, for which it is waited.
 * @returns What it came to, or that it was left.
 */
export async function unlessGone<T>(
  work: () => Promise<T>,
  { isThere, signal, isBusy = () => false }: Pick<RedisLink, "isThere"> & {
    readonly signal: AbortSignal;
    readonly isBusy?: () => boolean;
  },
): Promise<T | "gone"> {
  const { promise: left, resolve: leave } = Promise.withResolvers<"gone">();
  let since = performance.now();
  const timer = setInterval(() => {
    if (!signal.aborted || isThere() || isBusy()) since = performance.now();
    else if (performance.now() - since > LAST_WAIT) leave("gone");
  }, LOOK_EVERY);
  try {
    return await Promise.race([work(), left]);
  } finally {
    clearInterval(timer);
  }
}
