import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { hasFusedKernel } from "../../../models/ops/fused_op.ts";
import { adam } from "../../../models/optimizers/adam.ts";
import { type Ema, ema } from "../../../models/optimizers/ema.ts";
import { moveTowards } from "../../../models/optimizers/move_towards.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN, normalTensor, testAgainstCpu } from "../backends.ts";

/** The two values of a variable after step t. */
const valuesAt = (t: number) => [Math.sin(t) + 0.5, -0.1 * t];

const newVariables = () => tf.tidy(() => ({ x: tf.variable(tf.tensor1d(valuesAt(0))) }));

/** Moves the variable on, from one step up to another, and averages. */
function steps(variables: { x: tf.Variable }, average: Ema, [from, to]: [number, number]): void {
  for (let t = from; t < to; t++) {
    tf.tidy(() => variables.x.assign(tf.tensor1d(valuesAt(t))));
    average.update();
  }
}

/** `tf.train.ExponentialMovingAverage(decay, num_updates)` in double precision. */
function tensorflowAverage(decay: number, updates: number): number[] {
  const shadow = valuesAt(0);
  for (let n = 0; n < updates; n++) {
    const d = Math.min(decay, (1 + n) / (10 + n));
    valuesAt(n + 1).forEach((value, i) => shadow[i] -= (1 - d) * (shadow[i] - value));
  }
  return shadow;
}

for (const size of [1, 3, 4, 17, 300]) {
  testAgainstCpu(`moveTowards of ${size} values`, () => {
    const prng = new Prng(size);
    const x = normalTensor(prng, [size]);
    const moved = moveTowards(x, normalTensor(prng, [size]), 0.3);
    assertEquals(moved === x, hasFusedKernel("StrokewiseMoveTowards")); // it was in place
    return [moved];
  });
}

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `an average is TensorFlow's, is lent and taken back, and leaves no tensor behind on ${backend}`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const before = tf.memory();
      const variables = newVariables(), average = ema(variables, 0.8);
      assertEquals(tf.memory().numTensors, before.numTensors + 2);
      for (const updates of [1, 5, 60]) { // beyond 35 the decay is 0.8
        steps(variables, average, [average.state.step + 1, updates + 1]);
        const own = [...variables.x.dataSync()], { dataId } = variables.x;
        {
          using _lent = average.lend();
          const expected = tensorflowAverage(0.8, updates);
          variables.x.dataSync().forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-5));
          assertThrows(() => average.update(), Error, "in the variables' place");
          assertThrows(() => average.lend(), Error, "already");
        }
        assertEquals([...variables.x.dataSync()], own);
        assertEquals(variables.x.dataId, dataId);
        assertEquals(tf.backend().refCount(dataId), 1);
      }
      average.dispose();
      tf.dispose(variables);
      assertEquals(tf.memory().numTensors, before.numTensors);
      assertEquals(tf.memory().numDataBuffers, before.numDataBuffers);
    },
  });

  Deno.test({
    name: `an average restored goes on bit for bit on ${backend}`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const variables = newVariables(), first = ema(variables, 0.999);
      steps(variables, first, [1, 8]);
      const slots = tf.tidy(() => ({ "x/average": tf.mul(first.state.slots["x/average"], 1) }));
      const { step } = first.state;
      steps(variables, first, [8, 15]);
      const second = ema(variables, 0.999);
      assertThrows(() => second.state = { step, slots: {} }, RangeError, 'no average of "x"');
      second.state = { step, slots };
      steps(variables, second, [8, 15]);
      assertEquals(second.state.slots["x/average"].dataSync(), first.state.slots["x/average"].dataSync());
      assertEquals(second.state.step, 14);
      first.dispose();
      second.dispose();
      tf.dispose([variables, slots]);
    },
  });

  Deno.test({
    name: `training goes on after averages were lent as if they never had been on ${backend}`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const run = (lends: boolean) => {
        const variables = newVariables(), average = ema(variables, 0.9), optimizer = adam({ learningRate: 0.1 });
        for (let t = 1; t < 6; t++) {
          tf.tidy(() => optimizer.apply(variables, { x: tf.tensor1d(valuesAt(t)) }));
          average.update();
          if (lends) average.lend()[Symbol.dispose]();
        }
        const values = [variables.x, average.state.slots["x/average"]].map((tensor) => [...tensor.dataSync()]);
        average.dispose();
        optimizer.dispose();
        tf.dispose(variables);
        return values;
      };
      assertEquals(run(true), run(false));
    },
  });
}

Deno.test("what does not move has itself as its average, bit for bit", async () => {
  await startBackend("cpu");
  const variables = tf.tidy(() => ({ x: tf.variable(normalTensor(new Prng(1), [50])) }));
  const average = ema(variables, 0.9999);
  for (let step = 0; step < 200; step++) average.update();
  assertEquals(average.state.slots["x/average"].dataSync(), variables.x.dataSync());
  average.dispose();
  tf.dispose(variables);
});
