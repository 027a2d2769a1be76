import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { clipByGlobalNorm, clipByValue } from "../../../models/optimizers/optimizer.ts";
import { OPTIMIZERS } from "../../../models/optimizers/optimizers.ts";
import { rmsprop } from "../../../models/optimizers/rmsprop.ts";
import { sgd } from "../../../models/optimizers/sgd.ts";
import type { Optimizer } from "../../../models/optimizers/optimizer.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN, normalTensor } from "../backends.ts";
import { adam } from "../../../models/optimizers/adam.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { STEP_OPTIONS } from "../../../models/step_options.ts";

/** Gradients of step t for the two values of a variable. */
const gradientAt = (t: number) => [Math.sin(t) + 0.5, -0.01 * t];

/** Algorithm 1 of arXiv:1412.6980 in double precision; with lambda as PyTorch's AdamW. */
function paperAdam(start: number[], steps: number, alpha: number, lambda = 0): number[] {
  const theta = [...start], m = [0, 0], v = [0, 0];
  for (let t = 1; t <= steps; t++) {
    gradientAt(t).forEach((g, i) => {
      theta[i] *= 1 - alpha * lambda;
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      theta[i] -= alpha * (m[i] / (1 - 0.9 ** t)) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8);
    });
  }
  return theta;
}

/** What `torch.optim.SGD` documents, in double precision, with a decay apart from the gradient. */
function torchSgd(start: number[], steps: number, { learningRate: gamma, momentum, nesterov, weightDecay }: {
  learningRate: number;
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
}): number[] {
  const theta = [...start], b = [0, 0];
  for (let t = 1; t <= steps; t++) {
    gradientAt(t).forEach((g, i) => {
      b[i] = momentum * b[i] + g;
      theta[i] = (1 - gamma * weightDecay) * theta[i] - gamma * (nesterov ? g + momentum * b[i] : b[i]);
    });
  }
  return theta;
}

/** A row of two values after so many steps along {@linkcode gradientAt}. */
function trained(optimizer: Optimizer, steps: number, shape = [1, 2]): number[] {
  const x = tf.tidy(() => tf.variable(tf.tensor([1, -2], shape)));
  for (let t = 1; t <= steps; t++) tf.tidy(() => optimizer.apply({ x }, { x: tf.tensor(gradientAt(t), shape) }));
  const values = [...x.dataSync()];
  tf.dispose(x);
  optimizer.dispose();
  return values;
}

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `adam with weight decay takes PyTorch's AdamW steps on ${backend}, and leaves biases to plain Adam`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const options = { learningRate: 0.05, weightDecay: 0.3 };
      const near = (found: number[], expected: number[]) =>
        found.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
      near(trained(adam(options), 20), paperAdam([1, -2], 20, 0.05, 0.3));
      near(trained(adam(options), 20, [2]), paperAdam([1, -2], 20, 0.05));
    },
  });

  Deno.test({
    name: `sgd takes PyTorch's steps on ${backend} and leaves no tensor behind`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const before = tf.memory().numTensors;
      for (const momentum of [0, 0.9]) {
        for (const nesterov of [false, true]) {
          for (const weightDecay of [0, 0.3]) {
            const options = { learningRate: 0.05, momentum, nesterov: nesterov && momentum > 0, weightDecay };
            const expected = torchSgd([1, -2], 20, options);
            trained(sgd({ ...options, nesterov }), 20).forEach((value, i) => {
              assertAlmostEquals(value, expected[i], 1e-5, JSON.stringify(options));
            });
          }
        }
      }
      assertEquals(tf.memory().numTensors, before);
    },
  });

  for (const [name, make] of Object.entries(OPTIMIZERS)) {
    Deno.test({
      name: `without gradients ${name} shrinks matrices by the rate times the decay, and no bias, on ${backend}`,
      ignore: !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const before = tf.memory().numTensors;
        const start = tf.tidy(() => normalTensor<tf.Tensor2D>(new Prng(1), [3, 7]).arraySync());
        const variables = tf.tidy(() => ({ kernel: tf.variable(tf.tensor2d(start)), bias: tf.variable(tf.ones([7])) }));
        const optimizer = make({ ...defaultsOf(STEP_OPTIONS), weightDecay: 0.2 });
        const rates = [0.1, 0.1, 0.05];
        for (const rate of rates) {
          optimizer.learningRate = rate;
          tf.tidy(() => optimizer.apply(variables, { kernel: tf.zeros([3, 7]), bias: tf.zeros([7]) }));
        }
        const left = rates.reduce((product, rate) => product * (1 - 0.2 * rate), 1);
        const found = variables.kernel.arraySync() as number[][];
        start.forEach((row, i) => row.forEach((value, j) => assertAlmostEquals(found[i][j], left * value, 1e-6)));
        assertEquals([...variables.bias.dataSync()], Array(7).fill(1));
        optimizer.dispose();
        tf.dispose(variables);
        assertEquals(tf.memory().numTensors, before);
      },
    });
  }

  Deno.test({
    name: `adam takes the paper's steps on ${backend} and leaves no tensor behind`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const before = tf.memory().numTensors;
      const x = tf.tidy(() => tf.variable(tf.tensor1d([1, -2])));
      const optimizer = adam({ learningRate: 0.05 });
      for (let t = 1; t <= 20; t++) tf.tidy(() => optimizer.apply({ x }, { x: tf.tensor1d(gradientAt(t)) }));
      const expected = paperAdam([1, -2], 20, 0.05);
      x.dataSync().forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
      assertEquals(optimizer.state.step, 20);
      optimizer.dispose();
      x.dispose();
      assertEquals(tf.memory().numTensors, before);
    },
  });

  Deno.test({
    name: `rmsprop takes PyTorch's and tfjs's steps on ${backend} and leaves no tensor behind`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const before = tf.memory().numTensors;
      const after20 = (optimizer: ReturnType<typeof rmsprop>, rateAt: (t: number) => number) => {
        const x = tf.tidy(() => tf.variable(tf.tensor1d([1, -2])));
        for (let t = 1; t <= 20; t++) {
          optimizer.learningRate = rateAt(t);
          tf.tidy(() => optimizer.apply({ x }, { x: tf.tensor1d(gradientAt(t)) }));
        }
        const values = [...x.dataSync()];
        tf.dispose(x);
        optimizer.dispose();
        return values;
      };
      // torch.optim.RMSprop(alpha=0.8, eps=1e-3) of PyTorch 1.13 in double precision.
      const given = { rho: 0.8, epsilon: 1e-3 };
      const pytorch: [momentum: number, rateAt: (t: number) => number, expected: number[]][] = [
        [0, () => 0.05, [0.34273057924948114, -0.5751577765259699]],
        [0.9, () => 0.05, [-3.1604530426944732, 7.02331519910806]],
        [0.9, (t) => 0.1 / t, [-0.24693177969448282, 0.13374371998300938]],
      ];
      for (const [momentum, rateAt, expected] of pytorch) {
        const found = after20(rmsprop({ ...given, momentum }), rateAt);
        found.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
      }
      for (const momentum of [0, 0.5]) {
        const x = tf.tidy(() => tf.variable(tf.tensor1d([1, -2])));
        const stock = tf.train.rmsprop(0.05, 0.8, momentum, 1e-12);
        for (let t = 1; t <= 20; t++) {
          tf.tidy(() => stock.applyGradients({ [x.name]: tf.tensor1d(gradientAt(t)) }));
        }
        const found = after20(rmsprop({ rho: 0.8, momentum, epsilon: 1e-12 }), () => 0.05);
        const expected = x.dataSync();
        found.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
        tf.dispose(x);
        stock.dispose();
      }
      assertEquals(tf.memory().numTensors, before);
    },
  });

  const restored = {
    adam: { make: adam, slots: ["x/m", "x/v"] },
    rmsprop: { make: rmsprop, slots: ["x/meanSquare"] },
    "rmsprop with momentum": {
      make: (options: { learningRate: number }) => rmsprop({ ...options, momentum: 0.9 }),
      slots: ["x/meanSquare", "x/velocity"],
    },
    sgd: { make: sgd, slots: ["x/velocity"] },
  };
  for (const [name, { make, slots }] of Object.entries(restored)) {
    Deno.test({
      name: `${name} restored goes on bit for bit on ${backend}`,
      ignore: !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const x = tf.variable(tf.tensor1d([1, -2])), first = make({ learningRate: 0.05 });
        const steps = (optimizer: typeof first, from: number, to: number) => {
          for (let t = from; t < to; t++) tf.tidy(() => optimizer.apply({ x }, { x: tf.tensor1d(gradientAt(t)) }));
          return [...x.dataSync()];
        };
        steps(first, 1, 8);
        const saved = { step: first.state.step, slots: tf.tidy(() => copies(first.state.slots)) };
        const middle = x.dataSync().slice();
        const uninterrupted = steps(first, 8, 15);
        x.assign(tf.tensor1d(middle));
        const second = make({ learningRate: 0.05 });
        second.state = saved;
        assertEquals(Object.keys(second.state.slots).sort(), slots);
        assertEquals(steps(second, 8, 15), uninterrupted);
        x.dispose();
        first.dispose();
        second.dispose();
      },
    });
  }
}

Deno.test("the registry has each optimizer under its own name", async () => {
  await startBackend("cpu");
  for (const [name, make] of Object.entries(OPTIMIZERS)) {
    const optimizer = make(defaultsOf(STEP_OPTIONS));
    assertEquals(optimizer.name, name);
    optimizer.dispose();
  }
});

function copies(slots: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, tf.mul(slot, 1)]));
}

Deno.test("adam scales gradients and refuses one without a variable", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const [x, y] = [0, 0].map((value) => tf.variable(tf.scalar(value)));
    const optimizer = adam();
    optimizer.apply({ x, y }, { x: tf.scalar(8) }, tf.scalar(0.25));
    assertAlmostEquals(optimizer.state.slots["x/m"].dataSync()[0], 0.2, 1e-6);
    assertEquals(y.dataSync()[0], 0);
    assertThrows(() => optimizer.apply({ x }, { z: tf.scalar(1) }), RangeError, '"z"');
    optimizer.dispose();
    tf.dispose([x, y]);
  });
});

Deno.test("clipByGlobalNorm leaves short gradients alone", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const gradients = { a: tf.tensor1d([0.3]), b: tf.tensor1d([0, 0.4]) };
    assertEquals(clipByGlobalNorm(gradients, 2).scale.dataSync()[0], 1);
    assertEquals(clipByGlobalNorm({ a: tf.tensor1d([0]) }, 2).scale.dataSync()[0], 1);
    assertAlmostEquals(clipByGlobalNorm(gradients, 0.25).scale.dataSync()[0], 0.5, 1e-6);
  });
});

Deno.test("clipByValue cuts each number at the limit and frees what it was given", async () => {
  await startBackend("cpu");
  const before = tf.memory().numTensors;
  const clipped = clipByValue({ a: tf.tensor1d([-3, 0.5, 2]), b: tf.tensor2d([[1.5], [-1.5]]) }, 1.5);
  assertEquals([[...clipped.a.dataSync()], [...clipped.b.dataSync()]], [[-1.5, 0.5, 1.5], [1.5, -1.5]]);
  assertEquals(tf.memory().numTensors, before + 2);
  tf.dispose(clipped);
});
