import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { stridedConv } from "../../../models/layers/strided_conv.ts";
import { transposedConv } from "../../../models/layers/transposed_conv.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear, normalTensor, testAgainstCpu } from "../backends.ts";

const N = 2;
const SIZES = [
  { side: 8, inputs: 3, outputs: 2, size: 3, stride: 2 },
  { side: 9, inputs: 2, outputs: 4, size: 3, stride: 2 },
  { side: 7, inputs: 2, outputs: 3, size: 4, stride: 2 },
  { side: 6, inputs: 1, outputs: 2, size: 5, stride: 3 },
  { side: 5, inputs: 3, outputs: 3, size: 3, stride: 1 },
];

/** How far a window that begins at an output's place reaches to the left of it: as little as may be, TensorFlow's "same". */
function paddingOf({ side, size, stride }: typeof SIZES[number]): number {
  return Math.floor(Math.max(0, (Math.ceil(side / stride) - 1) * stride + size - side) / 2);
}

/** The products of a convolution: for each tap inside the image what it reads, [side, side], and writes, [small, small]. */
function* taps(kind: typeof SIZES[number]): Generator<{ tap: number; large: number; small: number }> {
  const { side, size, stride } = kind;
  const [small, before] = [Math.ceil(side / stride), paddingOf(kind)];
  for (let place = 0; place < small * small; place++) {
    for (let tap = 0; tap < size * size; tap++) {
      const row = Math.floor(place / small) * stride + Math.floor(tap / size) - before;
      const column = (place % small) * stride + tap % size - before;
      if (Math.min(row, column) >= 0 && Math.max(row, column) < side) {
        yield { tap, large: row * side + column, small: place };
      }
    }
  }
}

for (const kind of SIZES) {
  const { side, inputs, outputs, size, stride } = kind;
  const small = Math.ceil(side / stride);
  const what = `${side} to ${small} pixels by ${size} x ${size}`;
  const down = () => stridedConv("down", kind, new Prng(1));
  // The transpose of another convolution, from as many channels as that gives.
  const up = () => transposedConv("up", { inputs: outputs, outputs: inputs, size, stride }, new Prng(2));

  Deno.test(`strided convolution, ${what}: the sum of its products`, async () => {
    await startBackend("cpu");
    const layer = down();
    const x = normalTensor<tf.Tensor4D>(new Prng(3), [N, side, side, inputs]);
    const [values, filter] = [x.dataSync(), layer.variables["down/filter"].dataSync()];
    tf.tidy(() => layer.variables["down/bias"].assign(tf.range(0, outputs)));
    const expected = Float64Array.from({ length: N * small * small * outputs }, (_, i) => i % outputs);
    for (const { tap, large, small: place } of taps(kind)) {
      for (let n = 0; n < N; n++) {
        for (let i = 0; i < inputs * outputs; i++) {
          const [from, to] = [Math.floor(i / outputs), i % outputs];
          expected[(n * small * small + place) * outputs + to] += values[(n * side * side + large) * inputs + from] *
            filter[tap * inputs * outputs + i];
        }
      }
    }
    const found = tf.tidy(() => layer.apply(x));
    assertEquals(found.shape, [N, small, small, outputs]);
    assertNear([[...found.dataSync()]], [[...expected]], 1e-6);
    tf.dispose([x, found, ...Object.values(layer.variables)]);
  });

  Deno.test(`transposed convolution, ${small} to ${side} pixels by ${size} x ${size}: each product goes back`, async () => {
    await startBackend("cpu");
    const layer = up();
    const y = normalTensor<tf.Tensor4D>(new Prng(4), [N, small, small, outputs]);
    const [values, filter] = [y.dataSync(), layer.variables["up/filter"].dataSync()];
    tf.tidy(() => layer.variables["up/bias"].assign(tf.range(0, inputs)));
    const expected = Float64Array.from({ length: N * side * side * inputs }, (_, i) => i % inputs);
    for (const { tap, large, small: place } of taps(kind)) {
      for (let n = 0; n < N; n++) {
        for (let i = 0; i < inputs * outputs; i++) {
          const [to, from] = [Math.floor(i / outputs), i % outputs];
          expected[(n * side * side + large) * inputs + to] += values[(n * small * small + place) * outputs + from] *
            filter[tap * inputs * outputs + i];
        }
      }
    }
    const found = tf.tidy(() => layer.apply(y, side));
    assertEquals(found.shape, [N, side, side, inputs]);
    assertNear([[...found.dataSync()]], [[...expected]], 1e-6);
    tf.dispose([y, found, ...Object.values(layer.variables)]);
  });

  for (const [name, make, from, to] of [["down", down, side, undefined], ["up", up, small, side]] as const) {
    testAgainstCpu(`convolution ${name}, ${side} and ${small} pixels: result and gradients`, () => {
      const { variables, apply } = make();
      const x = normalTensor<tf.Tensor4D>(new Prng(5), [N, from, from, name === "down" ? inputs : outputs]);
      const filters = variables[`${name}/filter`];
      const loss = (x: tf.Tensor) => tf.sum(tf.square(apply(x as tf.Tensor4D, to))) as tf.Scalar;
      const result = apply(x, to);
      const dx = tf.grad(loss)(x);
      const { grads } = tf.variableGrads(() => loss(x), Object.values(variables));
      const found = [result, dx, ...Object.values(variables).map((variable) => grads[variable.name])];
      assertEquals(found[2].shape, filters.shape);
      tf.dispose(variables);
      return found;
    }, { further: side !== 9 });
  }
}

Deno.test("convolutions with ReLU keep the scale of what passes; a deviation is as asked for", () => {
  for (const layer of [stridedConv, transposedConv]) {
    const { variables } = layer("conv", { inputs: 64, outputs: 64, size: 3 }, new Prng(1));
    const values = variables["conv/filter"].dataSync<"float32">();
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    // Each output has 9 taps of 64 inputs, or a quarter of them; ReLU lets half of the squares through.
    const terms = layer === stridedConv ? 9 * 64 : 9 * 64 / 4;
    assertAlmostEquals(square * terms / 2, 1, 0.02);
    assertEquals(variables["conv/bias"].dataSync(), new Float32Array(64));
    const other = layer("conv", { inputs: 64, outputs: 64, size: 3, deviation: 0.02 }, new Prng(1)).variables;
    const narrow = other["conv/filter"].dataSync<"float32">();
    assertAlmostEquals(Math.sqrt(narrow.reduce((sum, value) => sum + value * value, 0) / narrow.length), 0.02, 3e-4);
    tf.dispose([variables, other]);
  }
});
