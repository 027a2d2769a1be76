/**
 * The functions that follow a convolution or a normalization, number by number.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The activations; a kernel knows one by its place here. */
export const ACTIVATIONS: readonly ActivationName[] = ["linear", "relu", "leakyRelu", "elu"];

/** Which function: x itself; max(x, 0); x, below 0 times a slope (Maas et al. 2013); x, below 0 e^x - 1 (arXiv:1511.07289). */
export type ActivationName = "linear" | "relu" | "leakyRelu" | "elu";

/** An activation as an option. */
export interface ActivationOptions {
  /** `linear` when left out. */
  readonly activation?: ActivationName;
  /** Of `leakyRelu` below 0, above 0; 0.2 when left out. */
  readonly slope?: number;
}

/** An activation as kernels are told of it. */
export function activationAttributes(
  { activation = "linear", slope = 0.2 }: ActivationOptions,
): { readonly activation: number; readonly slope: number } {
  if (!(slope > 0)) throw new RangeError(`slope ${slope}: expected a number above 0`);
  return { activation: ACTIVATIONS.indexOf(activation), slope };
}

/** An activation made of stock operations. */
export function activated<T extends tf.Tensor>(x: T, { activation = "linear", slope = 0.2 }: ActivationOptions): T {
  if (activation === "leakyRelu") return tf.leakyRelu(x, slope);
  if (activation === "elu") return tf.elu(x);
  return activation === "relu" ? tf.relu(x) : x;
}
