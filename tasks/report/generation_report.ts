/**
 * What the report says of a model that draws: its numbers with what they mean, and pictures of its work.
 *
 * @module
 */
import { INK, PALETTE } from "../../pipelines/images/tiles.ts";
import { klChart } from "./charts.ts";
import type { DrawingScore, NearestScore } from "../evaluation/likelihood.ts";
import type { DrawingPictures } from "../evaluation/generation.ts";
import type { Evaluation } from "../evaluation/classification.ts";
import { decimal, escapeHtml, grouped, percent } from "../cli/text.ts";

/** The numbers on top of the page. */
export function drawingTiles({ unit, metrics }: Evaluation, { klPerStep, importance }: DrawingScore): string {
  const tile = (name: string, value: string, note: string) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${value}</dd><dd>${escapeHtml(note)}</dd></div>`;
  const { loss, reconstruction, kl, accuracy } = metrics;
  const steps = klPerStep.length;
  return `<dl class="tiles">${
    [
      tile(`Bound, nats a ${unit}`, decimal(loss), "lower is better; the sum of the next two"),
      tile("Reconstruction", decimal(reconstruction), `to draw again the ${unit} that was seen`),
      tile("KL", decimal(kl), `what the latents hold, over ${steps} step${steps === 1 ? "" : "s"}`),
      ...(importance.samples > 1
        ? [tile("Weighted bound", decimal(importance.bound), `tighter: ${importance.samples} latents a ${unit}`)]
        : []),
      ...(accuracy === undefined ? [] : [tile("Accuracy", percent(accuracy), "of the classifier on its filter maps")]),
    ].join("")
  }</dl>`;
}

/** Pictures and charts. */
export async function drawingSections(
  { unit, split, dataset, metrics: { kl } }: Evaluation,
  { klPerStep, nearest }: DrawingScore,
  pictures: DrawingPictures,
): Promise<string> {
  const steps = klPerStep.length;
  const { shownSteps } = pictures;
  const shown = shownSteps.length === steps
    ? `each of the ${steps} steps`
    : `steps ${shownSteps.join(", ")} of ${steps}`;
  return [
    `<section class="long"><h2>What it draws</h2><div class="pair">` +
    figure(
      "Samples",
      `Drawn from random latents alone, with nothing to look at. Brightness is the probability of a cell being on.`,
      image(pictures.samples, `100 samples`),
    ) +
    figure(
      "Reconstructions",
      `Every other row: ${unit}s of the ${split} split as the model sees them; under each, what it draws of it.`,
      image(pictures.reconstructions, `${unit}s and their reconstructions`),
    ) +
    `</div></section>`,
    `<section class="long"><h2>Step by step</h2><p class="note">On the left a ${unit} of the ${split} split, then the ` +
    `canvas after ${shown}. ${windowKey(pictures)}</p>${image(pictures.steps, "The canvas step by step")}</section>`,
    `<section class="long"><h2>The numbers</h2><div class="pair">` +
    figure(
      "KL by step",
      `Nats that each step's latent holds of a ${unit}; together ${
        decimal(kl)
      }. A step with next to nothing does the ` +
        `same for every ${unit}.`,
      await klChart(klPerStep),
    ) +
    `<div>${howToRead(unit, dataset)}${nearest === undefined ? "" : nearestTable(nearest, unit)}</div></div></section>`,
  ].join("\n");
}

function windowKey({ windows }: DrawingPictures): string {
  if (windows.length === 0) return "";
  const dot = (ink: number, words: string) => `<i class="dot" style="background:rgb(${PALETTE[ink]})"></i>${words}`;
  const keys = windows.map((kind) => dot(INK[kind], kind === "read" ? "where it looked" : "where it drew"));
  return `<span class="key">${keys.join(" ")}</span> (edges outside the picture are not shown).`;
}

function howToRead(unit: string, dataset: string): string {
  return `<h3>How to read them</h3><p>The bound is what one ${unit} costs at most: -ln p, in nats (1 nat is 1.44 ` +
    `bits), where p is the probability that the model gives to exactly this picture. It has two parts: what the latents ` +
    `hold of the ${unit} (KL), and what is still to be said when they are known (reconstruction). Less is better; numbers ` +
    `compare only on the same ${escapeHtml(dataset)} data, of the same size, made black and white in the same way.</p>`;
}

function figure(title: string, note: string, content: string): string {
  return `<figure><h3>${title}</h3><p class="note">${note}</p>${content}</figure>`;
}

function image(png: Uint8Array, alt: string): string {
  return `<img class="canvas" src="data:image/png;base64,${png.toBase64()}" alt="${escapeHtml(alt)}">`;
}

function nearestTable({ samples, mean, standardDeviation, maximum }: NearestScore, unit: string): string {
  const row = (name: string, value: number) => `<tr><td>${name}</td><td class="number">${decimal(value)}</td></tr>`;
  return `<h3 style="margin-top:20px">Nearest training ${unit}</h3><p class="note">${
    grouped(samples)
  } samples, each as the ` +
    `probability of each cell, against the training ${unit} nearest to it: -ln of the probability of that ${unit}, nats. ` +
    `Lower is closer. It says nothing of variety.</p>` +
    `<table>${row("mean", mean)}${row("standard deviation", standardDeviation)}${row("maximum", maximum)}</table>`;
}
