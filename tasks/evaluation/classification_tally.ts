/**
 * What a classifier's answers are worth: the numbers, and the collector that builds them from streamed
 * log-probabilities.
 *
 * @module
 */
import type { SheetDrawing } from "../../pipelines/images/contact_sheet.ts";
import { packBits } from "./right_bits.ts";

/** How well one class is told from the others. */
export interface ClassScore {
  /** The class. */
  readonly name: string;
  /** Share of the examples given this class that are of it; null where none was given it. */
  readonly precision: number | null;
  /** Share of the examples of this class that were given it; null where there are none. */
  readonly recall: number | null;
  /** The examples of this class. */
  readonly support: number;
}

/** An example given the wrong class. */
export interface Mistake {
  /** Which one: `key_id` and the dataset's own id, or the split and the place in its shards, 0-based: `test 1234`. */
  readonly example: string;
  /** The true class. */
  readonly label: string;
  /** The class given to it. */
  readonly predicted: string;
  /** The probability given to the predicted class. */
  readonly probability: number;
  /** The probability given to the true class. */
  readonly trueProbability: number;
}

/** What a classifier makes of the first strokes alone. Shares are 0 to 1. */
export interface EarlyRecognition {
  /** How many strokes were shown, 1 or more. */
  readonly strokes: number;
  /** Top-1 of all examples, those among them that have no further strokes. */
  readonly accuracy: number;
  /** The share of the examples that are complete by then: they have no further strokes. */
  readonly complete: number;
  /** Those that are not: how many, and top-1 of them; null where there are none. */
  readonly unfinished: { readonly examples: number; readonly accuracy: number | null };
}

/** What a classifier makes of a part of each example's strokes. Shares are 0 to 1. */
export interface PartRecognition {
  /** The share of its strokes that was shown of each example, from the first on, rounded up to whole ones. */
  readonly share: number;
  /** Top-1 of all examples. */
  readonly accuracy: number;
}

/** The verdict on a classifier's answers, safe to store as JSON. Shares are 0 to 1. */
export interface Classification {
  /** Share of the examples whose class had the highest probability; of equal ones the lower label counts as higher. */
  readonly top1: number;
  /**
   * Share whose class had the highest probability of those that the data has; missing where it has every class that the
   * model knows.
   */
  readonly top1Among?: number;
  /** Share of those whose class was among the three highest. */
  readonly top3: number;
  /** Mean negative log-likelihood of the true class, nats. */
  readonly nll: number;
  /** The class names in label order, K of them. */
  readonly classes: readonly string[];
  /** Share of the largest class: what always answering with it would reach. */
  readonly baseline: number;
  /** In label order. */
  readonly perClass: readonly ClassScore[];
  /** Counts, [true label][predicted label]. */
  readonly confusion: readonly (readonly number[])[];
  /** Top-1 when only the first strokes are shown; those numbers of strokes that were tried. */
  readonly earlyRecognition: readonly EarlyRecognition[];
  /**
   * Top-1 when a part of each example's own strokes is shown; missing where no strokes are read, and in evaluations from before
   * it was counted.
   */
  readonly partRecognition?: readonly PartRecognition[];
  /** Those whose true class got the least probability, the worst first. */
  readonly mistakes: readonly Mistake[];
  /**
   * Which of the examples had the highest probability for their class, in their order: what compares this with another
   * classifier's answers to the same ones. A bit each, the lowest of a byte first, base64; missing in evaluations from before
   * it was kept.
   */
  readonly right?: string;
}

/** What identifies and shows one example. */
export interface ExampleContext {
  /** As in {@linkcode Mistake}. */
  readonly example: string;
  /** How it looks, where there is something to see; the map is copied where it is kept. */
  readonly picture?: SheetDrawing;
}

/** Collects batches; see {@linkcode tallyClassification}. */
export interface ClassificationTally {
  /**
   * Counts a batch that saw whole examples.
   *
   * @param logProbs float32 [B, K], natural logarithms.
   * @param labels Whole numbers, [B].
   * @param contexts One an example, [B].
   * @throws {RangeError} When lengths disagree, a label is no class, or a log-probability is not a number.
   */
  add(logProbs: Float32Array, labels: ArrayLike<number>, contexts: readonly ExampleContext[]): void;
  /**
   * Counts a batch that saw only the first `strokes` strokes.
   *
   * @param counts How many strokes each example has in all, [B].
   * @throws {RangeError} As `add`, and when `strokes` is out of range.
   */
  addEarly(
    strokes: number,
    logProbs: Float32Array,
    { labels, counts }: { readonly labels: ArrayLike<number>; readonly counts: ArrayLike<number> },
  ): void;
  /**
   * The verdict on all that was added, and the pictures of its mistakes, in their order.
   *
   * @throws {RangeError} When nothing was added.
   */
  finish(): { classification: Classification; pictures: SheetDrawing[] };
}

/** The shares of an example's strokes that are tried. */
const PARTS = [0.25, 0.5, 0.75];

/** The logarithm of the smallest float32 above 0: what a probability of 0 counts as, so that one cannot swallow the mean. */
const FLOOR = Math.log(2 ** -149);

/**
 * A collector that sees each batch once and keeps counts, and of each example whether it was named rightly.
 *
 * @param classes The class names in label order, K of them.
 * @param limits `strokes`: the most strokes that `addEarly` takes; `worst`: how many mistakes are kept; `among`: the labels
 * that the data has, all when left out.
 * @returns An empty collector.
 *
 * @example
 * ```ts
 * import { tallyClassification } from "./classification_tally.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const tally = tallyClassification(["cat", "dog"]);
 * const logProbs = Float32Array.of(0.75, 0.25, 0.5, 0.5).map(Math.log);
 * const contexts = ["test 0", "test 1"].map((example) => ({ example, picture: { map: new Uint8Array(4096) } }));
 * tally.add(logProbs, Uint16Array.of(0, 1), contexts);
 * const { classification } = tally.finish();
 * assertEquals(classification.confusion, [[1, 0], [1, 0]]);
 * assertEquals(classification.mistakes[0].example, "test 1");
 * ```
 */
export function tallyClassification(
  classes: readonly string[],
  { strokes: maxStrokes = 8, worst = 24, among }: {
    readonly strokes?: number;
    readonly worst?: number;
    readonly among?: readonly number[];
  } = {},
): ClassificationTally {
  const confusion = classes.map(() => classes.map(() => 0)); // [K, K]
  const early = Array.from(
    { length: maxStrokes },
    () => ({ right: 0, examples: 0, unfinished: 0, unfinishedRight: 0 }),
  );
  const parts = PARTS.map((share) => ({ share, right: 0, examples: 0 }));
  const kept: { logProb: number; mistake: Mistake; picture: SheetDrawing | undefined }[] = []; // the lowest log-probability first
  const isRight: boolean[] = [];
  let [rightAmong, inThree, examples, nll] = [0, 0, 0, 0];

  return {
    add(logProbs, labels, contexts) {
      if (contexts.length !== labels.length) {
        throw new RangeError(`Cannot evaluate: ${contexts.length} contexts for ${labels.length} labels`);
      }
      const name = (i: number) => contexts[i].example;
      for (const { i, row, label, predicted } of rows(classes.length, { logProbs, labels, name })) {
        const logProb = Math.max(row[label], FLOOR);
        const rank = rankOf(row, label);
        examples++;
        nll -= logProb;
        isRight.push(rank === 0);
        rightAmong += among?.some((other) => isAbove(row, other, label)) === false ? 1 : 0;
        inThree += rank < 3 ? 1 : 0;
        confusion[label][predicted]++;
        if (predicted === label) continue;
        const place = kept.findLastIndex((other) => other.logProb <= logProb) + 1;
        if (place >= worst) continue;
        const { example, picture } = contexts[i];
        const mistake = {
          example,
          label: classes[label],
          predicted: classes[predicted],
          probability: Math.exp(row[predicted]),
          trueProbability: Math.exp(row[label]),
        };
        kept.splice(place, 0, { logProb, mistake, picture: picture && { ...picture, map: picture.map.slice() } });
        kept.length = Math.min(kept.length, worst);
      }
    },

    addEarly(strokes, logProbs, { labels, counts }) {
      const count = early[strokes - 1];
      if (count === undefined) throw new RangeError(`Cannot evaluate ${strokes} strokes: expected 1 to ${maxStrokes}`);
      if (counts.length !== labels.length) {
        throw new RangeError(`Cannot evaluate: ${counts.length} counts of strokes for ${labels.length} labels`);
      }
      const name = (i: number) => `example ${i + 1} of the batch with ${strokes} strokes`;
      for (const { i, label, predicted } of rows(classes.length, { logProbs, labels, name })) {
        const right = predicted === label ? 1 : 0;
        count.examples++;
        count.right += right;
        for (const part of parts) {
          if (Math.max(1, Math.ceil(part.share * counts[i])) !== strokes) continue;
          part.examples++;
          part.right += right;
        }
        if (counts[i] <= strokes) continue;
        count.unfinished++;
        count.unfinishedRight += right;
      }
    },

    finish() {
      if (examples === 0) throw new RangeError("Cannot evaluate: there are no examples");
      const perClass = classes.map((name, label) => {
        const support = sum(confusion[label]);
        const given = sum(confusion.map((row) => row[label]));
        const share = (total: number) => total === 0 ? null : confusion[label][label] / total;
        return { name, precision: share(given), recall: share(support), support };
      });
      const top1 = isRight.filter((right) => right).length / examples;
      const classification: Classification = {
        ...{ top1, top3: inThree / examples, nll: nll / examples },
        ...(among === undefined || among.length === classes.length ? {} : { top1Among: rightAmong / examples }),
        classes,
        baseline: Math.max(...perClass.map(({ support }) => support)) / examples,
        perClass,
        confusion: structuredClone(confusion),
        earlyRecognition: early.map((count, i) => ({ strokes: i + 1, ...count }))
          .filter((count) => count.examples > 0)
          .map(({ strokes, right, examples, unfinished, unfinishedRight }) => ({
            strokes,
            accuracy: right / examples,
            complete: 1 - unfinished / examples,
            unfinished: { examples: unfinished, accuracy: unfinished === 0 ? null : unfinishedRight / unfinished },
          })),
        ...(parts.every((part) => part.examples === examples)
          ? { partRecognition: parts.map(({ share, right }) => ({ share, accuracy: right / examples })) }
          : {}),
        mistakes: kept.map(({ mistake }) => mistake),
        right: packBits(isRight),
      };
      return { classification, pictures: kept.flatMap(({ picture }) => picture ?? []) };
    },
  };
}

/** Confused classes: how many examples of one were taken for another. */
export interface Confusion {
  /** The true class. */
  readonly label: string;
  /** The class given instead. */
  readonly predicted: string;
  /** How many examples. */
  readonly count: number;
  /** Of all examples of the true class, 0 to 1. */
  readonly share: number;
}

/**
 * The pairs of classes confused most often.
 *
 * @param classification Its confusion matrix is read.
 * @param limit At most so many.
 * @returns Most frequent first; of equal ones the lower labels first.
 *
 * @example
 * ```ts
 * import { topConfusions } from "./classification_tally.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const pairs = topConfusions({ classes: ["cat", "dog"], confusion: [[3, 1], [0, 4]] }, 5);
 * assertEquals(pairs, [{ label: "cat", predicted: "dog", count: 1, share: 0.25 }]);
 * ```
 */
export function topConfusions(
  { classes, confusion }: Pick<Classification, "classes" | "confusion">,
  limit: number,
): Confusion[] {
  return confusion.flatMap((row, label) => {
    const support = sum(row);
    return row.flatMap((count, predicted) =>
      count === 0 || label === predicted
        ? []
        : [{ label: classes[label], predicted: classes[predicted], count, share: count / support }]
    );
  }).sort((a, b) => b.count - a.count).slice(0, limit); // the sort is stable
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** How many classes come before one: those with a higher log-probability, and equal ones with a lower label. */
function rankOf(row: Float32Array, label: number): number {
  let rank = 0;
  for (let other = 0; other < row.length; other++) if (isAbove(row, other, label)) rank++;
  return rank;
}

/** Whether a class comes before another one; of equal ones the lower label does. */
function isAbove(row: Float32Array, other: number, label: number): boolean {
  return row[other] > row[label] || row[other] === row[label] && other < label;
}

/** The checked rows of a batch, each with its label and the class of its highest log-probability. */
function* rows(
  classes: number,
  { logProbs, labels, name }: { logProbs: Float32Array; labels: ArrayLike<number>; name: (i: number) => string },
): Generator<{ i: number; row: Float32Array; label: number; predicted: number }> {
  if (logProbs.length !== labels.length * classes) {
    throw new RangeError(
      `Cannot evaluate: ${logProbs.length} log-probabilities for ${labels.length} labels and ${classes} classes`,
    );
  }
  for (let i = 0; i < labels.length; i++) {
    const row = logProbs.subarray(i * classes, (i + 1) * classes); // [K]
    const label = labels[i];
    if (label >= classes) throw new RangeError(`Cannot evaluate ${name(i)}: label ${label} of ${classes} classes`);
    let predicted = 0;
    for (let k = 0; k < classes; k++) {
      if (Number.isNaN(row[k])) throw new RangeError(`Cannot evaluate ${name(i)}: a log-probability is not a number`);
      if (row[k] > row[predicted]) predicted = k;
    }
    yield { i, row, label, predicted };
  }
}
