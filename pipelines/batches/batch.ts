/**
 * Shards to batches: shuffled by (seed, epoch) alone, resumable at any example, and made in a Worker ahead of the
 * training.
 *
 * @module
 */
import { type Batch, pictureForm } from "../dataset.ts";
import { InputError } from "../base/errors.ts";
import { givenInWords } from "../base/given.ts";
import { Prng } from "../base/prng.ts";
import { rasterize } from "../strokes/rasterize.ts";
import { checkHasExamples, type ShardIndex } from "../shards/shard_index.ts";
import { readShardIndex } from "../shards/shard_reader.ts";
import { type Lookup, readLookups } from "../shards/bank.ts";
import { type Drawing, fromStroke3, isPolyline, toStroke3 } from "../strokes/stroke.ts";
import type { Fields } from "../base/arrays.ts";
import { type Split, SPLITS } from "../base/split.ts";
import type { WorkerFault } from "../base/worker_pool.ts";
import { type SpecAddress, specAt } from "../base/spec_module.ts";
import { mergeOptions, type OptionTable, type OptionValues } from "../base/option_table.ts";
import type { Augmentation } from "../strokes/augmentation.ts";
import { rasterOf } from "./batch_fields.ts";
import { BatchBuilder, isRagged, offsetsOf } from "./batch_builder.ts";
import { type ExampleSource, exampleSource, rowOf } from "./example_source.ts";

/**
 * An augmentation on its way to the Worker that reads batches: `stroke_index` is redrawn from changed vectors, `image` is
 * changed.
 */
export interface AugmentRequest {
  /** Where the augmentation is found. */
  readonly address: SpecAddress;
  /** Its options, all of them. */
  readonly options: OptionValues<OptionTable>;
}

/** Which batches are wanted. */
export interface BatchOptions {
  /** The folder of shards. */
  readonly folder: string;
  /** The split to be read. */
  readonly split: Split;
  /** B, examples a batch; the last of an epoch may be smaller. */
  readonly batchSize: number;
  /** The fields to be read; of a ragged one, `name` and `name_offsets` come, int32 [B + 1]. */
  readonly fields: readonly string[];
  /** Shuffle by this seed and the epoch; in the order of the shards when left out. */
  readonly shuffleSeed?: number;
  /**
   * Every class is drawn equally often, {@linkcode BalancedOrder}: a rare class's examples come again and again, some of a
   * frequent one wait for a later epoch, which has as many examples as ever.
   */
  readonly balance?: boolean;
  /**
   * Batches are made of examples of like length: those of a shard are sorted by the length of this ragged field and cut into
   * batches, which come in shuffled order where there is a seed. Where a shard ends, a batch may be of both ends.
   */
  readonly alikeBy?: string;
  /** Drawings and images are changed so, by a seed, the epoch and the example's place; as stored when left out. */
  readonly augment?: AugmentRequest;
  /** The seed of the augmentation; `shuffleSeed` when left out. */
  readonly augmentSeed?: number;
  /** The epoch to begin with, 0-based; 0 when left out. */
  readonly firstEpoch?: number;
  /** How many epochs to read; without end when left out. */
  readonly epochs?: number;
  /** Examples of the first epoch that were seen already and are passed over; 0 when left out. */
  readonly skip?: number;
}

/** A batch and its place. */
export interface PlacedBatch extends Batch {
  /** The epoch that the batch belongs to, 0-based. */
  readonly epoch: number;
  /** Examples of this epoch up to and including this batch: the `skip` that goes on after it. */
  readonly seen: number;
}

/**
 * Reads batches in this thread.
 *
 * @returns The batches, epoch after epoch; each has arrays of its own.
 * @throws {RangeError} When a number is not what it counts, such as a batch size of 0, or there is no such split.
 * @throws {InputError} When the split is empty or has fewer examples than are skipped, a field is unknown, or a shard is not
 * what the index says.
 *
 * @example
 * ```ts
 * import { encodeDrawing, quickdraw, readBatches, ShardWriter } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const writer = await ShardWriter.create({ folder: `${folder}/shards`, dataset: quickdraw });
 * const payload = encodeDrawing([[[0, 255], [9, 7]]]);
 * await writer.add([1n, 2n, 3n].map((key) => ({ key, className: "line", split: "train", payload })));
 * await writer.finish({ sources: [], filters: {}, rejects: {} });
 *
 * const options = { folder: `${folder}/shards`, split: "train", batchSize: 2, fields: ["label"], epochs: 1 } as const;
 * const batches = await Array.fromAsync(readBatches(options));
 * assertEquals(batches.map(({ size }) => size), [2, 1]);
 * assertEquals(batches[0].fields.label, Uint16Array.of(0, 0));
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function* readBatches(options: BatchOptions): AsyncGenerator<PlacedBatch> {
  checkBatchOptions(options);
  const index = await readShardIndex(options.folder);
  const { firstEpoch = 0, epochs = Infinity, skip = 0 } = options;
  checkHasExamples(index, options.split, options.folder);
  const { examples } = index.splits[options.split];
  if (skip > examples) {
    throw new InputError(`data ${options.folder}: ${options.split} has ${examples} examples, cannot skip ${skip}`);
  }
  const augmenting = options.augment ? await augmentingBy(options.augment, index, options) : {};
  const source = await exampleSource(index, options);
  const lookups = await readLookups(options.folder, index, fieldsOf(index, options.fields));
  for (let epoch = firstEpoch; epoch < firstEpoch + epochs; epoch++) {
    yield* readEpoch(index, options, { epoch, skip: epoch === firstEpoch ? skip : 0, augmenting, source, lookups });
  }
}

/** What of {@linkcode BatchOptions} counts something. */
const COUNTS = {
  split: { value: "train", choices: SPLITS, help: "the split to be read" },
  batchSize: { value: 1, help: "examples a batch, 1 or more", min: 1, whole: true },
  firstEpoch: { value: 0, help: "epochs that are passed over, 0 or more", min: 0, whole: true },
  epochs: { value: 0, help: "epochs, 0 or more", min: 0, whole: true },
  skip: { value: 0, help: "examples that are passed over, 0 or more", min: 0, whole: true },
  ahead: { value: 1, help: "batches ahead, 1 or more", min: 1, whole: true },
} as const;

/**
 * Checks which batches are wanted, as far as that is known without their data.
 *
 * @param ahead Batches that are made before they are asked for.
 * @throws {RangeError} When a number is not what it counts, or there is no such split.
 */
export function checkBatchOptions(
  { split, batchSize, firstEpoch = 0, epochs = Infinity, skip = 0 }: BatchOptions,
  ahead: number = 1,
): void {
  const needed = { split: split ?? "", batchSize: batchSize ?? 0 }; // without types they may be missing
  const finite = epochs === Infinity ? {} : { epochs };
  mergeOptions(COUNTS, { ...needed, ...finite, firstEpoch, skip, ahead }, "batches");
}

/** Changes a drawing or an image; what is random depends on its place. Left out for what stays as it is. */
interface Augmenting {
  readonly drawing?: (drawing: Drawing, place: readonly number[]) => Drawing;
  readonly image?: (pixels: Uint8Array, place: readonly number[]) => Uint8Array<ArrayBuffer>;
}

async function augmentingBy(
  { address, options }: AugmentRequest,
  { fields }: ShardIndex,
  { folder, fields: names }: Pick<BatchOptions, "folder" | "fields">,
): Promise<Augmenting> {
  const augmentation = await specAt<Augmentation>(address);
  const { images } = augmentation;
  const isDrawn = DRAWN.some((name) => names.includes(name)) && augmentation.changes(options);
  if (isDrawn && fields.stroke3 === undefined) {
    throw new InputError(`data ${folder}: has no stroke3 to augment; prepare it with --fields stroke_index,stroke3`);
  }
  const form = names.includes("image") && images?.changes(options) ? pictureForm(fields.image ?? {}) : undefined;
  return {
    ...isDrawn
      ? {
        drawing: (drawing, place) => {
          const changed = augmentation.apply(drawing, options, new Prng(...place));
          checkOnGrid(changed, augmentation.name);
          return changed;
        },
      }
      : {},
    ...images && form?.count === 1
      ? {
        image: (data, place) => {
          const changed = images.apply({ data, ...form }, options, new Prng(...place));
          checkPixels(changed, data.length, augmentation.name);
          return changed;
        },
      }
      : {},
  };
}

/** What is no image, or one of another shape, would leave some or all of the stored one in its place. */
function checkPixels(changed: unknown, length: number, augmentation: string): void {
  if (changed instanceof Uint8Array && changed.length === length) return;
  const made = givenInWords(changed);
  throw new InputError(`augmentation ${augmentation}: it made ${made} of an image, expected Uint8Array [${length}]`);
}

/** A drawing off the grid has no cells, or is drawn without end. */
function checkOnGrid(drawing: Drawing, augmentation: string): void {
  const refuse = (what: string) => new InputError(`augmentation ${augmentation}: it made ${what}`);
  if (!Array.isArray(drawing)) throw refuse(`${givenInWords(drawing)} of a drawing, expected its strokes`);
  if (drawing.length === 0) throw refuse("a drawing without strokes");
  for (const stroke of drawing) {
    if (!isPolyline(stroke)) {
      throw refuse(`${givenInWords(stroke)} of a stroke, expected [xs, ys]: two lists of numbers`);
    }
    const [xs, ys] = stroke;
    if (xs.length === 0 || xs.length !== ys.length) throw refuse(`a stroke of ${xs.length} x and ${ys.length} y`);
    for (const at of [xs, ys]) {
      for (let i = 0; i < at.length; i++) {
        if (Number.isInteger(at[i]) && at[i] >= 0 && at[i] <= 255) continue;
        throw refuse(`a coordinate of ${at[i]}, expected whole numbers, 0 to 255`);
      }
    }
  }
}

/** The fields that are redrawn from changed vectors. */
const DRAWN = ["stroke_index", "stroke3"];

async function* readEpoch(
  index: ShardIndex,
  options: BatchOptions,
  { epoch, skip, augmenting, source, lookups }: {
    readonly epoch: number;
    readonly skip: number;
    readonly augmenting: Augmenting;
    readonly source: ExampleSource;
    readonly lookups: Readonly<Record<string, Lookup>>;
  },
): AsyncGenerator<PlacedBatch> {
  const { split, batchSize, shuffleSeed } = options;
  const { examples } = index.splits[split];
  const fields = fieldsOf(index, options.fields);
  const redrawn = augmenting.drawing ? DRAWN.filter((name) => Object.hasOwn(fields, name)) : [];
  const raster = redrawn.includes("stroke_index") ? rasterOf(index) : undefined;
  const lookedUp = Object.entries(lookups);
  const stored = Object.keys(fields).filter((name) => !redrawn.includes(name) && !Object.hasOwn(lookups, name));
  const rowFields = [...new Set(lookedUp.map(([, { by }]) => by))].filter((name) => !stored.includes(name));
  const ragged = stored.filter((name) => isRagged(fields[name]));
  const vectors = redrawn.length > 0 && !ragged.includes("stroke3") ? ["stroke3"] : [];
  const names = [...stored, ...rowFields, ...vectors, ...[...ragged, ...vectors].map(offsetsOf)];
  let seen = skip;
  let batch = new BatchBuilder(fields, Math.min(batchSize, examples - skip));
  for await (const { arrays, rows } of source({ epoch, skip, names })) {
    for (const row of rows) {
      seen++;
      const place = [options.augmentSeed ?? shuffleSeed ?? 0, epoch, seen];
      for (const name of stored) batch.add(name, rowOf(arrays, name, row));
      for (const [name, { by, look }] of lookedUp) look(rowOf(arrays, by, row), batch.space(name));
      if (augmenting.image) batch.add("image", augmenting.image(batch.space("image") as Uint8Array, place));
      if (augmenting.drawing) {
        const drawing = fromStroke3(rowOf(arrays, "stroke3", row) as Int16Array);
        const changed = augmenting.drawing(drawing, place);
        const drawn = raster && rasterize(changed, raster, batch.space("stroke_index") as Uint8Array<ArrayBuffer>);
        if (drawn && stored.includes("stroke_count")) batch.add("stroke_count", Uint8Array.of(drawn.count)); // once more
        if (redrawn.includes("stroke3")) batch.add("stroke3", toStroke3(changed));
      }
      if (batch.next()) {
        yield { ...batch.finish(), epoch, seen };
        batch = new BatchBuilder(fields, Math.min(batchSize, examples - seen));
      }
    }
  }
}

/** The named fields of the shards. */
function fieldsOf({ dataset, fields }: ShardIndex, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => {
    if (Object.hasOwn(fields, name)) return [name, fields[name]];
    const known = Object.keys(fields).join(", ");
    throw new InputError(`the ${dataset} shards have no field ${name} to make batches of; they have ${known}`);
  }));
}

/** What the Worker is told. */
export type BatchRequest = { readonly open: BatchOptions } | "next";

/** What the Worker answers: a batch, the end, or why there is none. */
export type BatchReply =
  | { readonly batch: PlacedBatch | undefined }
  | { readonly error: WorkerFault };
