/**
 * What reports say of how far a model's samples and reconstructions are from real pictures.
 *
 * @module
 */
import { counted, grouped, percent } from "../../pipelines/base/text.ts";
import { decimal } from "../cli/text.ts";
import type { CloudDistance, FeatureScore } from "../evaluation/feature_score.ts";
import type { SampleClasses } from "../evaluation/generation_classes.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import type { NearestDistances } from "../evaluation/nearest_pictures.ts";
import type { Likeness } from "../evaluation/picture_likeness.ts";
import type { ReconstructionScore } from "../evaluation/reconstruction_score.ts";
import type { StudentAccuracy } from "../evaluation/student_accuracy.ts";
import type { CopyScore } from "../evaluation/training_comparison.ts";
import type { NumberLine, Tile } from "./ability_report.ts";
import { type Html, html, NOTHING } from "./html.ts";

/** Whose features pictures are compared by, and how well it names real ones, where that is known. */
interface Reader {
  readonly classifier: SampleClasses["classifier"];
  readonly students: StudentAccuracy | undefined;
}

/** A line without name and value goes on with the one above. */
const further = (meaning: string): NumberLine => ({ name: "", value: "", meaning });

/** A small number with four digits behind the point, so that squared differences can be told apart. */
const small = (value: number): string =>
  Math.abs(value) < 1 ? (Math.round(value * 1e4) / 1e4 + 0).toFixed(4) : decimal(value);

const decibels = (value: number): string => `${value.toFixed(1)} dB`;

/** How like pictures are to what is drawn of them, on top of the page. */
export function reconstructionTiles({ drawn, mean }: ReconstructionScore): readonly Tile[] {
  if (drawn.ssim === undefined || mean.ssim === undefined) {
    return [{
      name: "Reconstruction",
      value: decibels(drawn.psnr),
      note: `the mean picture has ${decibels(mean.psnr)}`,
    }];
  }
  return [{
    name: "Structural similarity",
    value: drawn.ssim.toFixed(3),
    note: `of what is drawn again; the mean picture has ${mean.ssim.toFixed(3)}`,
  }];
}

/** The same in the terminal. */
export function reconstructionLines({ pictures, drawn, mean, other }: ReconstructionScore, unit: string) {
  const beside = (of: (likeness: Likeness) => string) => `the mean ${unit} ${of(mean)}, another ${unit} ${of(other)}`;
  const ssimOf = ({ ssim = 0 }: Likeness) => ssim.toFixed(3);
  return [
    { name: "drawn again", value: small(drawn.mse), meaning: `squared difference; ${beside(({ mse }) => small(mse))}` },
    further(`${decibels(drawn.psnr)}; ${beside(({ psnr }) => decibels(psnr))}`),
    ...(drawn.ssim === undefined ? [] : [further(`SSIM ${ssimOf(drawn)}; ${beside(ssimOf)}`)]),
    further(`${counted(pictures, unit)}, pixels 0 to 1; the mean or another in place of each`),
  ] satisfies NumberLine[];
}

/** How like pictures are to what is drawn of them. */
export function reconstructionTable(
  { pictures, drawn, mean, other }: ReconstructionScore,
  { unit, split }: Pick<Evaluation, "unit" | "split">,
): Html {
  const row = (name: string, { mse, psnr, ssim }: Likeness) =>
    html`
      <tr>
        <td>${name}</td>
        <td class="number">${small(mse)}</td>
        <td class="number">${decibels(psnr)}</td>
        ${ssim === undefined ? NOTHING : html`<td class="number">${ssim.toFixed(3)}</td>`}
      </tr>
    `;
  return html`
    <section>
      <h2>How like the ${unit} is what is drawn of it</h2>
      <p class="note">
        ${counted(pictures, unit)} of the ${split} split, drawn again from their codes without noise; pixels are 0 to 1.
        A blur is nearer to a ${unit} by its pixels than another sharp ${unit} is: structural similarity (Wang et al. 2004,
        1 is equal) tells more, and the pictures above most.
      </p>
      <table>
        <tr>
          <th></th>
          <th class="number">Squared difference</th>
          <th class="number">PSNR</th>
          ${drawn.ssim === undefined ? NOTHING : html`<th class="number">SSIM</th>`}
        </tr>
        ${row("drawn again", drawn)} ${row(`the mean ${unit} in place of each`, mean)} ${row(
          `another ${unit} in place of each`,
          other,
        )}
      </table>
    </section>
  `;
}

/** Standard errors within which an accuracy is no better than guessing. */
const ERRORS = 2;

/** What is to be said, in parts, of a classifier that names real pictures no better than guessing does; else nothing. */
function doubtOf(
  students: StudentAccuracy | undefined,
  { model }: SampleClasses["classifier"],
  unit: string,
): readonly string[] {
  if (students === undefined) return [];
  const { teacher, guessing, named } = students;
  if (teacher - guessing > ERRORS * Math.sqrt(guessing * (1 - guessing) / named)) return [];
  return [
    `beware: ${model} names ${percent(teacher)} of real ${unit}s rightly`,
    `guessing ${percent(guessing)}: its features tell little`,
  ];
}

/** How far samples are from real pictures by features, in the terminal. */
export function featureLines(
  { pictures, samples, real, train }: FeatureScore,
  { classifier, students }: Reader,
  unit: string,
): readonly NumberLine[] {
  return [
    {
      name: "Fréchet",
      value: decimal(samples.frechet),
      meaning: `by features of ${classifier.model}, lower is nearer; real ${unit}s ${decimal(real.frechet)}`,
    },
    further(
      `${grouped(pictures)} samples from as many training ${unit}s; other training ${unit}s ${decimal(train.frechet)}`,
    ),
    {
      name: "kernel",
      value: small(samples.kernel.mean),
      meaning: `sd ${small(samples.kernel.standardDeviation)}, lower is nearer; real ${unit}s ${
        small(real.kernel.mean)
      }`,
    },
    {
      name: "precision",
      value: percent(samples.precision),
      meaning: `of the samples lie among training ${unit}s; real ${unit}s ${percent(real.precision)}`,
    },
    {
      name: "recall",
      value: percent(samples.recall),
      meaning: `of training ${unit}s lie among samples; among real ${unit}s ${percent(real.recall)}`,
    },
    ...doubtOf(students, classifier, unit).map(further),
  ];
}

/** The nearest thing to a verdict on samples, on top of the page. */
export function featureTiles({ samples, real }: FeatureScore, unit: string): readonly Tile[] {
  return [{
    name: "Fréchet distance",
    value: decimal(samples.frechet),
    note: `of samples; ${decimal(real.frechet)} of real ${unit}s, the least that can be hoped for`,
  }];
}

/** How far samples are from real pictures by features. */
export function featureTable(
  { pictures, features, samples, real, train }: FeatureScore,
  { classifier, students }: Reader,
  { unit, split }: Pick<Evaluation, "unit" | "split">,
): Html {
  const doubt = doubtOf(students, classifier, unit).join(", ");
  const row = (name: string, { frechet, kernel, precision, recall }: CloudDistance) =>
    html`
      <tr>
        <td>${name}</td>
        <td class="number">${decimal(frechet)}</td>
        <td class="number">${small(kernel.mean)} ± ${small(kernel.standardDeviation)}</td>
        <td class="number">${percent(precision)}</td>
        <td class="number">${percent(recall)}</td>
      </tr>
    `;
  return html`
    <section>
      <h2>Samples among real ${unit}s</h2>
      <p class="note">
        Each row is ${grouped(pictures)} ${unit}s against the same ${grouped(pictures)} training ${unit}s, by the
        ${grouped(features)} features of ${classifier.model}, weights of step ${grouped(classifier.step)}: what its last
        hidden layer says. Such numbers compare with those of the same classifier and as many ${unit}s alone; they are no
        FID or KID, which are of another network. Fréchet: the squared distance of two Gaussians, too large by an amount
        that the rows of real ${unit}s show. Kernel: the squared maximum mean discrepancy of a polynomial kernel (degree 3),
        around 0 for equal clouds. Precision: how many lie where training ${unit}s are; recall: how many training ${unit}s
        lie where these are (the third nearest neighbour). A perfect model's samples are like ${unit}s of the ${split} split,
        a copier's like training ${unit}s.
      </p>
      ${doubt ? html`<p><strong>${doubt}.</strong></p>` : NOTHING}
      <div class="scroll">
        <table>
          <tr>
            <th></th>
            <th class="number">Fréchet</th>
            <th class="number">Kernel</th>
            <th class="number">Precision</th>
            <th class="number">Recall</th>
          </tr>
          ${row("samples", samples)} ${row(`${unit}s of the ${split} split`, real)} ${row(
            `other training ${unit}s`,
            train,
          )}
        </table>
      </div>
    </section>
  `;
}

/** Whether samples are copies, in the terminal. */
export function copyLines({ pixels }: CopyScore, unit: string): readonly NumberLine[] {
  return [{
    name: "copies",
    value: percent(pixels.nearer),
    meaning: `of samples are nearer to a training ${unit} than 95 % of real ones, by pixels`,
  }];
}

/** Whether samples are copies. */
export function copySection(
  { samples, real, pixels, features }: CopyScore,
  { unit, split }: Pick<Evaluation, "unit" | "split">,
  picture: Html,
): Html {
  const row = (name: string, { samples, real, nearer }: NearestDistances, inWords: (value: number) => string) =>
    html`
      <tr>
        <td>${name}</td>
        <td class="number">${inWords(samples)}</td>
        <td class="number">${inWords(real)}</td>
        <td class="number">${percent(nearer)}</td>
      </tr>
    `;
  return html`
    <section class="long">
      <h2>Memorised or not</h2>
      <p class="note">
        The distance of ${counted(samples, "sample")} and of ${counted(
          real,
          unit,
        )} of the ${split} split from the training
        ${unit} nearest to each; half of them are nearer than these. Of real ${unit}s 5 % are nearer than the limit of the
        last column: many more of the samples are copies, or blurred, since a blur is near every ${unit}.
      </p>
      <table>
        <tr>
          <th></th>
          <th class="number">Samples</th>
          <th class="number">Real ${unit}s</th>
          <th class="number">Samples below the limit</th>
        </tr>
        ${row("by pixels, the mean difference as a share of the range", pixels, (value) => percent(value))} ${features
          ? row("by features", features, decimal)
          : NOTHING}
      </table>
      ${picture}
    </section>
  `;
}

/** How much classifiers learn from samples, in the terminal. */
export function studentLines({ samples, real, learnt }: StudentAccuracy, unit: string): readonly NumberLine[] {
  return [{
    name: "accuracy score",
    value: percent(samples),
    meaning: `named rightly after ${grouped(learnt)} samples alone; after as many real ${unit}s ${percent(real)}`,
  }];
}

/** How much classifiers learn from samples. */
export function studentTable(
  { learnt, named, steps, samples, real, teacher, guessing }: StudentAccuracy,
  classifier: SampleClasses["classifier"],
  { unit, split }: Pick<Evaluation, "unit" | "split">,
): Html {
  const row = (name: string, share: number) =>
    html`
      <tr>
        <td>${name}</td>
        <td class="number">${percent(share)}</td>
      </tr>
    `;
  return html`
    <section>
      <h2>What can be learnt from samples</h2>
      <p class="note">
        How many of ${counted(
          named,
          unit,
        )} of the ${split} split are named rightly (classification accuracy score, Ravuri
        and Vinyals 2019). The model is not told classes, so ${classifier
          .model} names what the others learn from; they are
        of its kind and take ${counted(steps, "step")}. What the first falls short of the second is what samples lack.
      </p>
      <table>
        ${row(`who learnt from ${grouped(learnt)} samples`, samples)}
        ${row(`who learnt from as many training ${unit}s`, real)}
        ${row(`${classifier.model} itself`, teacher)}
        ${row("who always says the most frequent class", guessing)}
      </table>
    </section>
  `;
}
