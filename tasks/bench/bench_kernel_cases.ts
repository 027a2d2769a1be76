/**
 * What `deno task bench --only kernels` times: the kernels of a training step at the sizes that the models use.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { convReluPool } from "../../models/ops/conv_relu_pool.ts";
import { layerNormLstm, type LayerNormLstmCell } from "../../models/ops/layer_norm_lstm.ts";
import { lstm } from "../../models/ops/lstm.ts";
import { mixtureDensity } from "../../models/ops/mixture_density.ts";
import { strokeFrames } from "../../models/ops/stroke_frames.ts";
import { clipByGlobalNorm } from "../../models/optimizers/optimizer.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import { adam } from "../../models/optimizers/adam.ts";

/** A piece of work that stock tfjs and this project's kernels both do. */
export interface KernelCase {
  readonly what: string;
  readonly size: string;
  /** Multiplications and additions that the definition takes, in matrix products and convolutions. */
  readonly flops: number;
  /** Read and written at the least: inputs and results once each. */
  readonly bytes: number;
  /** What stock tfjs uses: without `cpu`, its wasm kernels alone. */
  readonly stock: "wasm" | "wasm, cpu";
  /** Stock tfjs takes so long that it does it for {@linkcode FEW_FRAMES} of {@linkcode FRAMES}. */
  readonly slow?: true;
  /** Makes the inputs and returns the work; it is done by whichever kernels are registered. */
  prepare(prng: Prng, frames: number): () => unknown;
  /** How stock tfjs does it where that is another function. */
  prepareStock?(prng: Prng, frames: number): () => unknown;
}

type Shape = readonly number[];

const normal = (prng: Prng, shape: Shape) =>
  tf.tensor(Float32Array.from({ length: elementsOf(shape) }, () => prng.normal()), shape as number[]);
const elementsOf = (shape: Shape) => shape.reduce((size, length) => size * length, 1);
const floats = (...shapes: Shape[]) => 4 * shapes.reduce((sum, shape) => sum + elementsOf(shape), 0);
const shapeText = (...shapes: Shape[]) => shapes.map((shape) => `[${shape.join(",")}]`).join(" ");
const runKernel = (name: string, inputs: Record<string, tf.Tensor>, attributes: Record<string, unknown>) =>
  tf.engine().runKernel(name, inputs, attributes as never);

/** Frames in use of 32 drawings, the blank one among them. */
export const FRAMES = 79;
/** As many as stock tfjs has to do where it is slow. */
export const FEW_FRAMES = 4;
/** Side, channels in and out of the three convolutions. */
const CONVS = [[64, 1, 8], [32, 8, 16], [16, 16, 32]] as const;

function convGradients(): KernelCase[] {
  return CONVS.flatMap(([side, inputs, outputs]): KernelCase[] => {
    const x = [FRAMES, side, side, inputs], dy = [FRAMES, side, side, outputs], filter = [3, 3, inputs, outputs];
    const shared = { flops: 2 * elementsOf(dy) * 9 * inputs, bytes: floats(x, dy, filter) };
    const attributes = { strides: 1, pad: "same", dataFormat: "NHWC", dimRoundingMode: undefined };
    return [{
      ...{ what: "Conv2DBackpropFilter", size: shapeText(x, dy), ...shared, stock: "wasm, cpu", slow: true },
      prepare(prng, frames) {
        const given = { x: normal(prng, x.with(0, frames)), dy: normal(prng, dy.with(0, frames)) };
        return () => runKernel("Conv2DBackpropFilter", given, { ...attributes, filterShape: filter });
      },
    }, {
      ...{ what: "Conv2DBackpropInput", size: shapeText(dy, filter), ...shared, stock: "wasm" },
      prepare(prng) {
        const given = { dy: normal(prng, dy), filter: normal(prng, filter) };
        return () => runKernel("Conv2DBackpropInput", given, { ...attributes, inputShape: x });
      },
    }];
  });
}

function poolGradients(): KernelCase[] {
  return CONVS.map(([side, , channels]): KernelCase => {
    const input = [FRAMES, side, side, channels], dy = [FRAMES, side / 2, side / 2, channels];
    return {
      ...{ what: "MaxPoolGrad", size: shapeText(input), flops: 0, bytes: floats(input, input, dy), stock: "wasm" },
      prepare(prng) {
        const x = normal(prng, input) as tf.Tensor4D;
        const given = { dy: normal(prng, dy), input: x, output: tf.maxPool(x, 2, 2, "valid") };
        const attributes = { filterSize: 2, strides: 2, pad: "valid", dimRoundingMode: undefined };
        return () => runKernel("MaxPoolGrad", given, attributes);
      },
    };
  });
}

function products(): KernelCase[] {
  const cases = [
    [[256, 128], [128, 512], false, false],
    [[FRAMES, 2048], [FRAMES, 512], true, false],
    [[FRAMES, 512], [2048, 512], false, true],
    [[512, 256], [128, 512], true, true],
  ] as const;
  const plain = cases.map(([a, b, transposeA, transposeB]): KernelCase => {
    const [m, k] = transposeA ? [a[1], a[0]] : a, n = transposeB ? b[0] : b[1];
    const [left, right] = [transposeA ? "^T" : "", transposeB ? "^T" : ""];
    return {
      ...{ what: "BatchMatMul", size: `${shapeText(a)}${left} ${shapeText(b)}${right}` },
      ...{ flops: 2 * m * n * k, bytes: floats(a, b, [m, n]), stock: "wasm" },
      prepare(prng) {
        const [x, y] = [normal(prng, a), normal(prng, b)] as tf.Tensor2D[];
        return () => tf.matMul(x, y, transposeA, transposeB);
      },
    };
  });
  const layers = [[[FRAMES, 2048], [2048, 512]], [[1792, 28], [28, 512]], [[32, 128], [128, 64]]];
  const fused = layers.map(([a, b]): KernelCase => ({
    ...{ what: "_FusedMatMul, bias", size: shapeText(a, b), flops: 2 * a[0] * a[1] * b[1], stock: "wasm" },
    bytes: floats(a, b, [b[1]], [a[0], b[1]]),
    prepare(prng) {
      const [x, y, bias] = [normal(prng, a), normal(prng, b), normal(prng, [b[1]])];
      return () => tf.fused.matMul({ a: x as tf.Tensor2D, b: y as tf.Tensor2D, bias });
    },
  }));
  return [...plain, ...fused];
}

function rows(): KernelCase[] {
  const [count, width] = [256, 512];
  const indices = (prng: Prng) => tf.tensor1d(Int32Array.from({ length: count }, () => prng.integer(FRAMES)), "int32");
  const shared = { flops: 0, bytes: floats([count, width], [count, width]) };
  return [{
    ...{ what: "GatherV2", size: `${count} rows of [${FRAMES},${width}]`, ...shared, stock: "wasm" },
    prepare(prng) {
      const [x, wanted] = [normal(prng, [FRAMES, width]), indices(prng)];
      return () => tf.gather(x, wanted);
    },
  }, {
    ...{ what: "UnsortedSegmentSum", size: `[${count},${width}] to ${FRAMES} rows`, ...shared, stock: "wasm, cpu" },
    prepare(prng) {
      const [x, ids] = [normal(prng, [count, width]), indices(prng)];
      return () => tf.unsortedSegmentSum(x, ids, FRAMES);
    },
  }];
}

function convBlocks(): KernelCase[] {
  return CONVS.flatMap(([side, inputs, outputs], i): KernelCase[] => {
    const shapes = [[FRAMES, side, side, inputs], [3, 3, inputs, outputs], [outputs], [
      FRAMES,
      side / 2,
      side / 2,
      outputs,
    ]];
    const flops = 2 * FRAMES * side * side * outputs * 9 * inputs;
    const tensors = (prng: Prng, frames: number) =>
      shapes.map((shape) => normal(prng, shape[0] === FRAMES ? shape.with(0, frames) : shape));
    const apply = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
      convReluPool(x as tf.Tensor4D, filter as tf.Tensor4D, bias as tf.Tensor1D);
    return [{
      ...{
        what: "conv, bias, ReLU, pool",
        size: shapeText(shapes[0], shapes[1]),
        flops,
        bytes: floats(...shapes),
        stock: "wasm",
      },
      prepare(prng, frames) {
        const [x, filter, bias] = tensors(prng, frames);
        return () => apply(x, filter, bias);
      },
    }, {
      // Nobody asks for the gradient of the drawings.
      ...{ what: "… and its gradients", size: shapeText(shapes[0], shapes[1]), flops: flops * (i === 0 ? 2 : 3) },
      ...{ bytes: 2 * floats(...shapes), stock: "wasm, cpu", slow: true },
      prepare(prng, frames) {
        const [x, filter, bias, dy] = tensors(prng, frames);
        const first = tf.grads((filter, bias) => apply(x, filter, bias));
        const others = tf.grads(apply as (...tensors: tf.Tensor[]) => tf.Tensor);
        return () => i === 0 ? first([filter, bias], dy) : others([x, filter, bias], dy);
      },
    }];
  });
}

function lstms(): KernelCase[] {
  const units = 128;
  return [[8, 32], [28, 64]].flatMap(([steps, batch]): KernelCase[] => {
    const shapes = [[steps, batch, 4 * units], [units, 4 * units], [steps, batch, units]];
    const flops = 2 * steps * batch * units * 4 * units;
    const size = `T ${steps}, batch ${batch}, ${units} units`;
    const apply = (projected: tf.Tensor, kernel: tf.Tensor) => lstm(projected as tf.Tensor3D, kernel as tf.Tensor2D);
    const tensors = (prng: Prng) => shapes.map((shape) => tf.tidy(() => tf.mul(normal(prng, shape), 0.1)));
    return [{
      ...{ what: "LSTM sequence", size, flops, bytes: floats(...shapes), stock: "wasm" },
      prepare(prng) {
        const [projected, kernel] = tensors(prng);
        return () => apply(projected, kernel);
      },
    }, {
      ...{ what: "… and its gradients", size, flops: 3 * flops, bytes: 2 * floats(...shapes), stock: "wasm" },
      prepare(prng) {
        const [projected, kernel, dy] = tensors(prng);
        return () => tf.grads(apply as (...tensors: tf.Tensor[]) => tf.Tensor)([projected, kernel], dy);
      },
    }];
  });
}

/** Sketch-RNN's cell with layer normalization, and its density of points, 20 mixtures; forwards and backwards. */
function sketchRnn(): KernelCase[] {
  const [steps, batch, units] = [28, 64, 128], [points, columns] = [2500, 3 + 6 * 20];
  const shapes = [[steps, batch, 4 * units], [units, 4 * units], [10 * units], [steps, batch, units]];
  return [{
    ...{ what: "layer-norm LSTM, backward", size: `T ${steps}, batch ${batch}, ${units} units`, stock: "wasm" },
    ...{ flops: 6 * steps * batch * units * 4 * units, bytes: 3 * floats(...shapes) },
    prepare(prng) {
      const [projected, kernel, norms, dy] = shapes.map((shape) => tf.tidy(() => tf.mul(normal(prng, shape), 0.1)));
      const apply = (projected: tf.Tensor, recurrentKernel: tf.Tensor, norms: tf.Tensor) => {
        const [gamma, beta, cellGamma, cellBeta] = tf.split(norms, [4, 4, 1, 1].map((part) => part * units));
        const cell = { recurrentKernel, gamma, beta, cellGamma, cellBeta } as LayerNormLstmCell;
        return layerNormLstm(projected as tf.Tensor3D, cell);
      };
      return () => tf.grads(apply as (...tensors: tf.Tensor[]) => tf.Tensor)([projected, kernel, norms], dy);
    },
  }, {
    ...{ what: "mixture density, backward", size: shapeText([points, columns]), flops: 0, stock: "wasm" },
    bytes: floats([points, columns], [points, 5], [points, columns]),
    prepare(prng) {
      const outputs = normal(prng, [points, columns]), targets = normal(prng, [points, 5]) as tf.Tensor2D;
      const loss = (x: tf.Tensor) => {
        const { offsets, pen } = mixtureDensity(x as tf.Tensor2D, targets);
        return tf.add(tf.mean(offsets), tf.mean(pen));
      };
      return () => tf.grad(loss)(outputs);
    },
  }];
}

/** The variables of cnn-lstm, but for its biases. */
const VARIABLES = [
  ...CONVS.map(([, inputs, outputs]) => [3, 3, inputs, outputs]),
  ...[[2048, 512], [128, 512], [128, 512], [128, 512], [128, 512], [128, 512], [128, 64], [64, 18]],
];

function optimizers(): KernelCase[] {
  const size = `${VARIABLES.length} variables, ${
    (VARIABLES.reduce((sum, shape) => sum + elementsOf(shape), 0) / 1e6).toFixed(2)
  } M`;
  const make = (prng: Prng) => {
    const variables: Record<string, tf.Variable> = {}, gradients: Record<string, tf.Tensor> = {};
    for (const shape of VARIABLES) {
      const variable = tf.tidy(() => tf.variable(normal(prng, shape)));
      [variables[variable.name], gradients[variable.name]] = [variable, normal(prng, shape)];
    }
    return { variables, gradients };
  };
  return [{
    ...{ what: "Adam", size, flops: 0, bytes: 7 * floats(...VARIABLES), stock: "wasm" }, // reads four, writes three
    prepare(prng) {
      const { variables, gradients } = make(prng), optimizer = adam();
      return () => optimizer.apply(variables, gradients);
    },
    prepareStock(prng) {
      const { gradients } = make(prng), optimizer = tf.train.adam(1e-3);
      return () => optimizer.applyGradients(gradients as tf.NamedTensorMap as never);
    },
  }, {
    ...{ what: "norm and scale to clip by", size, flops: 0, bytes: floats(...VARIABLES), stock: "wasm" },
    prepare(prng) {
      const { gradients } = make(prng);
      return () => clipByGlobalNorm(gradients, 1);
    },
  }];
}

function frames(): KernelCase {
  const [batch, side] = [32, 64];
  return {
    ...{ what: "frames of strokes", size: `${FRAMES} of ${shapeText([batch, side, side])}`, flops: 0, stock: "wasm" },
    bytes: floats([FRAMES, side, side], [FRAMES, side, side]),
    prepare(prng) {
      const ints = (length: number, limit: number) => Int32Array.from({ length }, () => prng.integer(limit));
      const maps = tf.tensor3d(ints(batch * side * side, 9), [batch, side, side], "int32");
      const [drawings, strokes] = [ints(FRAMES, batch), ints(FRAMES, 9)].map((values) => tf.tensor1d(values, "int32"));
      return () => strokeFrames(maps, drawings, strokes);
    },
  };
}

/** Everything that is timed, in the order of the table. */
export const KERNEL_CASES: readonly KernelCase[] = [
  ...[...convGradients(), ...poolGradients(), ...products(), ...rows()],
  ...[...convBlocks(), ...lstms(), ...sketchRnn(), ...optimizers(), frames()],
];
