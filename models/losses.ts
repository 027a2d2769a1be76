/**
 * Losses, with their reduction and unit.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../pipelines/dataset.ts";
import { fieldOf } from "../pipelines/batches/batch_fields.ts";
import type { Scalar, Tensor1D, Tensor2D } from "./tensors.ts";

/** How a loss per example becomes one number. */
export type Reduction = "mean" | "sum";

/** What {@linkcode nll} can be told. */
export interface NllOptions {
  /** "mean" gives nats per example, "sum" nats per batch; "mean" when left out. */
  readonly reduction?: Reduction;
  /** epsilon: so much of the probability wanted is spread evenly over all classes, 0 to 1; 0 when left out. */
  readonly labelSmoothing?: number;
  /** What an example counts, by its label, a number a class, such as {@linkcode balancedWeights}; 1 when left out. */
  readonly labelWeights?: readonly number[] | undefined;
}

/**
 * The negative log-likelihood of the right classes; with `labelSmoothing` the cross-entropy to 1 - epsilon on the right
 * class plus epsilon / classes on every class (Szegedy et al. 2016, arXiv:1512.00567, section 7). With `labelWeights` the
 * cross-entropy of each example is multiplied by the weight of its label; the mean is over the examples as without, and not
 * divided by the sum of their weights, so that batches in parts add up.
 *
 * @param logProbs Natural logarithms of the class probabilities, float32 [B, classes].
 * @param labels The right class of each example, int32 [B], each 0 to classes - 1: one that is none counts nothing, for its
 * value is on the backend.
 * @param options How it is averaged, smoothed and weighted; a {@linkcode Pass}'s `training` says how in training.
 * @returns float32 scalar, 0 or more.
 * @throws {RangeError} When there are not as many labels as rows.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { nll } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const logProbs = tf.log(tf.tensor2d([[0.5, 0.5], [0.25, 0.75]])) as tf.Tensor2D;
 * const labels = tf.tensor1d([1, 0], "int32");
 * assertAlmostEquals(nll(logProbs, labels).dataSync()[0], (Math.log(2) + Math.log(4)) / 2, 1e-6);
 * ```
 */
export function nll(logProbs: Tensor2D, labels: Tensor1D, options: NllOptions = {}): Scalar {
  const { reduction = "mean", labelSmoothing = 0, labelWeights } = options;
  checkCount(logProbs, labels);
  return tf.tidy(() => {
    const [batch, classes] = logProbs.shape;
    // oneHot's own dtype argument gives integers under the name of floats on wasm and webgpu (tfjs 4.22).
    const chosen = tf.cast(tf.oneHot(labels, classes), "float32"); // [B, classes]
    const wanted = labelSmoothing === 0 ? chosen : tf.add(tf.mul(chosen, 1 - labelSmoothing), labelSmoothing / classes); // [B, classes]
    const weighted = labelWeights === undefined
      ? wanted
      : tf.mul(wanted, tf.expandDims(tf.gather(tf.tensor1d([...labelWeights]), labels), 1)); // [B, classes]
    const total = tf.sum(tf.mul(logProbs, weighted)); // []
    return tf.mul(total, reduction === "mean" ? -1 / batch : -1) as tf.Scalar;
  });
}

/** A single label would be that of all rows. */
function checkCount({ shape: [batch] }: Tensor2D, { shape }: Tensor1D): void {
  if (shape.length === 1 && shape[0] === batch) return;
  throw new RangeError(`cannot compare ${batch} rows with labels [${shape}]: expected one a row`);
}

/**
 * Weights by which every class counts the same in a sum over examples: the inverse of its frequency, N / (K n) for n of N
 * examples and K classes that have some. Their mean over the examples is 1, so a loss keeps its scale.
 *
 * @param perClass n, the examples of each class, in label order.
 * @returns A weight a class, above 0; 0 where it has no example.
 *
 * @example
 * ```ts
 * import { balancedWeights } from "@strokewise/strokewise/models";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(balancedWeights([30, 10, 0]), [40 / 60, 40 / 20, 0]);
 * ```
 */
export function balancedWeights(perClass: readonly number[]): number[] {
  const present = perClass.filter((count) => count > 0);
  const examples = present.reduce((sum, count) => sum + count, 0);
  return perClass.map((count) => count === 0 ? 0 : examples / (present.length * count));
}

/**
 * The share of examples whose likeliest class is the right one.
 *
 * @param logProbs Logits or log-probabilities, float32 [B, classes]; of a row of NaN the likeliest is the first.
 * @param labels int32 [B].
 * @returns float32 scalar, 0 to 1.
 * @throws {RangeError} When there are not as many labels as rows.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { accuracy } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const logProbs = tf.tensor2d([[-1, -2], [-1, -2]]);
 * assertEquals(accuracy(logProbs, tf.tensor1d([0, 1], "int32")).dataSync()[0], 0.5);
 * ```
 */
export function accuracy(logProbs: Tensor2D, labels: Tensor1D): Scalar {
  checkCount(logProbs, labels);
  return tf.tidy(() => tf.mean(tf.cast(tf.equal(tf.argMax(logProbs, 1), labels), "float32")) as tf.Scalar);
}

/**
 * The labels of a batch.
 *
 * @returns int32 [B].
 * @throws {TypeError} When the batch has no `label`.
 * @throws {RangeError} When one is none of 0 to classes - 1: it would lower the loss.
 */
export function labelsOf(batch: Batch, classes: number): Tensor1D {
  const labels = Int32Array.from(fieldOf(batch, "label"));
  const wrong = labels.find((label) => label < 0 || label >= classes);
  if (wrong !== undefined) throw new RangeError(`label ${wrong} of ${classes} classes: expected 0 to ${classes - 1}`);
  return tf.tensor1d(labels, "int32"); // [B]
}

/**
 * The loss and the metrics of a classifier that learns by its answers alone, as an objective gives them.
 *
 * @param logProbs float32 [B, classes].
 * @param batch Has a `label` for each example.
 * @param training How labels are smoothed and weighted: a {@linkcode Pass}'s `training`; not at all when left out.
 * @returns `loss` is {@linkcode nll}; `metrics` is `accuracy`.
 * @throws {TypeError} When the batch has no `label`.
 * @throws {RangeError} When a label is none of 0 to classes - 1, or there are not as many as rows.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { classifierLoss } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const logProbs = tf.log(tf.tensor2d([[0.5, 0.5], [0.25, 0.75]])) as tf.Tensor2D;
 * const { loss, metrics } = classifierLoss(logProbs, { size: 2, fields: { label: Uint8Array.of(1, 1) } });
 * assertAlmostEquals(loss.dataSync()[0], (Math.log(2) + Math.log(4 / 3)) / 2, 1e-6);
 * assertAlmostEquals(metrics.accuracy.dataSync()[0], 0.5, 1e-6);
 * ```
 */
export function classifierLoss(
  logProbs: Tensor2D,
  batch: Batch,
  training?: NllOptions,
): { loss: Scalar; metrics: { accuracy: Scalar } } {
  const labels = labelsOf(batch, logProbs.shape[1]); // [B]
  return { loss: nll(logProbs, labels, training), metrics: { accuracy: accuracy(logProbs, labels) } };
}
