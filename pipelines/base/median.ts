/**
 * The median, by which times are compared. Browser safe.
 *
 * @module
 */

/** The middle one of some numbers; of an even count the upper of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
