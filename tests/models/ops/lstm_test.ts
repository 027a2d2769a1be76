import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { lstm, lstmOfInputs } from "../../../models/ops/lstm.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear, CAN, normalTensor, testAgainstCpu } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

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
    ...{ tolerance: 2e-5, further: units !== 6 },
  });
}

/** x, kernel, bias; with what {@linkcode inputs} gives, all that lstmOfInputs takes. */
function outerInputs({ steps, batch, units }: Size, width: number): tf.Tensor[] {
  const prng = new Prng(steps, batch, width);
  return [
    normalTensor(prng, [steps, batch, width], 2),
    normalTensor(prng, [width, 4 * units]),
    normalTensor(prng, [4 * units]),
  ];
}

function runOfInputs([x, kernel, bias, recurrentKernel, hidden, cell]: tf.Tensor[]): tf.Tensor3D {
  const weights = { kernel, bias, recurrentKernel } as Parameters<typeof lstmOfInputs>[1];
  const initial = { hidden: hidden as tf.Tensor2D, cell: cell as tf.Tensor2D };
  return lstmOfInputs(x as tf.Tensor3D, weights, initial);
}

for (const [steps, batch, units, width] of [[1, 1, 1, 1], [3, 2, 4, 1], [5, 3, 6, 4], [4, 7, 9, 28], [2, 70, 8, 5]]) {
  const size = { steps, batch, units };
  testAgainstCpu(`lstmOfInputs T=${steps} B=${batch} H=${units} F=${width}`, () => {
    const tensors = [...outerInputs(size, width), ...inputs(size).slice(1)];
    const weights = normalTensor(new Prng(5), [steps, batch, units]);
    return [runOfInputs(tensors), ...tf.grads((...given) => tf.sum(tf.mul(runOfInputs(given), weights)))(tensors)];
  }, { tolerance: 2e-5, further: units !== 6 });
}

Deno.test("lstmOfInputs is lstm after a product", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const size = { steps: 4, batch: 2, units: 3 };
    const [x, kernel, bias] = outerInputs(size, 5), [, recurrentKernel, hidden, cell] = inputs(size);
    const flat = tf.matMul(tf.reshape(x, [8, 5]), kernel as tf.Tensor2D); // [TB, 4H]
    const projected = tf.reshape(tf.add(flat, bias), [4, 2, 12]);
    const expected = run([projected, recurrentKernel, hidden, cell]).dataSync();
    const found = runOfInputs([x, kernel, bias, recurrentKernel, hidden, cell]).dataSync();
    assertNear([[...found]], [[...expected]], 1e-6);
  });
});

Deno.test({
  name: "lstm on wasm is within 1e-6 of the gates' closed forms, saturates, and lets NaN through",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    tf.tidy(() => {
      const xs = [-100, -9, -5, -1.5, -0.3, -1e-4, 0, 1e-3, 0.7, 2, 6, 9, 100, NaN]; // H 14: in fours, and two more
      const wide = (open: number) => xs.map(() => open);
      /** h_1 of a step from zero with one gate at xs, each of the others wide open: sigmoid(o) tanh(sigmoid(i) tanh(g)). */
      const hidden = (i: number[], g: number[], o: number[]) => {
        const projected = tf.tensor3d([[[...i, ...wide(0), ...g, ...o]]]); // [1, 1, 4H]
        return [...lstm(projected, tf.zeros([14, 56])).dataSync()];
      };
      const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
      const cases: [found: number[], expected: (x: number) => number][] = [
        [hidden(xs, wide(100), wide(100)), (x) => Math.tanh(sigmoid(x))],
        [hidden(wide(100), xs, wide(100)), (x) => Math.tanh(Math.tanh(x))],
        [hidden(wide(100), wide(100), xs), (x) => sigmoid(x) * Math.tanh(1)],
      ];
      for (const [found, expected] of cases) {
        assertNear([found.slice(0, -1)], [xs.slice(0, -1).map(expected)], 1e-6);
        assertEquals(found.at(-1), NaN);
      }
    });
  },
});

Deno.test({
  name: "lstm on wasm gives the same bits every time",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const bits = () =>
      tf.tidy(() => everything({ steps: 6, batch: 5, units: 16 }).map((tensor) => [...tensor.dataSync()]));
    assertEquals(bits(), bits());
  },
});

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
      assertSlopes((x) => loss(tensors.with(input, x)), { at: tensors[input], gradient, name: `input ${input}` });
    });
  });
});

Deno.test("lstm refuses shapes that do not fit", () => {
  tf.tidy(() => {
    const [projected, kernel] = inputs({ steps: 2, batch: 2, units: 3 }) as [tf.Tensor3D, tf.Tensor2D];
    assertThrows(() => lstm(projected, tf.zeros([2, 8])), RangeError, "[H, 4H]");
    const wrong = { hidden: tf.zeros<tf.Rank.R2>([2, 3]), cell: tf.zeros<tf.Rank.R2>([1, 3]) };
    assertThrows(() => lstm(projected, kernel, wrong), RangeError, "[2, 3]");
    const weights = {
      kernel: tf.zeros<tf.Rank.R2>([2, 12]),
      bias: tf.zeros<tf.Rank.R1>([12]),
      recurrentKernel: kernel,
    };
    assertThrows(() => lstmOfInputs(tf.zeros([2, 2, 3]), weights), RangeError, "kernel [3, 12], found [2, 12]");
  });
});
