/**
 * Whether two classifiers that named the same examples differ by more than chance (McNemar 1947, Psychometrika 12, 153-157).
 *
 * @module
 */

/** What two classifiers made of the same examples. */
export interface PairedCounts {
  /** Both were right. */
  readonly both: number;
  /** The first alone was. */
  readonly first: number;
  /** The second alone was. */
  readonly second: number;
  /** Neither was. */
  readonly neither: number;
}

/**
 * Counts what two classifiers made of the same examples.
 *
 * @param first Whether the first was right, an entry an example.
 * @param second The second, of the same examples in the same order.
 * @throws {RangeError} When they are not of as many examples.
 */
export function pairedCounts(first: readonly boolean[], second: readonly boolean[]): PairedCounts {
  if (first.length !== second.length) {
    throw new RangeError(`Cannot pair ${first.length} answers with ${second.length}`);
  }
  const counts = { both: 0, first: 0, second: 0, neither: 0 };
  first.forEach((isRight, i) => {
    counts[isRight ? second[i] ? "both" : "first" : second[i] ? "second" : "neither"]++;
  });
  return counts;
}

/**
 * McNemar's exact test, two-sided: how likely the examples that one alone named rightly are shared out at least as unevenly
 * when each goes to either with the same chance.
 *
 * @param counts Only `first` and `second` matter.
 * @returns A probability, 0 to 1; 1 where the two differ on no example.
 *
 * @example Ten coins of which one shows heads: 2 (1 + 10) / 2^10
 * ```ts
 * import { mcnemarTest } from "@strokewise/strokewise/tasks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(mcnemarTest({ first: 1, second: 9 }), 22 / 1024, 1e-12);
 * ```
 */
export function mcnemarTest({ first, second }: Pick<PairedCounts, "first" | "second">): number {
  const [all, few] = [first + second, Math.min(first, second)];
  let term = -all * Math.LN2; // the logarithm of the binomial probability of 0; the probability may be too small a number
  let sum = term;
  for (let k = 1; k <= few; k++) {
    term += Math.log((all - k + 1) / k);
    sum = Math.max(sum, term) + Math.log1p(Math.exp(-Math.abs(sum - term)));
  }
  return Math.min(1, 2 * Math.exp(sum)); // in the middle both sides hold it
}

/**
 * Probabilities of several tests, corrected for their number so that the chance of one or more wrong findings stays what a
 * single one has (Holm 1979, Scandinavian Journal of Statistics 6, 65-70).
 *
 * @param values One a test, 0 to 1.
 * @returns In the same order.
 *
 * @example
 * ```ts
 * import { holmCorrected } from "./mcnemar.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(holmCorrected([0.5, 0.01, 0.02]), [0.5, 0.03, 0.04]);
 * ```
 */
export function holmCorrected(values: readonly number[]): number[] {
  const corrected = [...values];
  let least = 0;
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  for (const [rank, i] of order.entries()) {
    least = Math.max(least, Math.min(1, (values.length - rank) * values[i]));
    corrected[i] = least;
  }
  return corrected;
}
