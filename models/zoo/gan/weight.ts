/**
 * The weights of a layer of a GAN: as they are, or divided by their largest singular value.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import { normalVariable } from "../../layers/initial_values.ts";
import type { Variables } from "../../layers/layer.ts";
import { spectralNorm } from "../../layers/spectral_norm.ts";

/** How weights begin and what is done with them. */
export interface WeightOptions<R extends tf.Rank> {
  readonly shape: tf.ShapeMap[R];
  /** Of the normal distribution that they are drawn from. */
  readonly deviation: number;
  /** Whether they are divided by their largest singular value. */
  readonly spectral: boolean;
}

/** The weights of a layer. */
export interface Weight<R extends tf.Rank> {
  readonly variables: Variables;
  /** As the layer uses them. */
  value(): tf.Tensor<R>;
  /** Follows their largest singular value, where that is needed. */
  update(): void;
}

/** Creates weights; the variable has this very name. */
export function weight<R extends tf.Rank>(
  name: string,
  { shape, deviation, spectral }: WeightOptions<R>,
  prng: Prng,
): Weight<R> {
  const variable = normalVariable<R>(shape, deviation, prng);
  const variables = { [name]: variable };
  if (!spectral) return { variables, value: () => variable, update: () => {} };
  const norm = spectralNorm(name, variable, prng);
  return {
    variables: { ...variables, ...norm.variables },
    value: () => norm.normalized() as tf.Tensor<R>,
    update: norm.update,
  };
}

/**
 * The deviation with which weights keep the size of what passes through them and a ReLU (He et al. 2015, arXiv:1502.01852,
 * eq. 10).
 *
 * @param inputs How many numbers each output is a sum of.
 */
export function heDeviation(inputs: number): number {
  return Math.sqrt(2 / inputs);
}
