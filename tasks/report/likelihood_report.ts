/**
 * What reports say of a model that scores likelihood: its bound and what the bound is made of.
 *
 * @module
 */
import type { Evaluation } from "../evaluation/judges.ts";
import type { LikelihoodScore } from "../evaluation/likelihood.ts";
import { counted } from "../../pipelines/base/text.ts";
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
    // A loss with other terms beside the bound names the bound.
    metrics: {
      ...{ ["bound" in evaluation.metrics ? "bound" : "loss"]: nats, reconstruction: nats, kl: nats },
      ...("bitsPerDim" in evaluation.metrics ? { bitsPerDim: { title: "Bits per dimension" } } : {}),
    },
    tiles: tilesOf(evaluation, score),
    numbers: numbersOf(evaluation, score),
    charts: () => chartsOf(evaluation, score),
  };
};

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
  const bits = bitsOf(evaluation, bound);
  const steps = klPerStep.length;
  return [
    { name: `Bound, nats a ${unit}`, value: decimal(bound), note: "lower is better; the sum of the next two" },
    { name: "Reconstruction", value: decimal(reconstruction), note: `to draw again the ${unit} that was seen` },
    { name: "KL", value: decimal(kl), note: `what the latents hold, over ${counted(steps, "step")}` },
    ...(importance.samples > 1
      ? [{
        name: "Weighted bound",
        value: decimal(importance.bound),
        note: `tighter: ${importance.samples} latents a ${unit}`,
      }]
      : []),
    ...(bits === undefined ? [] : [{
      name: "Bits per dimension",
      value: bits,
      note: importance.samples > 1
        ? `of the bound; ${bitsOf(evaluation, importance.bound)} of the weighted one`
        : "of the bound",
    }]),
  ];
}

function numbersOf(evaluation: Evaluation, score: LikelihoodScore): readonly NumberLine[] {
  const { unit } = evaluation;
  const { bound, reconstruction, kl, klPerStep, importance } = score;
  const [bits, weighted] = [bound, importance.bound].map((nats) => bitsOf(evaluation, nats));
  const steps = klPerStep.length === 1 ? "one step" : `${klPerStep.length} steps ${sparkline(klPerStep)}`;
  return [
    { name: "bound", value: decimal(bound), meaning: `nats a ${unit}, lower is better: -ln p is at most this` },
    { name: "reconstruction", value: decimal(reconstruction), meaning: "of it: drawing again what was seen" },
    { name: "KL", value: decimal(kl), meaning: `of it: what the latents hold, ${steps}` },
    ...(importance.samples > 1
      ? [{
        name: "weighted bound",
        value: decimal(importance.bound),
        meaning: `tighter, by ${importance.samples} latents a ${unit}`,
      }]
      : []),
    ...(bits === undefined ? [] : [{
      name: "bits per dim",
      value: bits,
      meaning: `of the bound, a number of the ${unit}${
        importance.samples > 1 ? `; ${weighted} of the weighted one` : ""
      }`,
    }]),
  ];
}

/** Values above 0 as blocks of one to eight eighths. */
function sparkline(values: readonly number[]): string {
  const most = Math.max(...values);
  return values.map((value) => "▁▂▃▄▅▆▇█"[most > 0 ? Math.min(7, Math.floor(8 * value / most)) : 0]).join("");
}

async function chartsOf({ unit, dataset }: Evaluation, { kl, klPerStep }: LikelihoodScore): Promise<Html> {
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
            ${dataset} data, of the same size, made black and white in the same way.
          </p>
        </div>
      </div>
    </section>
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
