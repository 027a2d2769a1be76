import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { sampleLatent } from "../../../models/ops/sample_latent.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { normalTensor, testAgainstCpu } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

for (const [batch, size] of [[1, 1], [7, 5], [100, 10]]) {
  testAgainstCpu(`sampleLatent B=${batch} Z=${size}`, () => {
    const prng = new Prng(batch, size);
    const parameters = normalTensor<tf.Tensor2D>(prng, [batch, 2 * size], 2);
    const epsilon = normalTensor<tf.Tensor2D>(prng, [batch, size]);
    const weights = normalTensor(prng, [3, batch, size]);
    const all = (parameters: tf.Tensor) => tf.stack(Object.values(sampleLatent(parameters as tf.Tensor2D, epsilon)));
    // What the loss does not depend on has a gradient of zeros.
    const ofLatent = (parameters: tf.Tensor) =>
      tf.sum(tf.square(sampleLatent(parameters as tf.Tensor2D, epsilon).latent));
    return [all(parameters), tf.grad(all)(parameters, weights), tf.grad(ofLatent)(parameters)];
  }, { tolerance: 2e-5, further: batch !== 7 });
}

Deno.test("a latent is its mean and so many deviations, the logarithm of its variance bent", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const { mu, logVar, latent } = sampleLatent(tf.tensor2d([[3, -1, 2, 500]]), tf.tensor2d([[-0.5, 0]]));
    assertEquals([...mu.dataSync()], [3, -1]);
    assertAlmostEquals(logVar.dataSync()[0], 10 * Math.tanh(0.2), 1e-6);
    assertEquals(logVar.dataSync()[1], 10);
    assertAlmostEquals(latent.dataSync()[0], 3 - 0.5 * Math.exp(5 * Math.tanh(0.2)), 1e-5);
    assertEquals(latent.dataSync()[1], -1);
  });
});

Deno.test("the gradients of a latent's Gaussian are the slopes of finite differences", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const prng = new Prng(3);
    const at = normalTensor<tf.Tensor2D>(prng, [3, 4]), epsilon = normalTensor<tf.Tensor2D>(prng, [3, 2]);
    const loss = (parameters: tf.Tensor): tf.Scalar => {
      const { mu, logVar, latent } = sampleLatent(parameters as tf.Tensor2D, epsilon);
      return tf.sum(tf.add(tf.square(latent), tf.mul(logVar, mu)));
    };
    assertSlopes(loss, { at, gradient: tf.grad((x) => loss(x))(at) });
  });
});
