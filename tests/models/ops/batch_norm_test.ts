/** Batch normalization and its gradient, against tfjs's cpu backend, by finite differences and by hand. */
import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { batchNorm } from "../../../models/ops/batch_norm.ts";
import { type ActivationOptions, ACTIVATIONS } from "../../../models/ops/activation.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN, normalTensor, OTHERS, testAgainstCpu, valuesOn } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

/** The sum of all three results, each number with a weight of its own. */
function lossOf(options: ActivationOptions, shape: number[]) {
  const prng = new Prng(5), channels = shape[3];
  const [weights, ofMean, ofVariance] = [shape, [channels], [channels]].map((shape) => normalTensor(prng, shape));
  return (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Scalar => {
    const given = { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D };
    const { y, mean, variance } = batchNorm(x as tf.Tensor4D, given, options);
    const parts = [tf.mul(y, weights), tf.mul(mean, ofMean), tf.mul(variance, ofVariance)];
    return tf.addN(parts.map((part) => tf.sum(part))) as tf.Scalar;
  };
}

function given(shape: number[]): tf.Tensor[] {
  const prng = new Prng(1), channels = shape[3];
  const x = tf.add(normalTensor(prng, shape, 2), normalTensor(prng, [channels]));
  return [x, normalTensor(prng, [channels]), normalTensor(prng, [channels])];
}

for (const activation of ACTIVATIONS) {
  for (const shape of [[3, 5, 4, 7], [64, 3, 3, 32], [2, 1, 1, 1], [2, 2, 2, 5000]]) {
    testAgainstCpu(`batch normalization of ${shape.join("x")}, ${activation}, and its gradients`, () => {
      const [x, gamma, beta] = given(shape);
      const { y, mean, variance } = batchNorm(x as tf.Tensor4D, { gamma, beta } as never, { activation });
      return [y, mean, variance, ...tf.grads(lossOf({ activation }, shape))([x, gamma, beta])];
    }, { tolerance: 2e-5, further: shape[0] !== 3 });
  }
}

Deno.test({
  name: "wasm: the gradients of batch normalization are the slopes of finite differences",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    tf.tidy(() => {
      const shape = [3, 2, 3, 5];
      const [x, gamma, beta] = given(shape), loss = lossOf({ activation: "elu" }, shape);
      const [dx, dGamma, dBeta] = tf.grads(loss)([x, gamma, beta]);
      assertSlopes((x) => loss(x, gamma, beta), { at: x, gradient: dx });
      assertSlopes((gamma) => loss(x, gamma, beta), { at: gamma, gradient: dGamma, name: "gamma" });
      assertSlopes((beta) => loss(x, gamma, beta), { at: beta, gradient: dBeta, name: "beta" });
    });
  },
});

for (const backend of OTHERS) {
  Deno.test({
    name: `${backend}: a mean a thousand times the deviation leaves the variance its digits`,
    ignore: !CAN[backend],
    sanitizeOps: false, // a WebGPU device stays open
    sanitizeResources: false,
    fn: async () => {
      const [[second], [mean], [variance]] = await valuesOn(backend, () => {
        const values = Float32Array.from({ length: 20000 }, (_, i) => 1024 + (i % 2 === 0 ? 1 : -1));
        const weights = { gamma: tf.ones<tf.Rank.R1>([1]), beta: tf.zeros<tf.Rank.R1>([1]) };
        const { y, mean, variance } = batchNorm(tf.tensor4d(values, [20000, 1, 1, 1]), weights);
        return [tf.slice(y, [1, 0, 0, 0], [1, 1, 1, 1]), mean, variance];
      });
      assertAlmostEquals(mean, 1024, 1e-3);
      assertAlmostEquals(variance, 1, 1e-5);
      assertAlmostEquals(second, -1, 1e-3);
    },
  });
}

Deno.test("batch normalization refuses weights of other channels", () => {
  const [x, three] = [tf.zeros<tf.Rank.R4>([1, 2, 2, 4]), tf.zeros<tf.Rank.R1>([3])];
  const refused = () => batchNorm(x, { gamma: three, beta: three });
  assertThrows(refused, RangeError, "batchNorm needs gamma and beta [4], found [3] and [3]");
});
