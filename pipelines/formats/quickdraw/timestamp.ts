/**
 * The times at which drawings were made, as text and as numbers. Browser safe.
 *
 * @module
 */

/**
 * The microseconds of a timestamp.
 *
 * @param timestamp Such as `2017-01-25 03:11:35.55071 UTC`, Google's; or without `UTC`, Kaggle's; or as ISO 8601 has it.
 * @returns Microseconds since 1970, rounded down; undefined where the text is no such timestamp.
 *
 * @example
 * ```ts
 * import { microsecondsOf, timestampOfMicroseconds } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(microsecondsOf("2017-01-25 03:11:35.55071 UTC"), 1485313895_550710n);
 * assertEquals(timestampOfMicroseconds(1485313895_550710n), "2017-01-25 03:11:35.55071 UTC");
 * ```
 */
export function microsecondsOf(timestamp: string): bigint | undefined {
  const [, date, time, fraction = ""] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?(?: ?UTC|Z|\+00(?::?00)?)?$/.exec(timestamp) ?? [];
  const milliseconds = date === undefined ? NaN : Date.parse(`${date}T${time}Z`);
  // Some dates that do not exist are others to Date.parse: the 30 February is the 2 March.
  if (Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(`${date}T${time}`)) {
    return undefined;
  }
  return BigInt(milliseconds) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
}

/**
 * The whole seconds of a timestamp.
 *
 * @param timestamp As {@linkcode microsecondsOf} reads it.
 * @returns Seconds since 1970, rounded down; undefined where the text is no such timestamp.
 *
 * @example
 * ```ts
 * import { secondsOf, timestampOf } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(secondsOf("2017-01-25 03:11:35.55071 UTC"), 1485313895);
 * assertEquals(timestampOf(1485313895), "2017-01-25 03:11:35.0 UTC");
 * ```
 */
export function secondsOf(timestamp: string): number | undefined {
  const microseconds = microsecondsOf(timestamp);
  return microseconds === undefined ? undefined : Math.floor(Number(microseconds) / 1e6);
}

/**
 * A timestamp as ndjson has it.
 *
 * @param microseconds Since 1970.
 * @returns Such as `2017-01-25 03:11:35.55071 UTC`, the zeros at the end of the fraction left out.
 * @throws {RangeError} When it is no time that a `Date` can be.
 *
 * @example
 * ```ts
 * import { timestampOfMicroseconds } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(timestampOfMicroseconds(0n), "1970-01-01 00:00:00.0 UTC");
 * ```
 */
export function timestampOfMicroseconds(microseconds: bigint): string {
  const fraction = (microseconds % 1_000_000n + 1_000_000n) % 1_000_000n;
  const seconds = (microseconds - fraction) / 1_000_000n;
  const [date, time] = new Date(1000 * Number(seconds)).toISOString().split("T");
  const digits = String(fraction).padStart(6, "0").replace(/0{1,5}$/, "");
  return `${date} ${time.slice(0, 8)}.${digits} UTC`;
}

/**
 * A timestamp as ndjson has it.
 *
 * @param seconds Seconds since 1970, 0 to 2^32 - 1.
 * @returns Such as `2017-01-25 03:11:35.0 UTC`.
 *
 * @example
 * ```ts
 * import { timestampOf } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(timestampOf(0), "1970-01-01 00:00:00.0 UTC");
 * ```
 */
export function timestampOf(seconds: number): string {
  return timestampOfMicroseconds(1_000_000n * BigInt(seconds));
}
