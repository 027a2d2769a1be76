/** Convolution and its transpose with bias and activation, and their gradients, against tfjs's cpu backend and by hand. */
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertThrows } from "@std/assert";
import { ACTIVATIONS } from "../../../models/ops/activation.ts";
import { type ConvWeights, fusedConv, fusedTransposedConv } from "../../../models/ops/fused_conv.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN, normalTensor, OTHERS, testAgainstCpu, valuesOn } from "../backends.ts";

type Op = (x: tf.Tensor4D, weights: ConvWeights) => tf.Tensor4D;

/** What an operation makes of random numbers, and its gradients under uneven weights. */
function everything(op: Op, image: number[], filter: number[], outputs: number): tf.Tensor[] {
  const prng = new Prng(1);
  const given = [normalTensor(prng, image), normalTensor(prng, filter, 0.3), normalTensor(prng, [outputs])];
  const apply = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
    op(x as tf.Tensor4D, { filter: filter as tf.Tensor4D, bias: bias as tf.Tensor1D });
  const y = apply(given[0], given[1], given[2]);
  const dy = normalTensor(prng, y.shape);
  return [y, ...tf.grads((x, filter, bias) => tf.sum(tf.mul(apply(x, filter, bias), dy)))(given)];
}

for (const activation of ACTIVATIONS) {
  for (const [side, inputs, outputs, size, stride] of [[9, 3, 32, 3, 2], [8, 16, 17, 4, 2], [5, 6, 3, 3, 1]]) {
    const text = `${side}x${side}x${inputs} by ${size}x${size} to ${outputs} channels, stride ${stride}, ${activation}`;
    const further = side !== 9;
    const conv: Op = (x, weights) => fusedConv(x, weights, { stride, activation, slope: 0.1 });
    testAgainstCpu(`convolution ${text}`, () => {
      return everything(conv, [3, side, side, inputs], [size, size, inputs, outputs], outputs);
    }, { further });
    const transposed: Op = (x, weights) => {
      return fusedTransposedConv(x, weights, { stride, activation, size: [2 * side - 1, 2 * side - 1] });
    };
    if (stride === 1) continue;
    testAgainstCpu(`transposed convolution ${text}`, () => {
      return everything(transposed, [3, side, side, inputs], [size, size, outputs, inputs], outputs);
    }, { further });
  }
}

const pixel = (...values: number[]) => ({
  x: tf.tensor4d(values, [1, 1, values.length, 1]),
  weights: { filter: tf.ones<tf.Rank.R4>([1, 1, 1, 1]), bias: tf.zeros<tf.Rank.R1>([1]) },
});

for (const backend of OTHERS) {
  Deno.test({
    name: `${backend}: activations and their slopes by hand, near 0, far from it, and of what is no number`,
    ignore: !CAN[backend],
    sanitizeOps: false, // a WebGPU device stays open
    sanitizeResources: false,
    fn: async () => {
      const xs = [-100, -3, -0.6, -0.4, -0.2, -1e-3, -1e-7, 0, 1e-7, 2, NaN];
      const closed = {
        linear: [(x: number) => x, () => 1],
        relu: [(x: number) => x < 0 ? 0 : x, (x: number) => x > 0 ? 1 : 0],
        leakyRelu: [(x: number) => x < 0 ? 0.2 * x : x, (x: number) => x > 0 ? 1 : 0.2],
        elu: [(x: number) => x < 0 ? Math.expm1(x) : x, (x: number) => x < 0 ? Math.exp(x) : 1],
      } as const;
      const op = backend === "wasm" ? fusedConv : fusedTransposedConv; // webgpu's convolution forwards is tfjs's own
      const tolerance = backend === "wasm" ? 2e-7 : 1e-6;
      for (const activation of ACTIVATIONS) {
        const [value, slope] = closed[activation];
        const [values, slopes] = await valuesOn(backend, () => {
          const { x, weights } = pixel(...xs);
          const apply = (x: tf.Tensor4D) => op(x, weights, { activation });
          return [apply(x), tf.grad((x: tf.Tensor) => tf.sum(apply(x as tf.Tensor4D)))(pixel(...xs.slice(0, -1)).x)];
        });
        const near = (found: number[], expected: number[], [what, scale]: [string, (x: number) => number]) =>
          found.forEach((y, i) => {
            const good = Object.is(y, expected[i]) || Math.abs(y - expected[i]) <= tolerance * scale(expected[i]);
            assertEquals(good, true, `${what} of ${activation} at ${xs[i]}: expected ${expected[i]}, found ${y}`);
          });
        near(values, xs.map(value), ["value", Math.abs]);
        near(slopes, xs.slice(0, -1).map(slope), ["slope", () => 1]); // told from values that end at -1
      }
    },
  });
}

Deno.test("shapes that do not fit together are refused", () => {
  const image = tf.zeros<tf.Rank.R4>([1, 4, 4, 3]), filter = tf.zeros<tf.Rank.R4>([3, 3, 2, 5]);
  const bias = tf.zeros<tf.Rank.R1>([5]);
  const why = "a filter of 2 channels to 5 needs x [N, H, W, 2] and a bias [5], found [1, 4, 4, 3] and [5]";
  assertThrows(() => fusedConv(image, { filter, bias }), RangeError, why);
  const small = tf.zeros<tf.Rank.R4>([1, 4, 4, 5]), two = tf.zeros<tf.Rank.R1>([2]);
  const refused = () => fusedTransposedConv(small, { filter, bias: two }, { stride: 2, size: [9, 8] });
  assertThrows(refused, RangeError, "4x4 pixels cannot become 9x8 with stride 2");
  assertThrows(() => fusedConv(small, { filter, bias }, { slope: 0 }), RangeError);
});
