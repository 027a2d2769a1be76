/**
 * The layer that tells the steps of a sequence from one another.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { Tensor2D } from "../tensors.ts";
import { normalVariable } from "./initial_values.ts";
import type { Variables } from "./layer.ts";

/** Adds something to each step that is learnt for its place. */
export interface PositionsLayer {
  /** `name/positions` [length, 1, D]. */
  readonly variables: Variables;
  /** float32 [T B, D] -> [T B, D], the rows of a step one after the other, T as long as said. */
  apply(x: Tensor2D): Tensor2D;
}

/** Of the first values. */
const DEVIATION = 0.1;

/**
 * Creates the layer, its values drawn from N(0, 0.01).
 *
 * @param name Starts the variable's name.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { positionsLayer } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertNotEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const layer = positionsLayer("query", { length: 2, width: 3 }, new Prng(1));
 * const [first, second] = layer.apply(tf.zeros([2, 3])).arraySync();
 * assertNotEquals(first, second);
 * ```
 */
export function positionsLayer(
  name: string,
  { length, width }: { readonly length: number; readonly width: number },
  prng: Prng,
): PositionsLayer {
  const positions = normalVariable<tf.Rank.R3>([length, 1, width], DEVIATION, prng);
  return {
    variables: { [`${name}/positions`]: positions },
    apply: (x) => tf.reshape(tf.add(tf.reshape(x, [length, -1, width]), positions), [-1, width]), // [TB, D]
  };
}
