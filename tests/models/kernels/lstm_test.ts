import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backend.ts";
import { lstm } from "../../../models/kernels/lstm.ts";
import { Prng } from "../../../pipelines/prng.ts";
import { normalTensor, slope, testAgainstCpu } from "../backends.ts";

interface Size {
  readonly steps: number;
  readonly batch: number;
  readonly units: number;
}

/** projected, recurrentKernel, hidden0, cell0 */
function inputs({ steps, batch, units }: Size): tf.Tensor[] {
  const prng = new Prng(steps, batch, units);
  const state = () => normalTensor(prng, [batch, units]);
  return [
    normalTensor(prng, [steps, batch, 4 * units], 2),
    normalTensor(prng, [units, 4 * units], 0.5),
    state(),
    state(),
  ];
}

function run([projected, recurrentKernel, hidden, cell]: tf.Tensor[]): tf.Tensor3D {
  const initial = { hidden: hidden as tf.Tensor2D, cell: cell as tf.Tensor2D };
  return lstm(projected as tf.Tensor3D, recurrentKernel as tf.Tensor2D, initial);
}

function everything(size: Size): tf.Tensor[] {
  const tensors = inputs(size);
  const weights = normalTensor(new Prng(5), [size.steps, size.batch, size.units]);
  return [run(tensors), ...tf.grads((...given) => tf.sum(tf.mul(run(given), weights)))(tensors)];
}

const SIZES = [[1, 1, 1], [3, 2, 4], [5, 3, 6], [4, 7, 9], [6, 5, 16]];
for (const [steps, batch, units] of SIZES) {
  testAgainstCpu(`lstm T=${steps} B=${batch} H=${units}`, () => everything({ steps, batch, units }), {
    tolerance: 2e-5,
  });
}

Deno.test("lstm is what its equations say, gate order i, f, g, o", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const tensors = inputs({ steps: 3, batch: 1, units: 2 });
    const [z, r, h0, c0] = tensors.map((tensor) => tensor.dataSync());
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    let h = [...h0], c = [...c0];
    const expected: number[] = [];
    for (let t = 0; t < 3; t++) {
      const before = h;
      const gate = (k: number, j: number) =>
        z[8 * t + 2 * k + j] + before[0] * r[2 * k + j] + before[1] * r[8 + 2 * k + j];
      c = c.map((cj, j) => sigmoid(gate(1, j)) * cj + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)));
      h = c.map((cj, j) => sigmoid(gate(3, j)) * Math.tanh(cj));
      expected.push(...h);
    }
    run(tensors).dataSync().forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
  });
});

Deno.test("lstm's gradients are the slopes of finite differences", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const tensors = inputs({ steps: 3, batch: 2, units: 3 });
    const loss = (given: tf.Tensor[]): tf.Scalar => tf.sum(tf.square(run(given)));
    const gradients = tf.grads((...given) => loss(given))(tensors);
    gradients.forEach((gradient, input) => {
      for (const i of [0, gradient.size - 1]) {
        const found = slope((x) => loss(tensors.with(input, x)), tensors[input], [i, 1e-2]);
        assertAlmostEquals(found, gradient.dataSync()[i], 2e-3);
      }
    });
  });
});

Deno.test("lstm refuses shapes that do not fit", () => {
  tf.tidy(() => {
    const [projected, kernel] = inputs({ steps: 2, batch: 2, units: 3 }) as [tf.Tensor3D, tf.Tensor2D];
    assertThrows(() => lstm(projected, tf.zeros([2, 8])), RangeError, "[H, 4H]");
    const wrong = { hidden: tf.zeros<tf.Rank.R2>([2, 3]), cell: tf.zeros<tf.Rank.R2>([1, 3]) };
    assertThrows(() => lstm(projected, kernel, wrong), RangeError, "[2, 3]");
  });
});
