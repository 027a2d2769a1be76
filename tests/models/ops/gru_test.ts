import * as tf from "@tensorflow/tfjs-core";
import { assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { gru } from "../../../models/ops/gru.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear, CAN, normalTensor, testAgainstCpu } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

/** x, kernel, recurrentKernel, bias, recurrentBias, hidden0 */
function inputs([steps, batch, width, units]: number[]): tf.Tensor[] {
  const prng = new Prng(steps, batch, units);
  return [
    normalTensor(prng, [steps, batch, width], 2),
    normalTensor(prng, [width, 3 * units]),
    normalTensor(prng, [units, 3 * units], 0.5),
    normalTensor(prng, [3 * units]),
    normalTensor(prng, [units]),
    normalTensor(prng, [batch, units]),
  ];
}

function run([x, kernel, recurrentKernel, bias, recurrentBias, hidden0]: tf.Tensor[]): tf.Tensor3D {
  const weights = { kernel, recurrentKernel, bias, recurrentBias } as Parameters<typeof gru>[1];
  return gru(x as tf.Tensor3D, weights, hidden0 as tf.Tensor2D);
}

function everything(tensors: tf.Tensor[], weights: tf.Tensor): tf.Tensor[] {
  return [run(tensors), ...tf.grads((...given) => tf.sum(tf.mul(run(given), weights)))(tensors)];
}

for (const size of [[1, 1, 1, 1], [3, 2, 1, 4], [5, 3, 4, 6], [4, 7, 5, 9], [6, 5, 3, 16]]) {
  testAgainstCpu(
    `gru T, B, F, H = ${size}`,
    () => everything(inputs(size), normalTensor(new Prng(5), [size[0], size[1], size[3]])),
    { tolerance: 2e-5, further: size[3] !== 6 },
  );
}

/** Numbers that a program in another language can write down too. */
const sequence = (length: number, scale: number) =>
  Float32Array.from({ length }, (_, i) => ((i * 37 + 11) % 23 - 11) / 11 * scale);

// PyTorch 1.13, T 3, B 2, F 2, H 2: g = torch.nn.GRU(2, 2) with weight_ih = seq(12, 0.7), weight_hh = seq(12, -0.9),
// bias_ih = seq(6, 0.5), bias_hh = [0, 0, 0, 0, *seq(2, -0.4)]; y, _ = g(seq(12, 1.3), seq(4, 0.8));
// (y * arange(1, 13) / 10).sum().backward(); the gradients of the weights transposed.
const PYTORCH = [
  [0.01039, -0.022398, 0.289307, 0.078345, 0.092629, 0.184793, 0.623195, -0.043276, 0.488259, -0.049868, 0.254642]
    .concat(0.243794),
  [0.061779, 0.028441, 0.130848, -0.112622, 0.053125, -0.175955, -0.114452, 0.013592, -0.156341, -0.031977, 0.154517]
    .concat(0.124297),
  [0.026932, 0.049742, 0.157579, -0.387147, 0.439487, 0.871902, -0.103862, 0.036952, -0.487277, 0.678875, -0.765813]
    .concat(-0.281123),
  [0.02746, 0.030335, 0.075822, -0.123144, 0.320304, 0.25559, -0.049314, 0.002993, -0.05532, 0.228284, -0.196562]
    .concat(-0.149294),
  [0.114595, 0.143611, -0.15296, -0.378382, 1.944837, 2.826812],
  [1.015422, 1.127481],
  [0.407298, 0.342112, 0.317009, 0.598566],
];

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `gru on ${backend}: states and gradients are those of PyTorch's nn.GRU`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      tf.tidy(() => {
        const tensors = [
          tf.tensor3d(sequence(12, 1.3), [3, 2, 2]),
          tf.transpose(tf.tensor2d(sequence(12, 0.7), [6, 2])),
          tf.transpose(tf.tensor2d(sequence(12, -0.9), [6, 2])),
          tf.tensor1d(sequence(6, 0.5)),
          tf.tensor1d(sequence(2, -0.4)),
          tf.tensor2d(sequence(4, 0.8), [2, 2]),
        ];
        const weights = tf.div(tf.reshape(tf.range(1, 13), [3, 2, 2]), 10);
        assertNear(everything(tensors, weights).map((tensor) => [...tensor.dataSync()]), PYTORCH, 1e-5); // written down to six places
      });
    },
  });
}

Deno.test("gru's gradients are the slopes of finite differences", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const tensors = inputs([3, 2, 2, 3]);
    const loss = (given: tf.Tensor[]): tf.Scalar => tf.sum(tf.square(run(given)));
    const gradients = tf.grads((...given) => loss(given))(tensors);
    gradients.forEach((gradient, input) => {
      assertSlopes((x) => loss(tensors.with(input, x)), { at: tensors[input], gradient, name: `input ${input}` });
    });
  });
});

Deno.test("gru refuses shapes that do not fit", () => {
  tf.tidy(() => {
    const tensors = inputs([2, 2, 3, 3]);
    assertThrows(() => run(tensors.with(1, tf.zeros([2, 9]))), RangeError, "kernel [3, 9], found [2, 9]");
    assertThrows(() => run(tensors.with(5, tf.zeros([1, 3]))), RangeError, "state [2, 3], found [1, 3]");
  });
});
