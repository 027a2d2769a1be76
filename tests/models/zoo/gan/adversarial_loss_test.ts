import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { adversarialLoss } from "../../../../models/zoo/gan/adversarial_loss.ts";

const REAL = [2, -0.5, 40];
const FAKE = [-3, 0.25];

/** The mean of a function. */
const mean = (values: number[], of: (x: number) => number) => {
  return values.reduce((sum, x) => sum + of(x), 0) / values.length;
};
const logSigmoid = (x: number) => -Math.log(1 + Math.exp(-x));

for (const target of [1, 0.8]) {
  Deno.test(`non-saturating loss: cross-entropies of the sigmoid, real images called ${target}`, async () => {
    await startBackend("cpu");
    const { discriminator, generator } = adversarialLoss("non-saturating", target);
    const [real, fake] = [tf.tensor1d(REAL), tf.tensor1d(FAKE)];
    const expected = mean(REAL, (x) => -target * logSigmoid(x) - (1 - target) * logSigmoid(-x)) +
      mean(FAKE, (x) => -logSigmoid(-x));
    assertAlmostEquals(discriminator({ real, fake }).dataSync()[0], expected, 1e-5);
    assertAlmostEquals(generator(fake).dataSync()[0], mean(FAKE, (x) => -logSigmoid(x)), 1e-6);
  });
}

Deno.test("hinge loss: margins of 1 on either side; the generator's is linear", async () => {
  await startBackend("cpu");
  const { discriminator, generator } = adversarialLoss("hinge", 1);
  const [real, fake] = [tf.tensor1d(REAL), tf.tensor1d(FAKE)];
  assertAlmostEquals(discriminator({ real, fake }).dataSync()[0], 1.5 / 3 + 1.25 / 2, 1e-6);
  assertAlmostEquals(generator(fake).dataSync()[0], 2.75 / 2, 1e-6);
});
