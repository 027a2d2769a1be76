/**
 * The pictures of the report "Introduction to Deep Learning Assignment 3", section 2: an autoencoder, a VAE and a GAN on
 * pictures of any kind, with the report's settings and with better ones.
 *
 * @module
 */
import { cae } from "../../../models/zoo/autoencoders/cae.ts";
import { vae } from "../../../models/zoo/autoencoders/vae.ts";
import { gan } from "../../../models/zoo/gan/gan.ts";
import { GAN_LOOP } from "../../../models/zoo/gan/gan_options.ts";
import type { ModelSpec } from "../../../models/model_spec.ts";
import { cnn } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import type { OptionTable, PartialOptions } from "../../../pipelines/base/option_table.ts";
import { percent } from "../../../pipelines/base/text.ts";
import { imageFolder } from "../../../pipelines/datasets/image_folder/image_folder.ts";
import type { FeatureScore } from "../../evaluation/feature_score.ts";
import type { LOOP_OPTIONS } from "../../runs/settings.ts";
import { type Experiment, experiment, type Figure } from "../experiment.ts";
import { type ReproduceRow, type ReproduceTable, type RowPicture, SAMPLES, WEIGHTS_NOTE } from "../table.ts";

const DATA = { dataset: imageFolder } as const;

/** Tells the classes apart; its features are what samples and pictures are compared by. */
const CLASSIFIER = experiment({
  ...{ name: "classifier", data: DATA, model: cnn, modelOptions: { dropoutRate: 0.1 } },
  loop: { epochs: 8, schedule: "cosine", clipNorm: 1 },
  figures: [{ name: "top-1", better: "higher", ours: ({ classification }) => classification?.top1 }],
});

const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

type Likeness = "mse" | "psnr" | "ssim";

/** How like pictures are to what is drawn of them. */
const likeness = (key: Likeness, about: Pick<Figure, "name" | "digits" | "better">): Figure => ({
  ...about,
  ours: ({ generation }) => generation?.reconstruction?.drawn[key],
  worth({ split, unit, generation }) {
    const { mean, other } = generation?.reconstruction ?? {};
    if (mean?.[key] === undefined || other?.[key] === undefined) return undefined;
    const shown = (value: number) => value.toFixed(about.digits);
    const [ofMean, ofOther] = [shown(mean[key]), shown(other[key])];
    return `${
      capital(about.name)
    }: ${ofMean} for the mean ${split} ${unit} in place of each, ${ofOther} for another one.`;
  },
});

/** How far samples are from training pictures by features. */
const distance = (
  about: Pick<Figure, "name" | "digits" | "better">,
  of: (clouds: FeatureScore["samples"]) => number,
): Figure => ({
  ...about,
  ours: ({ generation }) => generation?.features && of(generation.features.samples),
  worth({ split, unit, generation }) {
    const { features } = generation ?? {};
    if (features === undefined) return undefined;
    const inWords = (value: number) => about.digits === undefined ? percent(value) : value.toFixed(about.digits);
    const [real, train] = [inWords(of(features.real)), inWords(of(features.train))];
    return `${
      capital(about.name)
    }: ${real} for ${split} ${unit}s, which is the floor, ${train} for other training ${unit}s.`;
  },
});

const FIGURES: readonly Figure[] = [
  likeness("mse", { name: "MSE", digits: 4, better: "lower" }),
  likeness("psnr", { name: "PSNR", digits: 1, better: "higher" }),
  likeness("ssim", { name: "SSIM", digits: 3, better: "higher" }),
  { name: "bits", digits: 3, better: "lower", ours: ({ metrics }) => metrics.bitsPerDim },
  distance({ name: "Fréchet", digits: 3, better: "lower" }, ({ frechet }) => frechet),
  {
    ...{ name: "times the floor", digits: 1, better: "lower" },
    ours({ generation }) {
      const { samples, real } = generation?.features ?? {};
      return samples && real && samples.frechet / real.frechet;
    },
  },
  distance({ name: "kernel", digits: 4, better: "lower" }, ({ kernel }) => kernel.mean),
  distance({ name: "precision", better: "higher" }, ({ precision }) => precision),
  distance({ name: "recall", better: "higher" }, ({ recall }) => recall),
  {
    ...{ name: "learnt from", better: "higher" },
    ours: ({ generation }) => generation?.students?.samples,
    worth({ unit, generation }, classifier) {
      const { students } = generation ?? {};
      if (students === undefined) return undefined;
      const { real, guessing } = students;
      const top1 = classifier?.classification?.top1;
      const own = top1 === undefined ? "" : `, ${percent(top1)} by the classifier of the table itself`;
      const least = `${percent(guessing)} by saying the most frequent class`;
      return `Learnt from: ${percent(real)} after as many training ${unit}s, ${least}${own}.`;
    },
  },
  { name: "copies", ours: ({ generation }) => generation?.copies?.pixels.nearer },
];

const PICTURES: readonly RowPicture[] = [
  {
    name: "reconstructions",
    title: "Pictures drawn again",
    note:
      "Every other row: pictures that no model has learnt from; under each, what is drawn of it (the report's figure " +
      "4, of pictures that were learnt from). A GAN finds no latents for pictures.",
    isOf: ({ generation }) => generation?.reconstruction !== undefined,
    of: ({ generation }) => generation?.reconstructions?.pairs,
  },
  {
    ...SAMPLES,
    note:
      `The report's figures 5 and 6. ${SAMPLES.note} Latents of the report's VAE and of the GANs are drawn from a ` +
      "normal prior; an autoencoder has none, and our VAE's codes are held to it loosely: theirs are drawn from the " +
      "neighbourhoods of the codes of training pictures.",
  },
  {
    name: "interpolation",
    title: "From one to another",
    note:
      "A row leads in even steps from one random vector to another: the report's figures 7 and 8. Under a normal prior " +
      "the ways are great circles, since no latents are drawn from the middle; among codes they are straight.",
    isWide: true,
    isOf: ({ generation }) => generation !== undefined,
    of: ({ generation }) => generation?.interpolation,
  },
];

/** A row on the pictures. */
function row<M extends OptionTable>(
  given: Pick<Experiment<OptionTable, M>, "name" | "model" | "modelOptions" | "loop" | "judge">,
  cells: readonly [model: string, settings: string],
): ReproduceRow {
  const judge = { nearestSamples: 1000, ...given.judge };
  return { ...experiment({ ...given, data: DATA, figures: FIGURES, judge }), cells };
}

/** A row by a preset of its model. */
function presetRow<M extends OptionTable>(
  { model, preset, name }: { readonly model: ModelSpec<M>; readonly preset: "report" | "sharp"; readonly name: string },
  settings: string,
  { modelOptions = {}, ...others }: Pick<Experiment<OptionTable, M>, "modelOptions" | "judge"> = {},
): ReproduceRow {
  const chosen = model.presets![preset];
  return row({
    ...{ name, model, ...others },
    modelOptions: { ...chosen.model, ...modelOptions } as PartialOptions<NoInfer<M>>, // of one table, merged
    loop: chosen.loop as PartialOptions<typeof LOOP_OPTIONS>, // defineModel has checked it
  }, [model.name.toUpperCase(), settings]);
}

/** A row of the report. */
function reportRow<M extends OptionTable>(
  model: ModelSpec<M>,
  given: Pick<Experiment<OptionTable, M>, "modelOptions" | "judge"> = {},
): ReproduceRow {
  const preset = { model, preset: "report", name: `${model.name}-report` } as const;
  return { ...presetRow(preset, "the report's", given), theirs: [], theirSteps: "unknown" };
}

const BOUND = { judge: { importanceSamples: 1 } } as const;

/** Autoencoder, VAE and GAN on any pictures: figures 4 to 8. */
export const FACES_AND_ANIMALS: ReproduceTable = {
  name: "faces-and-animals",
  title: "An autoencoder, a VAE and a GAN on pictures",
  source: 'Epure and Rameshchandra, "Introduction to Deep Learning Assignment 3", section 2, figures 4 to 8',
  reads:
    "How like test pictures are to what is drawn of them, and how far samples are from real pictures. The report " +
    "shows pictures alone.",
  steps: "epochs",
  heads: ["model", "settings"],
  figures: FIGURES,
  classifier: CLASSIFIER,
  pictures: PICTURES,
  showsData: true,
  options: imageFolder.options,
  rows: [
    reportRow(cae),
    presetRow({ model: cae, preset: "sharp", name: "cae" }, "ours"),
    reportRow(vae, BOUND),
    presetRow({ model: vae, preset: "sharp", name: "vae" }, "ours", { judge: { ...BOUND.judge, latents: "codes" } }),
    reportRow(gan, { modelOptions: { latentSize: 128 } }),
    row({ name: "gan", model: gan, loop: GAN_LOOP }, ["GAN", "ours"]), // its defaults
  ],
  notes: [
    "The report learns from 20,000 faces and from 16,130 animal faces, of 64 x 64 pixels; these are others, and a tenth of " +
    "them each are valid's and the test's.",
    "Its steps are its epochs on the pictures at hand: 10 of the autoencoder at batch 64, 20 of the VAE at batch 8, 20 of the " +
    "GAN at batch 64. It gives neither; these are the course's that it was written for. All networks have 128 channels, " +
    "a code of 256, latents of 64 (VAE) and 128 (GAN).",
    "The course's two mistakes in the VAE are not made here: no sigmoid stands before mean and variance, and the divergence " +
    "weighs what a bound asks for, so that its samples are blurred for no other reason than the likelihood.",
    "Rows of ours are not in the report: fewer channels, which double where maps are half as large; of the autoencoder " +
    "structural similarity in the loss, of the VAE beside a likelihood of 256 levels and a twentieth of the divergence; of " +
    "the GAN the penalty R1, batch normalization in the generator, and what the discriminator sees moved a little.",
    "MSE, PSNR (decibels) and SSIM are of test pictures drawn again, pixels 0 to 1. Bits are those of a number of a " +
    "picture, from above; Bernoulli pixels, as in the report, have none that compare.",
    "Fréchet and kernel distance, precision and recall are by the features of a classifier of this project, which learnt the " +
    "classes of the same pictures, of as many samples as there are test pictures, 1,000 at most. They are no FID or KID, and " +
    "compare within this table alone.",
    "Learnt from: test pictures named rightly by a classifier that has learnt from samples alone. Copies: samples that are " +
    "nearer to a training picture, by pixels, than 95 % of test pictures are; blurred ones count, too.",
    WEIGHTS_NOTE,
  ],
};
