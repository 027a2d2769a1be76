/**
 * Strided convolution and its transpose, each with a bias and an activation in one operation.
 *
 * N images, H by W pixels, h by w where they are smaller by the stride, Cin and Cout channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor4D } from "../tensors.ts";
import { activated, activationAttributes, type ActivationOptions } from "./activation.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";

/** What a convolution multiplies by and adds. */
export interface ConvWeights {
  /** float32 [KH, KW, Cin, Cout]; of a transposed convolution [KH, KW, Cout, Cin]. */
  readonly filter: Tensor4D;
  /** float32 [Cout]. */
  readonly bias: Tensor1D;
}

/** How a convolution goes over its images, and what follows. */
export interface FusedConvOptions extends ActivationOptions {
  /** From one place of the filter to the next, across and down; 1 when left out. */
  readonly stride?: number;
}

/**
 * A convolution with "same" padding, a bias and an activation.
 *
 * @param x float32 [N, H, W, Cin].
 * @returns float32 [N, ceil(H / stride), ceil(W / stride), Cout].
 * @throws {RangeError} If the shapes do not fit together, or the slope is not above 0.
 *
 * @example A filter of one pixel, at every second place
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { fusedConv } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const weights = { filter: tf.tensor4d([2], [1, 1, 1, 1]), bias: tf.tensor1d([-4]) };
 * const y = fusedConv(tf.tensor4d([1, 9, 3, 9], [1, 1, 4, 1]), weights, { stride: 2, activation: "relu" });
 * assertEquals([...y.dataSync()], [0, 2]);
 * ```
 */
export function fusedConv(x: Tensor4D, { filter, bias }: ConvWeights, options: FusedConvOptions = {}): Tensor4D {
  const [, , inputs, outputs] = filter.shape;
  refuseUnlike("fusedConv", { x, bias }, { inputs, outputs });
  const { stride = 1 } = options, attributes = { ...activationAttributes(options), stride };
  if (!hasFusedKernel("StrokewiseConv")) {
    return tf.tidy(() => activated(tf.add(tf.conv2d(x, filter, stride, "same"), bias), options));
  }
  return runFusedOp({
    forward(save) {
      const [y] = runFusedKernel("StrokewiseConv", { x, filter, bias }, attributes) as [tf.Tensor4D];
      save([x, filter, y]);
      return y;
    },
    gradients(dy, [x, filter, y]) {
      const [dLinear, dBias] = runFusedKernel("StrokewiseActivationGrad", { dy, y }, attributes);
      return {
        x: () => convInputGrad({ dy: dLinear, filter }, { like: x, stride }),
        filter: () => convFilterGrad({ x, dy: dLinear }, { like: filter, stride }),
        bias: () => dBias,
      };
    },
  }, { x, filter, bias });
}

/** How a transposed convolution makes images larger, and what follows. */
export interface FusedTransposedConvOptions extends FusedConvOptions {
  /** H and W; h and w times the stride when left out, and at least so much that divided by the stride they give h and w. */
  readonly size?: readonly [height: number, width: number];
}

/**
 * The transpose of a convolution with "same" padding, a bias and an activation.
 *
 * @param x float32 [N, h, w, Cin].
 * @returns float32 [N, H, W, Cout].
 * @throws {RangeError} If the shapes do not fit together, or the slope is not above 0.
 *
 * @example A pixel becomes as many as the filter has
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { fusedTransposedConv } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const weights = { filter: tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]), bias: tf.tensor1d([0.5]) };
 * const y = fusedTransposedConv(tf.tensor4d([10], [1, 1, 1, 1]), weights, { stride: 2 });
 * assertEquals([...y.dataSync()], [10.5, 20.5, 30.5, 40.5]);
 * ```
 */
export function fusedTransposedConv(
  x: Tensor4D,
  { filter, bias }: ConvWeights,
  options: FusedTransposedConvOptions = {},
): Tensor4D {
  const [, , outputs, inputs] = filter.shape;
  refuseUnlike("fusedTransposedConv", { x, bias }, { inputs, outputs });
  const [batch, h, w] = x.shape;
  const { stride = 1 } = options, [height, width] = options.size ?? [stride * h, stride * w];
  if (Math.ceil(height / stride) !== h || Math.ceil(width / stride) !== w) {
    throw new RangeError(
      `fusedTransposedConv: ${h}x${w} pixels cannot become ${height}x${width} with stride ${stride}`,
    );
  }
  if (!hasFusedKernel("StrokewiseTransposedConv")) {
    const shape: [number, number, number, number] = [batch, height, width, outputs];
    return tf.tidy(() => activated(tf.add(tf.conv2dTranspose(x, filter, shape, stride, "same"), bias), options));
  }
  const attributes = { ...activationAttributes(options), stride };
  return runFusedOp({
    forward(save) {
      const inputs = { x, filter, bias };
      const [y] = runFusedKernel("StrokewiseTransposedConv", inputs, { ...attributes, height, width }) as [tf.Tensor4D];
      save([x, filter, y]);
      return y;
    },
    gradients(dy, [x, filter, y]) {
      const [dLinear, dBias] = runFusedKernel("StrokewiseActivationGrad", { dy, y }, attributes);
      return {
        x: () => tf.conv2d(dLinear as tf.Tensor4D, filter as tf.Tensor4D, stride, "same"),
        filter: () => convFilterGrad({ x: dLinear, dy: x }, { like: filter, stride }),
        bias: () => dBias,
      };
    },
  }, { x, filter, bias });
}

function refuseUnlike(
  name: string,
  { x, bias }: { readonly x: tf.Tensor; readonly bias: tf.Tensor },
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
): void {
  if (x.shape[3] !== inputs || bias.shape[0] !== outputs) {
    throw new RangeError(
      `${name}: a filter of ${inputs} channels to ${outputs} needs x [N, H, W, ${inputs}] and a bias [${outputs}], ` +
        `found [${x.shape.join(", ")}] and [${bias.shape.join(", ")}]`,
    );
  }
}

const convAttributes = (stride: number) => ({ strides: [stride, stride], pad: "same", dataFormat: "NHWC" });

function convInputGrad(
  inputs: { dy: tf.Tensor; filter: tf.Tensor },
  { like, stride }: { readonly like: tf.Tensor; readonly stride: number },
): tf.Tensor {
  return tf.engine().runKernel("Conv2DBackpropInput", inputs, { ...convAttributes(stride), inputShape: like.shape });
}

function convFilterGrad(
  inputs: { x: tf.Tensor; dy: tf.Tensor },
  { like, stride }: { readonly like: tf.Tensor; readonly stride: number },
): tf.Tensor {
  return tf.engine().runKernel("Conv2DBackpropFilter", inputs, { ...convAttributes(stride), filterShape: like.shape });
}
