import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { hasFusedKernel } from "../../../models/ops/fused_op.ts";
import { sgdUpdate } from "../../../models/optimizers/sgd_update.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN, normalTensor, normalVariable, testAgainstCpu } from "../backends.ts";

const NUMBERS = { rate: 0.01, momentum: 0.7, nesterov: 0, decay: 0.1 };

function tensors(size: number, hasVelocity: boolean) {
  const prng = new Prng(size);
  const variable = normalVariable(prng, [size]);
  const velocity = hasVelocity ? { velocity: normalVariable(prng, [size]) } : {};
  return { variable, ...velocity, gradient: normalTensor(prng, [size]), scale: tf.scalar(0.5) };
}

for (const size of [1, 3, 4, 17]) {
  for (
    const [kind, hasVelocity, nesterov] of [["no", false, 0], ["plain", true, 0], ["Nesterov's", true, 1]] as const
  ) {
    testAgainstCpu(`sgdUpdate of ${size} values with ${kind} momentum`, () => {
      const { gradient, scale, ...changed } = tensors(size, hasVelocity);
      const { dataId } = changed.variable;
      sgdUpdate({ ...changed, gradient, scale }, { ...NUMBERS, nesterov });
      assertEquals(changed.variable.dataId === dataId, hasFusedKernel("StrokewiseSgdUpdate")); // it was in place
      const copies = Object.values(changed).map((variable) => tf.mul(variable, 1));
      tf.dispose(changed);
      return copies;
    });
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
      sgdUpdate(given, NUMBERS);
      assertEquals(clone.dataSync(), before);
      tf.dispose([given.variable, given.velocity!]);
    });
  },
});
