import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { crossEntropy } from "../../../models/ops/cross_entropy.ts";
import { assertNear, CAN, valuesOn } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

const LOGITS = Array.from({ length: 12 }, (_, i) => (5 * i + 3 * i * i) % 17 / 4 - 2);
const WANTED = [[1, 0, 0, 0], [0.1, 0.2, 0.3, 0.4], [0, 0, 0.5, 0.5]];

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  Deno.test({
    name: `crossEntropy on ${backend}: value and gradient of tfjs's own operations, one after the other`,
    ignore: !CAN[backend],
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const valuesOf = (of: typeof crossEntropy) =>
        valuesOn(backend, () => {
          const [logits, wanted] = [tf.tensor2d(LOGITS, [3, 4]), tf.tensor2d(WANTED)];
          const loss = (x: tf.Tensor) => tf.mul(of(x as tf.Tensor2D, wanted), 3) as tf.Scalar;
          return [of(logits, wanted), tf.grad(loss)(logits)];
        });
      assertNear(await valuesOf(crossEntropy), await valuesOf(plain), 1e-6);
    },
  });
}

function plain(logits: tf.Tensor2D, wanted: tf.Tensor2D): tf.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(wanted, tf.log(tf.softmax(logits))), 1)));
}

Deno.test("crossEntropy: its gradient is the slope; it and the gradient are finite where a character is out of the question", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const [logits, wanted] = [tf.tensor2d(LOGITS, [3, 4]), tf.tensor2d(WANTED)];
    const loss = (x: tf.Tensor) => crossEntropy(x as tf.Tensor2D, wanted);
    assertSlopes(loss, { at: logits, gradient: tf.grad(loss)(logits) });
    const far = tf.tensor2d([[0, 1e4, 0, 0]]);
    const one = (x: tf.Tensor) => crossEntropy(x as tf.Tensor2D, tf.tensor2d([[1, 0, 0, 0]]));
    assertAlmostEquals(one(far).dataSync()[0], 1e4, 1e-2);
    const slopes = tf.grad(one)(far).dataSync();
    assertAlmostEquals(slopes[0], -1, 1e-6);
    assert(slopes.every(Number.isFinite));
  });
});
