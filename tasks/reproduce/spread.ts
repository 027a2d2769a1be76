/**
 * Means with their spreads.
 *
 * @module
 */

/** A mean of numbers, and their sample standard deviation (divided by count - 1); null where there are fewer than two. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly deviation: number | null;
}

/** Undefined where there are none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count, mean, deviation: count < 2 ? null : Math.sqrt(squares / (count - 1)) };
}
