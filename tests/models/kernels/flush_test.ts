/**
 * That the kernels of both backends take what is nearer to 0 than 1e-30 for 0. The numbers here are normal ones, which no
 * device flushes by itself, so that it is the kernels that do.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { gru } from "../../../models/ops/gru.ts";
import { lstmOfInputs } from "../../../models/ops/lstm.ts";
import { lstmGates } from "../../../models/ops/lstm_gates.ts";
import { windowFilters } from "../../../models/ops/window_filters.ts";
import { adamUpdate } from "../../../models/optimizers/adam_update.ts";
import { moveTowards } from "../../../models/optimizers/move_towards.ts";
import { rmspropUpdate } from "../../../models/optimizers/rmsprop_update.ts";
import { sgdUpdate } from "../../../models/optimizers/sgd_update.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN, normalTensor, OTHERS, valuesOn } from "../backends.ts";

/** A test of each backend's kernels; gets a function that reads values. */
function onEach(
  name: string,
  test: (read: (compute: () => tf.Tensor[]) => Promise<number[][]>) => Promise<void>,
): void {
  for (const backend of OTHERS) {
    Deno.test({
      name: `${name}: ${backend}`,
      ignore: !CAN[backend],
      sanitizeOps: false, // a WebGPU device stays open
      sanitizeResources: false,
      fn: () => test((compute) => valuesOn(backend, compute)),
    });
  }
}

const zeros = (values: number[]) => values.filter((value) => value === 0).length;

/** Copies of what an update changed, which it then frees. */
function changed(variables: Record<string, tf.Variable>): tf.Tensor[] {
  const copies = Object.values(variables).map((variable) => tf.mul(variable, 1));
  tf.dispose(variables);
  return copies;
}

const variable = (values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values)));

onEach("moments and velocities below 1e-30 become 0, those above stay", async (read) => {
  const momentum = [1.2e-30, -1.2e-30, 0.9e-30, -0.9e-30, 1e-36]; // halved or not
  const given = () => ({ gradient: tf.zeros<tf.Rank.R1>([5]), scale: tf.scalar(1) });
  const wanted = (values: number[], factor: number) =>
    momentum.forEach((value, i) => {
      const expected = Math.abs(factor * value) < 1e-30 ? 0 : factor * value;
      assert(Math.abs(values[i] - expected) <= 1e-6 * Math.abs(expected), `${values[i]} for ${factor} x ${value}`);
    });
  for (const factor of [1, 0.5]) {
    const numbers = { rate: 0, epsilon: 1e-8, decay: 0, momentum: factor, nesterov: 0 };
    const [m] = await read(() => {
      const slots = { m: variable(momentum), v: variable([0, 0, 0, 0, 0]), variable: variable([1, 1, 1, 1, 1]) };
      adamUpdate({ ...slots, ...given() }, { ...numbers, beta1: factor, beta2: 0.9, vScale: 1 });
      return changed(slots);
    });
    wanted(m, factor);
    const [velocity] = await read(() => {
      const slots = {
        velocity: variable(momentum),
        meanSquare: variable([1, 1, 1, 1, 1]),
        variable: variable([1, 1, 1, 1, 1]),
      };
      rmspropUpdate({ ...slots, ...given() }, { ...numbers, rho: 0.9 });
      return changed(slots);
    });
    wanted(velocity, factor);
    const [ofSgd] = await read(() => {
      const slots = { velocity: variable(momentum), variable: variable([1, 1, 1, 1, 1]) };
      sgdUpdate({ ...slots, ...given() }, numbers);
      return changed(slots);
    });
    wanted(ofSgd, factor);
    const [average] = await read(() => [moveTowards(tf.tensor1d(momentum), tf.zeros([5]), 1 - factor)]);
    wanted(average, factor);
  }
});

onEach("means of squares come to rest at a normal number where gradients are 0", async (read) => {
  const slots = await read(() => {
    const [v, meanSquare] = [variable([1, 1e-20, 0]), variable([1, 1e-20, 0])];
    const given = { gradient: tf.zeros<tf.Rank.R1>([3]), scale: tf.scalar(1) };
    const [m, x, y] = [0, 1, 1].map((value) => variable([value, value, value]));
    for (let step = 0; step < 200; step++) {
      const numbers = { rate: 1e-3, epsilon: 1e-8, decay: 0 };
      adamUpdate({ ...given, v, m, variable: x }, { ...numbers, beta1: 0.9, beta2: 0.5, vScale: 1 });
      rmspropUpdate({ ...given, meanSquare, variable: y }, { ...numbers, rho: 0.5, momentum: 0 });
    }
    return changed({ v, meanSquare, m, x, y });
  });
  for (const value of slots.slice(0, 2).flat()) assert(value > 1.9e-36 && value < 2.1e-36, `${value}`); // 1e-36 (1 + 1/2 + …)
  assertEquals(slots.slice(2), [[0, 0, 0], [1, 1, 1], [1, 1, 1]]);
});

onEach("states and gradients below 1e-30 become 0 in a cell's gates", async (read) => {
  const [hidden, cell] = await read(() =>
    Object.values(lstmGates(tf.zeros([1, 12]), tf.tensor2d([[1.8e-30, 2.2e-30, -1.8e-30]]))) // all gates half open, g 0
  );
  assertEquals([...hidden, cell[0], cell[2]].map(Math.abs), [0, 0, 0, 0, 0]);
  assert(Math.abs(cell[1] - 1.1e-30) < 1e-36);
  for (const [size, isFlushed] of [[9e-31, true], [1e-27, false]] as const) {
    const [gradients] = await read(() => {
      const given = [normalTensor(new Prng(1), [3, 24]), normalTensor(new Prng(2), [3, 6])];
      const grads = tf.grads((z, cell) => lstmGates(z as tf.Tensor2D, cell as tf.Tensor2D).hidden);
      return [tf.concat(grads(given, tf.fill([3, 6], size)), 1)];
    });
    assertEquals(zeros(gradients), isFlushed ? gradients.length : 0);
  }
});

// On webgpu, a sequence in one program, and from 257 units on a program for each step.
for (const [kind, blocks] of [["lstm", 4], ["gru", 3]] as const) {
  for (const units of [4, 260]) {
    onEach(`gradients below 1e-30 end on their way back through a ${kind} of ${units} units`, async (read) => {
      for (const [size, isFlushed] of [[9e-31, true], [1e-24, false]] as const) {
        const [gradients] = await read(() => {
          const prng = new Prng(units), columns = blocks * units;
          const weights = {
            kernel: normalTensor<tf.Tensor2D>(prng, [3, columns]),
            recurrentKernel: normalTensor<tf.Tensor2D>(prng, [units, columns], 0.05),
            bias: normalTensor<tf.Tensor1D>(prng, [columns]),
            recurrentBias: normalTensor<tf.Tensor1D>(prng, [units]),
          };
          const dy = tf.concat([tf.zeros([2, 2, units]), tf.fill([1, 2, units], size)]); // of the last step
          const run = (x: tf.Tensor) => (kind === "lstm" ? lstmOfInputs : gru)(x as tf.Tensor3D, weights);
          return [tf.grad(run)(normalTensor(prng, [3, 2, 3]), dy)]; // [T, B, F]
        });
        assertEquals(zeros(gradients), isFlushed ? gradients.length : 0);
      }
    });
  }
}

onEach("a filter's weights are 0 or well above the numbers whose products are subnormal", async (read) => {
  const [weights] = await read(() => [windowFilters(tf.tensor2d([[0.1, -0.2, -1.5, 0, 0]]), { filters: 5, side: 64 })]);
  assert(zeros(weights) > 0 && zeros(weights) < weights.length);
  for (const weight of weights) assert(weight === 0 || weight > 1e-19, `${weight}`);
});
