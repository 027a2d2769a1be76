/**
 * The gradients of a batch that comes in parts, one after another: a batch larger than memory.
 *
 * @module
 */
import { moveTowards } from "../optimizers/move_towards.ts";
import type { Scalar, Tensor } from "../tensors.ts";
import type { Gradients } from "./differentiate.ts";

/** Means of loss, metrics and gradients over parts of a batch, each weighted by its examples; nothing is read back. */
export interface GradientAccumulator {
  /**
   * Takes in a part.
   *
   * @param pass Gradients of the same variables as those before; the accumulator disposes of them.
   * @param examples How many examples they count as, 0 or more.
   */
  add(pass: Gradients, examples: number): void;
  /**
   * The means over all parts since it was last called, the caller's to dispose of.
   *
   * @throws {RangeError} When there was no part.
   */
  take(): Gradients;
}

/**
 * An accumulator that has taken in nothing. Losses, metrics and gradients of a batch are means over its examples, so the
 * means over k parts are those of the whole batch up to rounding; a batch in one part is passed on as it is.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { gradientAccumulator } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const parts = gradientAccumulator();
 * parts.add({ loss: tf.scalar(1), metrics: {}, gradients: { x: tf.tensor1d([2]) } }, 3);
 * parts.add({ loss: tf.scalar(5), metrics: {}, gradients: { x: tf.tensor1d([-2]) } }, 1);
 * const { loss, gradients } = parts.take();
 * assertAlmostEquals(loss.dataSync()[0], 2, 1e-6);
 * assertAlmostEquals(gradients.x.dataSync()[0], 1, 1e-6);
 * ```
 */
export function gradientAccumulator(): GradientAccumulator {
  let mean: Gradients | undefined;
  let seen = 0;
  return {
    add(pass, examples) {
      seen += examples;
      mean = mean === undefined ? pass : meanOf(mean, pass, examples === 0 ? 0 : examples / seen);
    },
    take() {
      if (mean === undefined) throw new RangeError("There are no gradients to take: no part was added");
      const taken = mean;
      [mean, seen] = [undefined, 0];
      return taken;
    },
  };
}

/** The mean of the parts so far, moved towards one more; both are freed. */
function meanOf(mean: Gradients, part: Gradients, weight: number): Gradients {
  const move = <T extends Tensor>(x: T, goal: T): T => {
    const moved = moveTowards(x, goal, weight) as T;
    goal.dispose();
    return moved;
  };
  const moveAll = <T extends Tensor>(tensors: Readonly<Record<string, T>>, goals: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, move(x, goals[name])]));
  return {
    loss: move<Scalar>(mean.loss, part.loss),
    metrics: moveAll(mean.metrics, part.metrics),
    gradients: moveAll(mean.gradients, part.gradients),
  };
}
