/**
 * Classifiers that named the same examples, two and two: how often each alone was right, and whether that may be chance.
 *
 * @module
 */
import { holmCorrected, mcnemarTest, type PairedCounts, pairedCounts } from "../../evaluation/mcnemar.ts";
import { unpackBits } from "../../evaluation/right_bits.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { isComparable } from "./cautions.ts";
import type { RunSummary } from "../../runs/run_summary.ts";
import type { ComparedRun } from "./compared_run.ts";

/** Two classifiers on the same examples. */
export interface ComparedPair {
  /** The runs' names. */
  readonly names: readonly [first: string, second: string];
  /** On how many examples each was right. */
  readonly counts: PairedCounts;
  /** Of McNemar's exact test, two-sided. */
  readonly p: number;
  /** The same, corrected for the number of pairs. */
  readonly corrected: number;
}

/** Below so small a probability a difference counts as more than chance. */
export const LEVEL = 0.05;

/** A run that was judged, or not. */
export type PairedRun = Pick<ComparedRun, "name" | "evaluation"> & { readonly summary: Pick<RunSummary, "folder"> };

/** The answers of a run that classifies, as far as they were kept. */
interface Answers {
  readonly run: PairedRun;
  readonly right: readonly boolean[];
}

/**
 * Compares all runs that classify and were judged on the same examples, each with each.
 *
 * @throws {InputError} When an evaluation holds answers for another number of examples than it says.
 */
export function comparePairs(runs: readonly PairedRun[]): ComparedPair[] {
  const answers = runs.flatMap((run) => answersOf(run) ?? []);
  const pairs = answers.flatMap((first, i) =>
    answers.slice(i + 1).filter(({ run }) => isComparable(first.run, run)).map((second) => {
      const counts = pairedCounts(first.right, second.right);
      return { names: [first.run.name, second.run.name] as const, counts, p: mcnemarTest(counts) };
    })
  );
  const corrected = holmCorrected(pairs.map(({ p }) => p));
  return pairs.map((pair, i) => ({ ...pair, corrected: corrected[i] }));
}

function answersOf(run: PairedRun): Answers | undefined {
  const { evaluation, summary: { folder } } = run;
  const { right: packed } = evaluation?.classification ?? {};
  if (evaluation === undefined || packed === undefined) return undefined;
  const right = unpackBits(packed, evaluation.examples);
  if (right === undefined) throw new InputError(`${folder}/metrics.json: its answers are not ${evaluation.examples}`);
  return { run, right };
}

/** The difference of the shares that two named rightly, in percentage points: the first's less the second's. */
export function pointsBetween({ both, first, second, neither }: PairedCounts): number {
  return 100 * (first - second) / (both + first + second + neither);
}

/**
 * A probability as it is shown.
 *
 * @example
 * ```ts
 * import { probabilityText } from "./pairs.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([1, 0.0312, 0.00021, 3e-12, 0].map(probabilityText), ["1", "0.031", "0.00021", "3.0e-12", "< 1e-300"]);
 * ```
 */
export function probabilityText(p: number): string {
  if (p < 1e-300) return "< 1e-300";
  return p < 1e-4 ? p.toExponential(1) : `${Number(p.toPrecision(2))}`;
}

/** What a pair comes to, in a sentence. */
export function verdictOn({ names: [first, second], counts, p, corrected }: ComparedPair): string {
  const points = pointsBetween(counts);
  if (counts.first + counts.second === 0) return `${first} and ${second} are right and wrong on the same examples.`;
  if (corrected < LEVEL) {
    const [better, worse] = points > 0 ? [first, second] : [second, first];
    return `${better} is better than ${worse} by ${Math.abs(points).toFixed(2)} points, by more than chance.`;
  }
  const only = p < LEVEL ? ", as one of several pairs," : "";
  return `${first} and ${second} differ by ${Math.abs(points).toFixed(2)} points, which${only} may be chance.`;
}

/** How the numbers of pairs are to be read. */
export const PAIRS_NOTE =
  "p is McNemar's exact test, two-sided, on the same examples: how likely those that one alone " +
  "names rightly are shared out so unevenly by chance. It is about these weights; another seed is another question.";
/** The same of more than one pair. */
export const HOLM_NOTE = "With more than one pair p is corrected for their number (Holm).";
