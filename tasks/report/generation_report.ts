/**
 * What reports say of a model that draws images: pictures of its work, and how near its samples are to the training
 * images.
 *
 * @module
 */
import { INK } from "../../pipelines/images/tiles.ts";
import type { GenerationPictures, GenerationScore } from "../evaluation/generation.ts";
import type { ClassReading, SampleClasses } from "../evaluation/generation_classes.ts";
import type { NearestScore } from "../evaluation/generation_nearest.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import type { ReconstructionPictures } from "../evaluation/reconstruction_pictures.ts";
import { counted, grouped, percent } from "../../pipelines/base/text.ts";
import { decimal } from "../cli/text.ts";
import type { CopyScore } from "../evaluation/training_comparison.ts";
import type { AbilityReporter, NumberLine } from "./ability_report.ts";
import { type Html, html, NOTHING, pngUrl } from "./html.ts";
import {
  copyLines,
  copySection,
  featureLines,
  featureTable,
  featureTiles,
  reconstructionLines,
  reconstructionTable,
  reconstructionTiles,
  studentLines,
  studentTable,
} from "./likeness_report.ts";

/** Reports on the images that a model draws. */
export const reportGeneration: AbilityReporter = (evaluation, { generation: pictures }) => {
  const { unit, generation } = evaluation;
  if (generation === undefined) return undefined;
  const { nearest, classes, reconstruction, features, copies, students } = generation;
  const known = features && classes && { features, reader: { classifier: classes.classifier, students } };
  return {
    metrics: {},
    tiles: [
      ...(reconstruction ? reconstructionTiles(reconstruction) : []),
      ...(features ? featureTiles(features, unit) : []),
    ],
    ...(pictures ? { pictures: () => sectionsOf(evaluation, generation, pictures) } : {}),
    numbers: [
      ...(reconstruction ? reconstructionLines(reconstruction, unit) : []),
      ...(nearest ? nearestLines(nearest, unit) : []),
      ...(copies ? copyLines(copies, unit) : []),
      ...(classes ? classLines(classes, unit) : []),
      ...(known ? featureLines(known.features, known.reader, unit) : []),
      ...(students ? studentLines(students, unit) : []),
    ],
    charts: () =>
      html`
        ${reconstruction ? reconstructionTable(reconstruction, evaluation) : NOTHING}
        ${known ? featureTable(known.features, known.reader, evaluation) : NOTHING}
        ${copies ? copySection(copies, evaluation, nearestFigure(pictures?.nearest, copies, unit)) : NOTHING}
        ${students && classes ? studentTable(students, classes.classifier, evaluation) : NOTHING}
        ${nearest ? nearestTable(nearest, evaluation) : NOTHING}
        ${classes ? classTable(classes, evaluation) : NOTHING}
      `,
  };
};

/** A line without name and value goes on with the one above. */
const further = (meaning: string): NumberLine => ({ name: "", value: "", meaning });

function nearestLines(
  { samples, mean, standardDeviation, maximum, meanImage, ofSamples }: NearestScore,
  unit: string,
): readonly NumberLine[] {
  const spread = `sd ${decimal(standardDeviation)}, at most ${decimal(maximum)}`;
  return [
    { name: "nearest", value: decimal(mean), meaning: `nats, sample to nearest training ${unit}; lower is closer` },
    further(`${counted(samples, "sample")}, ${spread}`),
    ...(meanImage === undefined ? [] : [further(`${decimal(meanImage)} for the mean ${unit}, drawn every time`)]),
    ...(ofSamples === undefined
      ? []
      : [further(`${decimal(ofSamples.mean)} the other way round, at most ${decimal(ofSamples.maximum)}`)]),
  ];
}

function classLines({ classifier, classes, samples, real }: SampleClasses, unit: string): readonly NumberLine[] {
  const inWords = ({ confidence, spread }: ClassReading) => `${percent(confidence)} sure, ${decimal(spread)} classes`;
  return [
    {
      name: "class score",
      value: decimal(samples.score),
      meaning: `1 to ${classes}, higher is better, by ${classifier.model}; ${decimal(real.score)} for real ${unit}s, ` +
        "1 for grey",
    },
    further(`${inWords(samples)}; real ${unit}s ${inWords(real)}`),
  ];
}

function sectionsOf(
  { unit, split }: Evaluation,
  { latents = "a standard normal prior" }: GenerationScore,
  { samples, interpolation, sweep, reconstructions }: GenerationPictures,
): Html {
  return html`
    <section class="long">
      <h2>What it draws</h2>
      <div class="pair">
        <figure>
          <h3>Samples</h3>
          <p class="note">Drawn from random latents alone, with nothing to look at; these are drawn from ${latents}.</p>
          ${image(samples, "100 samples")}
        </figure>
        ${reconstructions ? reconstructionFigure(reconstructions, { unit, split }) : NOTHING}
      </div>
    </section>
    ${interpolation && sweep ? latentSection(interpolation, sweep) : NOTHING}
    ${reconstructions && reconstructions.totalSteps > 1 ? stepSection(reconstructions, { unit, split }) : NOTHING}
  `;
}

function latentSection(interpolation: Uint8Array, sweep: Uint8Array): Html {
  return html`
    <section class="long">
      <h2>Its latents</h2>
      <div class="pair">
        <figure>
          <h3>From one to another</h3>
          <p class="note">A row leads in even steps from one sample's latents to another's.</p>
          ${image(interpolation, "Rows of samples that turn into others")}
        </figure>
        <figure>
          <h3>One at a time</h3>
          <p class="note">
            One sample, of which a single latent goes from three deviations below the middle to three above: those that
            change the picture most on top.
          </p>
          ${image(sweep, "A sample of which single latents are changed")}
        </figure>
      </div>
    </section>
  `;
}

function nearestFigure(picture: Uint8Array | undefined, { features }: CopyScore, unit: string): Html {
  if (picture === undefined) return NOTHING;
  const below = features
    ? `the training ${unit} nearest by pixels, and the one nearest by features`
    : `the training ${unit} nearest by pixels`;
  return html`
    <figure>
      <p class="note" style="margin-top:12px">
        Rows of samples; below each ${below}. The number is the mean difference of a pixel.
      </p>
      ${image(picture, `Samples and the nearest training ${unit}s`)}
    </figure>
  `;
}

function reconstructionFigure(
  { pairs }: ReconstructionPictures,
  { unit, split }: Pick<Evaluation, "unit" | "split">,
): Html {
  return html`
    <figure>
      <h3>Reconstructions</h3>
      <p class="note">
        Every other row: ${unit}s of the ${split} split as the model sees them; under each, what it draws of it.
      </p>
      ${image(pairs, `${unit}s and their reconstructions`)}
    </figure>
  `;
}

function stepSection(pictures: ReconstructionPictures, { unit, split }: Pick<Evaluation, "unit" | "split">): Html {
  const { steps, shownSteps, totalSteps } = pictures;
  const shown = shownSteps.length === totalSteps
    ? `each of the ${totalSteps} steps`
    : `steps ${shownSteps.join(", ")} of ${totalSteps}`;
  return html`
    <section class="long">
      <h2>Step by step</h2>
      <p class="note">
        On the left a ${unit} of the ${split} split, then the canvas after ${shown}. ${windowKey(pictures)}
      </p>
      ${image(steps, "The canvas step by step")}
    </section>
  `;
}

function windowKey({ windows }: ReconstructionPictures): Html {
  if (windows.length === 0) return NOTHING;
  const keys = windows.map((kind) => {
    const colour = `background:rgb(${INK[kind]})`;
    return html`
      <i class="dot" style="${colour}"></i>${kind === "read" ? "where it looked" : "where it drew"}
    `;
  });
  return html`<span class="key">${keys}</span> (edges outside the picture are not shown).`;
}

function image(png: Uint8Array, alt: string): Html {
  return html`<img class="canvas" src="${pngUrl(png)}" alt="${alt}">`;
}

function nearestTable(nearest: NearestScore, { unit, split }: Evaluation): Html {
  const { samples, ofSamples } = nearest;
  const rows = ([
    ["mean", "mean"],
    ["standard deviation", "standardDeviation"],
    ["maximum", "maximum"],
    [`for comparison: the mean ${unit} of the ${split} split, drawn every time`, "meanImage"],
  ] as const).filter(([, key]) => nearest[key] !== undefined);
  const compared = counted(samples, "sample");
  return html`
    <section>
      <h2>Nearest training ${unit}</h2>
      <p class="note">
        ${compared}, each as the probability of each cell, against the training ${unit} nearest to it: -ln of
        the probability of that ${unit}, nats. Lower is closer. It says nothing of variety, and little of quality: a grey
        blur is near every ${unit} too, so a mean that is not well below that of the mean ${unit} is worth nothing.
        ${ofSamples === undefined ? NOTHING : waysNote(unit)}
      </p>
      <table>
        ${ofSamples === undefined ? NOTHING : html`
          <tr>
            <th></th>
            <th class="number">${unit} by sample</th>
            <th class="number">sample by ${unit}</th>
          </tr>
        `}
        ${rows.map(([name, key]) =>
          html`
            <tr><td>${name}</td>${[nearest, ...(ofSamples ? [ofSamples] : [])].map((cost) =>
              html`<td class="number">${cost[key] === undefined ? "-" : decimal(cost[key])}</td>`
            )}</tr>
          `
        )}
      </table>
    </section>
  `;
}

/** What is taken the other way round. */
function waysNote(unit: string): Html {
  return html`
    The other way round: the sample, black and white at one half, by the ${unit} that gives it most, cells of probability 0
    and 1 softened by 1e-8, so that each cell that differs costs 18.4 nats. Blurs and grey count for nothing then.
  `;
}

function classTable({ classifier, classes, samples, real }: SampleClasses, { unit, split }: Evaluation): Html {
  const row = (name: string, { images, score, confidence, spread }: ClassReading) =>
    html`
      <tr>
        <td>${grouped(images)} ${name}</td>
        <td class="number">${decimal(score)}</td>
        <td class="number">${percent(confidence)}</td>
        <td class="number">${decimal(spread)}</td>
      </tr>
    `;
  return html`
    <section>
      <h2>Classes read in the samples</h2>
      <p class="note">
        By ${classifier.model}, weights of step ${grouped(classifier.step)}, which knows ${grouped(
          classes,
        )} classes. Class
        score: e to the mean divergence of what is read in one image from what is read in all (the inception score, Salimans
        et al. 2016, with this classifier). It is 1 for grey canvases and for one ${unit} again and again, at most
        ${grouped(classes)}; higher is better. Sure: the mean of the highest probability. Spread: over so many classes,
        if all were as frequent.
      </p>
      <table>
        <tr>
          <th></th>
          <th class="number">Class score</th>
          <th class="number">Sure</th>
          <th class="number">Spread</th>
        </tr>
        ${row("samples", samples)} ${row(`${unit}s of the ${split} split`, real)}
      </table>
    </section>
  `;
}
