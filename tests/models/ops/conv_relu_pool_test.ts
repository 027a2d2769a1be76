import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { composedConvReluPool, convReluPool } from "../../../models/ops/conv_relu_pool.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { normalTensor, testAgainstCpu } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

function inputs(
  n: number,
  side: [number, number],
  channels: [number, number],
): [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D] {
  const prng = new Prng(n, ...side, ...channels);
  const [cin, cout] = channels;
  return [normalTensor(prng, [n, ...side, cin]), normalTensor(prng, [3, 3, cin, cout]), normalTensor(prng, [cout])];
}

/** The result and all gradients of a sum with uneven weights. */
function everything(
  op: typeof convReluPool,
  [x, filter, bias]: [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D],
): tf.Tensor[] {
  const result = op(x, filter, bias);
  const weights = normalTensor(new Prng(9), result.shape);
  const loss = (...[x, filter, bias]: tf.Tensor[]) =>
    tf.sum(tf.mul(op(x as tf.Tensor4D, filter as tf.Tensor4D, bias as tf.Tensor1D), weights));
  return [result, ...tf.grads(loss)([x, filter, bias])];
}

const CASES: [number, [number, number], [number, number]][] = [
  [1, [2, 2], [1, 1]],
  [2, [8, 8], [1, 8]],
  [1, [7, 5], [3, 5]],
  [2, [6, 4], [4, 9]],
  [1, [9, 6], [8, 16]],
  [3, [4, 4], [6, 12]],
  [5, [19, 17], [3, 17]],
  [17, [5, 4], [17, 3]],
  [2, [21, 38], [9, 8]],
];
for (const [n, side, channels] of CASES) {
  const name = `convReluPool ${n}x${side.join("x")}, ${channels.join(" to ")} channels`;
  testAgainstCpu(name, () => everything(convReluPool, inputs(n, side, channels)), { further: n !== 5 });
}

testAgainstCpu("convReluPool of an almost blank drawing", () => {
  const [, filter, bias] = inputs(1, [16, 16], [1, 8]);
  const values = new Float32Array(2 * 16 * 16);
  for (const cell of [0, 37, 38, 39, 255, 300]) values[cell] = 1;
  return everything(convReluPool, [tf.tensor4d(values, [2, 16, 16, 1]), filter, bias]);
});

Deno.test("convReluPool's gradients are the slopes of finite differences", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const [x, filter, bias] = inputs(1, [4, 4], [2, 3]);
    const [, dx, dFilter, dBias] = everything(composedConvReluPool, [x, filter, bias]);
    const weights = normalTensor<tf.Tensor4D>(new Prng(9), [1, 2, 2, 3]);
    const loss = (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D): tf.Scalar =>
      tf.sum(tf.mul(composedConvReluPool(x, filter, bias), weights));
    assertSlopes((x) => loss(x as tf.Tensor4D, filter, bias), { at: x, gradient: dx });
    assertSlopes((filter) => loss(x, filter as tf.Tensor4D, bias), { at: filter, gradient: dFilter, name: "filter" });
    assertSlopes((bias) => loss(x, filter, bias as tf.Tensor1D), { at: bias, gradient: dBias, name: "bias" });
  });
});

Deno.test("where cells of a pool are equal the first one gets the gradient", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const centre = tf.tensor4d([0, 0, 0, 0, 1, 0, 0, 0, 0], [3, 3, 1, 1]);
    const loss = (x: tf.Tensor) => tf.sum(convReluPool(x as tf.Tensor4D, centre, tf.zeros([1])));
    assertEquals([...tf.grad(loss)(tf.ones([1, 2, 2, 1])).dataSync()], [1, 0, 0, 0]);
  });
});

Deno.test("convReluPool refuses shapes that do not fit", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const [x, filter, bias] = inputs(1, [4, 4], [2, 3]);
    assertThrows(() => convReluPool(tf.zeros([1, 1, 4, 2]), filter, bias), RangeError, "1x4");
    assertThrows(() => convReluPool(x, tf.zeros([3, 3, 1, 3]), bias), RangeError, "[3, 3, 2, Cout]");
    assertThrows(() => convReluPool(x, filter, tf.zeros([4])), RangeError, "[3]");
  });
});
