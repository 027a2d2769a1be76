/**
 * What is to be said of a model that draws strokes, in numbers and words: for the terminal, and for the page too.
 *
 * @module
 */
import { counted, grouped, percent } from "../../pipelines/base/text.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import type { LatentUse } from "../evaluation/stroke_latents.ts";
import type { StrokeReading } from "../evaluation/stroke_reading.ts";
import type { StrokesScore } from "../evaluation/strokes.ts";
import { visibleName } from "../cli/terminal.ts";
import { cut, decimal } from "../cli/text.ts";
import type { NumberLine, TextStyle } from "./ability_report.ts";

/** A part of the loss. */
interface LossLine {
  readonly name: string;
  readonly value: number;
  readonly meaning: string;
}

/** The parts of Sketch-RNN's loss as the paper calls them. */
export function lossesOf({ losses }: StrokesScore): LossLine[] {
  const { mostPoints, offsets, pen, penUnmasked, kl } = losses;
  const all = penUnmasked ?? NaN;
  return [
    { name: "L_R", value: offsets + pen, meaning: `reconstruction: L_s + L_p, nats over N_max, ${mostPoints} points` },
    { name: "L_s", value: offsets, meaning: "of it: offsets" },
    { name: "L_p", value: pen, meaning: "of it: the pen, up to the end of each drawing" },
    { name: "L_R to N_max", value: offsets + all, meaning: "the same with the pen behind the end, as magenta trains" },
    { name: "L_p to N_max", value: all, meaning: "of it: the pen" },
    { name: "L_KL", value: kl ?? NaN, meaning: "mean over the sizes of the latent, nats" },
  ].filter(({ value }) => !Number.isNaN(value));
}

/** Latents that hold less than this in all say nothing of a drawing, nats. */
const COLLAPSED = 0.5;

/** A line without name and value goes on with the one above. */
const further = (meaning: string): NumberLine => ({ name: "", value: "", meaning });

/** The numbers for the terminal. */
export function strokesNumbers({ unit }: Evaluation, score: StrokesScore): readonly NumberLine[] {
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
    ...lossesOf(score).map(({ name, value, meaning }) => ({ name, value: decimal(value), meaning })),
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

/** How many latents are used, in words. */
export function activeOf({ active, size }: LatentUse): string {
  return `${active} of ${size} active`;
}

/** What is wrong with latents, in a sentence; undefined where nothing is. */
export function collapseOf({ latents, kl }: StrokesScore, unit: string): string | undefined {
  if (latents === undefined || latents.active > 0 && kl >= COLLAPSED) return undefined;
  return `The latents say next to nothing of a ${unit}: the decoder draws without them (posterior collapse). A lower ` +
    "weight of L_KL, or one that rises later, and more dropout in the decoder help.";
}

/** The classes that are read most often, with their shares. */
export function readAsOf({ readAs, images }: StrokeReading): string {
  const sorted = Object.entries(readAs).sort(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, 6).map(([name, count]) => `${name} (${percent(count / images)})`);
  return [...shown, ...(sorted.length > 6 ? [`${sorted.length - 6} more`] : [])].join(", ");
}

/** Blocks of lines for the terminal. */
export function strokesBlocks(
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
          named.by === "classes"
            ? "the class that the model is told"
            : `${named.classes.length} runs${named.most === undefined ? "" : `, of at most ${named.most} points each`}`
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
          ? `class score ${decimal(read.samples.score)}`
          : `read rightly ${percent(read.samples.right)}`,
        `of ${counted(read.samples.images, "sample")} by ${read.classifier}; real ${unit}s ${
          read.samples.right === null ? decimal(read.real.score) : percent(read.real.right)
        }`,
      ),
      dim(cut(`read as ${visibleName(readAsOf(read.samples))}`, width)),
    ],
  ];
}
