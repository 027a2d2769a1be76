/**
 * How this project adds an operation to tfjs: composed from stock operations on every backend, and as one fused kernel
 * with a hand-written gradient on the backends that have it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The fused kernels of this project, as they are registered with tfjs. */
export type FusedKernel =
  | "StrokewiseActivationGrad"
  | "StrokewiseAdamUpdate"
  | "StrokewiseAttention"
  | "StrokewiseAttentionGrad"
  | "StrokewiseBatchNorm"
  | "StrokewiseBatchNormGrad"
  | "StrokewiseConv"
  | "StrokewiseConvReluPool"
  | "StrokewiseConvReluPoolFilterGrad"
  | "StrokewiseConvReluPoolInputGrad"
  | "StrokewiseGru"
  | "StrokewiseGruGrad"
  | "StrokewiseGruOfProjected"
  | "StrokewiseGruOfProjectedGrad"
  | "StrokewiseLayerNorm"
  | "StrokewiseLayerNormGrad"
  | "StrokewiseLayerNormGates"
  | "StrokewiseLayerNormGatesGrad"
  | "StrokewiseLayerNormLstm"
  | "StrokewiseLayerNormLstmGrad"
  | "StrokewiseLstm"
  | "StrokewiseLstmGates"
  | "StrokewiseLstmGatesGrad"
  | "StrokewiseLstmGrad"
  | "StrokewiseMixtureDensity"
  | "StrokewiseMixtureDensityGrad"
  | "StrokewiseMoveTowards"
  | "StrokewiseRandomNormal"
  | "StrokewiseRandomUniform"
  | "StrokewiseRmspropUpdate"
  | "StrokewiseSampleLatent"
  | "StrokewiseSampleLatentGrad"
  | "StrokewiseSgdUpdate"
  | "StrokewiseSquaredSum"
  | "StrokewiseStrokeFrames"
  | "StrokewiseTransposedConv"
  | "StrokewiseUnpackSteps"
  | "StrokewiseWindowFilters"
  | "StrokewiseWindowFiltersGrad"
  | "StrokewiseWindowRead"
  | "StrokewiseWindowReadGrad"
  | "StrokewiseWindowWrite"
  | "StrokewiseWindowWriteGrad";

/** A fused operation: what it computes, one tensor or several, and what its gradients are. */
export interface FusedOp<T extends tf.Tensor | tf.Tensor[]> {
  /** Computes the result; `save` keeps tensors for `gradients`. */
  forward(save: (tensors: tf.Tensor[]) => void): T;
  /**
   * The gradient with respect to each input, by the input's name; only those asked for are called.
   *
   * @param dy The gradient of each result; zeros for one of several that the loss does not depend on.
   */
  gradients(dy: T, saved: tf.Tensor[]): Record<string, () => tf.Tensor>;
}

interface Engine {
  runKernelFunc<T extends tf.Tensor | tf.Tensor[]>(call: {
    forwardFunc(backend: unknown, save: (tensors: tf.Tensor[]) => void): T;
    backwardsFunc(dy: T, saved: tf.Tensor[]): Record<string, () => tf.Tensor>;
    inputs: tf.NamedTensorMap;
  }): T;
}

/** Whether the backend in use has a fused kernel. */
export function hasFusedKernel(name: FusedKernel): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** Runs a fused kernel, outside of any gradient. */
export function runFusedKernel(
  name: FusedKernel,
  inputs: Record<string, tf.Tensor>,
  attributes: Record<string, number> = {},
): tf.Tensor[] {
  const outputs = tf.engine().runKernel(name, inputs, attributes) as tf.Tensor | tf.Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
}

/**
 * Runs a fused kernel that changes tensors in place, if the backend in use has it and no other tensor, such as a clone,
 * has their values in memory: it would be changed too.
 *
 * @param changed The inputs that it changes.
 * @param read The inputs that it only reads.
 * @returns Whether it ran; if not, all are as they were.
 */
export function runInPlace(
  name: FusedKernel,
  { changed, read }: { readonly changed: Record<string, tf.Tensor>; readonly read: Record<string, tf.Tensor> },
  attributes: Record<string, number>,
): boolean {
  const backend = tf.backend();
  if (!hasFusedKernel(name) || Object.values(changed).some(({ dataId }) => backend.refCount(dataId) > 1)) return false;
  runFusedKernel(name, { ...changed, ...read }, attributes);
  return true;
}

/**
 * Runs a fused operation so that `tf.grads` and `tf.variableGrads` see it.
 *
 * `tf.customGrad` would compute every gradient, asked for or not; the engine's own call takes them one by one.
 */
export function runFusedOp<T extends tf.Tensor | tf.Tensor[]>(op: FusedOp<T>, inputs: Record<string, tf.Tensor>): T {
  const engine = tf.engine() as unknown as Engine;
  return engine.runKernelFunc({
    forwardFunc: (_backend, save) => op.forward(save),
    backwardsFunc: (dy, saved) => op.gradients(dy, saved),
    inputs,
  });
}
