import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { gru } from "../../../../../models/ops/gru.ts";
import { Prng } from "../../../../../pipelines/base/prng.ts";
import { normalTensor, testAgainstCpu, valuesOn, webgpuTest } from "../../../backends.ts";

/** The hidden states of a GRU, and the gradients of everything that goes into it. */
function withGradients([steps, batch, inputs, units]: number[]): tf.Tensor[] {
  const prng = new Prng(steps, batch, units);
  const scale = 1 / Math.sqrt(units);
  const tensors = [
    normalTensor(prng, [steps, batch, inputs]),
    normalTensor(prng, [inputs, 3 * units], scale),
    normalTensor(prng, [units, 3 * units], scale),
    normalTensor(prng, [3 * units], scale),
    normalTensor(prng, [units], scale),
    normalTensor(prng, [batch, units]),
  ];
  const run = ([x, kernel, recurrentKernel, bias, recurrentBias, hidden0]: tf.Tensor[]) => {
    const weights = { kernel, recurrentKernel, bias, recurrentBias } as Parameters<typeof gru>[1];
    return gru(x as tf.Tensor3D, weights, hidden0 as tf.Tensor2D);
  };
  const weights = normalTensor(new Prng(5), [steps, batch, units]);
  return [run(tensors), ...tf.grads((...given) => tf.sum(tf.mul(run(given), weights)))(tensors)];
}

// steps, batch, inputs, units; from 257 units on each step is a dispatch.
const SIZES = [
  [1, 1, 1, 1],
  [5, 7, 3, 4],
  [40, 33, 2, 9],
  [784, 2, 1, 4],
  [5, 7, 8, 128],
  [2, 3, 2, 200],
  [3, 33, 2, 261],
];
for (const size of SIZES) {
  const given = {
    tolerance: 2e-5,
    backends: ["webgpu"],
    further: size[0] > 5 || size[3] !== 4 && size[3] !== 261,
  } as const;
  testAgainstCpu(`gru T, B, F, H = ${size}`, () => withGradients(size), given);
}

webgpuTest("a gru gives the same bits at every run", async () => {
  const compute = () => [...withGradients([90, 33, 1, 16]), ...withGradients([3, 5, 2, 300])];
  assertEquals(await valuesOn("webgpu", compute), await valuesOn("webgpu", compute));
});
