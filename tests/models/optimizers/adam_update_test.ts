import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { adamUpdate } from "../../../models/optimizers/adam_update.ts";
import { hasFusedKernel } from "../../../models/ops/fused_op.ts";
import { squaredSum } from "../../../models/optimizers/optimizer.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN, normalTensor, normalVariable, OTHERS, testAgainstCpu, valuesOn } from "../backends.ts";

const NUMBERS = { rate: 0.01, vScale: 1.3, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, decay: 0.1 };

function tensors(size: number) {
  const prng = new Prng(size);
  const variable = () => normalVariable(prng, [size]);
  const v = tf.tidy(() => tf.variable(tf.square(normalTensor(prng, [size]))));
  return { variable: variable(), m: variable(), v, gradient: normalTensor(prng, [size]), scale: tf.scalar(0.5) };
}

for (const size of [1, 3, 4, 17]) {
  testAgainstCpu(`adamUpdate of ${size} values`, () => {
    const given = tensors(size);
    const { dataId } = given.variable;
    adamUpdate(given, NUMBERS);
    assertEquals(given.variable.dataId === dataId, hasFusedKernel("StrokewiseAdamUpdate")); // it was in place
    const changed = [given.variable, given.m, given.v];
    const copies = changed.map((variable) => tf.mul(variable, 1));
    tf.dispose(changed);
    return copies;
  }, { further: size !== 17 });
}

for (const size of [1, 7, 8, 100, 8193, 70000]) { // webgpu shares out what is above 8192
  testAgainstCpu(`squaredSum of ${size} values`, () => [squaredSum(normalTensor(new Prng(size), [size]))], {
    further: size !== 100 && size !== 8193,
  });
}

for (const backend of ["cpu", ...OTHERS] as const) {
  Deno.test({
    name: `squaredSum on ${backend} is near a sum in double precision`,
    ignore: !CAN[backend],
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      for (const size of [1000, 300_000, 2_000_003]) {
        // Equal squares are the worst case: every rounding errs the same way.
        const random = new Prng(size);
        for (const at of [() => 0.1, () => 1e-3 * random.normal()]) {
          const values = Float32Array.from({ length: size }, at);
          const expected = values.reduce((sum, value) => sum + value * value, 0);
          const [[found]] = await valuesOn(backend, () => [squaredSum(tf.tensor1d(values))]);
          assert(Math.abs(found / expected - 1) < 5e-7, `${size} values: ${found} for ${expected}`);
        }
      }
    },
  });
}

for (const backend of OTHERS) {
  Deno.test({
    name: `an update in place on ${backend} leaves clones of the variable as they were`,
    ignore: !CAN[backend],
    sanitizeOps: false, // a WebGPU device stays open
    sanitizeResources: false,
    fn: async () => {
      await startBackend(backend);
      const given = tensors(5);
      const clone = given.variable.clone();
      const before = await clone.data();
      adamUpdate(given, NUMBERS);
      assertEquals(await clone.data(), before);
      assertNotEquals(await given.variable.data(), before);
      tf.dispose([given, clone]);
    },
  });
}
