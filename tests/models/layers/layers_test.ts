import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { convBlock } from "../../../models/layers/conv_block.ts";
import { gruLayer } from "../../../models/layers/gru.ts";
import { linear } from "../../../models/layers/linear.ts";
import { layerNormLstmLayer } from "../../../models/layers/layer_norm_lstm.ts";
import { lstmLayer } from "../../../models/layers/lstm.ts";
import { chronoBiases, orthogonalVariable } from "../../../models/layers/initial_values.ts";
import { Prng } from "../../../pipelines/base/prng.ts";

Deno.test("variables have their names and shapes and lie within PyTorch's bounds", async () => {
  await startBackend("cpu");
  const prng = new Prng(3);
  const layers = [
    { variables: linear("dense", { inputs: 16, outputs: 5 }, prng).variables, bound: 1 / 4 },
    { variables: convBlock("conv1", { inputs: 4, outputs: 6 }, prng).variables, bound: 1 / 6 },
    { variables: lstmLayer("lstm1", { inputs: 7, units: 9 }, prng).variables, bound: 1 / 3 },
    { variables: gruLayer("gru1", { inputs: 7, units: 9 }, prng).variables, bound: 1 / 3 },
  ];
  const shapes = layers.flatMap(({ variables }) => Object.entries(variables).map(([name, { shape }]) => [name, shape]));
  assertEquals(Object.fromEntries(shapes), {
    "dense/weights": [16, 5],
    "dense/bias": [5],
    "conv1/filter": [3, 3, 4, 6],
    "conv1/bias": [6],
    "lstm1/kernel": [7, 36],
    "lstm1/recurrentKernel": [9, 36],
    "lstm1/bias": [36],
    "gru1/kernel": [7, 27],
    "gru1/recurrentKernel": [9, 27],
    "gru1/bias": [27],
    "gru1/recurrentBias": [9],
  });
  for (const { variables, bound } of layers) {
    const values = Object.values(variables).flatMap((variable) => [...variable.dataSync()]);
    const largest = Math.max(...values.map(Math.abs));
    assert(largest <= bound && largest > 0.9 * bound, `${largest} of ${bound}`);
    tf.dispose(variables);
  }
});

/** The largest distance of a sample's distribution from the uniform one between two numbers (Kolmogorov and Smirnov). */
function distanceFromUniform(values: readonly number[], low: number, high: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const gaps = sorted.map((value, i) => {
    const share = (value - low) / (high - low);
    return Math.max(share - i / sorted.length, (i + 1) / sorted.length - share);
  });
  return Math.max(...gaps);
}

Deno.test("chrono biases: e to the bias of what keeps a state is uniform between 1 and the span less 1", async () => {
  await startBackend("cpu");
  const units = 30, span = 784, many = 4000;
  // 1.95 / sqrt(n): one sample in a thousand is as far off.
  const drawn = [...chronoBiases(many, span, new Prng(5))].map(Math.exp);
  assert(distanceFromUniform(drawn, 1, span - 1) < 1.95 / Math.sqrt(many));
  const [lstm, plain] = [{ chronoSpan: span }, {}].map((chrono) =>
    lstmLayer("l", { inputs: 1, units, ...chrono, forgetBias: 1 }, new Prng(5)).variables
  );
  const [gru, plainGru] = [{ chronoSpan: span }, {}].map((chrono) =>
    gruLayer("g", { inputs: 1, units, ...chrono }, new Prng(5)).variables
  );
  const [i, f, ...rest] = tf.tidy(() => tf.split(lstm["l/bias"], 4).map((gate) => [...gate.dataSync()]));
  const [, , ...restPlain] = tf.tidy(() => tf.split(plain["l/bias"], 4).map((gate) => [...gate.dataSync()]));
  const [r, z, n] = tf.tidy(() => tf.split(gru["g/bias"], 3).map((gate) => [...gate.dataSync()]));
  const [rPlain, , nPlain] = tf.tidy(() => tf.split(plainGru["g/bias"], 3).map((gate) => [...gate.dataSync()]));
  for (const keep of [f, z]) {
    assert(distanceFromUniform(keep.map(Math.exp), 1, span - 1) < 1.95 / Math.sqrt(units));
  }
  assertEquals(i, f.map((value) => -value));
  assertEquals([rest, r, n], [restPlain, rPlain, nPlain]);
  for (const [name, variable] of Object.entries(lstm)) {
    if (!name.endsWith("bias")) assertEquals(variable.dataSync(), plain[name].dataSync());
  }
  for (const [name, variable] of Object.entries(gru)) {
    if (!name.endsWith("/bias")) assertEquals(variable.dataSync(), plainGru[name].dataSync());
  }
  tf.dispose([lstm, plain, gru, plainGru]);
});

Deno.test("chrono biases: a cell that hears nothing is down to (u / (1 + u))^t of what it held", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const units = 3, steps = 40;
    const layer = lstmLayer("l", { inputs: 1, units, chronoSpan: 100 }, new Prng(8));
    const bias = layer.variables["l/bias"];
    const spans = [...tf.slice(bias, [units], [units]).dataSync()].map(Math.exp); // u of each unit, 1 to 99
    // Nothing is heard: weights are 0, and the candidate tanh(g) is 0; the output gate is open.
    for (const name of ["l/kernel", "l/recurrentKernel"]) {
      layer.variables[name].assign(tf.zerosLike(layer.variables[name]));
    }
    const gates = [...bias.dataSync()].map((value, k) => k < 2 * units ? value : k < 3 * units ? 0 : 50);
    bias.assign(tf.tensor1d(gates));
    const state = { hidden: tf.zeros<tf.Rank.R2>([1, units]), cell: tf.ones<tf.Rank.R2>([1, units]) };
    let now = state;
    for (let t = 0; t < steps; t++) now = layer.step(layer.project(tf.zeros([1, 1])), now);
    const expected = spans.map((u) => (u / (1 + u)) ** steps);
    now.cell.dataSync().forEach((value, k) => assertAlmostEquals(value, expected[k], 1e-5));
    assertThrows(
      () => lstmLayer("l", { inputs: 1, units, chronoSpan: 1 }, new Prng(1)),
      RangeError,
      "expected 2 or more",
    );
  });
});

Deno.test("two layers of one name live side by side", () => {
  const size = { inputs: 2, outputs: 2 };
  const [a, b] = [1, 1].map((seed) => linear("dense", size, new Prng(seed)).variables);
  assertEquals(a["dense/weights"].dataSync(), b["dense/weights"].dataSync());
  tf.dispose([a, b]);
});

Deno.test("an LSTM layer projects each step and then runs, all at once or step by step", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const layer = lstmLayer("lstm", { inputs: 3, units: 2 }, new Prng(1));
    const x = tf.reshape(tf.range(0, 1, 1 / 12), [2, 2, 3]) as tf.Tensor3D;
    const steps = tf.unstack(x).map((step) => layer.project(step as tf.Tensor2D));
    const whole = layer.run(tf.stack(steps) as tf.Tensor3D); // [2, 2, 2]
    assertEquals(layer.apply(x).dataSync(), whole.dataSync());
    const zeros = tf.zeros<tf.Rank.R2>([2, 2]);
    const hidden = steps.reduce((state, step) => layer.step(step, state), { hidden: zeros, cell: zeros }).hidden;
    assertEquals(hidden.dataSync(), tf.gather(whole, 1).dataSync());
    tf.dispose(layer.variables);
  });
});

Deno.test("an LSTM layer with layer normalization projects and runs, all at once or step by step", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const layer = layerNormLstmLayer("norm", { inputs: 3, units: 4, forgetBias: 1 }, new Prng(1));
    const shapes = Object.entries(layer.variables).map(([name, { shape }]) => [name, shape]);
    assertEquals(Object.fromEntries(shapes), {
      "norm/kernel": [3, 16],
      "norm/recurrentKernel": [4, 16],
      "norm/gamma": [16],
      "norm/beta": [16],
      "norm/cellGamma": [4],
      "norm/cellBeta": [4],
    });
    const beta = [...layer.variables["norm/beta"].dataSync()];
    assertEquals(beta, [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]); // i, f, g, o
    const x = tf.reshape(tf.range(0, 1, 1 / 12), [2, 2, 3]) as tf.Tensor3D;
    const steps = tf.unstack(x).map((step) => layer.project(step as tf.Tensor2D));
    const whole = layer.run(tf.stack(steps) as tf.Tensor3D); // [2, 2, 4]
    assertEquals(layer.apply(x).dataSync(), whole.dataSync());
    const zeros = tf.zeros<tf.Rank.R2>([2, 4]);
    const hidden = steps.reduce((state, step) => layer.step(step, state), { hidden: zeros, cell: zeros }).hidden;
    assertEquals(hidden.dataSync(), tf.gather(whole, 1).dataSync());
    tf.dispose(layer.variables);
  });
});

Deno.test("orthogonal variables are so in each block, and in no direction more than in another", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const prng = new Prng(8);
    const variable = orthogonalVariable({ units: 6, blocks: 3 }, prng); // [6, 18]
    for (const block of tf.split(variable, 3, 1)) {
      const product = tf.matMul(block, block, true); // [6, 6]
      assert(tf.max(tf.abs(tf.sub(product, tf.eye(6)))).dataSync()[0] < 1e-6);
    }
    // The corner of a 1 x 1 matrix is a sign, of a 2 x 2 one the cosine of any angle: mean 0 and mean square 1 / 2.
    const corners = Array.from({ length: 4000 }, () => {
      const small = orthogonalVariable({ units: 2, blocks: 1 }, prng);
      const [corner] = small.dataSync();
      small.dispose();
      return corner;
    });
    const mean = (f: (x: number) => number) => corners.reduce((sum, x) => sum + f(x), 0) / corners.length;
    assert(Math.abs(mean((x) => x)) < 0.05, `${mean((x) => x)}`); // 4 standard errors of 0.011
    assert(Math.abs(mean((x) => x * x) - 0.5) < 0.025, `${mean((x) => x * x)}`);
    variable.dispose();
  });
});
