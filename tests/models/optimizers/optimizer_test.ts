import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { clipByGlobalNorm } from "../../../models/optimizers/optimizer.ts";
import { OPTIMIZERS } from "../../../models/optimizers/optimizers.ts";
import { rmsprop } from "../../../models/optimizers/rmsprop.ts";
import { CAN } from "../backends.ts";
import { adam } from "../../../models/optimizers/adam.ts";

/** Gradients of step t for the two values of a variable. */
const gradientAt = (t: number) => [Math.sin(t) + 0.5, -0.01 * t];

/** Algorithm 1 of arXiv:1412.6980 in double precision. */
function paperAdam(start: number[], steps: number, alpha: number): number[] {
  const theta = [...start], m = [0, 0], v = [0, 0];
  for (let t = 1; t <= steps; t++) {
    gradientAt(t).forEach((g, i) => {
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      theta[i] -= alpha * (m[i] / (1 - 0.9 ** t)) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8);
    });
  }
  return theta;
}

for (const backend of ["cpu", "wasm"] as const) {
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
    const optimizer = make();
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
