/**
 * What reports say of a model that draws images: pictures of its work, and how near its samples are to the training
 * images.
 *
 * @module
 */
import { INK, PALETTE } from "../../pipelines/images/tiles.ts";
import type { GenerationPictures } from "../evaluation/generation.ts";
import type { NearestScore } from "../evaluation/generation_nearest.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import type { ReconstructionPictures } from "../evaluation/reconstruction_pictures.ts";
import { grouped } from "../../pipelines/base/text.ts";
import { decimal } from "../cli/text.ts";
import type { AbilityReporter } from "./ability_report.ts";
import { type Html, html, NOTHING, pngUrl } from "./html.ts";

/** Reports on the images that a model draws. */
export const reportGeneration: AbilityReporter = (evaluation, { generation: pictures }) => {
  const { unit, generation } = evaluation;
  if (generation === undefined) return undefined;
  const { nearest } = generation;
  return {
    metrics: {},
    ...(pictures ? { pictures: () => sectionsOf(evaluation, pictures) } : {}),
    ...(nearest
      ? {
        numbers: [
          {
            name: "nearest",
            value: decimal(nearest.mean),
            meaning: `nats, sample to nearest training ${unit}; lower is closer`,
          },
          {
            name: "",
            value: "",
            meaning: `${grouped(nearest.samples)} samples, sd ${decimal(nearest.standardDeviation)}, ` +
              `at most ${decimal(nearest.maximum)}`,
          },
        ],
        charts: () => nearestTable(nearest, unit),
      }
      : {}),
  };
};

function sectionsOf({ unit, split }: Evaluation, { samples, reconstructions }: GenerationPictures): Html {
  return html`
    <section class="long">
      <h2>What it draws</h2>
      <div class="pair">
        <figure>
          <h3>Samples</h3>
          <p class="note">
            Drawn from random latents alone, with nothing to look at. Brightness is the probability of a cell being on.
          </p>
          ${image(samples, "100 samples")}
        </figure>
        ${reconstructions ? reconstructionFigure(reconstructions, { unit, split }) : NOTHING}
      </div>
    </section>
    ${reconstructions ? stepSection(reconstructions, { unit, split }) : NOTHING}
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
    const colour = `background:rgb(${PALETTE[INK[kind]]})`;
    return html`
      <i class="dot" style="${colour}"></i>${kind === "read" ? "where it looked" : "where it drew"}
    `;
  });
  return html`<span class="key">${keys}</span> (edges outside the picture are not shown).`;
}

function image(png: Uint8Array, alt: string): Html {
  return html`<img class="canvas" src="${pngUrl(png)}" alt="${alt}">`;
}

function nearestTable({ samples, mean, standardDeviation, maximum }: NearestScore, unit: string): Html {
  const rows = Object.entries({ mean, "standard deviation": standardDeviation, maximum }).map(([name, value]) =>
    html`
      <tr>
        <td>${name}</td>
        <td class="number">${decimal(value)}</td>
      </tr>
    `
  );
  return html`
    <section>
      <h2>Nearest training ${unit}</h2>
      <p class="note">
        ${grouped(
          samples,
        )} samples, each as the probability of each cell, against the training ${unit} nearest to it: -ln of
        the probability of that ${unit}, nats. Lower is closer. It says nothing of variety.
      </p>
      <table>${rows}</table>
    </section>
  `;
}
