import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { evaluateObjectives } from "../../../../models/gradients/evaluate_objective.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import { STEP_OPTIONS } from "../../../../models/step_options.ts";
import type { Model } from "../../../../models/model.ts";
import { gan } from "../../../../models/zoo/gan/gan.ts";
import type { GanOptions } from "../../../../models/zoo/gan/gan_options.ts";
import { worriesOf } from "../../../../models/zoo/gan/worries.ts";
import { defaultsOf, withDefaults } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { randomNormal } from "../../../../models/ops/random.ts";
import { FAST } from "../../../helpers.ts";
import { assertNear, testAgainstCpu } from "../../backends.ts";
import { patterned } from "../../patterned.ts";
import { assertModelSlopes } from "../../slopes.ts";

const STEP = defaultsOf(STEP_OPTIONS);

function dataOf(side: number, channels: 1 | 3) {
  const shape = channels === 1 ? [side, side] : [side, side, channels];
  return { fields: { image: { dtype: "uint8", shape } }, classes: ["image"] } as const;
}

function batchOf(size: number, side: number, channels: 1 | 3) {
  const image = Uint8Array.from(
    { length: size * side * side * channels },
    (_, i) => (7 * i * i + 13 * i + 37 * (i >> 8)) % 256,
  );
  return { size, fields: { image } };
}

function tiny(options: Partial<GanOptions> = {}, side = 16, channels: 1 | 3 = 3): Model {
  return gan.build({ ...gan.tiny, ...options }, dataOf(side, channels), new Prng(1));
}

/** How many numbers a network of a model has. */
function parameters({ variables }: Model, network: string): number {
  return Object.entries(variables).filter(([name]) => name.startsWith(network) && !name.endsWith("/u"))
    .reduce((sum, [, { size }]) => sum + size, 0);
}

Deno.test("gan: the report's networks have as many parameters as theirs", async () => {
  await startBackend("cpu");
  const options = withDefaults(gan.options, gan.presets!.report.model);
  const model = gan.build(defaultsOf(options), dataOf(64, 3), new Prng(1));
  assertEquals(parameters(model, "generator"), 783_235);
  // Their encoder of 256 latents, 725,248, with one score in the latents' place.
  assertEquals(parameters(model, "discriminator"), 725_248 - 513 * 256 + 513);
  assertEquals(model.images!.latentShape, [1, 256]);
  assertEquals(model.update, undefined);
  model.dispose();
});

Deno.test("gan: DCGAN of 64 channels has the paper's layers", async () => {
  await startBackend("cpu");
  const options = withDefaults(gan.options, gan.presets!.dcgan.model);
  const model = gan.build(defaultsOf(options), dataOf(64, 3), new Prng(1));
  // 4x4 filters of 512, 256, 128, 64 and 3 channels, and of 64 to 512 and 1; each normalization has two numbers a channel.
  const filters = 16 * (512 * 256 + 256 * 128 + 128 * 64);
  assertEquals(parameters(model, "generator"), 100 * 8192 + filters + 16 * 64 * 3 + 3 + 2 * (512 + 256 + 128 + 64));
  assertEquals(
    parameters(model, "discriminator"),
    16 * 3 * 64 + 64 + filters + 2 * (512 + 256 + 128) + 8192 + 1,
  );
  model.dispose();
});

const CASES: readonly Partial<GanOptions>[] = [
  { generatorNorm: "batch", discriminatorNorm: "batch", spectralNorm: "none", loss: "hinge" },
  { generatorNorm: "pixel", spectralNorm: "both", gradientPenalty: 3, penaltyEvery: 2 },
  { architecture: "report", generatorNorm: "none", spectralNorm: "none", realTarget: 0.9, latentSize: 5 },
  { augmentColor: 1, augmentTranslation: 0.25, augmentCutout: 0.5 },
];

for (const options of CASES) {
  for (const objective of [0, 1]) {
    Deno.test({
      name: `gan: gradients are slopes for every variable: ${["discriminator", "generator"][objective]}, ${
        JSON.stringify(options)
      }`,
      ignore: FAST,
      fn: async () => {
        await startBackend("cpu");
        const model = tiny(options, 16, 1);
        const batch = batchOf(3, 16, 1);
        // Where they are 0, what is 0 before them stands at the kink of a ReLU, where slopes are of no use.
        for (const [i, [name, variable]] of Object.entries(model.variables).entries()) {
          if (name.endsWith("/bias")) variable.assign(tf.add(patterned(variable.shape, { seed: i }), 0.01));
        }
        assertModelSlopes(model, {
          batch,
          seed: 3,
          scale: 1.2,
          objective,
          training: STEP,
          step: 1e-3,
          tolerance: 0.08,
        });
        model.dispose();
      },
    });
  }

  testAgainstCpu(`gan ${JSON.stringify(options)}: losses and gradients`, () => {
    const model = tiny(options);
    const pass = { batch: batchOf(3, 16, 3), prng: new Prng(9) };
    const found = model.objectives.flatMap((objective) => {
      const { loss, metrics, gradients } = differentiate(model, objective, pass);
      return [loss, ...Object.values(metrics), ...Object.values(gradients)];
    });
    model.dispose();
    return found;
  }, { tolerance: 2e-4, further: "loss" in options });
}

Deno.test("gan: R1's estimate has the mean of the squared slope, by a gradient of the gradient's length", async () => {
  await startBackend("cpu");
  const [gamma, every] = [2, 3];
  const model = tiny({ gradientPenalty: gamma, penaltyEvery: every, channels: 2 }, 8, 1);
  const batch = batchOf(4, 8, 1);
  const penalty = (seed: number, stepsTaken: number) =>
    tf.tidy(() => {
      const pass = { prng: new Prng(seed), training: { ...STEP, stepsTaken }, firstExample: 0 };
      return model.objectives[0].loss(batch, pass).metrics.penalty.dataSync()[0];
    });
  const estimates = Array.from({ length: 400 }, (_, seed) => penalty(seed, 6));
  // Scores of an image are found by what the hinge of a copy says: score = d loss / d target, so by the model's own parts.
  const expected = tf.tidy(() => {
    const images = tf.sub(tf.div(tf.tensor4d(Float32Array.from(batch.fields.image), [4, 8, 8, 1]), 127.5), 1);
    const slopes = tf.grad((x) => tf.sum(scoreOf(model, x as tf.Tensor4D)))(images);
    return tf.mean(tf.sum(tf.square(slopes), [1, 2, 3])).dataSync()[0];
  });
  const mean = estimates.reduce((a, b) => a + b) / estimates.length;
  const sought = every * gamma / 2 * expected;
  assert(expected > 1e-4, `${expected}`);
  assertAlmostEquals(mean / sought, 1, 0.12);
  assertEquals([penalty(1, 7), penalty(1, 8)], [0, 0]);
  model.dispose();
});

/** The score of images by stock operations, as the discriminator of a tiny DCGAN of 8 pixels a side gives it. */
function scoreOf({ variables }: Model, images: tf.Tensor4D): tf.Tensor {
  const normalized = (name: string) => {
    const weights = variables[name];
    const rows = tf.reshape(weights, [-1, weights.shape[weights.rank - 1]]) as tf.Tensor2D;
    const u = tf.reshape(variables[`${name}/u`], [-1, 1]) as tf.Tensor2D;
    return tf.div(weights, tf.norm(tf.matMul(rows, tf.div(u, tf.norm(u)))));
  };
  const filter = normalized("discriminator/down1/filter") as tf.Tensor4D;
  const maps = tf.leakyRelu(tf.add(tf.conv2d(images, filter, 2, "same"), variables["discriminator/down1/bias"]), 0.2);
  const flat = tf.reshape(maps, [images.shape[0], -1]) as tf.Tensor2D;
  return tf.add(
    tf.matMul(flat, normalized("discriminator/score/weights") as tf.Tensor2D),
    variables["discriminator/score/bias"],
  );
}

for (const generatorNorm of ["batch", "pixel"] as const) {
  Deno.test(`gan: an image depends on its latent alone, ${generatorNorm} norm; the log odds are of tanh's pixel`, async () => {
    await startBackend("cpu");
    const model = tiny({ generatorNorm });
    const latents = tf.reshape(randomNormal([1, 2], Int32Array.of(0, 1, 2), 8), [1, 3, 8]) as tf.Tensor3D;
    const three = model.images!.draw(latents).canvases;
    const one = model.images!.draw(tf.slice(latents, [0, 2, 0], [1, 1, 8])).canvases;
    assertEquals(three.shape, [1, 3, 16, 16, 3]);
    assertNear([[...one.dataSync()]], [[...tf.slice(three, [0, 2, 0, 0, 0]).dataSync()]], 1e-5);
    assert(tf.max(tf.abs(tf.sub(tf.slice(three, [0, 1, 0, 0, 0], [1, 1, 16, 16, 3]), one))).dataSync()[0] > 0.01);
    const seen = model.images!.see(batchOf(2, 16, 3), { prng: new Prng(1), training: undefined, firstExample: 0 });
    assertNear([[...seen.dataSync()]], [[...batchOf(2, 16, 3).fields.image].map((byte) => byte / 255)], 1e-6);
    model.dispose();
  });
}

Deno.test("gan: batch normalization keeps real and made images apart", async () => {
  await startBackend("cpu");
  const model = tiny({ generatorNorm: "batch", discriminatorNorm: "batch" }, 16, 1);
  /** The part of the discriminator's loss that is of made images: what is left when real ones' scores go to infinity. */
  const fakeAccuracy = (image: Uint8Array<ArrayBuffer>) => {
    const pass = { prng: new Prng(4), training: STEP, firstExample: 0 };
    return model.objectives[0].loss({ size: 6, fields: { image } }, pass).metrics.fakeAccuracy.dataSync()[0];
  };
  const [a, b] = [batchOf(6, 16, 1).fields.image, new Uint8Array(6 * 256).fill(255)];
  assertEquals(fakeAccuracy(a), fakeAccuracy(b));
  model.dispose();
});

Deno.test("gan: a share of a batch counts as in the whole, without batch normalization", async () => {
  await startBackend("cpu");
  const model = tiny({
    ...{ generatorNorm: "pixel", gradientPenalty: 1, penaltyEvery: 1 },
    ...{ augmentColor: 1, augmentTranslation: 0.25, augmentCutout: 0.5 },
  });
  const { size, fields: { image } } = batchOf(5, 16, 3);
  for (const objective of model.objectives) {
    const loss = (from: number, to: number) => {
      const batch = { size: to - from, fields: { image: image.slice(from * 768, to * 768) } };
      const pass = differentiate(model, objective, { batch, prng: new Prng(3), step: STEP, firstExample: from });
      return pass.loss.dataSync()[0];
    };
    assertAlmostEquals((2 * loss(0, 2) + 3 * loss(2, 5)) / size, loss(0, 5), 1e-5);
  }
  model.dispose();
});

Deno.test("gan: evaluation measures samples, whatever the batch, and changes no image", async () => {
  await startBackend("cpu");
  const model = tiny({ augmentColor: 1, augmentTranslation: 0.25, augmentCutout: 0.5, gradientPenalty: 1 });
  async function* batches(...sizes: number[]) {
    for (const size of sizes) yield await Promise.resolve(batchOf(size, 16, 3));
  }
  const values = await evaluateObjectives(model, batches(4, 1), new Prng(2));
  assertEquals(Object.keys(values), [
    ...["loss", "realAccuracy", "fakeAccuracy", "generator.loss", "generator.distance"],
    ...["generator.sampleSpread", "generator.imageSpread"],
  ]);
  const { "generator.sampleSpread": made, "generator.imageSpread": real } = values;
  assert(made < 0.9 * real && values["generator.distance"] > 0.05, JSON.stringify(values));
  assertEquals(await evaluateObjectives(model, batches(4, 1), new Prng(2)), values);
  const four = await evaluateObjectives(model, batches(4), new Prng(2)); // one image is apart from no other
  for (const name of ["generator.distance", "generator.imageSpread"]) assertEquals(values[name], four[name], name);
  model.dispose();
});

Deno.test("gan: what cannot be is refused in a line", () => {
  const refused = (options: Partial<GanOptions>, side: number, message: string) =>
    assertThrows(() => tiny(options, side), RangeError, message);
  refused({}, 50, "images are 50 pixels a side; dcgan makes such of 4, 5, 6 or 7 times 2, 4, 8");
  refused({}, 4, "images are 4 pixels a side");
  refused({ architecture: "report" }, 28, "the report's architecture makes such of 16, 32, 48, 64, … alone");
  assertThrows(() => gan.build({}, { fields: {}, classes: [] }, new Prng(1)), RangeError, "the data lacks image");
});

Deno.test("gan: worries are said when the samples are all alike, and when the discriminator is sure or knows by heart", () => {
  const fine = {
    train: { realAccuracy: 0.8, fakeAccuracy: 0.8 },
    valid: { realAccuracy: 0.7, "generator.sampleSpread": 0.95, "generator.imageSpread": 1 },
  };
  assertEquals(worriesOf(fine), []);
  const words = (train: object, valid: object) =>
    worriesOf({ train: { ...fine.train, ...train }, valid: { ...fine.valid, ...valid } });
  assert(words({}, { "generator.sampleSpread": 0.3 })[0].includes("the generator has collapsed"));
  assert(words({ realAccuracy: 1, fakeAccuracy: 1 }, { realAccuracy: 1 })[0].includes("right about all"));
  assert(words({ realAccuracy: 0.95 }, { realAccuracy: 0.3 })[0].includes("by heart"));
});
