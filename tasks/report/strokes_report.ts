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
import type { AbilityReporter, MetricReading, Tile } from "./ability_report.ts";
import { klChart } from "./charts.ts";
import { confusionChart } from "./confusion_chart.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { sheetFigure } from "./sheet_figure.ts";
import { activeOf, collapseOf, lossesOf, readAsOf, strokesBlocks, strokesNumbers } from "./strokes_text.ts";
import { latentPlane, planeKey } from "./latent_plane.ts";

/** The objective's metrics: what is told by numbers of its own, and which curves there are. */
const READINGS: Readonly<Record<string, MetricReading>> = {
  reconstruction: { title: "L_R" },
  offsetLoss: { title: "L_s" },
  penLoss: { title: "L_p" },
  penLossMasked: { hasCurve: false },
  kl: { title: "L_KL" },
  nats: { hasCurve: false },
  klNats: { hasCurve: false },
  natsPerPoint: { hasCurve: false },
  points: { hasCurve: false },
  klWeight: { title: "Weight of L_KL" },
};

/** Reports on the strokes that a model draws. */
export const reportStrokes: AbilityReporter = (evaluation, { strokes: pictures }) => {
  const { strokes: score } = evaluation;
  if (score === undefined) return undefined;
  return {
    metrics: READINGS,
    tiles: tilesOf(evaluation, score),
    numbers: strokesNumbers(evaluation, score),
    ...(pictures ? { pictures: () => pictureSections(evaluation, score, pictures) } : {}),
    charts: () => chartsOf(evaluation, score, pictures),
    details: () =>
      html`
        ${score.named ? namedSection(score.named, evaluation) : NOTHING}
        ${score.read ? readSection(evaluation, score.read) : NOTHING}
      `,
    blocks: (style) => strokesBlocks(score, evaluation, style),
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

function pictureSections(
  { unit, split }: Evaluation,
  { latents }: StrokesScore,
  { temperatures, columns, temperature, reconstructions }: StrokesPictures,
): Html {
  const from = latents ? "random latents, the same in a row" : "nothing";
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
            latents, at temperature ${temperature}.
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

function costRows({ unit }: Evaluation, score: StrokesScore): Html[] {
  const { bound, boundInUnits, perPoint, reconstruction, kl, latents } = score;
  const rows: [string, number][] = [
    [`nats a ${unit}`, bound],
    ...(latents ? [["of it reconstruction", reconstruction], ["of it KL", kl]] as [string, number][] : []),
    [`nats a ${unit}, in the units of the data`, boundInUnits],
    ["nats a point, of the reconstruction", perPoint],
    ...lossesOf(score).map(({ name, value, meaning }): [string, number] => [`${name} (${meaning})`, value]),
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
    : `Each ${unit} goes to the run that makes it likeliest, in the units of the data; a run is called by its classes.${
      named.most === undefined ? "" : ` They have at most ${named.most} points, which every run reads.`
    }`;
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
