// The kernels that stand in for stock ones, against tfjs's cpu backend.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { CAN, normalTensor, testAgainstCpu } from "../../backends.ts";

const PRODUCTS = [
  ...[[1, 1, 1], [2, 3, 8], [5, 7, 9], [6, 300, 16], [7, 4, 17], [13, 257, 3], [32, 5, 40], [1541, 3, 5]],
  ...[[1, 301, 111], [3, 41, 1031]], // a few rows
  ...[[9, 33, 21], [11, 40, 30], [14, 300, 24]], // fives and fours of rows, in different shares
];
for (const [m, k, n] of PRODUCTS) {
  for (const [transposeA, transposeB] of [[false, false], [true, false], [false, true], [true, true]]) {
    const name = `matMul ${m}x${k}x${n}${transposeA ? ", A transposed" : ""}${transposeB ? ", B transposed" : ""}`;
    testAgainstCpu(name, () => {
      const prng = new Prng(m, k, n);
      const a = normalTensor<tf.Tensor2D>(prng, transposeA ? [k, m] : [m, k]);
      const b = normalTensor<tf.Tensor2D>(prng, transposeB ? [n, k] : [k, n]);
      const bias = normalTensor<tf.Tensor1D>(prng, [n]);
      const fused = { a, b, bias, transposeA, transposeB };
      const activations = ["linear", "relu", "sigmoid", "leakyrelu"] as const;
      return [
        tf.matMul(a, b, transposeA, transposeB),
        ...activations.map((activation) => tf.fused.matMul({ ...fused, activation, leakyreluAlpha: 0.3 })),
      ];
    }, { further: m !== 5 });
  }
}

testAgainstCpu("matMul broadcasts its leading dimensions", () => {
  const prng = new Prng(4);
  const a = normalTensor(prng, [4, 2, 5]), b = normalTensor(prng, [4, 5, 3]);
  return [tf.matMul(a, b), tf.matMul(a, tf.slice(b, 0, 1)), tf.matMul(tf.slice(a, 0, 1), b)];
});

interface Conv {
  readonly image: [number, number, number, number];
  readonly filter: [number, number, number];
  readonly strides: [number, number];
  readonly pad: "same" | "valid";
}
const CONVS: Conv[] = [
  { image: [1, 1, 1, 1], filter: [1, 1, 1], strides: [1, 1], pad: "same" },
  { image: [2, 7, 5, 3], filter: [3, 3, 5], strides: [1, 1], pad: "same" },
  { image: [1, 8, 9, 2], filter: [5, 3, 4], strides: [2, 1], pad: "same" },
  { image: [3, 6, 6, 4], filter: [2, 2, 8], strides: [2, 2], pad: "valid" },
  { image: [2, 13, 12, 1], filter: [3, 3, 2], strides: [3, 2], pad: "valid" },
];
for (const [i, { image, filter: [height, width, outputs], strides, pad }] of CONVS.entries()) {
  testAgainstCpu(
    `conv2d's gradients, ${image.join("x")} by ${height}x${width}x${outputs}, strides ${strides}, ${pad}`,
    () => {
      const prng = new Prng(...image);
      const x = normalTensor<tf.Tensor4D>(prng, image);
      const filter = normalTensor<tf.Tensor4D>(prng, [height, width, image[3], outputs]);
      const loss = (x: tf.Tensor, filter: tf.Tensor) =>
        tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad)));
      return tf.grads(loss as (...given: tf.Tensor[]) => tf.Tensor)([x, filter]);
    },
    { tolerance: 2e-5, further: i !== 1 },
  );
}

for (const [size, strides, pad] of [[2, 2, "valid"], [3, 2, "same"], [2, 1, "valid"], [3, 3, "same"]] as const) {
  testAgainstCpu(`maxPool's gradient, window ${size}, stride ${strides}, ${pad}`, () => {
    const x = normalTensor<tf.Tensor4D>(new Prng(size, strides), [2, 7, 6, 3]);
    return [tf.grad((x) => tf.sum(tf.square(tf.maxPool(x as tf.Tensor4D, size, strides, pad))))(x)];
  }, { further: size !== 2 || strides !== 2 });
}

testAgainstCpu("slice in one piece and in many, its gradient, and slices of integers", () => {
  const x = normalTensor<tf.Tensor3D>(new Prng(2), [4, 3, 2]);
  const gradient = tf.grad((x) => tf.sum(tf.square(tf.slice(x, [1, 0, 0], [2, 3, 2]))))(x);
  return [
    tf.slice(x, [3, 0, 0], [1, -1, -1]),
    tf.slice(x, [1, 0, 0], [2, 3, 2]),
    tf.slice(x, [2, 1, 0], [1, 2, 2]),
    tf.slice(x, [1, 1, 1], [2, 2, 1]),
    tf.slice(tf.cast(x, "int32"), [1, 0, 0], [3, 3, 2]),
    gradient,
  ];
});

Deno.test({
  name: "a clone on wasm outlives the tensor that it was cloned from",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const before = tf.memory().numTensors;
    const x = tf.tensor1d([1, 2, 3]);
    const clone = x.clone();
    x.dispose();
    const others = tf.tensor1d([4, 5, 6]); // would be where x was
    assertEquals([...clone.dataSync()], [1, 2, 3]);
    tf.dispose([clone, others]);
    assertEquals(tf.memory().numTensors, before);
  },
});

testAgainstCpu("gather along rows, its gradient, and gathers left to tfjs", () => {
  const x = normalTensor<tf.Tensor3D>(new Prng(2), [5, 3, 2]);
  const rows = tf.tensor2d([4, 0, 0, 2], [2, 2], "int32");
  const gradient = tf.grad((x) => tf.sum(tf.square(tf.gather(x, tf.tensor1d([1, 1, 4], "int32")))))(x);
  return [
    tf.gather(x, rows),
    gradient,
    tf.gather(x, tf.tensor1d([2, 0], "int32"), 1),
    tf.gather(tf.cast(x, "int32"), rows),
  ];
});

Deno.test({
  name: "gather refuses an index that is too large",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    tf.tidy(() =>
      void assertThrows(() => tf.gather(tf.zeros([3, 2]), tf.tensor1d([3], "int32")), RangeError, "found 3")
    );
  },
});

testAgainstCpu("unsortedSegmentSum", () => {
  const x = normalTensor<tf.Tensor2D>(new Prng(3), [6, 5]);
  return [tf.unsortedSegmentSum(x, tf.tensor1d([0, 3, 0, 1, 1, 0], "int32"), 5)];
});

Deno.test({
  name: "kernels go on after the memory has grown",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    tf.tidy(() => {
      const a = normalTensor<tf.Tensor2D>(new Prng(1), [40, 300]);
      const before = tf.matMul(a, a, false, true).dataSync();
      tf.zeros([64, 1024, 1024]); // 256 MiB
      assertEquals(tf.matMul(a, a, false, true).dataSync(), before);
      assert(a.dataSync().every((value) => Number.isFinite(value)));
    });
  },
});

for (const [count, m, k, n] of [[1, 1, 1, 1], [3, 5, 28, 28], [2, 28, 5, 5], [4, 7, 9, 13], [2, 4, 3, 8]]) {
  for (const [transposeA, transposeB] of [[false, false], [true, false], [false, true], [true, true]]) {
    const transposes = `${transposeA ? ", A transposed" : ""}${transposeB ? ", B transposed" : ""}`;
    testAgainstCpu(`matMul of ${count} pairs ${m}x${k}x${n}${transposes}`, () => {
      const prng = new Prng(count, m, k, n);
      const a = normalTensor<tf.Tensor3D>(prng, transposeA ? [count, k, m] : [count, m, k]);
      const b = normalTensor<tf.Tensor3D>(prng, transposeB ? [count, n, k] : [count, k, n]);
      return [tf.matMul(a, b, transposeA, transposeB)];
    }, { backends: ["wasm"] });
  }
}
