// tfjs's stock operations keep packed copies of weights; none may outlive an update in place.
import * as tf from "@tensorflow/tfjs-core";
import { overwrite } from "../../../../models/gradients/shared_values.ts";
import { ema } from "../../../../models/optimizers/ema.ts";
import { OPTIMIZERS } from "../../../../models/optimizers/optimizers.ts";
import { STEP_OPTIONS } from "../../../../models/step_options.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { normalTensor, normalVariable, testAgainstCpu } from "../../backends.ts";

type Weights = Readonly<Record<string, tf.Variable>>;

/** Changes weights in place; frees what it made. */
type Change = (weights: Weights) => void;

/** What takes weights: their shapes, and the operation on an image [2, 6, 6, 4]. */
const OPERATIONS: Readonly<
  Record<string, { shapes: Record<string, number[]>; run(x: tf.Tensor4D, weights: Weights): tf.Tensor }>
> = {
  "conv2d": {
    shapes: { filter: [3, 3, 4, 5] },
    run: (x, { filter }) => tf.conv2d(x, filter as tf.Tensor4D, 1, "same"),
  },
  "conv2d with strides": {
    shapes: { filter: [2, 2, 4, 3] },
    run: (x, { filter }) => tf.conv2d(x, filter as tf.Tensor4D, 2, "valid"),
  },
  "conv2d of one cell": {
    shapes: { filter: [1, 1, 4, 5] },
    run: (x, { filter }) => tf.conv2d(x, filter as tf.Tensor4D, 1, "same"),
  },
  "fused conv2d": {
    shapes: { filter: [3, 3, 4, 5], bias: [5] },
    run: (x, { filter, bias }) =>
      tf.fused.conv2d({ x, filter: filter as tf.Tensor4D, strides: 1, pad: "same", bias, activation: "relu" }),
  },
  "depthwiseConv2d": {
    shapes: { filter: [3, 3, 4, 2] },
    run: (x, { filter }) => tf.depthwiseConv2d(x, filter as tf.Tensor4D, 1, "same"),
  },
  "fused depthwiseConv2d": {
    shapes: { filter: [3, 3, 4, 2], bias: [8] },
    run: (x, { filter, bias }) =>
      tf.fused.depthwiseConv2d({ x, filter: filter as tf.Tensor4D, strides: 1, pad: "same", bias, activation: "relu" }),
  },
  "separableConv2d": {
    shapes: { depthwise: [3, 3, 4, 2], pointwise: [1, 1, 8, 3] },
    run: (x, { depthwise, pointwise }) =>
      tf.separableConv2d(x, depthwise as tf.Tensor4D, pointwise as tf.Tensor4D, 1, "same"),
  },
  "conv2dTranspose": {
    shapes: { filter: [3, 3, 5, 4] },
    run: (x, { filter }) => tf.conv2dTranspose(x, filter as tf.Tensor4D, [2, 12, 12, 5], 2, "same"),
  },
  "conv1d": {
    shapes: { filter: [3, 4, 5] },
    run: (x, { filter }) => tf.conv1d(tf.reshape(x, [12, 6, 4]) as tf.Tensor3D, filter as tf.Tensor3D, 1, "same"),
  },
  "prelu": { shapes: { alpha: [4] }, run: (x, { alpha }) => tf.prelu(x, alpha as tf.Tensor4D) },
  "matMul": {
    shapes: { kernel: [4, 7] },
    run: (x, { kernel }) => tf.matMul(tf.reshape(x, [72, 4]), kernel as tf.Tensor2D),
  },
  "fused matMul": {
    shapes: { kernel: [4, 7], bias: [7] },
    run: (x, { kernel, bias }) =>
      tf.fused.matMul({ a: tf.reshape(x, [72, 4]) as tf.Tensor2D, b: kernel as tf.Tensor2D, bias, activation: "relu" }),
  },
  "gather": { shapes: { table: [4, 3] }, run: (_, { table }) => tf.gather(table, tf.tensor1d([3, 1], "int32")) },
};

const CHANGES: Readonly<Record<string, Change>> = {
  ...Object.fromEntries(
    Object.entries(OPTIMIZERS).map(([name, make]): [string, Change] => [
      `a step of ${name}`,
      (weights) => {
        const optimizer = make({ ...defaultsOf(STEP_OPTIONS), learningRate: 0.5, weightDecay: 0.1 });
        optimizer.apply(weights, tf.tidy(() => Object.fromEntries(entriesOf(weights, (shape) => tf.ones(shape)))));
        optimizer.dispose();
      },
    ]),
  ),
};

function entriesOf(weights: Weights, make: (shape: number[]) => tf.Tensor): [string, tf.Tensor][] {
  return Object.entries(weights).map(([name, { shape }]) => [name, make(shape)]);
}

function newWeights(shapes: Readonly<Record<string, number[]>>): Weights {
  const prng = new Prng(5);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, normalVariable(prng, shape)]),
  );
}

for (const [operation, { shapes, run }] of Object.entries(OPERATIONS)) {
  for (const [what, change] of Object.entries(CHANGES)) {
    testAgainstCpu(`${operation} sees ${what}`, () => {
      const x = normalTensor<tf.Tensor4D>(new Prng(3), [2, 6, 6, 4]);
      const weights = newWeights(shapes);
      const before = run(x, weights);
      change(weights);
      const after = run(x, weights);
      change(weights);
      const results = [before, after, run(x, weights)];
      tf.dispose(weights);
      return results;
    });
  }

  testAgainstCpu(`${operation} sees averages lent, updated and lent again`, () => {
    const x = normalTensor<tf.Tensor4D>(new Prng(3), [2, 6, 6, 4]);
    const weights = newWeights(shapes);
    const average = ema(weights, 0.9);
    const results: tf.Tensor[] = [];
    for (let step = 0; step < 3; step++) {
      CHANGES["a step of adam"](weights);
      average.update();
      results.push(run(x, weights));
      using _lent = average.lend();
      results.push(run(x, weights));
    }
    results.push(run(x, weights));
    average.dispose();
    tf.dispose(weights);
    return results;
  });

  testAgainstCpu(`${operation} sees values copied into weights`, () => {
    const x = normalTensor<tf.Tensor4D>(new Prng(3), [2, 6, 6, 4]);
    const weights = newWeights(shapes);
    const before = run(x, weights);
    for (const weight of Object.values(weights)) {
      overwrite(weight, Float32Array.from({ length: weight.size }, (_, i) => Math.sin(i)));
    }
    const after = run(x, weights);
    tf.dispose(weights);
    return [before, after];
  }, { backends: ["wasm"] });
}
