/**
 * What a layer is: named variables and a function that uses them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { Variable } from "../tensors.ts";
import { takeRoom } from "./variable_room.ts";

/** Trainable variables by name, such as "conv1/filter". */
export type Variables = Readonly<Record<string, Variable>>;

/**
 * A variable with values drawn from U(-bound, bound).
 *
 * The name given to tfjs stays its own: tfjs allows a name once in a process, and two models may live side by side.
 */
export function uniformVariable<R extends tf.Rank>(shape: tf.ShapeMap[R], bound: number, prng: Prng): tf.Variable<R> {
  takeRoom(shape);
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  for (let i = 0; i < values.length; i++) values[i] = (2 * prng.uniform() - 1) * bound;
  return tf.tidy(() => tf.variable(tf.tensor<R>(values, shape)));
}
