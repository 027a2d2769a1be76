// The GAN beside PyTorch 1.13: the same weights, images and latents, and after each step of Adam the same losses.
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../../models/backends/backend.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import type { Model } from "../../../../models/model.ts";
import { adam } from "../../../../models/optimizers/adam.ts";
import { gan } from "../../../../models/zoo/gan/gan.ts";
import type { GanOptions } from "../../../../models/zoo/gan/gan_options.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { assertNear, CAN } from "../../backends.ts";
import { patterned } from "../../patterned.ts";

const PLAIN = { latentSize: 3, augmentTranslation: 0, gradientPenalty: 0 } as const;

/** Images of 16 x 16, value i of all being (7 i^2 + 13 i + 37 floor(i / 256)) mod 256. */
function images(channels: 1 | 3) {
  const image = Uint8Array.from(
    { length: 6 * 16 * 16 * channels },
    (_, i) => (7 * i * i + 13 * i + 37 * (i >> 8)) % 256,
  );
  return { size: 6, fields: { image } };
}

function dataOf(channels: 1 | 3) {
  const shape = channels === 1 ? [16, 16] : [16, 16, 3];
  return { fields: { image: { dtype: "uint8", shape } }, classes: ["image"] } as const;
}

/** Gives each variable values that PyTorch was given too. */
function assignPatterns({ variables }: Model): void {
  for (const [i, [name, variable]] of Object.entries(variables).entries()) {
    const scale = name.endsWith("/u") ? 1 : variable.rank > 1 ? 0.3 : 0.2;
    tf.tidy(() => {
      const values = patterned(variable.shape, { seed: i, scale });
      variable.assign(name.endsWith("/gamma") ? tf.add(values, 1) : values);
    });
  }
}

/** The losses of both objectives in four steps. */
function losses(model: Model, channels: 1 | 3): number[][] {
  assignPatterns(model);
  const prng = new Prng(5);
  const optimizers = model.objectives.map(({ learningRateScale = 1 }) => {
    return adam({ learningRate: 2e-3 * learningRateScale, beta1: 0.5, beta2: 0.99 });
  });
  const steps = Array.from({ length: 4 }, () => {
    const losses = model.objectives.map((objective, i) => {
      const { loss, metrics, gradients } = differentiate(model, objective, { batch: images(channels), prng });
      optimizers[i].apply(model.variables, gradients);
      const [value] = loss.dataSync();
      tf.dispose([loss, metrics, gradients]);
      return value;
    });
    model.update?.();
    return losses;
  });
  for (const part of [model, ...optimizers]) part.dispose();
  return steps;
}

const CASES: readonly {
  readonly title: string;
  readonly channels: 1 | 3;
  readonly options: Partial<GanOptions>;
  readonly expected: number[][];
}[] = [
  {
    title: "batch normalization in both networks, hinge loss",
    channels: 1,
    options: { channels: 4, generatorNorm: "batch", discriminatorNorm: "batch", spectralNorm: "none", loss: "hinge" },
    expected: [[2.886055, 1.80562], [2.264103, 0.966371], [2.088504, 0.761414], [2.221343, 1.05774]],
  },
  {
    title: "spectral norm in both networks, pixel norm, one-sided smoothing, two rates",
    channels: 3,
    options: { channels: 4, generatorNorm: "pixel", spectralNorm: "both", realTarget: 0.9, discriminatorRate: 2 },
    expected: [[1.458874, 0.667313], [1.354913, 0.68475], [1.356141, 0.696296], [1.320756, 0.703083]],
  },
  {
    title: "the report's architecture",
    channels: 3,
    options: { architecture: "report", channels: 6, generatorNorm: "none", spectralNorm: "discriminator" },
    expected: [[1.392762, 0.66481], [1.385041, 0.675214], [1.381843, 0.678981], [1.379391, 0.680803]],
  },
];

for (const backend of ["cpu", "wasm"] as const) {
  for (const { title, channels, options, expected } of CASES) {
    Deno.test({
      name: `gan: four steps on ${backend} are PyTorch's: ${title}`,
      ignore: !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const model = gan.build({ ...PLAIN, ...options }, dataOf(channels), new Prng(1));
        assertNear(losses(model, channels), expected, 2e-4);
      },
    });
  }
}
