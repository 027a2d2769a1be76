/**
 * The table of digits turned into strokes: drawn back, read by a classifier, and beside the paths of real pens.
 *
 * @module
 */
import { InputError } from "../../../../pipelines/base/errors.ts";
import { exists, writeAtomic } from "../../../../pipelines/base/files.ts";
import { openFormat, readArrays } from "../../../../pipelines/convert/format_reader.ts";
import { mnist } from "../../../../pipelines/datasets/mnist.ts";
import { encodeIdx } from "../../../../pipelines/formats/idx.ts";
import { readUnipen } from "../../../../pipelines/formats/unipen.ts";
import { prepare } from "../../../../pipelines/prepare/prepare.ts";
import { MNIST_PEN, renderDigit, renderPen } from "../../../../pipelines/render/render_pen.ts";
import { baseName, findSources, openSource, type Source } from "../../../../pipelines/sources/source.ts";
import type { Drawing } from "../../../../pipelines/strokes/stroke.ts";
import { evaluate } from "../../../evaluation/evaluate.ts";
import { openRun } from "../../../training/open_run.ts";
import { dataIdentity } from "../../../runs/run_data.ts";
import { train } from "../../../training/train.ts";
import { trainingOf } from "../../experiment.ts";
import { CNN_MNIST } from "../../experiments/cnn_mnist.ts";
import type { Measured, MeasuredTable, MeasureSettings, MeasureWatcher } from "../../measured_table.ts";
import { dataOf } from "../../prepared_data.ts";
import {
  compareWithHands,
  compareWithTruth,
  digitAt,
  type Digits,
  renderBack,
  traceAll,
  type TracedDigits,
  truthOf,
  type WrittenDigit,
} from "./measures.ts";
import { strokeSheet } from "./stroke_sheet.ts";
import { type Peer, type Readings, type VectorizerResults, vectorizerTable } from "./vectorizer_page.ts";

const NEEDS =
  "the four files of MNIST and pendigits-orig.tes; a .json of De Jong's strokes is compared where it is named";
/** Of each digit so many are on the sheets. */
const SHOWN = 8;

/** Reads the digits, real and drawn back. */
const READER = { ...CNN_MNIST, name: "reader", loop: { ...CNN_MNIST.loop, epochs: 2 } };

/** Digits to strokes. */
export const VECTORIZER: MeasuredTable = {
  name: "vectorizer",
  title: "Digits to strokes",
  takes: "a minute of processor time on MNIST's 10,000 test digits (AMD EPYC, Zen 3)",
  needs: NEEDS,

  isBegun: (folder) => exists(`${folder}/${READER.name}/options.json`),

  async measure(settings: MeasureSettings, watcher: MeasureWatcher): Promise<Measured | undefined> {
    const sources = await sourcesOf(settings.sources);
    const digits = await digitsOf(sources.images, sources.labels);
    const hands = await handsOf(sources.hands);
    const traced = traceAll(digits);
    const empty = traced.drawings.findIndex((drawing) => drawing.length === 0);
    if (empty >= 0) throw new InputError(`${sources.images.path}: picture ${empty + 1} is blank, and has no strokes`);
    watcher.say(`traced ${traced.drawings.length} digits`);
    const back = renderBack(digits, traced, MNIST_PEN);
    watcher.say("drew them back");
    const truth = compareWithTruth(hands);
    watcher.say(`compared ${hands.length} pen paths`);
    const peer = sources.peer && await comparePeer(sources.peer, { traced, digits, hands });
    const readings = await readBack({ digits, traced, mnistFiles: sources.mnistFiles }, settings, watcher);
    if (readings === undefined) return undefined;
    const results: VectorizerResults = {
      ...{ count: traced.drawings.length, perSecond: traced.perSecond, back, truth, readings },
      ...(peer ? { peer } : {}),
      sheets: sheetsOf({ digits, traced, hands }),
    };
    for (const [name, png] of Object.entries(results.sheets)) await writeAtomic(`${settings.folder}/${name}.png`, png);
    return vectorizerTable(results);
  },
};

interface VectorizerSources {
  readonly images: Source;
  readonly labels: Source;
  /** All files of MNIST. */
  readonly mnistFiles: readonly string[];
  readonly hands: Source;
  readonly peer?: Source;
}

/** @throws {InputError} When one is missing. */
async function sourcesOf(patterns: readonly string[]): Promise<VectorizerSources> {
  const found = await findSources(patterns, ["-ubyte", ".tes", ".json"], { passOver: () => {} });
  const one = (pattern: RegExp) => found.find(({ path }) => pattern.test(baseName(path)));
  const images = one(/^t10k-images.*-ubyte(\.gz)?$/);
  const labels = one(/^t10k-labels.*-ubyte(\.gz)?$/);
  const hands = one(/\.tes(\.gz)?$/);
  const peer = one(/\.json$/);
  const mnistFiles = found.map(({ path }) => path).filter((path) => /-ubyte(\.gz)?$/.test(path));
  if (images === undefined || labels === undefined || hands === undefined || mnistFiles.length < 4) {
    throw new InputError(`--source: expected ${NEEDS}; found ${found.map(({ path }) => baseName(path)).join(", ")}`);
  }
  return { images, labels, mnistFiles, hands, ...(peer ? { peer } : {}) };
}

async function digitsOf(images: Source, labels: Source): Promise<Digits> {
  const [pixels, numbers] = await Promise.all(
    [images, labels].map(async (source) => Object.values(await readArrays(await openFormat(source)))[0]),
  );
  if (pixels.dtype !== "uint8" || String(pixels.shape.slice(1)) !== "28,28") {
    throw new InputError(`${images.path}: ${pixels.dtype} [${pixels.shape}], expected uint8 [N, 28, 28]`);
  }
  if (numbers.dtype !== "uint8" || numbers.shape[0] !== pixels.shape[0]) {
    throw new InputError(`${labels.path}: ${numbers.dtype} [${numbers.shape}], expected uint8 [${pixels.shape[0]}]`);
  }
  return { images: pixels.data as Uint8Array, labels: numbers.data as Uint8Array };
}

/** Pen paths, y down. */
async function handsOf(source: Source): Promise<WrittenDigit[]> {
  const parts = await Array.fromAsync(openSource(source), (part) => part.slice());
  const segments = [...readUnipen(await new Blob(parts).text())].filter(({ label, fault }) =>
    fault === undefined && /^\d$/.test(label)
  );
  if (segments.length === 0) throw new InputError(`${source.path}: no digit of UNIPEN is in it`);
  return segments.map(({ label, strokes }) => ({
    label: Number(label),
    drawing: strokes.map(([xs, ys]): Drawing[number] => [xs, ys.map((y) => -y)]),
  }));
}

/** Compares with strokes of others: `{ digits: [{ test_index, label, strokes: [[[column, row], …], …] }] }`, counted from 1. */
async function comparePeer(
  source: Source,
  { traced, digits, hands }: {
    readonly traced: TracedDigits;
    readonly digits: Digits;
    readonly hands: readonly WrittenDigit[];
  },
): Promise<Peer> {
  const text = await new Blob(await Array.fromAsync(openSource(source), (part) => part.slice())).text();
  let written: { index: number; label: number; drawing: Drawing }[];
  try {
    written = JSON.parse(text).digits.map(({ test_index: index, strokes }: PeerDigit) => {
      if (!(Number.isInteger(index) && index >= 0 && index < digits.labels.length)) {
        throw new Error(`test_index ${index}, expected one of ${digits.labels.length} test digits`);
      }
      if (strokes.length === 0 || strokes.some((points) => points.length === 0)) {
        throw new Error(`test digit ${index} has no stroke, or one without points`);
      }
      const drawing = strokes.map((points) => [points.map(([x]) => x - 0.5), points.map(([, y]) => y - 0.5)]);
      return { index, label: digits.labels[index], drawing };
    });
    if (written.length === 0) throw new Error("no digit in it");
  } catch (error) {
    throw new InputError(`${source.path}: not De Jong's strokes as JSON: ${(error as Error).message}`);
  }
  const ours = written.map(({ index, label }) => ({ label, drawing: traced.drawings[index] }));
  const pictures = written.map(({ index, drawing }) => ({
    ...{ image: digitAt(digits, index), beside: drawing, drawing: traced.drawings[index] },
  }));
  return {
    ...{ count: written.length, theirs: compareWithHands(written, hands), ours: compareWithHands(ours, hands) },
    sheet: strokeSheet(pictures),
  };
}

interface PeerDigit {
  readonly test_index: number;
  readonly strokes: readonly (readonly (readonly [number, number])[])[];
}

/**
 * Has a classifier of real digits read real ones and those drawn back; undefined when it was interrupted. One that was trained
 * before is used again where data and seed are the same.
 */
async function readBack(
  { digits, traced, mnistFiles }: {
    readonly digits: Digits;
    readonly traced: TracedDigits;
    readonly mnistFiles: readonly string[];
  },
  { folder, backend, seed, workers }: MeasureSettings,
  watcher: MeasureWatcher,
): Promise<Readings | undefined> {
  const { progress, signal } = watcher;
  const { path: data, index } = await dataOf(READER, { path: `${folder}/data`, sources: mnistFiles }, watcher);
  const reader = `${folder}/${READER.name}`;
  const made = JSON.stringify({ seed, data: dataIdentity(index) });
  if (!await exists(`${reader}/trained`) || await Deno.readTextFile(`${reader}/trained`) !== made) {
    await Deno.remove(reader, { recursive: true }).catch(() => {});
    const run = await openRun(
      trainingOf(READER, { data, folder: reader, seed, workers }),
      () => Promise.resolve(backend),
    );
    using _claim = run.claim;
    const shown = progress({ label: "training the reader", unit: "steps" });
    try {
      for await (const line of train(run.settings, { ...run, signal })) {
        if (line.kind === "step") shown.update(line.step);
      }
    } finally {
      shown.end();
    }
    if (signal.aborted) return undefined;
    await writeAtomic(`${reader}/trained`, made);
  }
  const read = async (name: string, draw: (i: number) => Uint8Array): Promise<number> => {
    const shards = `${folder}/${name}`;
    await Deno.remove(shards, { recursive: true }).catch(() => {});
    const files = `${folder}/.drawn-${name}`; // one name, so that what a killed process left is replaced
    await Deno.remove(files, { recursive: true }).catch(() => {});
    await Deno.mkdir(files);
    try {
      const count = traced.drawings.length;
      const image = new Uint8Array(count * 784); // [N, 28, 28]
      for (let i = 0; i < count; i++) image.set(draw(i), 784 * i);
      const label = Uint8Array.from(digits.labels);
      const arrays = {
        "images-idx3": { image, shape: [count, 28, 28] },
        "labels-idx1": { image: label, shape: [count] },
      };
      for (const [part, { image, shape }] of Object.entries(arrays)) {
        await Deno.writeFile(`${files}/t10k-${part}-ubyte`, encodeIdx({ dtype: "uint8", shape, data: image }));
      }
      await prepare({ dataset: mnist, sources: [files], output: shards });
    } finally {
      await Deno.remove(files, { recursive: true });
    }
    const { evaluation } = await evaluate({ folder: reader, data: shards, split: "test" });
    return evaluation.classification!.top1;
  };
  const { evaluation } = await evaluate({ folder: reader, split: "test" });
  return {
    real: evaluation.classification!.top1,
    inPlace: await read("drawn", (i) => renderPen(traced.drawings[i], { width: traced.widths[i] })),
    centred: await read("centred", (i) => renderDigit(traced.drawings[i], { width: MNIST_PEN })),
  };
}

/** Of each digit the first ones, and those of pendigits with the true paths in the picture's place. */
function sheetsOf({ digits, traced, hands }: {
  readonly digits: Digits;
  readonly traced: TracedDigits;
  readonly hands: readonly WrittenDigit[];
}): VectorizerResults["sheets"] {
  const firstOf = (labels: ArrayLike<number>) =>
    Array.from(
      { length: 10 },
      (_, digit) => Array.from(labels).flatMap((label, i) => label === digit ? [i] : []).slice(0, SHOWN),
    ).flat();
  const pictures = firstOf(digits.labels).map((i) => ({ image: digitAt(digits, i), drawing: traced.drawings[i] }));
  return {
    strokes: strokeSheet(pictures),
    truth: strokeSheet(firstOf(hands.map(({ label }) => label)).map((i) => truthOf(hands[i]))),
  };
}
