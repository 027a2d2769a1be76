/** Sums and means over leading dimensions, against tfjs's cpu backend. */
import * as tf from "@tensorflow/tfjs-core";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { normalTensor, testAgainstCpu } from "../../backends.ts";

const SHAPES = [[1], [7], [1000], [3, 1], [40, 2], [3000, 3], [17, 4], [300, 5], [129, 32], [260, 36], [2, 130], [
  0,
  3,
]];
for (const shape of SHAPES) {
  testAgainstCpu(`sum and mean over the rows of ${shape.join("x")}`, () => {
    const x = normalTensor(new Prng(1), shape);
    return [...(shape[0] > 0 ? [tf.mean(x, 0)] : []), tf.sum(x, 0), tf.sum(x, 0, true), tf.sum(x)];
  }, { backends: ["wasm"] });
}

testAgainstCpu("sums and means over any dimensions, of integers and truths too", () => {
  const x = normalTensor<tf.Tensor4D>(new Prng(2), [3, 4, 5, 6]);
  const axes = [[0], [0, 1], [1, 0], [0, 1, 2], [0, 1, 2, 3], [-1], [1, 2], [0, 2], [3, 0]];
  const whole = tf.cast(tf.mul(x, 10), "int32");
  return [
    ...axes.flatMap((axis) => [tf.sum(x, axis), tf.mean(x, axis, true)]),
    ...[tf.sum(whole, 0), tf.mean(whole, 0), tf.sum(tf.greater(x, 0), [0, 1]), tf.grad((x) => tf.mean(x, [0, 1]))(x)],
  ];
}, { backends: ["wasm"] });
