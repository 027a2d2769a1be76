import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import type { Model, Pass } from "../../../../models/model.ts";
import { ssim } from "../../../../models/ops/ssim.ts";
import { STEP_OPTIONS } from "../../../../models/step_options.ts";
import { vae } from "../../../../models/zoo/autoencoders/vae.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { logMeanExp } from "../../../../tasks/evaluation/likelihood.ts";
import { FAST } from "../../../helpers.ts";
import { assertNear, CAN, testAgainstCpu } from "../../backends.ts";
import { assertModelSlopes } from "../../slopes.ts";
import { BATCH, CHANNELS, DATA, descend, setPatterned, SIDE, SIZE, SMALL } from "./patterned_images.ts";

const NUMBERS = SIDE * SIDE * CHANNELS;
const build = (options: Parameters<typeof vae.build>[0] = {}) => vae.build({ ...SMALL, ...options }, DATA, new Prng(1));
const evaluating = (seed = 9): Pass => ({ prng: new Prng(seed), training: undefined, firstExample: 0 });
const training = (stepsTaken = 0): Pass => ({ ...evaluating(), training: { ...defaultsOf(STEP_OPTIONS), stepsTaken } });

/** Patterned weights, and means and variances as they would be without being multiplied by a twentieth. */
function spread(model: Model): void {
  setPatterned(model);
  for (const name of ["encoder/code/weights", "encoder/code/bias"]) {
    tf.tidy(() => model.variables[name].assign(tf.mul(model.variables[name], 20)));
  }
}

// PyTorch 1.13 in float64, with its own Normal, kl_divergence and sigmoids of distribution functions, padding as
// TensorFlow's, and the noise of this project's generator: four steps of gradient descent.
const PYTORCH = [
  {
    options: { likelihood: "bernoulli" },
    rate: 1e-5,
    losses: [739.97347, 739.50404, 739.03982, 738.58075],
    kls: [3.9516437, 3.9327715, 3.914086, 3.8955847],
    bits: undefined,
  },
  {
    options: { likelihood: "gaussian", scale: "fixed" },
    rate: 1e-6,
    losses: [12006.032, 11979.224, 11952.937, 11927.156],
    kls: [3.9109177, 3.8781603, 3.8462473, 3.8151213],
    bits: [17.820002, 17.780213, 17.741197, 17.702931],
  },
  {
    options: { likelihood: "gaussian" },
    rate: 1e-5,
    losses: [6449.4988, 6447.2462, 6444.9971, 6442.7517],
    kls: [3.9109177, 3.900492, 3.8901046, 3.8797551],
    bits: [9.5726955, 9.5693519, 9.5660138, 9.562681],
  },
  {
    options: {},
    rate: 1e-5,
    losses: [5506.526, 5505.135, 5503.7453, 5502.3569],
    kls: [3.9516437, 3.9437089, 3.9358077, 3.9279399],
    bits: [8.1730842, 8.1710195, 8.1689568, 8.1668962],
  },
  {
    options: { scale: "pixel", klWeight: 0.5, klWeightStart: 0.5, freeBits: 0.2 },
    rate: 1e-6,
    losses: [6427.0824, 6411.0959, 6395.4792, 6380.2189],
    kls: [3.9516437, 3.9337283, 3.9160908, 3.8987233],
    bits: [9.5423564, 9.5186151, 9.4954228, 9.4727597],
  },
  {
    options: { freeBits: 2 }, // more than one of the latent's two numbers says, less than the other
    rate: 1e-5,
    losses: [5507.3376, 5505.9494, 5504.5625, 5503.177],
    kls: [3.9516437, 3.9450184, 3.9384188, 3.9318447],
    bits: [8.1730842, 8.1710221, 8.1689621, 8.1669041],
  },
  {
    options: { activation: "relu" },
    rate: 1e-5,
    losses: [5512.025, 5510.5978, 5509.1725, 5507.7491],
    kls: [8.112909, 8.0646805, 8.0170208, 7.9699192],
    bits: [8.181246, 8.1791277, 8.1770123, 8.1748996],
  },
] as const;

for (const { options, rate, losses, kls, bits } of PYTORCH) {
  for (const backend of ["cpu", "wasm"] as const) {
    Deno.test({
      name: `vae ${JSON.stringify(options)} on ${backend}: four steps are PyTorch's`,
      ignore: !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const model = build(options);
        spread(model);
        const found = descend(model, { pass: () => training(), steps: 4, rate });
        const ratios = found.flatMap(({ loss, metrics: { kl, bitsPerDim } }, i) => [
          ...[loss / losses[i], kl / kls[i], bits ? bitsPerDim / bits[i] : 1],
        ]);
        for (const ratio of ratios) assertAlmostEquals(ratio, 1, 2e-5);
        assertEquals("bitsPerDim" in found[0].metrics, bits !== undefined);
        model.dispose();
      },
    });
  }
}

const VARIANTS = [
  ...[{}, { likelihood: "gaussian" }, { scale: "pixel" }, { likelihood: "bernoulli" }],
  { ssimWeight: 10_000 },
] as const;

for (const options of VARIANTS) {
  Deno.test(`vae ${JSON.stringify(options)}: each gradient is a slope`, { ignore: FAST }, async () => {
    await startBackend("cpu");
    const model = build(options);
    spread(model);
    const isCode = (name: string) => name.startsWith("encoder/code/"); // matters a twentieth as much
    for (const [code, step] of [[false, 0.01], [true, 0.2]] as const) {
      const names = Object.keys(model.variables).filter((name) => isCode(name) === code);
      assertModelSlopes(model, { batch: BATCH, seed: 9, scale: 1, step, tolerance: 0.06, names });
    }
    model.dispose();
  });

  testAgainstCpu(`vae ${JSON.stringify(options)}: loss and gradients`, () => {
    const model = build(options);
    spread(model);
    const { loss, metrics, gradients } = differentiate(model, model.objectives[0], { batch: BATCH, prng: new Prng(9) });
    model.dispose();
    return [loss, ...Object.values(metrics), ...Object.values(gradients)];
  }, { tolerance: 1e-4, further: "likelihood" in options });
}

/** Images of 8 pixels a side. */
const TINY_DATA = { fields: { image: { dtype: "uint8", shape: [8, 8] } }, classes: ["face"] } as const;
const TINY_SIDE = 8;

/** One image, many times. */
function repeated(
  count: number,
  { side, channels }: { side: number; channels: number } = { side: SIDE, channels: CHANNELS },
) {
  const numbers = side * side * channels;
  const image = new Uint8Array(count * numbers).map((_, i) => Number(BATCH.fields.image[i % numbers]));
  return { size: count, fields: { image } };
}

Deno.test("vae: the divergence is the mean of ln q(z|x) - ln p(z) over latents, and log weights have the bound as theirs", async () => {
  await startBackend("cpu");
  const model = vae.build({ ...SMALL, latentSize: 3 }, TINY_DATA, new Prng(1));
  tf.tidy(() => {
    // A posterior that is neither narrow nor the prior.
    model.variables["encoder/code/bias"].assign(tf.tensor1d([20, -20, 10, -20, 8, -6]));
    const many = 4000;
    const batch = repeated(many, { side: TINY_SIDE, channels: 1 });
    const { likelihood, objectives: [objective] } = model;
    const { reconstruction, kl, logWeight } = likelihood!.encode(likelihood!.see(batch, evaluating()), evaluating());
    assertEquals([reconstruction.shape, kl.shape, logWeight.shape], [[many], [1, many], [many]]);
    const gaps = tf.add(logWeight, tf.add(reconstruction, tf.squeeze(kl, [0]))).dataSync<"float32">(); // of mean 0
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / many;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / many);
    assert(deviation > 0.3, `they spread by ${deviation}`);
    assert(Math.abs(mean) < 4 * deviation / Math.sqrt(many), `mean ${mean}`);
    // The objective's bound is the judge's: the same numbers are drawn in the same order.
    const bound = tf.add(tf.mean(reconstruction), tf.mean(kl)).dataSync()[0];
    assertAlmostEquals(objective.loss(batch, evaluating()).metrics.bound.dataSync()[0] / bound, 1, 1e-5);
  });
  model.dispose();
});

Deno.test("vae: importance weights make the bound tighter, up to the integral over the latent", async () => {
  await startBackend("cpu");
  const scale = 0.3;
  const options = { ...SMALL, latentSize: 1, scale: "fixed", scaleStart: scale } as const;
  const model = vae.build(options, TINY_DATA, new Prng(3));
  tf.tidy(() => {
    const { likelihood, variables } = model;
    variables["encoder/code/bias"].assign(tf.tensor1d([14, 10])); // not what Bayes' rule says
    const image = repeated(1, { side: TINY_SIDE, channels: 1 }).fields.image;
    // ln p(x | z) + ln p(z) on a grid of latents.
    const [places, width] = [2001, 16];
    const grid = Float32Array.from({ length: places }, (_, i) => width * (i / (places - 1) - 0.5));
    const { canvases } = model.images!.draw(tf.tensor3d(grid, [1, places, 1]));
    const means = tf.sigmoid(canvases).dataSync(); // [1, places, 8, 8, 1]
    const logJoint = Array.from(grid, (z, n) =>
      image.reduce((sum, level, i) => {
        const below = (x: number) => 1 / (1 + Math.exp(-(x / 255 - means[n * image.length + i]) / scale));
        return sum + Math.log((level === 255 ? 1 : below(level + 0.5)) - (level === 0 ? 0 : below(level - 0.5)));
      }, -z * z / 2 - Math.log(2 * Math.PI) / 2));
    const evidence = logMeanExp(logJoint) + Math.log(width * places / (places - 1));
    const batch = repeated(4000, { side: TINY_SIDE, channels: 1 });
    const { logWeight } = likelihood!.encode(likelihood!.see(batch, evaluating()), evaluating());
    const weights = [...logWeight.dataSync()];
    const bound = weights.reduce((sum, weight) => sum + weight) / weights.length;
    assert(bound < evidence - 0.2, `${bound} and ${evidence}`);
    assertAlmostEquals(logMeanExp(weights), evidence, 0.05);
  });
  model.dispose();
});

Deno.test("vae: what the loss weighs does not depend on how many images a batch has", async () => {
  await startBackend("cpu");
  const model = build({ freeBits: 0.1 });
  spread(model);
  tf.tidy(() => {
    const alone = model.objectives[0].loss(repeated(1), evaluating());
    const many = model.objectives[0].loss(repeated(16), evaluating());
    for (const name of ["kl", "reconstruction"]) {
      assertAlmostEquals(many.metrics[name].dataSync()[0] / alone.metrics[name].dataSync()[0], 1, 0.2, name);
    }
    assertAlmostEquals(many.metrics.kl.dataSync()[0] / alone.metrics.kl.dataSync()[0], 1, 1e-5);
  });
  model.dispose();
});

Deno.test("vae: the divergence's weight moves from where it begins to klWeight, which counts in evaluation", async () => {
  await startBackend("cpu");
  const model = build({ klWeight: 2, klWeightStart: 0, klDecayRate: 0.5 });
  spread(model);
  tf.tidy(() => {
    const judged = (pass: Pass) => {
      const { loss, metrics } = model.objectives[0].loss(BATCH, pass);
      const of = (name: string) => metrics[name]?.dataSync()[0];
      return { weight: (loss.dataSync()[0] - of("reconstruction")) / of("kl"), told: of("klWeight") };
    };
    for (const [stepsTaken, weight] of [[0, 0], [1, 1], [2, 1.5], [30, 2]]) {
      const found = judged(training(stepsTaken));
      assertAlmostEquals(found.weight, weight, 1e-4);
      assertAlmostEquals(found.told, weight, 1e-6);
    }
    assertAlmostEquals(judged(evaluating()).weight, 2, 1e-4);
    assertEquals(judged(evaluating()).told, undefined);
  });
  model.dispose();
});

Deno.test("vae: what is drawn is held to the image's structure as well", async () => {
  await startBackend("cpu");
  for (const likelihood of ["logistic", "bernoulli"] as const) {
    const [plain, held] = [build({ likelihood }), build({ likelihood, ssimWeight: 1000 })];
    for (const model of [plain, held]) spread(model);
    tf.tidy(() => {
      const { images } = plain.images!.reconstruct!(BATCH, evaluating());
      const drawn = tf.sigmoid(tf.squeeze(images.canvases, [0])) as tf.Tensor4D;
      const alike = ssim(drawn, plain.images!.see(BATCH, evaluating()) as tf.Tensor4D).dataSync<"float32">();
      const mean = alike.reduce((sum, value) => sum + value, 0) / SIZE;
      for (const passOf of [evaluating, training]) {
        const [without, with_] = [plain, held].map((model) => model.objectives[0].loss(BATCH, passOf()));
        assertAlmostEquals(with_.metrics.ssim.dataSync()[0], mean, 1e-6);
        assertEquals(
          without.metrics.ssim?.dataSync()[0],
          passOf === training ? undefined : with_.metrics.ssim.dataSync()[0],
        );
        assertAlmostEquals(with_.loss.dataSync()[0] - without.loss.dataSync()[0], 1000 * (1 - mean), 1e-3);
        assertEquals(with_.metrics.bound.dataSync(), without.metrics.bound.dataSync()); // it is no part of the bound
      }
    });
    for (const model of [plain, held]) model.dispose();
  }
  assertThrows(
    () => vae.build({ ...SMALL, ssimWeight: 1 }, TINY_DATA, new Prng(1)),
    RangeError,
    "ssimWeight: images are 8 pixels a side, expected 11 or more",
  );
});

Deno.test("vae: reconstructions are drawn from the posterior, or from its mean", async () => {
  await startBackend("cpu");
  const model = build();
  spread(model);
  const { images } = model;
  assertEquals([images!.prior, images!.channels, images!.latentShape], ["normal", CHANNELS, [1, SMALL.latentSize]]);
  tf.tidy(() => {
    const latentsOf = (seed: number, spread?: number) => {
      const how = spread === undefined ? {} : { spread };
      const { latents, images: drawn } = images!.reconstruct!(BATCH, evaluating(seed), how);
      assertEquals(drawn.canvases.shape, [1, SIZE, SIDE, SIDE, CHANNELS]);
      assertEquals(images!.draw(latents).canvases.dataSync(), drawn.canvases.dataSync());
      return latents;
    };
    assertEquals(latentsOf(1, 0).dataSync(), latentsOf(2, 0).dataSync());
    assert(latentsOf(1).dataSync()[0] !== latentsOf(2).dataSync()[0]);
    const [mean, once, twice] = [0, 1, 2].map((spread) => latentsOf(1, spread));
    assertNear([[...tf.sub(twice, mean).dataSync()]], [[...tf.mul(tf.sub(once, mean), 2).dataSync()]], 1e-6);
    assertEquals(latentsOf(1).dataSync(), once.dataSync());
  });
  model.dispose();
});

Deno.test("vae: random numbers depend on an image's place in the whole batch", async () => {
  await startBackend("cpu");
  for (const likelihood of ["gaussian", "logistic"] as const) {
    const model: Model = build({ likelihood });
    spread(model);
    const lossOf = (batch: typeof BATCH, firstExample = 0) =>
      tf.tidy(() => model.objectives[0].loss(batch, { ...evaluating(), firstExample }).loss.dataSync()[0]);
    const shares = Array.from({ length: SIZE }, (_, b) => {
      const image = BATCH.fields.image.slice(b * NUMBERS, (b + 1) * NUMBERS) as Uint8Array<ArrayBuffer>;
      return lossOf({ size: 1, fields: { image } }, b);
    });
    assertAlmostEquals(shares.reduce((sum, loss) => sum + loss) / SIZE / lossOf(BATCH), 1, 1e-6);
    assert(Math.abs(shares[2] / lossOf(BATCH) - 1) > 1e-6);
    model.dispose();
  }
});

Deno.test("vae: a posterior that is the prior diverges by nothing", async () => {
  await startBackend("cpu");
  const model = build();
  tf.tidy(() => {
    for (const name of ["encoder/code/weights", "encoder/code/bias"]) {
      model.variables[name].assign(tf.zerosLike(model.variables[name]));
    }
    const { likelihood } = model;
    const { kl, logWeight, reconstruction } = likelihood!.encode(likelihood!.see(BATCH, evaluating()), evaluating());
    assertEquals([...kl.dataSync()], new Array(SIZE).fill(0));
    assertNear([[...logWeight.dataSync()]], [[...tf.neg(reconstruction).dataSync()]], 1e-6);
  });
  model.dispose();
});
