/**
 * Which sums are learnt and which are asked for: by four rules, each of which keeps something else apart. Browser safe.
 *
 * @module
 */
import { grouped } from "../../base/text.ts";
import { hashWords, SPLITS } from "../../base/split.ts";
import { type Expression, type Expressions, resultOf } from "./expressions.ts";

/** What no two splits share. */
export const SPLIT_RULES = ["query", "pair", "answer", "operand"] as const;

/** One of {@linkcode SPLIT_RULES}. */
export type SplitRule = (typeof SPLIT_RULES)[number];

/** How sums are shared out. */
export interface SplitPlan {
  readonly by: SplitRule;
  /** The share of the sums that are for the test, 0 to 1. */
  readonly testShare: number;
  /** The share of those that are for validation, 0 to 1. */
  readonly validShare: number;
}

/** Never the seed of another hash of this project. */
const RULE_SEED = 0x61726974;

/** What is kept together: the sums with the same number are in one split. */
const GROUPS: Readonly<Record<Exclude<SplitRule, "operand">, (sum: Expression, all: Expressions) => number>> = {
  query: (sum, all) => all.placeOf(sum),
  pair: ({ a, b }, { numbers }) => Math.min(a, b) * numbers + Math.max(a, b),
  answer: (sum, { max }) => resultOf(sum) + max,
};

/**
 * Shares sums out, by hash and not by a seed: a larger share for the test holds the smaller one.
 *
 * @returns The split of each, a place in `SPLITS`: [count].
 */
export function splitExpressions(all: Expressions, plan: SplitPlan): Uint8Array<ArrayBuffer> {
  return plan.by === "operand" ? byOperand(all, plan) : byGroup(all, plan, GROUPS[plan.by]);
}

const [TRAIN, VALID, TEST] = SPLITS.keys();

function byGroup(
  all: Expressions,
  { testShare, validShare }: SplitPlan,
  groupOf: (sum: Expression, all: Expressions) => number,
): Uint8Array<ArrayBuffer> {
  const groups = Uint32Array.from({ length: all.count }, (_, place) => groupOf(all.at(place), all));
  const sizes = new Map<number, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const splits = new Map<number, number>();
  const [tests, held] = [testShare, testShare + validShare].map((share) => Math.round(share * all.count));
  let taken = 0;
  for (const group of inHashOrder(sizes.keys())) {
    splits.set(group, taken < tests ? TEST : taken < held ? VALID : TRAIN);
    taken += sizes.get(group)!;
  }
  return Uint8Array.from(groups, (group) => splits.get(group)!);
}

/**
 * Numbers are shared out: a sum with one of the test's is the test's, of the others one with one of valid's is valid's. A share
 * above 0 has one number at least, as long as one is left to learn.
 */
function byOperand(all: Expressions, { testShare, validShare }: SplitPlan): Uint8Array<ArrayBuffer> {
  const { numbers } = all;
  const without = (share: number) => numbers - Math.round(numbers * Math.sqrt(1 - Math.min(1, share))); // n make n n sums
  const least = (share: number) => Math.min(numbers - 1, Math.ceil(share));
  const known = numbers - Math.max(least(testShare), without(testShare));
  const learnt = Math.min(numbers - without(testShare + validShare), Math.max(1, known - Math.ceil(validShare)));
  const splits = new Uint8Array(numbers);
  [...inHashOrder(Array(numbers).keys())].reverse().forEach((number, i) => {
    splits[number] = i < learnt ? TRAIN : i < known ? VALID : TEST;
  });
  return Uint8Array.from({ length: all.count }, (_, place) => {
    const { a, b } = all.at(place);
    return Math.max(splits[a], splits[b]);
  });
}

/** Whole numbers in an order that no seed changes. */
function inHashOrder(numbers: Iterable<number>): Float64Array {
  const hashes = new Map<number, number>();
  for (const number of numbers) {
    const [high, low] = hashWords(number, 0, RULE_SEED);
    hashes.set(number, high * 2 ** 21 + (low >>> 11)); // 53 bits, exact
  }
  return Float64Array.from(hashes.keys()).sort((a, b) => hashes.get(a)! - hashes.get(b)! || a - b);
}

/** What the test shares with the training, counted over all sums, in a sentence. */
export function describeLeak(all: Expressions, splits: Uint8Array, by: SplitRule): string {
  const learnt = { answers: new Set<number>(), numbers: new Set<number>() };
  splits.forEach((split, place) => {
    if (split !== TRAIN) return;
    const sum = all.at(place);
    learnt.answers.add(resultOf(sum));
    learnt.numbers.add(sum.a).add(sum.b);
  });
  let [tests, swapped, answers, numbers] = [0, 0, 0, 0];
  splits.forEach((split, place) => {
    if (split !== TEST) return;
    const sum = all.at(place);
    const { operation, a, b } = sum;
    tests++;
    if (splits[all.placeOf({ operation, a: b, b: a })] === TRAIN) swapped++;
    if (learnt.answers.has(resultOf(sum))) answers++;
    if (learnt.numbers.has(a) && learnt.numbers.has(b)) numbers++;
  });
  return `split by ${by}: of ${grouped(tests)} test queries ${
    grouped(swapped)
  } are in train with their numbers swapped, ` +
    `${grouped(answers)} have an answer that train has, ${
      grouped(numbers)
    } are of two numbers that train has, before --per-class`;
}
