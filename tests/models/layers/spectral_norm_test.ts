import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { spectralNorm } from "../../../models/layers/spectral_norm.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear } from "../backends.ts";
import { patterned } from "../patterned.ts";
import { assertSlopes } from "../slopes.ts";

for (
  const { shape, sigma, right } of [
    // numpy.linalg.svd of the values of `patterned`: the largest singular value, and the size of its right vector's numbers.
    { shape: [3, 3, 2, 4], sigma: 2.81972517, right: [0.6185493, 0.35659892, 0.44014037, 0.54452771] },
    { shape: [6, 5], sigma: 1.78599344, right: [0.13959723, 0.14088663, 0.73273699, 0.64630397, 0.07778977] },
  ]
) {
  Deno.test(`spectral norm of [${shape}]: power iteration finds numpy's largest singular value and its vector`, async () => {
    await startBackend("cpu");
    const weights = tf.variable(patterned(shape, { seed: 1 }));
    const norm = spectralNorm("a", weights, new Prng(3));
    const first = tf.div(weights, norm.normalized()).dataSync()[0];
    assert(first > 0.98 * sigma && first < 1.00001 * sigma, `after the first iterations ${first}, it is ${sigma}`);
    for (let i = 0; i < 200; i++) norm.update();
    assertAlmostEquals(tf.div(weights, norm.normalized()).dataSync()[0], sigma, 1e-5);
    assertNear([[...tf.abs(norm.variables["a/u"]).dataSync()]], [right], 1e-4);
  });
}

Deno.test("spectral norm: the gradient goes through the singular value; a mean of directions, no longer of length 1, does too", async () => {
  await startBackend("cpu");
  const weights = tf.variable(patterned([2, 3, 4], { seed: 1 }));
  const norm = spectralNorm("a", weights, new Prng(3));
  const u = norm.variables["a/u"];
  const [before] = norm.normalized().dataSync();
  u.assign(tf.mul(u, 0.3));
  assertAlmostEquals(norm.normalized().dataSync()[0], before, 1e-6);
  const [toward, at] = [patterned([2, 3, 4], { seed: 2 }), weights.clone()];
  const f = () => tf.sum(tf.mul(norm.normalized(), toward)) as tf.Scalar;
  const gradient = tf.variableGrads(f, [weights]).grads[weights.name];
  const slope = (x: tf.Tensor) => {
    weights.assign(x);
    return f();
  };
  assertSlopes(slope, { at, gradient });
});
