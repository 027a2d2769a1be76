/**
 * The table of generated digits: what they are worth to a classifier of few real ones.
 *
 * @module
 */
import { mergeOptions } from "../../../../pipelines/base/option_table.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { exists, writeAtomic } from "../../../../pipelines/base/files.ts";
import { percent } from "../../../../pipelines/base/text.ts";
import { mnist } from "../../../../pipelines/datasets/mnist.ts";
import { contactSheet } from "../../../../pipelines/images/contact_sheet.ts";
import { encodePng } from "../../../../pipelines/images/png.ts";
import { RunClaim } from "../../../runs/run_claim.ts";
import { dataIdentity } from "../../../runs/run_data.ts";
import {
  type Measured,
  type MeasuredTable,
  type MeasureSettings,
  type MeasureWatcher,
  writeMeasured,
} from "../../measured_table.ts";
import { dataOf, findData } from "../../prepared_data.ts";
import { settleAll } from "../../settle_all.ts";
import type { Experiment } from "../../experiment.ts";
import { digitAt, type Digits } from "../vectorizer/measures.ts";
import {
  ARM_NAMES,
  ARMS,
  AUGMENT_TABLE_OPTIONS,
  type AugmentTableOptions,
  type Cell,
  type CellPlace,
  type CellSettings,
  GENERATOR_SHARE,
  WHOLE_BUDGET,
} from "./augment_options.ts";
import { type AugmentResults, augmentTable } from "./augment_page.ts";
import {
  begin,
  cellFolder,
  cellName,
  cellsIn,
  checkBegun,
  isWhole,
  readCell,
  readGenerated,
  SHEET,
  writeCell,
  writeGenerated,
} from "./cells.ts";
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

/** The digits with their strokes. */
const DIGITS: Pick<Experiment, "data"> = { data: { dataset: mnist, options: { fields: ["stroke3"] } } };

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

  cells: (given) => placesOf(mergeOptions(AUGMENT_TABLE_OPTIONS, given, "the table")).map(cellName),
  made: async (folder) => (await cellsIn(folder, {})).filter(isWhole).length,

  check({ workers }) {
    if (workers !== 1) throw new InputError(`--workers ${workers}: not with ${this.name}, which trains in one thread`);
  },

  async measure(given: MeasureSettings, watcher: MeasureWatcher): Promise<Measured | undefined> {
    const { folder, sources, budget, seed, only } = given;
    this.check!(given);
    if (await exists(`${folder}/cells`)) {
      throw new InputError(
        `${folder}/cells: cells of an earlier version, which are not read; another --run begins anew`,
      );
    }
    const options = mergeOptions(AUGMENT_TABLE_OPTIONS, given.options, "the table");
    const { perClass, draws, seeds, ...others } = options;
    const own = { budget, seed, ...others };
    const sizes = [...new Set(perClass)], places = placesOf(options);
    const wanted = places.map((place) => ({ place, name: cellName(place), folder: cellFolder(folder, place) }))
      .filter(({ name }) => only?.includes(name) ?? true);
    const table = async (data?: string): Promise<Measured & Required<Pick<Measured, "missing">>> => {
      const cells = (await cellsIn(folder, { ...own, ...data === undefined ? {} : { data } })).filter(isWhole);
      const sheets: AugmentResults["sheets"][number][] = [];
      for (const cell of cells) {
        const path = `${cellFolder(folder, cell)}/${SHEET}`;
        if (sheets.some(({ perClass }) => perClass === cell.perClass) || !await exists(path)) continue;
        sheets.push({ perClass: cell.perClass, png: await Deno.readFile(path) });
      }
      const names = cells.map(cellName);
      const missing = places.map(cellName).filter((name) => !names.includes(name));
      return { ...augmentTable({ cells, settings: own, planned: { sizes, draws, seeds }, sheets }), missing };
    };
    try {
      await checkBegun(folder, own); // what contradicts is told first
      const place = { path: `${folder}/data`, sources };
      if (wanted.length === 0) {
        const found = await findData(DIGITS, place); // which elsewhere made cells need not have beside them
        return await table(found && dataIdentity(found.index));
      }
      const { path, index } = await dataOf(DIGITS, place, watcher);
      const settings: CellSettings = { ...own, data: dataIdentity(index) };
      await begin(folder, settings, watcher.signal);
      const [train, test] = [await readDigits(path, "train"), await readDigits(path, "test")];
      const bench: Bench = { folder, settings, classes: index.classes, train, test };
      for (const perClass of sizes) drawSmallSet(train, { perClass, draw: 1 }, { ...bench, seed });
      await settleAll(wanted, {
        ...{ noun: "cell", say: watcher.say, signal: watcher.signal },
        settle: ({ place }, which) => {
          const { perClass, draw, seed } = place;
          watcher.say(`cell ${which}: ${perClass} a class, draw ${draw}, seed ${seed}`);
          return measureCell(place, bench, watcher);
        },
        async onMade() {
          const made = await table(settings.data);
          if (only === undefined || made.missing.length === 0) await writeMeasured(folder, made);
        },
      });
      return await table(settings.data);
    } catch (error) {
      if (error instanceof Interruption) return undefined;
      throw error;
    }
  },
};

/** The cells of a table, size by size. */
function placesOf({ perClass, draws, seeds }: AugmentTableOptions): CellPlace[] {
  return [...new Set(perClass)].flatMap((perClass) =>
    count(draws).flatMap((draw) => count(seeds).map((seed): CellPlace => ({ perClass, draw, seed })))
  );
}

/** 1 to so many. */
function count(most: number): number[] {
  return Array.from({ length: most }, (_, i) => i + 1);
}

/** Does what was not done before of a cell; says whether that was anything. */
async function measureCell(place: CellPlace, bench: Bench, watcher: MeasureWatcher): Promise<boolean> {
  const { folder, settings, classes, train, test } = bench;
  const { signal } = watcher;
  const own = cellFolder(folder, place);
  await Deno.mkdir(own, { recursive: true });
  using _claim = await RunClaim.of(own);
  const begun = await readCell(folder, place, settings);
  if (begun && isWhole(begun)) {
    watcher.say("finished before");
    return false;
  }
  const small = drawSmallSet(train, place, { classes, seed: settings.seed });
  const style = fitStyle(small);
  const redrawn = drawDigits(small.strokes, small.labels, style);
  let cell = begun ?? await generateCell(place, { ...bench, small, style, redrawn }, watcher);
  const sets = {
    real: small,
    generated: await readGenerated(own, { kept: cell.kept, classes: classes.length }),
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
  const found = ARM_NAMES.map((name) => `${ARMS[name].title} ${percent(cell.accuracy[name] ?? null)}`);
  watcher.say(`${cellName(place)}: ${found.join("; ")}`);
  return true;
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
  const own = cellFolder(folder, place);
  await writeGenerated(own, kept);
  await writeAtomic(`${own}/${SHEET}`, sheetOf([small, redrawn, kept], classes.length));
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
