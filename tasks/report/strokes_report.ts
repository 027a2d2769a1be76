/**
 * What reports say of a model that draws strokes: its drawings, what drawings cost, its latents, and who names what it draws.
 *
 * @module
 */
import { counted, grouped, percent } from "../../pipelines/base/text.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import type { LatentUse } from "../evaluation/stroke_latents.ts";
import type { LikelihoodClasses } from "../evaluation/stroke_likelihood.ts";
import type { StrokeReading } from "../evaluation/stroke_reading.ts";
import type { StrokesPictures, StrokesScore } from "../evaluation/strokes.ts";
import { decimal } from "../cli/text.ts";
import { visibleName } from "../cli/terminal.ts";
import {
  type AbilityReporter,
  cut,
  type MetricReading,
  type NumberLine,
  type TextStyle,
  type Tile,
} from "./ability_report.ts";
import { klChart } from "./charts.ts";
import { confusionChart } from "./confusion_chart.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { sheetFigure } from "./sheet_figure.ts";
import { latentPlane, planeKey } from "./latent_plane.ts";

/** The parts of the objective that Sketch-RNN and its kind measure, what they are called, and what they mean. */
const PARTS: Readonly<Record<string, readonly [title: string, meaning: string]>> = {
  reconstruction: ["L_R", "reconstruction as the paper has it: L_s + L_p"],
  offsetLoss: ["L_s", "of it: offsets, nats over N_max"],
  penLoss: ["L_p", "of it: the pen up to the end of each drawing"],
  penLossUnmasked: ["L_p to N_max", "the pen where what follows the end counts too, as in magenta's training"],
  kl: ["L_KL", "mean over the sizes of the latent, nats"],
};

/** What is told otherwise, or by a curve alone. */
const READINGS: Readonly<Record<string, MetricReading>> = {
  ...Object.fromEntries(Object.entries(PARTS).map(([name, [title]]) => [name, { title }])),
  penLossUnmasked: { hasCurve: false },
  nats: { hasCurve: false },
  klNats: { hasCurve: false },
  natsPerPoint: { hasCurve: false },
  points: { hasCurve: false },
  klWeight: { title: "Weight of L_KL" },
};

/** Latents that hold less than this in all say nothing of a drawing, nats. */
const COLLAPSED = 0.5;

/** Reports on the strokes that a model draws. */
export const reportStrokes: AbilityReporter = (evaluation, { strokes: pictures }) => {
  const { strokes: score } = evaluation;
  if (score === undefined) return undefined;
  return {
    metrics: READINGS,
    tiles: tilesOf(evaluation, score),
    numbers: numbersOf(evaluation, score),
    ...(pictures ? { pictures: () => pictureSections(evaluation, score, pictures) } : {}),
    charts: () => chartsOf(evaluation, score, pictures),
    details: () =>
      html`
        ${score.named ? namedSection(score.named, evaluation) : NOTHING}
        ${score.read ? readSection(evaluation, score.read) : NOTHING}
      `,
    blocks: (style) => blocksOf(score, evaluation, style),
  };
};

function tilesOf(
  { unit }: Evaluation,
  { bound, reconstruction, kl, perPoint, latents }: StrokesScore,
): readonly Tile[] {
  const alone: Tile[] = [{
    ...{ name: `Nats a ${unit}`, value: decimal(bound), note: "lower is better; strokes and their end" },
  }];
  const parts: Tile[] = [
    { name: `Bound, nats a ${unit}`, value: decimal(bound), note: "lower is better; the sum of the next two" },
    { name: "Reconstruction", value: decimal(reconstruction), note: `to draw the ${unit} whose latents are known` },
    { name: "KL", value: decimal(kl), note: latents ? `${latents.active} of ${latents.size} latents active` : "" },
  ];
  return [
    ...(latents ? parts : alone),
    { name: "Nats a point", value: decimal(perPoint), note: "of the reconstruction" },
  ];
}

/** A line without name and value goes on with the one above. */
const further = (meaning: string): NumberLine => ({ name: "", value: "", meaning });

function numbersOf({ unit, metrics }: Evaluation, score: StrokesScore): readonly NumberLine[] {
  const { bound, reconstruction, kl, perPoint, boundInUnits, latents, data, samples } = score;
  const costs: NumberLine[] = latents
    ? [
      { name: "bound", value: decimal(bound), meaning: `nats a ${unit}, lower is better: -ln p is at most this` },
      { name: "reconstruction", value: decimal(reconstruction), meaning: `of it: strokes and end, latents known` },
      { name: "KL", value: decimal(kl), meaning: `of it: what the latents hold, ${activeOf(latents)}` },
    ]
    : [{
      name: "nats",
      value: decimal(bound),
      meaning: `a ${unit}, lower is better: -ln p of its strokes and its end`,
    }];
  const sizes = ({ strokes, points }: { strokes: number; points: number }) =>
    `${decimal(strokes)} strokes, ${decimal(points)} points`;
  return [
    ...costs,
    {
      name: "in its units",
      value: decimal(boundInUnits),
      meaning: "the same, to compare runs that divide offsets otherwise",
    },
    { name: "nats a point", value: decimal(perPoint), meaning: "of the reconstruction" },
    ...Object.entries(PARTS).filter(([name]) => metrics[name] !== undefined).map(([name, [title, meaning]]) => (
      { name: title, value: decimal(metrics[name]), meaning }
    )),
    ...(samples
      ? [
        {
          name: "ended",
          value: percent(samples.ended),
          meaning: `of ${counted(samples.drawings, "sample")} at temperature ${samples.temperature}`,
        },
        further(`${sizes(samples)} a sample; ${sizes(data)} a ${unit}`),
      ]
      : []),
  ];
}

function activeOf({ active, size }: LatentUse): string {
  return `${active} of ${size} active`;
}

/** What is wrong with latents, in a sentence; undefined where nothing is. */
function collapseOf({ latents, kl }: StrokesScore, unit: string): string | undefined {
  if (latents === undefined || latents.active > 0 && kl >= COLLAPSED) return undefined;
  return `The latents say next to nothing of a ${unit}: the decoder draws without them (posterior collapse). A lower ` +
    "weight of L_KL, or one that rises later, and more dropout in the decoder help.";
}

function pictureSections(
  { unit, split }: Evaluation,
  { latents, samples }: StrokesScore,
  { temperatures, columns, reconstructions }: StrokesPictures,
): Html {
  const from = latents ? "random latents, the same in a row" : "nothing";
  const heat = samples?.temperature ?? 0.4;
  return html`
    <section class="long">
      <h2>What it draws</h2>
      <p class="note">
        Samples, drawn from ${from}. From left to right the temperature rises: how far strokes may stray from what is
        likeliest. A row has the same luck.
      </p>
      ${sheetFigure(temperatures, { columns, label: "Samples by temperature" })}
    </section>
    ${reconstructions
      ? html`
        <section class="long">
          <h2>Reconstructions</h2>
          <p class="note">
            <span class="key"><i class="dot" style="background:var(--text)"></i>a ${unit} of the ${split} split
            <i class="dot" style="background:var(--accent)"></i>what the model draws of it</span>, from the middle of its
            latents, at temperature ${heat}.
          </p>
          ${sheetFigure(reconstructions, { columns: 8, label: `${unit}s and their reconstructions` })}
        </section>
      `
      : NOTHING}
  `;
}

async function chartsOf(evaluation: Evaluation, score: StrokesScore, pictures?: StrokesPictures): Promise<Html> {
  const { unit } = evaluation;
  const { latents } = score;
  const collapse = collapseOf(score, unit);
  return html`
    <section class="long">
      <h2>The numbers</h2>
      <div class="pair">
        <div>
          <h3>What a ${unit} costs</h3>
          <table>${costRows(evaluation, score)}</table>
        </div>
        <div>
          <h3>Samples beside the data</h3>
          ${sizeTable(evaluation, score)}
          <p class="note" style="margin-top:12px">
            Costs are -ln of densities: they may be below 0, and compare only where drawings were simplified and divided
            alike. L_R and its parts are nats over N_max, the most points, and say little of two runs with different ones;
            nats a ${unit} do, in the units of the data.
          </p>
        </div>
      </div>
    </section>
    ${latents
      ? html`
        <section class="long">
          <h2>Latents</h2>
          ${collapse === undefined ? NOTHING : html`<p>${collapse}</p>`}
          <div class="pair">
            <figure>
              <h3>KL of each latent</h3>
              <p class="note">
                Nats, from the greatest on: ${activeOf(latents)}, which means that its mean differs from ${unit} to
                ${unit}.
              </p>
              ${await klChart(latents.kl, "latent, by its KL")}
            </figure>
            ${pictures?.plane ? planeFigure(latents, pictures.plane, unit) : NOTHING}
          </div>
        </section>
      `
      : NOTHING}
  `;
}

function planeFigure(
  { planeShares: shares }: LatentUse,
  { places, labels, classes }: NonNullable<StrokesPictures["plane"]>,
  unit: string,
): Html {
  return html`
    <figure>
      <h3>The plane in which ${unit}s differ most</h3>
      <p class="note">
        ${counted(
          labels.length,
          "dot",
        )}, each the mean of a ${unit}'s latents, coloured by its class; principal components. ${planeKey({
          labels,
          classes,
        })}
      </p>
      ${latentPlane({ places, labels, classes, shares })}
    </figure>
  `;
}

function costRows({ unit, metrics }: Evaluation, score: StrokesScore): Html[] {
  const { bound, boundInUnits, perPoint, reconstruction, kl, latents } = score;
  const rows: [string, number][] = [
    [`nats a ${unit}`, bound],
    ...(latents ? [["of it reconstruction", reconstruction], ["of it KL", kl]] as [string, number][] : []),
    [`nats a ${unit}, in the units of the data`, boundInUnits],
    ["nats a point, of the reconstruction", perPoint],
    ...Object.entries(PARTS).filter(([name]) => metrics[name] !== undefined).map(([name, [title, meaning]]): [
      string,
      number,
    ] => [`${title}: ${meaning}`, metrics[name]]),
  ];
  return rows.map(([name, value]) =>
    html`
      <tr>
        <td>${name}</td>
        <td class="number">${decimal(value)}</td>
      </tr>
    `
  );
}

function sizeTable({ unit, split }: Evaluation, { data, samples }: StrokesScore): Html {
  const row = (name: string, cells: readonly string[]) =>
    html`
      <tr>
        <td>${name}</td>
        ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
      </tr>
    `;
  return html`
    <table>
      <tr>
        <th></th>
        <th class="number">Strokes</th>
        <th class="number">Points</th>
        <th class="number">Ended</th>
      </tr>
      ${samples
        ? row(`${grouped(samples.drawings)} samples, temperature ${samples.temperature}`, [
          decimal(samples.strokes),
          decimal(samples.points),
          percent(samples.ended),
        ])
        : NOTHING}
      ${row(`${grouped(data.drawings)} ${unit}s of the ${split} split`, [
        decimal(data.strokes),
        decimal(data.points),
        "-",
      ])}
    </table>
  `;
}

function namedSection(named: LikelihoodClasses, { unit, split }: Evaluation): Html {
  const { by, top1, drawings, classes } = named;
  const means = by === "classes"
    ? `The model is told each class in turn; a ${unit} is named by the one that makes it likeliest.`
    : `Each ${unit} goes to the run that makes it likeliest, in the units of the data; a run is called by its classes.`;
  return html`
    <section class="long">
      <h2>Named by likelihood</h2>
      <p class="note">
        ${means} Of ${counted(drawings, unit)} of the ${split} split ${percent(
          top1,
        )} are named rightly; the model was never
        trained to, and guessing reaches ${percent(1 / classes.length)}.
        <span class="key"><i class="dot right-fill"></i>rightly <i class="dot wrong-fill"></i>wrongly</span>
      </p>
      <div class="scroll">${confusionChart(named)}</div>
    </section>
  `;
}

function readSection({ unit, split }: Evaluation, read: NonNullable<StrokesScore["read"]>): Html {
  const { classifier, classes, samples, real } = read;
  const row = (name: string, { images, right, confidence, score, spread }: StrokeReading) =>
    html`
      <tr>
        <td>${grouped(images)} ${name}</td>
        <td class="number">${percent(right)}</td>
        <td class="number">${percent(confidence)}</td>
        <td class="number">${decimal(score)}</td>
        <td class="number">${decimal(spread)}</td>
      </tr>
    `;
  const byClass = Object.entries(samples.rightByClass);
  return html`
    <section>
      <h2>Read by a classifier</h2>
      <p class="note">
        ${classifier}, which knows ${counted(
          classes,
          "class",
          "classes",
        )}, reads samples and ${unit}s, each drawn as its own
        training data were. Sure: the mean of its highest probability. Class score: e to the mean divergence of what is read
        in one from what is read in all, 1 to ${grouped(
          classes,
        )}. Spread: over so many classes, if all were as frequent.
      </p>
      <table>
        <tr>
          <th></th>
          <th class="number">Read rightly</th>
          <th class="number">Sure</th>
          <th class="number">Class score</th>
          <th class="number">Spread</th>
        </tr>
        ${row("samples", samples)} ${row(`${unit}s of the ${split} split`, real)}
      </table>
      ${byClass.length < 2
        ? html`<p class="note" style="margin-top:12px">Samples are read as ${readAsOf(samples)}.</p>`
        : html`<p class="note" style="margin-top:12px">Rightly, by class: ${
          byClass.map(([name, share]) => `${name} ${percent(share)}`).join(", ")
        }.</p>`}
    </section>
  `;
}

/** The classes that are read most often, with their shares. */
function readAsOf({ readAs, images }: StrokeReading): string {
  const sorted = Object.entries(readAs).sort(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, 6).map(([name, count]) => `${name} (${percent(count / images)})`);
  return [...shown, ...(sorted.length > 6 ? [`${sorted.length - 6} more`] : [])].join(", ");
}

/** Blocks of lines for the terminal. */
function blocksOf(
  score: StrokesScore,
  { unit }: Evaluation,
  { bold, dim, bad, width }: TextStyle,
): readonly (readonly string[])[] {
  const { named, read } = score;
  const collapse = collapseOf(score, unit);
  const line = (start: string, rest: string) =>
    `${bold(start)}  ${dim(cut(visibleName(rest), width - start.length - 2))}`;
  return [
    collapse === undefined ? [] : [bad(cut(collapse, width))],
    named === undefined ? [] : [
      line(
        `named by likelihood ${percent(named.top1)}`,
        `of ${counted(named.drawings, unit)}, by ${
          named.by === "classes" ? "the class that the model is told" : `${named.classes.length} runs`
        }; guessing ${percent(1 / named.classes.length)}`,
      ),
      ...named.confusion.map((row, k) => {
        const total = row.reduce((sum, count) => sum + count, 0);
        const share = percent(total === 0 ? null : row[k] / total).padStart(8);
        return `${share}  ${dim(cut(`${visibleName(named.classes[k])}, of ${grouped(total)}`, width - 10))}`;
      }),
    ],
    read === undefined ? [] : [
      line(
        read.samples.right === null
          ? `read by ${visibleName(read.classifier)}`
          : `read rightly ${percent(read.samples.right)}`,
        `of ${counted(read.samples.images, "sample")} by ${read.classifier}; real ${unit}s ${percent(read.real.right)}`,
      ),
      dim(cut(`read as ${visibleName(readAsOf(read.samples))}`, width)),
    ],
  ];
}
