import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../models/backends/backend.ts";
import { batchNormLayer } from "../../../models/layers/batch_norm.ts";
import { assertNear, CAN } from "../backends.ts";
import { patterned } from "../patterned.ts";

/** A layer with values of its own, and what it is given. */
function example() {
  const layer = batchNormLayer("norm", 3);
  const { "norm/gamma": gamma, "norm/beta": beta } = layer.variables;
  tf.tidy(() => {
    gamma.assign(tf.add(patterned([3], { seed: 2 }), 1));
    beta.assign(patterned([3], { seed: 3 }));
  });
  return { layer, gamma, beta, x: patterned([2, 2, 2, 3], { seed: 1, scale: 3 }) as tf.Tensor4D };
}

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `batch norm on ${backend}: outputs and gradients are PyTorch's`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const { layer, gamma, beta, x } = example();
      const dy = patterned([2, 2, 2, 3], { seed: 4 });
      const input = tf.variable(x);
      const { grads } = tf.variableGrads(() => tf.sum(tf.mul(layer.apply(input as tf.Tensor4D).y, dy)));
      const found = [layer.apply(x).y, ...[input, gamma, beta].map(({ name }) => grads[name])];
      assertNear(found.map((tensor) => [...tensor.dataSync()]), [
        [
          ...[-0.67501, -0.23962, -0.15042, -0.46281, 1.89699, 0.10156, 1.09331, 1.98989, 2.7473, 1.09331, 0.03907],
          ...[2.62132, -0.46281, -0.14672, -0.27641, -0.67501, 1.43251, -0.78036, 0.45672, 0.96803, 1.10946, 0.03232],
          ...[-1.54016, 0.22755],
        ],
        [
          ...[-0.01414, 0.44926, -0.60534, 0.26776, -0.10246, -0.12112, 0.02437, 0.19533, -0.3493, 0.23657, 0.07303],
          ...[-0.02447, -0.06233, 0.31353, 0.85338, 0.08017, -0.35275, -0.703, -0.30261, -0.16954, 0.47189, -0.2298],
          ...[-0.4064, 0.47795],
        ],
        [0.0581, 1.89831, -1.052],
        [3.5, 3.1, -2.15],
      ], 1e-5);
    },
  });
}

Deno.test("batch norm: with moments of another batch it is tfjs's own, and images do not depend on each other", async () => {
  await startBackend("cpu");
  const { layer, gamma, beta, x } = example();
  const other = patterned([4, 3, 3, 3], { seed: 5, scale: 2 }) as tf.Tensor4D;
  const { y: _, ...moments } = layer.apply(other);
  const { mean, variance } = tf.moments(other, [0, 1, 2]);
  assertNear([[...moments.mean.dataSync()], [...moments.variance.dataSync()]], [
    [...mean.dataSync()],
    [...variance.dataSync()],
  ], 1e-6);
  const expected = tf.batchNorm4d(
    x,
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    beta as tf.Tensor1D,
    gamma as tf.Tensor1D,
    1e-5,
  );
  const { y: whole } = layer.apply(x, { moments });
  assertNear([[...whole.dataSync()]], [[...expected.dataSync()]], 1e-6);
  const { y: alone } = layer.apply(tf.slice(x, [1, 0, 0, 0]), { moments });
  assertNear([[...alone.dataSync()]], [[...tf.slice(whole, [1, 0, 0, 0]).dataSync()]], 1e-6);
});
