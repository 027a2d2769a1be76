import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { sharedLinear } from "../../../models/ops/shared_linear.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear, normalTensor, testAgainstCpu } from "../backends.ts";

/** Three uses, one after the other and side by side; the loss and the gradients of x, W and b. */
function results(apply: (w: tf.Tensor2D, b: tf.Tensor1D) => (x: tf.Tensor2D) => tf.Tensor2D): tf.Tensor[] {
  const prng = new Prng(3);
  const given = [
    normalTensor<tf.Tensor2D>(prng, [5, 4]),
    normalTensor<tf.Tensor2D>(prng, [4, 4], 0.5),
    normalTensor(prng, [4]),
  ];
  const loss = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => {
    const linear = apply(w as tf.Tensor2D, b as tf.Tensor1D);
    const once = tf.tanh(linear(x as tf.Tensor2D));
    return tf.sum(tf.square(tf.add(linear(tf.sin(once)), linear(tf.slice(once, [0, 0], [1, 4])))));
  };
  return [loss(given[0], given[1], given[2]), ...tf.grads((x, w, b) => loss(x, w, b))(given)];
}

Deno.test("a shared linear map gives the gradients of separate products", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const shared = results((w, b) => sharedLinear(w, b));
    const separate = results((w, b) => (x) => tf.add(tf.matMul(x, w), b));
    const values = (tensors: tf.Tensor[]) => tensors.map((tensor) => [...tensor.dataSync()]);
    assertNear(values(shared), values(separate), 1e-5);
  });
});

testAgainstCpu("sharedLinear", () => results((w, b) => sharedLinear(w, b)), { tolerance: 2e-5 });

Deno.test("a shared linear map without a bias, or whose weights are not trained", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const w = tf.tensor2d([[2, 0], [1, 3]]), x = tf.tensor2d([[1, 1], [0, 2]]);
    const ofWeights = tf.grad((w) => tf.sum(sharedLinear(w as tf.Tensor2D)(x)))(w);
    assertEquals([...ofWeights.dataSync()], [1, 1, 3, 3]); // the columns' sums of x
    const ofInputs = tf.grad((x) => tf.sum(sharedLinear(w)(x as tf.Tensor2D)))(x);
    assertEquals([...ofInputs.dataSync()], [2, 4, 2, 4]); // the rows' sums of w
  });
});
