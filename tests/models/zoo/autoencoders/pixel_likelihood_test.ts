import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import {
  type LikelihoodOptions,
  type PixelLikelihood,
  pixelLikelihood,
} from "../../../../models/zoo/autoencoders/pixel_likelihood.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { CAN, testAgainstCpu } from "../../backends.ts";
import { assertSlopes } from "../../slopes.ts";

const GREY = { side: 1, channels: 1 } as const;
const pass = (seed = 1) => ({ prng: new Prng(seed), training: undefined, firstExample: 0 });
const build = (options: Partial<LikelihoodOptions>, size: Parameters<typeof pixelLikelihood>[1] = GREY) =>
  pixelLikelihood({ likelihood: "logistic", scale: "fixed", scaleStart: 0.1, ...options }, size);

/** Images of one pixel, one for each level from 0 to 255. */
const everyLevel = () => tf.reshape(tf.range(0, 256), [256, 1, 1, 1]) as tf.Tensor4D;

/** What each level costs, nats, when the decoder gives some log odds. */
function natsOfLevels(likelihood: PixelLikelihood, logOdds: number, seed = 1): Float32Array {
  return tf.tidy(() => {
    const decoded = tf.fill([256, 1, 1, likelihood.outputs], logOdds) as tf.Tensor4D;
    return likelihood.nats(likelihood.see(everyLevel(), pass(seed)), decoded).dataSync<"float32">();
  });
}

const total = (nats: Float32Array) => nats.reduce((sum, value) => sum + Math.exp(-value), 0);

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name:
      `logistic on ${backend}: the probabilities of 256 levels add up to 1, however wide it is and wherever its centre`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      for (const scaleStart of [0.0005, 0.01, 0.1, 1, 10]) {
        for (const logOdds of [-20, -3, 0, 0.7, 4, 20]) {
          const nats = natsOfLevels(build({ scaleStart }), logOdds);
          assert(nats.every(Number.isFinite));
          assertAlmostEquals(total(nats), 1, 1e-4, `${scaleStart}, ${logOdds}`);
        }
      }
    },
  });
}

Deno.test("logistic: each level has what the distribution function says, ends included", async () => {
  await startBackend("cpu");
  const [scale, logOdds] = [0.05, 0.4];
  const mean = 1 / (1 + Math.exp(-logOdds));
  const below = (level: number) => 1 / (1 + Math.exp(-(level / 255 - mean) / scale));
  natsOfLevels(build({ scaleStart: scale }), logOdds).forEach((nats, level) => {
    const upper = level === 255 ? 1 : below(level + 0.5), lower = level === 0 ? 0 : below(level - 0.5);
    assertAlmostEquals(nats, -Math.log(upper - lower), 2e-4);
  });
});

Deno.test("logistic: far from its centre and narrow, what a level costs is finite and has a slope", async () => {
  await startBackend("cpu");
  const likelihood = build({ scale: "pixel" });
  tf.tidy(() => {
    const seen = likelihood.see(tf.tensor4d([0, 255, 1, 128], [4, 1, 1, 1]), pass());
    const cost = (decoded: tf.Tensor) => tf.sum(likelihood.nats(seen, decoded as tf.Tensor4D)) as tf.Scalar;
    for (const [logOdds, scale] of [[9, -9], [-9, -9], [9, 9], [-30, -30], [30, 30]]) {
      const decoded = tf.tile(tf.tensor4d([logOdds, scale], [1, 1, 1, 2]), [4, 1, 1, 1]);
      const { value, grad } = tf.valueAndGrad(cost)(decoded);
      assert([...value.dataSync(), ...grad.dataSync()].every(Number.isFinite), `${logOdds}, ${scale}`);
    }
    const [black, white] = [-9, 9].map((logOdds) => natsOfLevels(build({ scaleStart: 0.0002 }), logOdds));
    // The centre 1 / (1 + e^9) is 0.031 levels from the end, half a level 9.8 scales.
    assertAlmostEquals(black[0], 0, 2e-4);
    assertAlmostEquals(white[255], 0, 2e-4);
    // A level's cost grows by 1 / 255 / scale nats a level.
    assertAlmostEquals((black[200] - black[100]) / 100, 1 / 255 / 0.0002, 0.01);
  });
});

Deno.test("gaussian: its density of levels is 1 over 256 of them, and what a noisy level costs is no less than the level", async () => {
  await startBackend("cpu");
  const [scale, logOdds] = [0.04, 0.3];
  const likelihood = build({ likelihood: "gaussian", scaleStart: scale });
  assertAlmostEquals(total(natsOfLevels(likelihood, logOdds)), 1, 0.02); // by a random point of each level
  const mean = 256 / (1 + Math.exp(-logOdds));
  const density = (x: number) =>
    Math.exp(-(((x - mean) / (256 * scale)) ** 2) / 2) / (256 * scale * Math.sqrt(2 * Math.PI));
  const seeds = Array.from({ length: 60 }, (_, seed) => natsOfLevels(likelihood, logOdds, seed));
  for (const level of [120, 140, 160]) {
    const noisy = seeds.reduce((sum, nats) => sum + nats[level], 0) / seeds.length;
    const mass = Array.from({ length: 100 }, (_, i) => density(level + (i + 0.5) / 100) / 100).reduce((a, b) => a + b);
    assertAlmostEquals(noisy, -Math.log(mass), 0.04);
  }
  tf.tidy(() => {
    const seen = likelihood.see(everyLevel(), pass()).dataSync<"float32">();
    assert(seen.every((x, level) => Math.floor(256 * x) === level));
  });
});

Deno.test("bernoulli: the nats of brightness as a probability, which are not said to compare", async () => {
  await startBackend("cpu");
  const likelihood = build({ likelihood: "bernoulli", scale: "pixel" });
  assertEquals([likelihood.isComparable, likelihood.outputs, Object.keys(likelihood.variables)], [false, 1, []]);
  const on = 1 / (1 + Math.exp(-0.8));
  natsOfLevels(likelihood, 0.8).forEach((nats, level) => {
    const x = level / 255;
    assertAlmostEquals(nats, -x * Math.log(on) - (1 - x) * Math.log(1 - on), 1e-5);
  });
});

Deno.test("a scale is as wide as it begins, whatever says how wide it is", async () => {
  await startBackend("cpu");
  for (const likelihood of ["gaussian", "logistic"] as const) {
    for (const scaleStart of [0.0002, 0.05, 2]) {
      const [fixed, channel] = (["fixed", "channel"] as const).map((scale) => build({ likelihood, scale, scaleStart }));
      const pixel = build({ likelihood, scale: "pixel", scaleStart });
      const expected = natsOfLevels(fixed, 0);
      for (const other of [channel, pixel]) {
        natsOfLevels(other, 0).forEach((nats, level) => assertAlmostEquals(nats / expected[level], 1, 2e-3));
      }
      assertEquals([fixed.outputs, channel.outputs, pixel.outputs], [1, 1, 2]);
      assertEquals([fixed, channel, pixel].map(({ variables }) => Object.keys(variables)), [[], ["scale/log"], []]);
      tf.dispose(channel.variables);
    }
  }
});

for (const likelihood of ["bernoulli", "gaussian", "logistic"] as const) {
  const size = { side: 2, channels: 3 } as const;
  const prepared = () => {
    const built = build({ likelihood, scale: "pixel", scaleStart: 0.2 }, size);
    const levels = tf.tensor4d([0, 255, 12, 3, 200, 77, 0, 0, 255, 128, 254, 1, ...new Array(12).fill(90)], [
      2,
      2,
      2,
      3,
    ]);
    const seen = built.see(levels, pass());
    const decoded = tf.tensor4d(
      Float32Array.from({ length: 8 * built.outputs }, (_, i) => Math.sin(1.3 * i)),
      [2, 2, 2, built.outputs],
    );
    return { built, seen, decoded };
  };
  Deno.test(`${likelihood}: gradients are slopes`, async () => {
    await startBackend("cpu");
    tf.tidy(() => {
      const { built, seen, decoded } = prepared();
      const cost = (x: tf.Tensor) => tf.sum(built.nats(seen, x as tf.Tensor4D)) as tf.Scalar;
      assertSlopes(cost, { at: decoded, gradient: tf.grad(cost)(decoded), step: 1e-2 });
    });
  });
  testAgainstCpu(`${likelihood}: nats and gradients`, () => {
    const { built, seen, decoded } = prepared();
    const cost = (x: tf.Tensor) => tf.sum(built.nats(seen, x as tf.Tensor4D)) as tf.Scalar;
    return [built.nats(seen, decoded), built.logOdds(decoded), tf.grad(cost)(decoded)];
  });
}
