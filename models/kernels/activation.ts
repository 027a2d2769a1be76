/**
 * The activations that tfjs fuses with a product, for kernels that stand in for its fused one.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The kernels of the activations, by tfjs's names for both. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  sigmoid: "Sigmoid",
  leakyrelu: "LeakyRelu",
  prelu: "Prelu",
};

/** What of tfjs's attributes and inputs an activation depends on. */
export interface Activation {
  /** tfjs's name, such as `relu`. */
  readonly activation: string;
  readonly leakyreluAlpha?: number;
  readonly preluActivationWeights?: tf.TensorInfo | undefined;
}

/** The activation of a product on a backend, which frees the product; the product itself where it is linear. */
export function activate(
  backend: { disposeData(dataId: object): boolean },
  linear: tf.TensorInfo,
  { activation, leakyreluAlpha, preluActivationWeights }: Activation,
): tf.TensorInfo {
  if (activation === "linear") return linear;
  const { kernelFunc } = tf.getKernel(ACTIVATIONS[activation], tf.getBackend());
  const given = activation === "prelu" ? { x: linear, alpha: preluActivationWeights } : { x: linear };
  const activated = kernelFunc({
    inputs: given as tf.NamedTensorInfoMap,
    backend,
    attrs: { alpha: leakyreluAlpha } as tf.NamedAttrMap,
  });
  backend.disposeData(linear.dataId);
  return activated as tf.TensorInfo;
}
