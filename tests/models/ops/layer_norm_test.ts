import * as tf from "@tensorflow/tfjs-core";
import { assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { layerNorm } from "../../../models/ops/layer_norm.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear, CAN, normalTensor, testAgainstCpu, valuesOn } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

type Inputs = [x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D];

/** The rows, and the gradients of all inputs, each number weighed differently. */
function all(inputs: Inputs, weights: tf.Tensor): tf.Tensor[] {
  const loss = (...given: tf.Tensor[]) => tf.sum(tf.mul(layerNorm(...given as Inputs), weights)) as tf.Scalar;
  return [layerNorm(...inputs), ...tf.grads(loss)(inputs)];
}

function normalInputs(rows: number, width: number): { inputs: Inputs; weights: tf.Tensor } {
  const prng = new Prng(rows, width);
  const [x, gamma, beta] = [[rows, width], [width], [width]].map((shape) => normalTensor<tf.Tensor>(prng, shape));
  return { inputs: [tf.add(x, 3), gamma, beta] as Inputs, weights: normalTensor(prng, [rows, width]) };
}

for (const [rows, width] of [[1, 3], [3, 5], [20, 64], [7, 67]]) {
  testAgainstCpu(`layerNorm N=${rows} D=${width}`, () => {
    const { inputs, weights } = normalInputs(rows, width);
    return all(inputs, weights);
  }, { tolerance: 2e-5, further: width !== 5 });
}

/** (a i + b i^2) mod m / s - o, as the oracle computes it too. */
const patterned = (size: number, [a, b, m, s, o]: number[]) =>
  Array.from({ length: size }, (_, i) => (a * i + b * i * i) % m / s - o);

// PyTorch 1.13 in float64: layer_norm of patterned numbers [3, 5], and the gradients of x, gamma and beta.
const PYTORCH = [
  // deno-fmt-ignore
  [-1.08333, 1.833324, 0.5277761, 1.083324, -0.08332973, -0.1166125, -2.534604, 0.4517829, -0.5605349, 0.984279,
      -0.9041054, -0.9623162, 2.607282, -1.038807, 0.5449006],
  // deno-fmt-ignore
  [-0.4135864, 0.4588528, 0.1316881, -0.541141, 0.3641865, 0.4289347, 0.3994953, -1.052426, -0.3624204,
      0.5864169, -0.5916683, 2.102368, 0.09340878, -2.647685, 1.043576],
  // deno-fmt-ignore
  [2.111651, -1.447422, -0.4052589, 0.7894957, 0.3979838],
  // deno-fmt-ignore
  [-1, 2.8, -0.6, -0.8, 2.2],
];

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  Deno.test({
    name: `layerNorm on ${backend} gives what PyTorch gives`,
    ignore: !CAN[backend],
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const values = await valuesOn(backend, () => {
        const x = tf.tensor2d(patterned(15, [5, 3, 17, 4, 2]), [3, 5]);
        const [gamma, beta] = [patterned(5, [3, 1, 7, 4, -0.5]), patterned(5, [2, 1, 5, 4, 0.5])].map((row) =>
          tf.tensor1d(row)
        );
        return all([x, gamma, beta], tf.tensor2d(patterned(15, [3, 7, 13, 5, 1]), [3, 5]));
      });
      assertNear(values, PYTORCH, 3e-6);
    },
  });
}

Deno.test("layerNorm's gradients are the slopes, and shapes that do not fit are refused", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const { inputs, weights } = normalInputs(4, 6);
    const gradients = all(inputs, weights).slice(1);
    inputs.forEach((at, i) => {
      const loss = (x: tf.Tensor) =>
        tf.sum(tf.mul(layerNorm(...inputs.with(i, x as tf.Tensor2D) as Inputs), weights)) as tf.Scalar;
      assertSlopes(loss, { at, gradient: gradients[i], name: `input ${i}` });
    });
    const [x, gamma] = inputs;
    assertThrows(() => layerNorm(x, gamma, tf.zeros([5])), RangeError, "gamma and beta [6], found [6] and [5]");
  });
});
