import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { hasFusedKernel } from "../../../models/ops/fused_op.ts";
import { rmspropUpdate } from "../../../models/optimizers/rmsprop_update.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN, normalTensor, normalVariable, testAgainstCpu } from "../backends.ts";

const NUMBERS = { rate: 0.01, rho: 0.9, momentum: 0.7, epsilon: 1e-3, decay: 0.1 };

function tensors(size: number, hasVelocity: boolean) {
  const prng = new Prng(size);
  const variable = normalVariable(prng, [size]);
  const meanSquare = tf.tidy(() => tf.variable(tf.square(normalTensor(prng, [size]))));
  const velocity = hasVelocity ? { velocity: normalVariable(prng, [size]) } : {};
  return { variable, meanSquare, ...velocity, gradient: normalTensor(prng, [size]), scale: tf.scalar(0.5) };
}

for (const size of [1, 3, 4, 17]) {
  for (const hasVelocity of [false, true]) {
    testAgainstCpu(`rmspropUpdate of ${size} values ${hasVelocity ? "with" : "without"} momentum`, () => {
      const { gradient, scale, ...changed } = tensors(size, hasVelocity);
      const { dataId } = changed.variable;
      rmspropUpdate({ ...changed, gradient, scale }, NUMBERS);
      assertEquals(changed.variable.dataId === dataId, hasFusedKernel("StrokewiseRmspropUpdate")); // it was in place
      const copies = Object.values(changed).map((variable) => tf.mul(variable, 1));
      tf.dispose(changed);
      return copies;
    }, { further: size !== 17 });
  }
}

Deno.test({
  name: "an update in place leaves clones of the velocity as they were",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    tf.tidy(() => {
      const given = tensors(5, true);
      const clone = given.velocity!.clone();
      const before = clone.dataSync().slice();
      rmspropUpdate(given, NUMBERS);
      assertEquals(clone.dataSync(), before);
      tf.dispose([given.variable, given.meanSquare, given.velocity!]);
    });
  },
});
