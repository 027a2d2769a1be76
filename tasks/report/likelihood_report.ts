/**
 * What reports say of a model that scores likelihood: its bound and what the bound is made of.
 *
 * @module
 */
import type { Evaluation } from "../evaluation/judges.ts";
import type { ImportanceBound, LikelihoodScore } from "../evaluation/likelihood.ts";
import { counted, grouped } from "../../pipelines/base/text.ts";
import { decimal } from "../cli/text.ts";
import type { AbilityReporter, NumberLine, Tile } from "./ability_report.ts";
import { klChart } from "./charts.ts";
import { type Html, html, NOTHING } from "./html.ts";

/** Reports on the likelihood. */
export const reportLikelihood: AbilityReporter = (evaluation) => {
  const { likelihood: score } = evaluation;
  if (score === undefined) return undefined;
  const nats = { isNats: true };
  return {
    // A loss with other terms beside the bound names the bound; where these have no weight, it is the bound once more.
    metrics: {
      ...{ ["bound" in evaluation.metrics ? "bound" : "loss"]: nats, reconstruction: nats, kl: nats },
      ...(isBoundAlone(evaluation) ? { loss: nats } : {}),
      ...("bitsPerDim" in evaluation.metrics ? { bitsPerDim: { title: "Bits per dimension" } } : {}),
    },
    tiles: tilesOf(evaluation, score),
    numbers: numbersOf(evaluation, score),
    charts: () => chartsOf(evaluation, score),
  };
};

/** Whether a loss is the bound and nothing else, but for rounding. */
function isBoundAlone({ metrics: { loss, bound } }: Evaluation): boolean {
  return Math.abs(loss - bound) <= 1e-6 * Math.abs(bound);
}

/** A bound in bits a number of an example; undefined where the model's likelihood compares with that of no other. */
function bitsOf({ metrics: { bitsPerDim, loss, bound = loss } }: Evaluation, nats: number): string | undefined {
  return bitsPerDim === undefined ? undefined : (bitsPerDim * nats / bound).toFixed(3);
}

function tilesOf(
  evaluation: Evaluation,
  score: LikelihoodScore,
): readonly Tile[] {
  const { unit } = evaluation;
  const { bound, reconstruction, kl, klPerStep, importance } = score;
  const [bits, weighted] = [bitsOf(evaluation, bound), weightedBits(evaluation, importance)];
  const steps = klPerStep.length;
  return [
    { name: `Bound, nats a ${unit}`, value: decimal(bound), note: "lower is better; the sum of the next two" },
    { name: "Reconstruction", value: decimal(reconstruction), note: `to draw again the ${unit} that was seen` },
    { name: "KL", value: decimal(kl), note: `what the latents hold, over ${counted(steps, "step")}` },
    ...(importance.samples > 1
      ? [{
        name: "Weighted bound",
        value: decimal(importance.bound),
        note: weightsInWords(importance, unit),
      }]
      : []),
    ...(bits === undefined ? [] : [{
      name: "Bits per dimension",
      value: bits,
      note: weighted === undefined ? "of the bound" : `of the bound; ${weighted} of the weighted one`,
    }]),
  ];
}

function numbersOf(evaluation: Evaluation, score: LikelihoodScore): readonly NumberLine[] {
  const { unit } = evaluation;
  const { bound, reconstruction, kl, klPerStep, importance } = score;
  const [bits, weighted] = [bitsOf(evaluation, bound), weightedBits(evaluation, importance)];
  const steps = klPerStep.length === 1 ? "one step" : `${klPerStep.length} steps ${sparkline(klPerStep)}`;
  return [
    { name: "bound", value: decimal(bound), meaning: `nats a ${unit}, lower is better: -ln p is at most this` },
    { name: "reconstruction", value: decimal(reconstruction), meaning: "of it: drawing again what was seen" },
    { name: "KL", value: decimal(kl), meaning: `of it: what the latents hold, ${steps}` },
    ...(importance.samples > 1
      ? [
        {
          name: "weighted bound",
          value: decimal(importance.bound),
          meaning: weightsInWords(importance, unit),
        },
        ...fewerOf(importance).map(({ samples, bound }) => ({
          name: "",
          value: decimal(bound),
          meaning: `by ${counted(samples, "latent")}`,
        })),
      ]
      : []),
    ...(bits === undefined ? [] : [{
      name: "bits per dim",
      value: bits,
      meaning: `of the bound, a number of the ${unit}${
        weighted === undefined ? "" : `; ${weighted} of the weighted one`
      }`,
    }]),
  ];
}

/** By how many latents a bound is weighted, and of which examples: of all of them it is tighter than that by one. */
function weightsInWords({ samples, examples }: LikelihoodScore["importance"], unit: string): string {
  const latents = `by ${grouped(samples)} latents a ${unit}`;
  return examples === undefined ? `tighter, ${latents}` : `of the first ${counted(examples, unit)}, ${latents}`;
}

/** Bits per dimension of the weighted bound; undefined where there is none of the examples that the bound is of. */
function weightedBits(evaluation: Evaluation, { samples, bound, examples }: LikelihoodScore["importance"]) {
  return samples > 1 && examples === undefined ? bitsOf(evaluation, bound) : undefined;
}

/** The bounds by fewer latents but more than one; that by one has no weights. Of the same examples as the tightest. */
function fewerOf({ bounds = [], examples }: LikelihoodScore["importance"]): readonly ImportanceBound[] {
  return bounds.slice(examples === undefined ? 1 : 0, -1);
}

/** Values above 0 as blocks of one to eight eighths. */
function sparkline(values: readonly number[]): string {
  const most = Math.max(...values);
  return values.map((value) => "▁▂▃▄▅▆▇█"[most > 0 ? Math.min(7, Math.floor(8 * value / most)) : 0]).join("");
}

async function chartsOf(
  { unit, dataset }: Evaluation,
  { kl, klPerStep, importance }: LikelihoodScore,
): Promise<Html> {
  return html`
    <section class="long">
      <h2>The numbers</h2>
      <div class="pair">
        ${klPerStep.length > 1 ? await klFigure(kl, klPerStep, unit) : NOTHING}
        <div>
          <h3>How to read them</h3>
          <p>
            The bound is what one ${unit} costs at most: -ln p, in nats (1 nat is 1.44 bits), where p is the probability
            that the model gives to exactly this ${unit}. It has two parts: what the latents hold of the ${unit} (KL), and
            what is still to be said when they are known (reconstruction). Less is better; numbers compare only on the same
            ${dataset} data, of the same size and colours, under the same likelihood, and made black and white in the same
            way where they were.
          </p>
          ${weightsTable(importance, unit)}
        </div>
      </div>
    </section>
  `;
}

/** The bounds by more and more latents. */
function weightsTable({ bounds = [], examples }: LikelihoodScore["importance"], unit: string): Html {
  if (bounds.length === 0) return NOTHING;
  const of = examples === undefined ? `every ${unit}` : `the first ${counted(examples, unit)}`;
  return html`
    <h3>Weighted bounds</h3>
    <p class="note">
      Of ${of}, by so many latents drawn for each (arXiv:1509.00519); ± is the standard error over them. By one latent it is
      the bound itself.
    </p>
    <table>
      <tr><th class="number">latents</th><th class="number">bound</th></tr>
      ${bounds.map(({ samples, bound, error }) =>
        html`
          <tr>
            <td class="number">${grouped(samples)}</td>
            <td class="number">${decimal(bound)}${error === undefined ? "" : ` ± ${decimal(error)}`}</td>
          </tr>
        `
      )}
    </table>
  `;
}

async function klFigure(kl: number, klPerStep: readonly number[], unit: string): Promise<Html> {
  return html`
    <figure>
      <h3>KL by step</h3>
      <p class="note">
        Nats that each step's latent holds of a ${unit}; together ${decimal(
          kl,
        )}. A step with next to nothing does the
        same for every ${unit}.
      </p>
      ${await klChart(klPerStep)}
    </figure>
  `;
}
