/**
 * The judging of a model that draws strokes: what drawings cost, what latents hold, how samples compare with drawings of the
 * data, what likelihood and a classifier name them.
 *
 * B batch, Z latent.
 *
 * @module
 */
import type { StrokeDrawer } from "../../models/stroke_drawer.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { OptionValues } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { fromStroke3 } from "../../pipelines/strokes/stroke.ts";
import type { SheetCell } from "../../pipelines/render/stroke_sheet.ts";
import { CLASSIFIER_OPTION } from "./classifier_option.ts";
import { drawHotter, drawingOf, drawMany, meansOf, TEMPERATURES } from "./drawn_strokes.ts";
import type { Judge, JudgedRun } from "./judge.ts";
import { strokeBatch } from "../../pipelines/batches/stroke_batch.ts";
import { drawingsOf, type ShownDrawing } from "./shown_drawings.ts";
import { type LatentPlane, LatentTally, type LatentUse } from "./stroke_latents.ts";
import {
  checkContest,
  ClassLikelihood,
  contest,
  costsOf,
  type LikelihoodClasses,
  movesOf,
  unitNats,
} from "./stroke_likelihood.ts";
import { checkReader, readDrawn, type StrokeReadings } from "./stroke_reading.ts";

/** How many strokes and points drawings have. */
export interface DrawingSizes {
  /** How many drawings. */
  readonly drawings: number;
  /** A mean. */
  readonly strokes: number;
  /** A mean; the first point counts too. */
  readonly points: number;
}

/** The parts of Sketch-RNN's loss, nats; those of strokes are divided by N_max, the most points, however short drawings are. */
export interface StrokeLosses {
  /** N_max. */
  readonly mostPoints: number;
  /** L_s, of the offsets. */
  readonly offsets: number;
  /** L_p, of the pen up to the end of each drawing. */
  readonly pen: number;
  /** L_p with what stands behind the end, up to N_max, as in magenta's training. */
  readonly penUnmasked?: number;
  /** L_KL, a mean over the sizes of the latent; missing without latents. */
  readonly kl?: number;
}

/** The verdict on a model that draws strokes, safe to store as JSON; nats a drawing, means over drawings. */
export interface StrokesScore {
  /** -ln p(x) from above: the sum of the next two. */
  readonly bound: number;
  /** -ln p(x | z), the end of the drawing included. */
  readonly reconstruction: number;
  /** The divergence of the latents from the prior; 0 without latents. */
  readonly kl: number;
  /** `reconstruction` by each drawing's own number of offsets. */
  readonly perPoint: number;
  /** `bound` in the units of the data, by which runs compare whatever they divide offsets by. */
  readonly boundInUnits: number;
  /** The parts of Sketch-RNN's loss, means over drawings (arXiv:1704.03477, equations 9 to 11). */
  readonly losses: StrokeLosses;
  /** Of a model with latents. */
  readonly latents?: LatentUse;
  /** Of the split. */
  readonly data: DrawingSizes;
  /** Of samples; missing where none were asked for. */
  readonly samples?: DrawingSizes & {
    readonly temperature: number;
    /** The share that the model ended, 0 to 1; the others were cut at the most points. */
    readonly ended: number;
  };
  /** What likelihood names drawings; missing where there is but one class, and no other run. */
  readonly named?: LikelihoodClasses;
  /** What a classifier reads in samples; missing where none was named. */
  readonly read?: StrokeReadings & { readonly classifier: string };
}

/** Drawings that go with it. */
export interface StrokesPictures {
  /** A row the same latents and the same luck, a column a temperature. */
  readonly temperatures: readonly SheetCell[];
  /** How many temperatures. */
  readonly columns: number;
  /** That of the reconstructions. */
  readonly temperature: number;
  /** A drawing of the split and what the model draws of it, again and again; missing without latents. */
  readonly reconstructions?: readonly SheetCell[];
  /** Where drawings of the split lie, and the names of their classes; missing without latents. */
  readonly plane?: LatentPlane & { readonly classes: readonly string[] };
}

/** The options of {@linkcode strokesJudge}. */
export const STROKES_OPTIONS = {
  temperature: {
    value: 0.4,
    help:
      "of a model that draws strokes: how far samples and reconstructions may stray from the likeliest, 0.001 to 100",
    min: 0.001,
    max: 100,
  },
  drawnSamples: {
    value: 200,
    help: "of a model that draws strokes: samples to be counted and, by a classifier, read; 0 for none",
    min: 0,
    whole: true,
  },
  namedDrawings: {
    value: 500,
    help:
      "of a model that draws strokes: drawings that likelihood names, by a model that is told the class, or of each " +
      "run with --against; time grows with classes and runs; 0 for none",
    min: 0,
    whole: true,
  },
  against: {
    value: [] as readonly string[],
    help:
      "of a model that draws strokes and is not told the class: other such runs, comma-separated; each run's drawings " +
      "go to the run by which they are likeliest",
  },
  classifier: CLASSIFIER_OPTION,
} as const;

type Options = OptionValues<typeof STROKES_OPTIONS>;

const [ROWS, RECONSTRUCTED] = [6, 24];

/** Judges a model that draws strokes. */
export const strokesJudge: Judge<"strokes", StrokesScore, StrokesPictures, typeof STROKES_OPTIONS> = {
  ability: "strokes",
  lacking: "draws no strokes",
  options: STROKES_OPTIONS,
  begin({ strokes: drawer }, run, options) {
    const { classes, labels = [...classes.keys()], seed } = run;
    const { namedDrawings, against, classifier, drawnSamples } = options;
    const tally = new CostTally(drawer, seed);
    const latents = drawer.encode && new LatentTally(drawer.latentSize);
    const named = new ClassLikelihood(drawer, classes, { limit: drawer.classes > 0 ? namedDrawings : 0, seed });
    const kept: ShownDrawing[] = [];
    const keep = Math.max(RECONSTRUCTED, classifier === "" ? 0 : drawnSamples);
    const contesting: ShownDrawing[] = [];
    let most = 0; // points that all runs read
    return {
      fields: ["stroke3", "label"],
      readsTrain: false,
      async add(batch) {
        if (tally.sizes.drawings === 0) most = await checkOthers(drawer, run, options);
        await tally.add(batch);
        if (latents) await latents.add(drawer.encode!, batch);
        await named.add(batch);
        if (kept.length < keep) kept.push(...drawingsOf(batch).slice(0, keep - kept.length));
        if (against.length > 0 && contesting.length < namedDrawings) {
          contesting.push(...drawingsOf(batch).filter(({ rows }) => rows.length <= 3 * most));
        }
      },
      async finish() {
        const costs = tally.finish();
        const { use, plane } = latents?.finish() ?? {};
        const own = { drawer, name: labels.map((label) => classes[label]).join(" + "), drawings: contesting };
        const found = against.length > 0 && namedDrawings > 0
          ? await contest(own, { against, split: run.split, limit: namedDrawings, most, seed })
          : named.finish();
        const samples = drawnSamples > 0 ? await samplesOf(drawer, run, { options, kept }) : {};
        const reconstructions = drawer.encode && await reconstructionsOf(drawer, kept, { options, run });
        return {
          score: { ...costs, ...(use ? { latents: use } : {}), ...samples, ...(found ? { named: found } : {}) },
          pictures: {
            ...{ temperatures: await temperaturesOf(drawer, run), columns: TEMPERATURES.length },
            temperature: options.temperature,
            ...(reconstructions ? { reconstructions } : {}),
            ...(plane ? { plane: { ...plane, classes } } : {}),
          },
        };
      },
    };
  },
};

/** What can be told to be wrong before the work begins. */
/** Checks other runs; gives the most points of a drawing that all of those that it is held against read. */
async function checkOthers(
  drawer: StrokeDrawer,
  run: JudgedRun,
  { against, classifier, drawnSamples }: Options,
): Promise<number> {
  const most = against.length > 0 ? await checkContest(drawer, { against }) : drawer.maxLength;
  if (classifier === "") return most;
  if (drawnSamples === 0) throw new InputError("--classifier: there is nothing to read with --drawn-samples 0");
  await checkReader(classifier, run.classes);
  return most;
}

/** Sums what drawings cost. */
class CostTally {
  readonly #sums = { offsets: 0, pen: 0, penUnmasked: 0, kl: 0, perPoint: 0, unitNats: 0 };
  #strokes = 0;
  #points = 0;
  #drawings = 0;
  readonly #prng: Prng;

  constructor(private readonly drawer: StrokeDrawer, seed: number) {
    this.#prng = new Prng(seed, 2);
  }

  get sizes(): DrawingSizes {
    const drawings = this.#drawings;
    return { drawings, strokes: this.#strokes / drawings, points: this.#points / drawings };
  }

  async add(batch: Parameters<typeof drawingsOf>[0]): Promise<void> {
    const { offsets, pen, penUnmasked, kl } = await costsOf(this.drawer, { batch, prng: this.#prng, unmasked: true });
    movesOf(this.drawer, batch).forEach((moves, b) => {
      this.#sums.offsets += offsets[b];
      this.#sums.pen += pen[b];
      this.#sums.penUnmasked += penUnmasked?.[b] ?? NaN;
      this.#sums.kl += kl[b];
      this.#sums.perPoint += (offsets[b] + pen[b]) / Math.max(1, moves);
      this.#sums.unitNats += unitNats(this.drawer, moves);
    });
    for (const { rows } of drawingsOf(batch)) {
      this.#strokes += strokesIn(rows);
      this.#points += rows.length / 3;
    }
    this.#drawings += batch.size;
  }

  finish() {
    const count = this.#drawings;
    if (count === 0) throw new RangeError("Cannot evaluate: there are no examples");
    const { latentSize, maxLength } = this.drawer;
    const { offsets, pen, penUnmasked, kl, perPoint, unitNats } = this.#sums;
    const [reconstruction, bound] = [(offsets + pen) / count, (offsets + pen + kl) / count];
    const ofAll = count * maxLength;
    const losses: StrokeLosses = {
      ...{ mostPoints: maxLength, offsets: offsets / ofAll, pen: pen / ofAll },
      ...(Number.isNaN(penUnmasked) ? {} : { penUnmasked: penUnmasked / ofAll }),
      ...(latentSize > 0 ? { kl: kl / (count * latentSize) } : {}),
    };
    return {
      ...{ bound, reconstruction, kl: kl / count, perPoint: perPoint / count, losses, data: this.sizes },
      boundInUnits: bound + unitNats / count,
    };
  }
}

/** Strokes of stroke-3; a last one that is never lifted counts. */
function strokesIn(rows: ArrayLike<number>): number {
  let strokes = 0;
  for (let at = 2; at < rows.length; at += 3) if (rows[at] === 1 || at === rows.length - 1) strokes++;
  return strokes;
}

/** A label a drawing, each class as often as the others; none for a model that is not told them. */
function toldLabels(
  { classes: told }: StrokeDrawer,
  { classes, labels = [...classes.keys()] }: JudgedRun,
  count: number,
) {
  return told === 0 ? [] : Array.from({ length: count }, (_, n) => labels[n % labels.length]);
}

/** Samples as they are counted and read. */
async function samplesOf(
  drawer: StrokeDrawer,
  run: JudgedRun,
  { options, kept }: { readonly options: Options; readonly kept: readonly ShownDrawing[] },
): Promise<Pick<StrokesScore, "samples" | "read">> {
  const { drawnSamples: count, temperature, classifier } = options;
  const labels = toldLabels(drawer, run, count);
  const drawn = await drawMany(drawer, { count, temperature, labels, prng: new Prng(run.seed, 8) });
  const total = (of: (rows: Float32Array) => number) => drawn.reduce((sum, { rows }) => sum + of(rows), 0);
  const samples = {
    ...{ drawings: count, strokes: total(strokesIn) / count, points: total((rows) => rows.length / 3) / count },
    ...{ temperature, ended: drawn.filter(({ ended }) => ended).length / count },
  };
  if (classifier === "") return { samples };
  const only = run.classes.length === 1 ? run.classes[0] : undefined;
  const read = await readDrawn(classifier, {
    samples: drawn.map((sketch, n) => ({ drawing: drawingOf(sketch), className: run.classes[labels[n]] ?? only })),
    real: kept.slice(0, count).map(({ rows, label = 0 }) => ({
      drawing: fromStroke3(rows),
      className: run.classes[label],
    })),
  });
  return { samples, read: { classifier, ...read } };
}

/** A few samples from the coldest to the hottest. */
async function temperaturesOf(drawer: StrokeDrawer, run: JudgedRun): Promise<SheetCell[]> {
  const wishes = {
    count: ROWS,
    labels: toldLabels(drawer, run, ROWS),
    seeds: [[run.seed, 9], [run.seed, 10]] as const,
  };
  return (await drawHotter(drawer, wishes)).flatMap((row) =>
    row.map(([temperature, sketch]) => ({ drawn: drawingOf(sketch), caption: temperature.toFixed(1) }))
  );
}

/** The first drawings of the split, each beside what the model draws of it. */
async function reconstructionsOf(
  drawer: StrokeDrawer,
  kept: readonly ShownDrawing[],
  { options: { temperature }, run }: { readonly options: Options; readonly run: JudgedRun },
): Promise<SheetCell[]> {
  const shown = kept.slice(0, RECONSTRUCTED);
  const latents = await meansOf(drawer.encode!, strokeBatch(shown));
  const labels = shown.map(({ label = 0 }) => label);
  const drawn = await drawMany(drawer, {
    count: shown.length,
    temperature,
    latents,
    labels,
    prng: new Prng(run.seed, 11),
  });
  return drawn.flatMap((sketch, n) => {
    const caption = run.classes[labels[n]];
    return [{ given: fromStroke3(shown[n].rows), caption }, { drawn: drawingOf(sketch) }];
  });
}
