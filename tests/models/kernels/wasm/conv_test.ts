/** Convolutions, their gradients and their transposes of many shapes, against tfjs's cpu backend. */
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { CAN, normalTensor, testAgainstCpu } from "../../backends.ts";
import { assertSlopes } from "../../slopes.ts";

interface Conv {
  readonly image: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly strides: [number, number];
  readonly pad: "same" | "valid" | number;
}

/** Shapes at random: strides 1 to 3, filters 1x1 to 5x5, sides from a filter's on, 1 to 12 channels or many. */
function randomConv(seed: number): Conv {
  const prng = new Prng(seed);
  const from = <T>(choices: readonly T[]) => choices[prng.integer(choices.length)];
  const many = prng.integer(4) === 0, sides = () => 1 + prng.integer(many ? 3 : 5);
  const [height, width] = [sides(), sides()];
  const channels = () => many ? from([16, 31, 33, 64, 130]) : 1 + prng.integer(12);
  const inputs = channels(), extra = () => prng.integer(many ? 5 : 14);
  return {
    image: [1 + prng.integer(5), height + extra(), width + extra(), inputs],
    filter: [height, width, inputs, channels()],
    strides: [1 + prng.integer(3), 1 + prng.integer(3)],
    pad: from(["same", "valid", "same", "valid", 1, 4]),
  };
}

/** Convolution, and what its transpose and its gradients make of uneven weights. */
function results({ image, filter, strides, pad }: Conv): tf.Tensor[] {
  const prng = new Prng(1);
  const x = normalTensor<tf.Tensor4D>(prng, image), w = normalTensor<tf.Tensor4D>(prng, filter);
  const y = tf.conv2d(x, w, strides, pad as "same");
  const dy = normalTensor<tf.Tensor4D>(prng, y.shape);
  const loss = (x: tf.Tensor, w: tf.Tensor) =>
    tf.sum(tf.mul(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad as "same"), dy));
  return [y, ...tf.grads(loss as (...given: tf.Tensor[]) => tf.Tensor)([x, w])];
}

/** These, and convolution with a bias and an activation. */
function everything(conv: Conv): tf.Tensor[] {
  const { image, filter, strides, pad } = conv, prng = new Prng(2);
  const x = normalTensor<tf.Tensor4D>(prng, image), w = normalTensor<tf.Tensor4D>(prng, filter);
  const bias = normalTensor<tf.Tensor1D>(prng, [filter[3]]);
  const fused = { x, filter: w, strides, pad: pad as "same", bias };
  return [
    ...results(conv),
    ...(["linear", "relu", "leakyrelu"] as const).map((activation) =>
      tf.fused.conv2d({ ...fused, activation, leakyreluAlpha: 0.2 })
    ),
  ];
}

const text = ({ image, filter, strides, pad }: Conv) =>
  `${image.join("x")} by ${filter.join("x")}, strides ${strides.join(" and ")}, ${
    typeof pad === "number" ? `padding ${pad}` : pad
  }`;

const NETWORKS: Conv[] = [
  { image: [2, 16, 16, 3], filter: [3, 3, 3, 32], strides: [2, 2], pad: "same" },
  { image: [5, 2, 2, 32], filter: [3, 3, 32, 32], strides: [2, 2], pad: "same" },
  { image: [2, 12, 12, 32], filter: [3, 3, 32, 3], strides: [1, 1], pad: "same" },
  { image: [3, 8, 8, 24], filter: [4, 4, 24, 40], strides: [2, 2], pad: "same" },
  { image: [2, 14, 10, 3], filter: [4, 4, 3, 16], strides: [2, 2], pad: "same" },
  { image: [3, 4, 4, 65], filter: [4, 4, 65, 1], strides: [1, 1], pad: "valid" },
  { image: [70, 1, 1, 5], filter: [1, 1, 5, 9], strides: [1, 1], pad: "valid" },
];
for (const kind of [...NETWORKS, ...Array.from({ length: 40 }, (_, seed) => randomConv(seed))]) {
  testAgainstCpu(`convolution ${text(kind)}`, () => everything(kind), { backends: ["wasm"] });
}

/** Of stride 2 with many channels, which go another way: through points, which costs a digit. */
const MANY_CHANNELS: Conv[] = [
  { image: [3, 16, 24, 16], filter: [4, 4, 16, 24], strides: [2, 2], pad: "same" },
  { image: [5, 18, 16, 24], filter: [4, 4, 24, 16], strides: [2, 2], pad: "valid" },
  { image: [16, 8, 8, 64], filter: [3, 3, 64, 64], strides: [2, 2], pad: "same" },
  { image: [4, 15, 16, 64], filter: [4, 3, 64, 64], strides: [2, 2], pad: 1 },
];
for (const kind of MANY_CHANNELS) {
  testAgainstCpu(`convolution ${text(kind)}`, () => results(kind), { backends: ["wasm"], tolerance: 2e-5 });
}

for (const [side, larger, size, stride] of [[4, 8, 3, 2], [4, 7, 3, 2], [3, 6, 4, 2], [5, 13, 5, 3], [4, 4, 3, 1]]) {
  testAgainstCpu(`transposed convolution ${side} to ${larger} pixels by ${size}x${size}, and its gradients`, () => {
    const prng = new Prng(size);
    const x = normalTensor<tf.Tensor4D>(prng, [3, side, side, 9]);
    const w = normalTensor<tf.Tensor4D>(prng, [size, size, 10, 9]);
    const dy = normalTensor<tf.Tensor4D>(prng, [3, larger, larger, 10]);
    const transposed = (x: tf.Tensor, w: tf.Tensor) =>
      tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [3, larger, larger, 10], stride, "same");
    const loss = (x: tf.Tensor, w: tf.Tensor) => tf.sum(tf.mul(transposed(x, w), dy));
    return [transposed(x, w), ...tf.grads(loss as (...given: tf.Tensor[]) => tf.Tensor)([x, w])];
  }, { backends: ["wasm"] });
}

Deno.test({
  name: "wasm: a convolution's gradients are the slopes of finite differences",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    tf.tidy(() => {
      const prng = new Prng(3);
      const x = normalTensor<tf.Tensor4D>(prng, [2, 7, 6, 5]), w = normalTensor<tf.Tensor4D>(prng, [3, 3, 5, 9]);
      const dy = normalTensor<tf.Tensor4D>(prng, [2, 4, 3, 9]);
      const loss = (x: tf.Tensor4D, w: tf.Tensor4D): tf.Scalar => tf.sum(tf.mul(tf.conv2d(x, w, 2, "same"), dy));
      const [dx, dw] = tf.grads(loss as (...given: tf.Tensor[]) => tf.Tensor)([x, w]);
      assertSlopes((x) => loss(x as tf.Tensor4D, w), { at: x, gradient: dx });
      assertSlopes((w) => loss(x, w as tf.Tensor4D), { at: w, gradient: dw, name: "the filter" });
    });
  },
});

Deno.test({
  name: "wasm: dilated filters are left to tfjs",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const found = tf.tidy(() =>
      tf.conv2d(tf.ones<tf.Rank.R4>([1, 5, 5, 1]), tf.ones<tf.Rank.R4>([2, 2, 1, 1]), 1, "valid", "NHWC", 3).arraySync()
    );
    assertEquals(found, [[[[4], [4]], [[4], [4]]]]);
  },
});

Deno.test({
  name: "wasm: convolutions take no more memory the hundredth time than the second, and read no freed memory",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const { memory } = (tf.backend() as unknown as { wasm: { asm: { memory: WebAssembly.Memory } } }).wasm.asm;
    const values = (seed: number) =>
      tf.tidy(() => everything(randomConv(seed)).map((tensor) => [...tensor.dataSync()]));
    const first = [values(1), values(2)];
    const [bytes, tensors] = [memory.buffer.byteLength, tf.memory().numTensors];
    for (let i = 0; i < 50; i++) assertEquals(values(1 + i % 2), first[i % 2]);
    assertEquals([memory.buffer.byteLength, tf.memory().numTensors], [bytes, tensors]);
  },
});
