import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import { cae } from "../../../../models/zoo/autoencoders/cae.ts";
import { STEP_OPTIONS } from "../../../../models/step_options.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { FAST } from "../../../helpers.ts";
import { CAN, testAgainstCpu } from "../../backends.ts";
import { assertModelSlopes } from "../../slopes.ts";
import { BATCH, CHANNELS, DATA, descend, setPatterned, SIDE, SIZE, SMALL } from "./patterned_images.ts";

const build = (options: Parameters<typeof cae.build>[0] = {}) => cae.build({ ...SMALL, ...options }, DATA, new Prng(1));
const evaluating = () => ({ prng: new Prng(9), training: undefined, firstExample: 0 });
const training = () => ({ ...evaluating(), training: defaultsOf(STEP_OPTIONS) });

Deno.test("cae: the report's network has 725,248 and 783,235 weights", () => {
  const { report } = cae.presets!;
  const fields = { image: { dtype: "uint8", shape: [64, 64, 3] } } as const;
  const model = cae.build(report.model, { ...DATA, fields }, new Prng(1));
  const weights = (part: string) =>
    Object.entries(model.variables).filter(([name]) => name.startsWith(part)).reduce(
      (sum, [, { size }]) => sum + size,
      0,
    );
  assertEquals([weights("encoder/"), weights("decoder/")], [725_248, 783_235]);
  assertEquals(model.variables["decoder/up4/filter"].shape, [3, 3, 128, 128]);
  model.dispose();
});

// PyTorch 1.13 in float64, padding as TensorFlow's, the window of 11 x 11 written out: losses of four steps of gradient
// descent at 0.5.
const PYTORCH = [
  { options: {}, losses: [0.74908279, 0.73016247, 0.72004796, 0.71387504] },
  { options: { loss: "mse", ssimWeight: 0.3 }, losses: [0.40348205, 0.40149678, 0.39973414, 0.39816445] },
  { options: { ssimWeight: 0.5, noise: 0.2 }, losses: [0.88013358, 0.87171335, 0.86553847, 0.86084862] },
  { options: { activation: "relu" }, losses: [0.75573124, 0.73042055, 0.71900701, 0.71240045] },
] as const;

for (const { options, losses } of PYTORCH) {
  for (const backend of ["cpu", "wasm"] as const) {
    Deno.test({
      name: `cae ${JSON.stringify(options)} on ${backend}: losses of four steps are PyTorch's`,
      ignore: !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const model = build(options);
        setPatterned(model);
        const found = descend(model, { pass: training, steps: 4, rate: 0.5 });
        found.forEach(({ loss }, i) => assertAlmostEquals(loss / losses[i], 1, 1e-5));
        model.dispose();
      },
    });
  }

  Deno.test(`cae ${JSON.stringify(options)}: each gradient is a slope`, { ignore: FAST }, async () => {
    await startBackend("cpu");
    const model = build({ ...options, noise: 0 });
    setPatterned(model);
    assertModelSlopes(model, { batch: BATCH, seed: 9, scale: 1, step: 3e-3, tolerance: 0.03 });
    model.dispose();
  });

  testAgainstCpu(`cae ${JSON.stringify(options)}: loss and gradients`, () => {
    const model = build(options);
    const { loss, metrics, gradients } = differentiate(model, model.objectives[0], { batch: BATCH, prng: new Prng(9) });
    model.dispose();
    return [loss, ...Object.values(metrics), ...Object.values(gradients)];
  }, { tolerance: 1e-4, further: "noise" in options });
}

Deno.test("cae: mse and ssim are told in evaluation, of images too small for its window mse alone", async () => {
  await startBackend("cpu");
  const model = build();
  tf.tidy(() => {
    assertEquals(Object.keys(model.objectives[0].loss(BATCH, evaluating()).metrics), ["mse", "ssim"]);
    assertEquals(Object.keys(model.objectives[0].loss(BATCH, training()).metrics), ["mse"]);
  });
  model.dispose();
  const tiny = { fields: { image: { dtype: "uint8", shape: [8, 8] } }, classes: ["face"] } as const;
  const other = cae.build(SMALL, tiny, new Prng(1));
  const batch = { size: 2, fields: { image: new Uint8Array(2 * 64) } };
  tf.tidy(() => assertEquals(Object.keys(other.objectives[0].loss(batch, evaluating()).metrics), ["mse"]));
  other.dispose();
  assertThrows(
    () => cae.build({ ...SMALL, ssimWeight: 0.1 }, tiny, new Prng(1)),
    RangeError,
    "ssimWeight: images are 8 pixels a side, expected 11 or more",
  );
});

Deno.test("cae: what is learnt from noisy images is judged by clean ones; noise is each example's own", async () => {
  await startBackend("cpu");
  const [plain, noisy] = [build(), build({ noise: 0.3 })];
  for (const model of [plain, noisy]) setPatterned(model);
  const lossOf = (model: typeof plain, pass: Parameters<typeof plain.objectives[0]["loss"]>[1], batch = BATCH) =>
    tf.tidy(() => model.objectives[0].loss(batch, pass).loss.dataSync()[0]);
  assertEquals(lossOf(noisy, evaluating()), lossOf(plain, evaluating()));
  assert(Math.abs(lossOf(noisy, training()) - lossOf(plain, training())) > 1e-4);
  const one = SIDE * SIDE * CHANNELS;
  const shares = Array.from({ length: SIZE }, (_, b) => {
    const image = BATCH.fields.image.slice(b * one, (b + 1) * one) as Uint8Array<ArrayBuffer>;
    return lossOf(noisy, { ...training(), firstExample: b }, { size: 1, fields: { image } });
  });
  assertAlmostEquals(shares.reduce((sum, loss) => sum + loss) / SIZE, lossOf(noisy, training()), 1e-6);
  for (const model of [plain, noisy]) model.dispose();
});

Deno.test("cae: codes have no prior, and draw again what they are of", async () => {
  await startBackend("cpu");
  const model = build();
  const { images } = model;
  assertEquals([images!.prior, images!.channels, images!.latentShape], ["none", CHANNELS, [1, SMALL.latentSize]]);
  tf.tidy(() => {
    const { latents, images: drawn } = images!.reconstruct!(BATCH, evaluating());
    assertEquals(drawn.canvases.shape, [1, SIZE, SIDE, SIDE, CHANNELS]);
    assertEquals(images!.draw(latents).canvases.dataSync(), drawn.canvases.dataSync());
    const seen = images!.see(BATCH, evaluating());
    assertEquals(seen.shape, [SIZE, SIDE, SIDE, CHANNELS]);
    const mse = tf.mean(tf.squaredDifference(tf.sigmoid(tf.squeeze(drawn.canvases, [0])), seen)).dataSync()[0];
    assertAlmostEquals(model.objectives[0].loss(BATCH, evaluating()).metrics.mse.dataSync()[0], mse, 1e-6);
  });
  model.dispose();
});
