/**
 * Pictures of what a model of strokes draws: samples, what a temperature does, drawings again, on the way from one to
 * another, with what others have, and to their end (arXiv:1704.03477, sections 4.1 to 4.4).
 *
 * N drawings, Z latent.
 *
 * @module
 */
import type { StrokeDrawer } from "../../models/stroke_drawer.ts";
import { joinFloats } from "../../pipelines/base/arrays.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { nearest } from "../../pipelines/base/nearest.ts";
import type { OptionValues } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { percent } from "../../pipelines/base/text.ts";
import { strokeBatch } from "../../pipelines/batches/stroke_batch.ts";
import { fromStroke3 } from "../../pipelines/strokes/stroke.ts";
import { drawHotter, drawingOf, drawMany, meansOf, splitDrawing, TEMPERATURES } from "./drawn_strokes.ts";
import { slerp, transfer } from "./latent_paths.ts";
import { EXAMPLE_OPTIONS, type SampledRun, type Sampler } from "./sampler.ts";
import { beginningOf, fileDrawings, type ShownDrawing, splitDrawings } from "./shown_drawings.ts";
import { type SampleCell, type SampleSheet, SHEET_FORMATS, sheetFiles } from "./stroke_files.ts";

/** A kind of picture of strokes. */
export type StrokeKind =
  | "samples"
  | "temperatures"
  | "reconstructions"
  | "interpolation"
  | "arithmetic"
  | "completions";

const STROKE_KINDS: readonly StrokeKind[] = [
  ...["samples", "temperatures", "reconstructions", "interpolation", "arithmetic", "completions"] as const,
];

/** Kinds that need latents of drawings, and kinds that show drawings. */
const ENCODING: readonly StrokeKind[] = ["reconstructions", "interpolation", "arithmetic"];
const SHOWING: readonly StrokeKind[] = [...ENCODING, "completions"];

/** Kinds that are drawn at the temperature that was asked for. */
const TEMPERED: readonly StrokeKind[] = STROKE_KINDS.filter((kind) => kind !== "temperatures");

/** With what alone examples of the data are read. */
const OF_DATA = { pictures: SHOWING, drawings: [""] };

/** The options of {@linkcode strokeSampler}. */
export const STROKE_SAMPLER_OPTIONS = {
  temperature: {
    value: 0.4,
    help: "of strokes: how far they may stray from the likeliest, 0.001 to 100; 1 is as was learnt",
    min: 0.001,
    max: 100,
    of: { pictures: TEMPERED },
  },
  rule: {
    value: "paper",
    choices: ["paper", "magenta", "sketch-rnn-js"],
    help:
      "what a temperature T does: paper, variances times T, logits divided by T; magenta, variances times T squared; " +
      "sketch-rnn-js, variances times T, logits divided by (1 + T) / 2",
  },
  formats: {
    value: SHEET_FORMATS,
    choices: SHEET_FORMATS,
    help: "of sheets of strokes: still, moving in the order of the strokes, and what was drawn as Quick, Draw!'s lines",
  },
  drawings: {
    value: "",
    help:
      "of strokes: a file whose drawings are drawn again, mixed and, as they stand, completed (SVG and drawings with " +
      "times are scaled to 0 to 255 before); those of the split when left out",
    of: { pictures: SHOWING },
  },
  keep: {
    value: 0.5,
    help: "of strokes: the share of a drawing's points after which it is to be completed, at the nearest end of a " +
      "stroke, 0.01 to 0.99",
    min: 0.01,
    max: 0.99,
    of: { pictures: ["completions"], drawings: [""] },
  },
  endings: {
    value: 6,
    help: "of strokes: how many for each drawing that is completed, and for each sum of arithmetic, 1 or more",
    min: 1,
    whole: true,
    of: { pictures: ["arithmetic", "completions"] },
  },
  maxPoints: {
    value: 0,
    help:
      "of strokes: points at which a drawing is cut that has not ended, those of a beginning among them, 1 to 100000; 0 " +
      "for as many as the model was trained with",
    min: 0,
    max: 100_000,
    whole: true,
  },
  classes: EXAMPLE_OPTIONS.classes,
  data: { ...EXAMPLE_OPTIONS.data, of: OF_DATA },
  split: { ...EXAMPLE_OPTIONS.split, of: OF_DATA },
} as const;

type Options = OptionValues<typeof STROKE_SAMPLER_OPTIONS>;

/** What every kind of sheet is made by. */
interface Studio {
  readonly drawer: StrokeDrawer;
  readonly run: SampledRun;
  readonly options: Options;
  /** The labels of the classes to be drawn; of a model that is not told the class, none. */
  readonly labels: readonly number[];
}

/** Shows what a model draws. */
export const strokeSampler: Sampler<"strokes", StrokeKind, typeof STROKE_SAMPLER_OPTIONS> = {
  ability: "strokes",
  lacking: "draws no strokes",
  kinds: STROKE_KINDS,
  heeds: { count: ["samples", "temperatures", "reconstructions"], seed: STROKE_KINDS },
  options: STROKE_SAMPLER_OPTIONS,
  async draw({ strokes: drawer }, { kinds, run, options }) {
    const studio = { drawer, run, options, labels: labelsOf(drawer, run, options) };
    const { classes, drawings } = options;
    if (classes.length > 0 && drawings === "" && kinds.every((kind) => SHOWING.includes(kind))) {
      throw new InputError(`--classes: ${kinds.join(", ")} take drawings of the split, each of its own class`);
    }
    const wanted = kinds.filter((kind) => drawer.encode !== undefined || !ENCODING.includes(kind));
    const shown = wanted.some((kind) => SHOWING.includes(kind)) ? await drawingsShown(studio) : [];
    const makers: Record<StrokeKind, () => Promise<SampleSheet | undefined>> = {
      samples: () => samples(studio),
      temperatures: () => temperatures(studio),
      reconstructions: () => reconstructions(studio, shown),
      interpolation: () => interpolation(studio, shown),
      arithmetic: () => arithmetic(studio, shown),
      completions: () => completions(studio, shown),
    };
    const files = [];
    for (const kind of wanted) {
      if (shown.length === 0 && SHOWING.includes(kind)) continue;
      const sheet = await makers[kind]();
      if (sheet !== undefined) files.push(...sheetFiles(sheet, { formats: options.formats, seed: run.seed }));
    }
    return files;
  },
};

function labelsOf({ classes }: StrokeDrawer, { learnt }: SampledRun, { classes: names }: Options): readonly number[] {
  if (classes === 0) {
    if (names.length > 0) throw new InputError("--classes: the model is not told classes");
    return [];
  }
  const unknown = names.find((name) => !learnt.classes.includes(name));
  if (unknown !== undefined) {
    throw new InputError(`--classes: the model knows no ${unknown}${nearest(unknown, learnt.classes)}`);
  }
  return names.length > 0 ? names.map((name) => learnt.classes.indexOf(name)) : [...learnt.classes.keys()];
}

/** Drawings to be shown; none, and a note, where there are none and nobody asked for them. */
async function drawingsShown({ drawer, run, options, labels }: Studio): Promise<readonly ShownDrawing[]> {
  const { data, split, drawings } = options;
  const { learnt, onNote } = run;
  const request = { count: Math.max(run.count, 3 * ROWS), maxPoints: drawer.maxLength, learnt, onNote };
  try {
    if (drawings !== "") return await fileDrawings(drawings, request, labels[0]);
    const place = { data: data || run.data, isOther: data !== "", split, seed: run.seed };
    return await splitDrawings(place, request);
  } catch (error) {
    if (!(error instanceof InputError) || run.isAsked || data !== "" || drawings !== "") throw error;
    run.onNote(`${error.message}: nothing is shown of its drawings`);
    return [];
  }
}

/** Rows of a sheet that has a drawing a row. */
const ROWS = 8;
const PAIRS = 4;
const PLACES = 9;

/** The generator of a kind's random numbers. */
const prngOf = ({ run: { seed } }: Studio, kind: StrokeKind) => new Prng(seed, 1 + STROKE_KINDS.indexOf(kind));

const wordOf = ({ run: { learnt: { classes } } }: Studio, label: number | undefined): string | undefined =>
  label === undefined ? classes.length === 1 ? classes[0] : undefined : classes[label];

/** How everything is drawn, at whatever temperature. */
const ruledBy = ({ options: { rule, maxPoints } }: Studio) => ({ rule, ...(maxPoints > 0 ? { maxPoints } : {}) });

/** How most is drawn. */
const how = (studio: Studio) => ({ temperature: studio.options.temperature, ...ruledBy(studio) });

/** A square; each class of a model that is told it begins with a row of its own. */
async function samples(studio: Studio): Promise<SampleSheet> {
  const { drawer, labels, run } = studio;
  const groups = Math.max(1, labels.length);
  const each = Math.ceil(run.count / groups);
  const told = labels.flatMap((label) => new Array<number>(each).fill(label));
  const wishes = { ...how(studio), count: each * groups, labels: told };
  const drawn = await drawMany(drawer, { ...wishes, prng: prngOf(studio, "samples") });
  const rows = Math.max(1, Math.round(Math.sqrt(each / groups)));
  const columns = Math.ceil(each / rows);
  const blank = new Array<SampleCell>((columns - each % columns) % columns).fill({});
  const cells = Array.from({ length: groups }, (_, group) => [
    ...drawn.slice(group * each, (group + 1) * each).map((sketch) =>
      drawnCell(studio, drawingOf(sketch), labels[group])
    ),
    ...blank,
  ]);
  return { name: "samples", cells: cells.flat(), columns };
}

function drawnCell(
  studio: Studio,
  drawing: SampleCell["drawn"] & object,
  label?: number,
  caption?: string,
): SampleCell {
  const word = wordOf(studio, label);
  const shown = caption ?? (label === undefined ? undefined : word);
  return { drawn: drawing, record: { drawing, word }, ...(shown === undefined ? {} : { caption: shown }) };
}

/** A row the same latents and the same luck, from the coldest to the hottest. */
async function temperatures(studio: Studio): Promise<SampleSheet> {
  const { drawer, labels, run: { count: most, seed } } = studio;
  const count = Math.min(most, Math.max(ROWS, labels.length));
  const told = labels.length === 0 ? [] : Array.from({ length: count }, (_, n) => labels[n % labels.length]);
  const seeds = [[seed, 1 + STROKE_KINDS.length], [seed, 1 + STROKE_KINDS.indexOf("temperatures")]] as const;
  const rows = await drawHotter(drawer, { ...ruledBy(studio), count, labels: told, seeds });
  const cells = rows.flatMap((row, n) =>
    row.map(([temperature, sketch]) => drawnCell(studio, drawingOf(sketch), told[n], temperature.toFixed(1)))
  );
  return { name: "temperatures", cells, columns: TEMPERATURES.length };
}

/** The class of each drawing as the model is told it; the first asked for where the drawing does not say. */
const toldOf = ({ labels: [first = 0] }: Studio, drawings: readonly ShownDrawing[]): number[] =>
  drawings.map(({ label = first }) => label);

function givenCell(studio: Studio, { rows, label }: ShownDrawing): SampleCell {
  const caption = wordOf(studio, label);
  return { given: fromStroke3(rows), ...(caption === undefined ? {} : { caption }) };
}

/** Latents of drawings, float32 [Z] each. */
async function latentsOf({ drawer }: Studio, drawings: readonly ShownDrawing[]): Promise<Float32Array[]> {
  const { latentSize } = drawer;
  const means = await meansOf(drawer.encode!, strokeBatch(drawings)); // [B, Z]
  return drawings.map((_, b) => means.subarray(b * latentSize, (b + 1) * latentSize));
}

/** A drawing, and what the model draws of it, again and again. */
async function reconstructions(studio: Studio, shown: readonly ShownDrawing[]): Promise<SampleSheet> {
  const drawings = shown.slice(0, Math.min(studio.run.count, ROWS * PAIRS));
  const labels = toldOf(studio, drawings);
  const latents = joinFloats(await latentsOf(studio, drawings));
  const wishes = { ...how(studio), count: drawings.length, latents, labels };
  const drawn = await drawMany(studio.drawer, { ...wishes, prng: prngOf(studio, "reconstructions") });
  const cells = drawn.flatMap((sketch, n) => [
    givenCell(studio, drawings[n]),
    drawnCell(studio, drawingOf(sketch), drawings[n].label, ""),
  ]);
  return { name: "reconstructions", cells, columns: 2 * PAIRS };
}

/** A row leads from one drawing to the next, with the same luck in all its places. */
async function interpolation(studio: Studio, shown: readonly ShownDrawing[]): Promise<SampleSheet | undefined> {
  const pairs = groupsOf(shown, 2);
  if (pairs.length === 0) return tooFew(studio, "interpolation", 2);
  const ends = await latentsOf(studio, pairs.flat());
  const columns: SampleCell[][] = [];
  for (let place = 0; place < PLACES; place++) {
    const share = place / (PLACES - 1);
    const nearer = pairs.map(([from, to]) => share < 0.5 ? from : to);
    const latents = joinFloats(pairs.map((_, row) => slerp(ends[2 * row], ends[2 * row + 1], share)));
    const wishes = { ...how(studio), count: pairs.length, latents, labels: toldOf(studio, nearer) };
    const drawn = await drawMany(studio.drawer, { ...wishes, prng: prngOf(studio, "interpolation") });
    columns.push(
      drawn.map((sketch, row) => drawnCell(studio, drawingOf(sketch), nearer[row].label, percent(share, 0))),
    );
  }
  const cells = pairs.flatMap(([from, to], row) => [
    givenCell(studio, from),
    ...columns.map((column) => column[row]),
    givenCell(studio, to),
  ]);
  return { name: "interpolation", cells, columns: PLACES + 2 };
}

/** Three drawings, and what the model draws of z1 - z2 + z3, several times. */
async function arithmetic(studio: Studio, shown: readonly ShownDrawing[]): Promise<SampleSheet | undefined> {
  const triples = groupsOf(shown, 3);
  if (triples.length === 0) return tooFew(studio, "arithmetic", 3);
  const again = studio.options.endings;
  const each = repeated(again);
  const known = await latentsOf(studio, triples.flat());
  const latents = each(triples.map((_, row) => transfer(known[3 * row], known[3 * row + 1], known[3 * row + 2])));
  const labels = each(toldOf(studio, triples.map(([first]) => first)));
  const wishes = { ...how(studio), count: latents.length, latents: joinFloats(latents), labels };
  const drawn = await drawMany(studio.drawer, { ...wishes, prng: prngOf(studio, "arithmetic") });
  const cells = triples.flatMap((triple, row) => [
    ...triple.map((drawing, i) => ({ ...givenCell(studio, drawing), caption: ["z1", "- z2", "+ z3"][i] })),
    ...drawn.slice(row * again, (row + 1) * again).map((sketch) =>
      drawnCell(studio, drawingOf(sketch), triple[0].label, "=")
    ),
  ]);
  return { name: "arithmetic", cells, columns: 3 + again };
}

/** A drawing that was begun, and several endings; latents, where there are some, are random. */
async function completions(studio: Studio, shown: readonly ShownDrawing[]): Promise<SampleSheet> {
  const { options: { drawings: file, keep, endings }, drawer } = studio;
  const begun = shown.slice(0, ROWS);
  const beginnings = begun.map(({ rows }) => file === "" ? beginningOf(rows, keep) : rows);
  const each = repeated(endings);
  const wishes = { ...how(studio), count: endings * begun.length, labels: each(toldOf(studio, begun)) };
  const prng = prngOf(studio, "completions");
  const drawn = await drawMany(drawer, { ...wishes, prng, prefixes: each<ArrayLike<number>>(beginnings) });
  const cells = begun.flatMap((drawing, row) => {
    const caption = wordOf(studio, drawing.label);
    const beginning = { given: fromStroke3(beginnings[row]), ...(caption === undefined ? {} : { caption }) };
    const ends = drawn.slice(row * endings, (row + 1) * endings).map((sketch): SampleCell => ({
      ...splitDrawing(sketch, beginnings[row].length / 3),
      record: { drawing: drawingOf(sketch), word: caption },
    }));
    return [beginning, ...ends];
  });
  return { name: "completions", cells, columns: 1 + endings };
}

/** Makes of each of some values several. */
const repeated = (times: number) => <T>(values: readonly T[]): T[] =>
  values.flatMap((value) => new Array<T>(times).fill(value));

/** Up to {@linkcode ROWS} groups of so many drawings. */
function groupsOf(shown: readonly ShownDrawing[], size: number): ShownDrawing[][] {
  const count = Math.min(ROWS, Math.floor(shown.length / size));
  return Array.from({ length: count }, (_, row) => shown.slice(row * size, (row + 1) * size));
}

function tooFew({ run, options }: Studio, kind: StrokeKind, least: number): undefined {
  const where = options.drawings || `the ${options.split} split`;
  const why = `${where}: too few drawings for ${kind}, which takes ${least}`;
  if (run.isAsked) throw new InputError(why);
  run.onNote(why);
}
