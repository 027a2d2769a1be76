import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { runAlone } from "../../../models/kernels/share_exchange.ts";
import { batchMean } from "../../../models/ops/batch_mean.ts";
import { batchNorm } from "../../../models/ops/batch_norm.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { assertNear, CAN } from "../backends.ts";

/** Another process, of three rows; it tells one thing after another. */
function another(...told: readonly (readonly number[])[]) {
  const left = [...told];
  return (values: Float32Array) => [Float32Array.of(3, ...left.shift()!), values];
}

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `${backend}: the mean over a batch that processes share out, and its gradient`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const x = tf.tensor2d([[1, 10], [3, 30]]); // with three rows of others
      const slope = tf.tensor1d([1, -1]);
      const run = (counts: boolean, exchange: (values: Float32Array) => Float32Array[]) =>
        runAlone(
          { counts, exchange },
          () => tf.valueAndGrad((x) => tf.sum(tf.mul(batchMean(x as tf.Tensor2D), slope)))(x),
        );
      // Means 2 and 20 of two rows, 7 and 5 of three; slopes 1 and -1, and elsewhere 4 and 9.
      const both = run(true, another([7, 5], [4, 9]));
      assertNear([[...both.value.dataSync()]], [[(2 * 2 + 3 * 7) / 5 - (2 * 20 + 3 * 5) / 5]], 1e-6);
      const [a, b] = [(2 * 1 + 3 * 4) / 5 / 2, (2 * -1 + 3 * 9) / 5 / 2];
      assertNear([[...both.grad.dataSync()]], [[a, b, a, b]], 1e-6);
      const other = run(false, another([7, 5], [4, 9])); // what is here counts for nothing
      assertNear([[...other.value.dataSync()]], [[7 - 5]], 1e-6);
      assertNear([[...other.grad.dataSync()]], [[2, 4.5, 2, 4.5]], 1e-6);
      assertEquals([...batchMean(x).dataSync()], [2, 20]); // the pass is over
      tf.dispose([x, slope, both, other]);
    },
  });
}

Deno.test({
  name: "webgpu: processes that would have to exchange in the middle of a pass are refused",
  ignore: !CAN.webgpu,
  fn: async () => {
    await startBackend("webgpu");
    const weights = { gamma: tf.tensor1d([1, 1]), beta: tf.tensor1d([0, 0]) };
    const refused = (pass: () => unknown) =>
      assertThrows(
        () => runAlone({ counts: true, exchange: (values) => [values] }, pass),
        InputError,
        "webgpu cannot exchange what is of a batch as a whole",
      );
    refused(() => batchMean(tf.zeros([2, 2])));
    refused(() => batchNorm(tf.zeros([2, 1, 1, 2]), weights));
    assertEquals([...await batchMean(tf.ones([2, 2])).data()], [1, 1]);
  },
});
