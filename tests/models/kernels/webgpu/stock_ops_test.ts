// The kernels that stand in for stock ones, in sizes that only webgpu splits over workgroups, against tfjs's cpu backend.
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { batchNorm } from "../../../../models/ops/batch_norm.ts";
import { type ConvWeights, fusedConv, fusedTransposedConv } from "../../../../models/ops/fused_conv.ts";
import { convReluPool } from "../../../../models/ops/conv_relu_pool.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { assertNear, normalTensor, testAgainstCpu, valuesOn, webgpuTest } from "../../backends.ts";

const ONLY = { backends: ["webgpu"], tolerance: 2e-5 } as const;

function products([m, k, n]: number[], outer: number[] = []): tf.Tensor[] {
  const prng = new Prng(m, k, n);
  const bias = normalTensor<tf.Tensor1D>(prng, [n]);
  return [[false, false], [true, false], [false, true], [true, true]].flatMap(([transposeA, transposeB]) => {
    const a = normalTensor<tf.Tensor3D>(prng, [...outer, ...transposeA ? [k, m] : [m, k]]);
    const b = normalTensor<tf.Tensor2D>(prng, transposeB ? [n, k] : [k, n]);
    const fused = { a, b, bias, transposeA, transposeB };
    return [
      tf.matMul(a, b, transposeA, transposeB),
      tf.fused.matMul({ a, b, transposeA, transposeB }),
      tf.fused.matMul(fused),
      tf.fused.matMul({ ...fused, activation: "relu" }),
    ];
  });
}

for (const size of [[1, 2000, 1], [5, 2003, 33], [32, 2052, 64]]) {
  testAgainstCpu(`matMul of inner size ${size.join("x")}`, () => products(size), { ...ONLY, further: size[0] !== 5 });
}
testAgainstCpu("matMul of a long inner size and a leading dimension", () => products([3, 2050, 5], [1]), ONLY);

testAgainstCpu("matMul with one bias for all columns", () => {
  const prng = new Prng(11);
  const [a, b] = [normalTensor<tf.Tensor2D>(prng, [3, 5]), normalTensor<tf.Tensor2D>(prng, [5, 4])];
  return [tf.tensor1d([7]), tf.scalar(7)].map((bias) => tf.fused.matMul({ a, b, bias }));
}, ONLY);

const FILTERS: [number[], number[], [number, number]][] = [
  [[3, 33, 29, 3], [3, 3, 3, 17], [1, 1]],
  [[5, 20, 31, 17], [5, 2, 17, 3], [2, 3]],
  [[2, 40, 40, 1], [3, 3, 1, 8], [1, 1]],
  [[1, 9, 9, 40], [1, 1, 40, 50], [1, 1]],
  [[9, 4, 3, 9], [3, 3, 9, 6], [1, 1]],
  [[40, 39, 40, 20], [4, 3, 20, 4], [2, 2]], // so many pixels that a thread has eight
  [[14, 40, 32, 18], [2, 3, 18, 8], [2, 3]], // four
  [[3, 11, 13, 8], [1, 2, 8, 5], [3, 2]], // pixels that no tap meets
];
for (const [i, [image, filter, strides]] of FILTERS.entries()) {
  for (const pad of ["same", "valid", 2] as const) {
    testAgainstCpu(`conv2d and its gradients, ${image.join("x")} by ${filter.join("x")}, ${pad}`, () => {
      const x = normalTensor(new Prng(...image), image), w = normalTensor(new Prng(...filter), filter);
      const [oh, ow] = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad).shape.slice(1, 3);
      const weights = normalTensor(new Prng(4), [image[0], oh, ow, filter[3]]);
      const conv = (...[x, w]: tf.Tensor[]) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad);
      return [conv(x, w), ...tf.grads((x, w) => tf.sum(tf.mul(conv(x, w), weights)))([x, w])];
    }, { ...ONLY, further: i > 0 || pad !== "same" });
  }
}

testAgainstCpu("conv2d's filter gradient, channels first, is left to tfjs", () => {
  const dy = normalTensor<tf.Tensor4D>(new Prng(1), [2, 4, 6, 5]),
    x = normalTensor<tf.Tensor4D>(new Prng(2), [2, 3, 6, 5]);
  const attributes = { strides: 1, pad: "same", filterShape: [3, 3, 3, 4] };
  const run = (inputs: tf.NamedTensorMap, dataFormat: string) =>
    tf.engine().runKernel("Conv2DBackpropFilter", inputs, { ...attributes, dataFormat }) as tf.Tensor;
  if (tf.getBackend() !== "cpu") return [run({ x, dy }, "NCHW")];
  return [run({ x: tf.transpose(x, [0, 2, 3, 1]), dy: tf.transpose(dy, [0, 2, 3, 1]) }, "NHWC")];
}, ONLY);

testAgainstCpu("conv2d with dilations, and of channels first, is left to tfjs", () => {
  const x = normalTensor<tf.Tensor4D>(new Prng(1), [2, 6, 5, 3]);
  const filter = normalTensor<tf.Tensor4D>(new Prng(2), [3, 3, 3, 4]);
  const dilated = tf.conv2d(x, filter, 1, "same", "NHWC", [2, 1]);
  if (tf.getBackend() === "cpu") return [dilated, tf.conv2d(x, filter, 1, "same")];
  const first = tf.conv2d(tf.transpose(x, [0, 3, 1, 2]), filter, 1, "same", "NCHW");
  return [dilated, tf.transpose(first, [0, 2, 3, 1])];
}, ONLY);

function reductions(): tf.Tensor[] {
  const prng = new Prng(9);
  const CASES: [shape: number[], axis: number[] | undefined][] = [
    ...[[[300, 7], [0]], [[2000, 8], [0]], [[30, 5, 6], [1, 0]], [[1, 9], [0]]] as [number[], number[]][],
    ...[[[3, 5000], undefined], [[70, 70], [1, 0]], [[9], undefined]] as [number[], undefined][],
    ...[[[40, 50], [1]], [[4, 3, 5], [0, 2]]] as [number[], number[]][], // left to tfjs
  ];
  return CASES.flatMap(([shape, axis]) => {
    const x = normalTensor(prng, shape);
    return [tf.sum(x, axis), tf.mean(x, axis, true)];
  });
}
testAgainstCpu("sums and means over the first dimensions, over all, and over others", () => {
  const whole = tf.tensor2d([1, 2, 3, 2 ** 30, 1, -2], [3, 2], "int32");
  return [...reductions(), tf.sum(whole, 0), tf.sum(tf.cast(tf.greater(whole, 1), "float32"), 0)];
}, ONLY);

function segmentSums(): tf.Tensor[] {
  const prng = new Prng(6);
  const ids = tf.tensor1d(Int32Array.from({ length: 200 }, () => prng.integer(9) - 1), "int32"); // -1 is left out
  const sum = (inner: number[]) => tf.unsortedSegmentSum(normalTensor(prng, [200, ...inner]), ids, 11);
  return [sum([]), sum([3]), sum([7, 11])];
}
testAgainstCpu("unsortedSegmentSum of many rows", segmentSums, ONLY);

/** Most segments have a row or two, some none, and one has 36. */
function manySegmentSums(): tf.Tensor[] {
  const prng = new Prng(7);
  const id = (row: number) => row % 9 === 0 ? 5 : row % 7 === 0 ? prng.integer(260) - 40 : (37 * row) % 220;
  const ids = tf.tensor1d(Int32Array.from({ length: 320 }, (_, row) => id(row)), "int32");
  const sum = (inner: number[]) => tf.unsortedSegmentSum(normalTensor(prng, [320, ...inner]), ids, 220);
  return [sum([]), sum([70])];
}
testAgainstCpu("unsortedSegmentSum of many rows and segments", manySegmentSums, ONLY);

testAgainstCpu("unsortedSegmentSum where segments have 100 rows, and more than are listed", () => {
  const prng = new Prng(10);
  const id = (row: number) => row < 1030 ? 3 : row < 1130 ? 17 : prng.integer(60);
  const ids = tf.tensor1d(Int32Array.from({ length: 1500 }, (_, row) => id(row * 7 % 1500)), "int32");
  return [tf.unsortedSegmentSum(normalTensor(prng, [1500, 67]), ids, 60)];
}, { ...ONLY, tolerance: 1e-4 });

webgpuTest("kernels give the same bits at every run", async () => {
  const everything = () => {
    const x = normalTensor<tf.Tensor4D>(new Prng(1), [5, 22, 27, 3]);
    const filter = normalTensor<tf.Tensor4D>(new Prng(2), [3, 3, 3, 17]);
    const bias = normalTensor<tf.Tensor1D>(new Prng(3), [17]);
    const op = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
      convReluPool(x as tf.Tensor4D, filter as tf.Tensor4D, bias as tf.Tensor1D);
    const loss = (...[x, filter, bias]: tf.Tensor[]) => tf.sum(tf.square(op(x, filter, bias)));
    const layered = (...[x, filter, bias, small]: tf.Tensor[]) => {
      const leaky = { stride: 2, activation: "leakyRelu" } as const;
      const low = fusedConv(x as tf.Tensor4D, { filter, bias } as ConvWeights, leaky);
      const { y } = batchNorm(low, { gamma: bias as tf.Tensor1D, beta: bias as tf.Tensor1D }, { activation: "elu" });
      const high = fusedTransposedConv(y, { filter, bias: small } as ConvWeights, { ...leaky, size: [22, 27] });
      return tf.sum(tf.square(high));
    };
    return [
      op(x, filter, bias),
      ...tf.grads(loss)([x, filter, bias]),
      ...tf.grads(layered)([x, filter, bias, normalTensor(new Prng(4), [3])]),
      ...products([8, 3001, 9]),
      ...reductions(),
      ...segmentSums(),
      ...manySegmentSums(),
    ];
  };
  const first = await valuesOn("webgpu", everything);
  for (let run = 0; run < 2; run++) assertEquals(await valuesOn("webgpu", everything), first);
  assertNear(first, await valuesOn("cpu", everything), 2e-5);
});

testAgainstCpu("kernels read the floats of a cast, whose buffer holds whole numbers", () => {
  const prng = new Prng(8);
  const on = tf.greater(normalTensor<tf.Tensor4D>(prng, [2, 6, 5, 3]), 0);
  const images = tf.cast(on, "float32") as tf.Tensor4D;
  const counts = tf.cast(tf.cast(tf.mul(normalTensor<tf.Tensor4D>(prng, [2, 6, 5, 3]), 4), "int32"), "float32");
  const filter = normalTensor<tf.Tensor4D>(prng, [3, 3, 3, 2]);
  return [images, counts].map((x) =>
    tf.grad((w) => tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"))))(filter)
  );
}, { backends: ["webgpu"], tolerance: 1e-4 });
