import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { convBlock } from "../../../models/layers/conv_block.ts";
import { gruLayer } from "../../../models/layers/gru.ts";
import { linear } from "../../../models/layers/linear.ts";
import { lstmLayer } from "../../../models/layers/lstm.ts";
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
