/**
 * The table of generated digits: what they are worth to a classifier of few real ones.
 *
 * @module
 */
import { mergeOptions } from "../../../../pipelines/base/option_table.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { exists, writeAtomic } from "../../../../pipelines/base/files.ts";
import { mnist } from "../../../../pipelines/datasets/mnist.ts";
import { prepare } from "../../../../pipelines/prepare/prepare.ts";
import type { ShardIndex } from "../../../../pipelines/shards/shard_index.ts";
import { readShardIndex } from "../../../../pipelines/shards/shard_reader.ts";
import { contactSheet } from "../../../../pipelines/images/contact_sheet.ts";
import { encodePng } from "../../../../pipelines/images/png.ts";
import { RunClaim } from "../../../runs/run_claim.ts";
import type { Measured, MeasuredTable, MeasureSettings, MeasureWatcher } from "../../measured_table.ts";
import { checkSources } from "../../prepared_data.ts";
import { digitAt, type Digits } from "../vectorizer/measures.ts";
import {
  ARM_NAMES,
  ARMS,
  AUGMENT_TABLE_OPTIONS,
  type Cell,
  type CellPlace,
  type CellSettings,
  GENERATOR_SHARE,
  WHOLE_BUDGET,
} from "./augment_options.ts";
import { type AugmentResults, augmentTable } from "./augment_page.ts";
import { cellsIn, isWhole, pathOf, readCell, readGenerated, writeCell, writeGenerated } from "./cells.ts";
import { generate } from "./generator.ts";
import { namesOf, trainReader } from "./reader.ts";
import {
  drawDigits,
  drawSmallSet,
  fitStyle,
  meanSharedInk,
  readDigits,
  SIDE,
  type StrokeDigits,
  type Style,
} from "./small_set.ts";
import { spreadOf } from "../../spread.ts";
import { Interruption } from "../../interruption.ts";

/** Of each class so many real and so many generated digits are on a cell's picture. */
const SHOWN = 8;

/** What all cells have in common. */
interface Bench {
  readonly folder: string;
  readonly settings: CellSettings;
  readonly classes: readonly string[];
  /** Small sets are drawn of these. */
  readonly train: StrokeDigits;
  readonly test: Digits;
}

/** Generated digits for a classifier. */
export const SKETCH_RNN_AUGMENT: MeasuredTable = {
  name: "sketch-rnn-augment",
  title: "What digits that a Sketch-RNN draws are worth to a classifier of few real ones",
  takes: "7 minutes a cell at full budget on a free core of two (AMD EPYC), 27 cells by default",
  needs: "the four files of MNIST, or of a set that is made like it",
  steps: WHOLE_BUDGET,
  options: AUGMENT_TABLE_OPTIONS,

  async measure(given: MeasureSettings, watcher: MeasureWatcher): Promise<Measured | undefined> {
    const { folder, budget, seed, workers } = given;
    if (workers !== 1) throw new InputError(`--workers ${workers}: not with ${this.name}, which trains in one thread`);
    const { perClass, draws, seeds, ...own } = mergeOptions(AUGMENT_TABLE_OPTIONS, given.options, "the table");
    const settings: CellSettings = { budget, seed, ...own };
    await Deno.mkdir(`${folder}/cells`, { recursive: true });
    using _claim = await RunClaim.of(folder);
    const sizes = [...new Set(perClass)];
    const places = sizes.flatMap((perClass) =>
      count(draws).flatMap((draw) => count(seeds).map((seed): CellPlace => ({ perClass, draw, seed })))
    );
    const table = async () => {
      const cells = (await cellsIn(folder, settings)).filter(isWhole);
      const sheets: AugmentResults["sheets"][number][] = [];
      for (const cell of cells) {
        const path = `${pathOf(folder, cell)}.png`;
        if (sheets.some(({ perClass }) => perClass === cell.perClass) || !await exists(path)) continue;
        sheets.push({ perClass: cell.perClass, png: await Deno.readFile(path) });
      }
      return augmentTable({ cells, settings, planned: { sizes, draws, seeds }, sheets });
    };
    try {
      await cellsIn(folder, settings); // what contradicts is told first
      const index = await dataOf(given, watcher);
      const data = `${folder}/data`;
      const [train, test] = [await readDigits(data, "train"), await readDigits(data, "test")];
      const bench: Bench = { folder, settings, classes: index.classes, train, test };
      for (const size of sizes) drawSmallSet(train, { perClass: size, draw: 1 }, { ...bench, seed });
      for (const [i, place] of places.entries()) {
        const { perClass, draw, seed } = place;
        watcher.say(`cell ${i + 1} of ${places.length}: ${perClass} a class, draw ${draw}, seed ${seed}`);
        await measureCell(place, bench, watcher);
        const { markdown, page } = await table();
        await writeAtomic(`${folder}/table.md`, markdown);
        await writeAtomic(`${folder}/table.html`, page);
      }
      return await table();
    } catch (error) {
      if (error instanceof Interruption) return undefined;
      throw error;
    }
  },
};

/** 1 to so many. */
function count(most: number): number[] {
  return Array.from({ length: most }, (_, i) => i + 1);
}

/** Prepares the digits with their strokes, or finds them prepared. */
async function dataOf({ folder, sources }: MeasureSettings, watcher: MeasureWatcher): Promise<ShardIndex> {
  const path = `${folder}/data`;
  if (await exists(`${path}/index.json`)) {
    const index = await readShardIndex(path);
    await checkSources(index, { dataset: mnist, sources, path });
    return index;
  }
  const shown = watcher.progress({ label: "preparing", unit: "digits" });
  try {
    return await prepare({ dataset: mnist, options: { fields: ["stroke3"] }, sources, output: path }, ({ records }) => {
      if (watcher.signal.aborted) throw new Interruption();
      shown.update(records);
    });
  } finally {
    shown.end();
  }
}

/** Does what was not done before of a cell. */
async function measureCell(place: CellPlace, bench: Bench, watcher: MeasureWatcher): Promise<void> {
  const { folder, settings, classes, train, test } = bench;
  const { signal } = watcher;
  const begun = await readCell(folder, place, settings);
  if (begun && isWhole(begun)) return watcher.say("finished before");
  const small = drawSmallSet(train, place, { classes, seed: settings.seed });
  const style = fitStyle(small);
  const redrawn = drawDigits(small.strokes, small.labels, style);
  let cell = begun ?? await generateCell(place, { ...bench, small, style, redrawn }, watcher);
  const sets = {
    real: small,
    generated: await readGenerated(pathOf(folder, place)),
    redrawn,
  };
  for (const name of ARM_NAMES) {
    if (cell.accuracy[name] !== undefined) continue;
    const chosen = ARMS[name].sets.map((set) => sets[set]);
    const isEmpty = chosen.every(({ labels }) => labels.length === 0);
    const accuracy = isEmpty ? null : await withReader(name, chosen, { place, bench, watcher }, async (reader) => {
      const names = await namesOf(reader, test, signal);
      return names.filter((label, i) => label === test.labels[i]).length / names.length;
    });
    cell = { ...cell, accuracy: { ...cell.accuracy, [name]: accuracy } };
    await writeCell(folder, cell);
  }
}

/** Trains the classifier of an arm, and has something done with it. */
async function withReader<T>(
  arm: keyof typeof ARMS,
  sets: readonly Digits[],
  { place, bench: { classes, settings }, watcher }: {
    readonly place: CellPlace;
    readonly bench: Bench;
    readonly watcher: MeasureWatcher;
  },
  use: (reader: Awaited<ReturnType<typeof trainReader>>) => Promise<T>,
): Promise<T> {
  const { title, warped } = ARMS[arm];
  const steps = settings.budget;
  const shown = watcher.progress({ label: `classifier, ${title}`, unit: "steps", total: steps });
  try {
    const onStep = (step: number) => shown.update(step);
    const seeds = seedsOf(place, settings, 2);
    using reader = await trainReader(sets, { classes, warped, seeds, steps, signal: watcher.signal, onStep });
    return await use(reader);
  } finally {
    shown.end();
  }
}

function seedsOf({ perClass, draw, seed }: CellPlace, settings: CellSettings, purpose: number): number[] {
  return [settings.seed, perClass, draw, seed, purpose];
}

/** What a cell begins with. */
interface Beginning extends Bench {
  readonly small: StrokeDigits;
  readonly style: Style;
  readonly redrawn: Digits;
}

/** Trains the generator, and stores what it draws, each digit with the pen of the real one that it is drawn for. */
async function generateCell(
  place: CellPlace,
  { small, style, redrawn, ...bench }: Beginning,
  watcher: MeasureWatcher,
): Promise<Cell> {
  const { folder, settings, classes } = bench;
  const { generated, temperature } = settings;
  const steps = GENERATOR_SHARE * settings.budget;
  const shown = watcher.progress({ label: "generator", unit: "steps", total: steps });
  const drawn = await generate(small, {
    ...{ classes, generated, temperature, steps, signal: watcher.signal },
    ...{ seeds: seedsOf(place, settings, 1), onStep: (step) => shown.update(step) },
  }).finally(() => shown.end());
  const all = drawDigits(drawn.strokes, drawn.labels, style);
  const kept = settings.filter
    ? await withReader("real", [small], { place, bench, watcher }, async (reader) => {
      const names = await namesOf(reader, all, watcher.signal);
      return some(all, (i) => names[i] === all.labels[i]);
    })
    : all;
  const path = pathOf(folder, place);
  await writeGenerated(path, kept);
  await writeAtomic(`${path}.png`, sheetOf([small, redrawn, kept], classes.length));
  const fitted = {
    ...{ penWidth: spreadOf(Array.from(style.pens))!.mean, blur: style.blur },
    sharedInk: meanSharedInk(small, redrawn),
  };
  const counts = { drawn: all.labels.length, kept: kept.labels.length };
  const cell: Cell = { ...place, settings, ...fitted, ...counts, accuracy: {} };
  await writeCell(folder, cell);
  return cell;
}

/** Those of some digits that are wanted. */
function some({ images, labels }: Digits, wanted: (i: number) => boolean): Digits {
  const places = Array.from(labels, (_, i) => i).filter(wanted);
  const image = new Uint8Array(places.length * SIDE * SIDE);
  places.forEach((from, to) => image.set(digitAt({ images, labels }, from), to * SIDE * SIDE));
  return { images: image, labels: Uint8Array.from(places, (i) => labels[i]) };
}

/** A PNG: a row a class, of each set some digits beside those of the next. */
function sheetOf(sets: readonly Digits[], classes: number): Uint8Array {
  const blank = new Uint8Array(SIDE * SIDE);
  const maps = count(classes).flatMap((label) =>
    sets.flatMap((set) => {
      const places = Array.from(set.labels, (_, i) => i).filter((i) => set.labels[i] === label - 1);
      // Spread over all of the class: those for one real digit lie side by side.
      const shown = Math.min(SHOWN, places.length);
      return count(SHOWN).map((n) =>
        n > shown ? blank : digitAt(set, places[Math.floor((n - 1) * places.length / shown)])
      );
    })
  );
  const drawings = maps.map((map) => ({ map, grey: true }));
  return encodePng(contactSheet(drawings, { size: SIDE, columns: sets.length * SHOWN, scale: 1 }));
}
