/**
 * When to try again: faults that may pass, how long to wait, what `Retry-After` says. Browser safe.
 *
 * @module
 */

/** The longest wait before another attempt, in milliseconds; a server that asks for more is given up. */
export const LONGEST_WAIT = 120_000;

const FIRST_WAIT = 500;
const LONGEST_BACKOFF = 30_000;

/** Why an attempt to fetch a file failed; the message does not name the address. */
export class Fault extends Error {
  /** `Fault`. */
  override readonly name = "Fault";
  /** Whether another attempt at the same address may succeed. */
  readonly again: boolean;
  /** Milliseconds to wait before it, where the server says so. */
  readonly wait: number | undefined;

  /** Makes the error. */
  constructor(message: string, { again, wait }: { again: boolean; wait?: number | undefined }) {
    super(message);
    this.again = again;
    this.wait = wait;
  }
}

/**
 * How long to wait after so many failures in a row: twice as long each time up to 30 s, of which the second half is
 * chance, so that many programs that failed together do not come back together.
 *
 * @param failures 1 or more.
 * @param random Gives numbers from 0 to below 1.
 * @returns Milliseconds.
 *
 * @example
 * ```ts
 * import { backoff } from "./retry.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([1, 2, 3, 99].map((failures) => backoff(failures, () => 0)), [250, 500, 1000, 15_000]);
 * assertEquals(backoff(1, () => 0.5), 375);
 * ```
 */
export function backoff(failures: number, random: () => number): number {
  const most = Math.min(LONGEST_BACKOFF, FIRST_WAIT * 2 ** (failures - 1));
  return most / 2 * (1 + random());
}

/**
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds or a date.
 *
 * @param header As the server sent it, if it did.
 * @param now Milliseconds since 1970.
 * @returns Milliseconds to wait, 0 or more; undefined where the header says nothing.
 *
 * @example
 * ```ts
 * import { parseRetryAfter } from "./retry.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseRetryAfter("3", 0), 3000);
 * assertEquals(parseRetryAfter("Thu, 01 Jan 1970 00:00:09 GMT", 4000), 5000);
 * assertEquals(parseRetryAfter("soon", 0), undefined);
 * ```
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return 1000 * Number(text);
  const date = /\d{4}/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
