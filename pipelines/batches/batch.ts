/**
 * Shards to batches: shuffled by (seed, epoch) alone, resumable at any example, and made in a Worker ahead of the
 * training.
 *
 * @module
 */
import { augment, type AugmentOptions, augments } from "../strokes/augment.ts";
import type { Batch } from "../dataset.ts";
import { InputError } from "../base/errors.ts";
import { Prng } from "../base/prng.ts";
import { type Overflow, rasterize } from "../strokes/rasterize.ts";
import type { ShardIndex } from "../shards/shard_index.ts";
import { readShard, readShardIndex } from "../shards/shard_reader.ts";
import { fromStroke3 } from "../strokes/stroke.ts";
import { elementCount, type FieldArray, type NdArray, typedArray } from "../base/arrays.ts";
import type { Split } from "../base/split.ts";

/** Which batches are wanted. */
export interface BatchOptions {
  /** The folder of shards. */
  readonly folder: string;
  /** The split to be read. */
  readonly split: Split;
  /** B, examples a batch; the last of an epoch may be smaller. */
  readonly batchSize: number;
  /** The fields to be read, none of them ragged. */
  readonly fields: readonly string[];
  /** Shuffle by this seed and the epoch; in the order of the shards when left out. */
  readonly shuffleSeed?: number;
  /** Redraw `stroke_index` from augmented vectors, by a seed, the epoch and the example's place; as stored when left out. */
  readonly augment?: AugmentOptions;
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
 * @throws {InputError} When the split is empty, a field is unknown or ragged, or a shard is not what the index says.
 *
 * @example
 * ```ts
 * import { encodeDrawing, quickdraw, readBatches, ShardWriter } from "@strokewise/strokewise";
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
  const index = await readShardIndex(options.folder);
  const { firstEpoch = 0, epochs = Infinity, skip = 0 } = options;
  if (index.splits[options.split].examples === 0) {
    throw new InputError(`data ${options.folder}: the ${options.split} split holds no example`);
  }
  if (options.augment !== undefined && augments(options.augment) && index.fields.stroke3 === undefined) {
    throw new InputError(
      `data ${options.folder}: has no stroke3 to augment; prepare it with --fields stroke_index,stroke3`,
    );
  }
  for (let epoch = firstEpoch; epoch < firstEpoch + epochs; epoch++) {
    yield* readEpoch(index, options, { epoch, skip: epoch === firstEpoch ? skip : 0 });
  }
}

async function* readEpoch(
  index: ShardIndex,
  options: BatchOptions,
  { epoch, skip }: { epoch: number; skip: number },
): AsyncGenerator<PlacedBatch> {
  const { folder, split, batchSize, fields, shuffleSeed } = options;
  const { shards, examples } = index.splits[split];
  const augmenting = options.augment !== undefined && augments(options.augment) ? options.augment : undefined;
  const names = augmenting
    ? [...fields.filter((name) => name !== "stroke_index"), "stroke3", "stroke3_offsets"]
    : fields;
  let seen = 0;
  let batch = createBatch(index, fields, Math.min(batchSize, examples - skip));
  let filled = 0;
  for (const place of orderOf(shards.length, shuffleSeed, [epoch])) {
    const entry = shards[place];
    if (seen + entry.examples <= skip) {
      seen += entry.examples;
      continue;
    }
    const arrays = await readShard(folder, entry, names);
    for (const row of orderOf(entry.examples, shuffleSeed, [epoch, place])) {
      if (seen++ < skip) continue;
      for (const name of fields) {
        const target = batch.fields[name];
        const length = target.length / batch.size;
        if (augmenting && name === "stroke_index") {
          const prng = new Prng(options.augmentSeed ?? shuffleSeed ?? 0, epoch, seen);
          drawAugmented(arrays, row, {
            index,
            augmenting,
            prng,
            map: target.subarray(filled * length, (filled + 1) * length),
          });
        } else {
          target.set(arrays[name].data.subarray(row * length, (row + 1) * length) as never, filled * length);
        }
      }
      if (++filled === batch.size) {
        yield { ...batch, epoch, seen };
        batch = createBatch(index, fields, Math.min(batchSize, examples - seen));
        filled = 0;
      }
    }
  }
}

/** The whole numbers below `length`, shuffled by a seed and what it is mixed with, or in order without one. */
function orderOf(length: number, seed: number | undefined, mixed: readonly number[]): Iterable<number> {
  return seed === undefined ? Array(length).keys() : new Prng(seed, ...mixed).permutation(length);
}

function createBatch(index: ShardIndex, names: readonly string[], size: number): Batch {
  const fields: Record<string, FieldArray> = {};
  for (const name of names) {
    const field = index.fields[name];
    if (field === undefined || field.shape[0] === -1) {
      const known = Object.keys(index.fields).join(", ");
      throw new InputError(`the ${index.dataset} shards have no field ${name} to make batches of; they have ${known}`);
    }
    fields[name] = typedArray(field.dtype, size * elementCount(field.shape));
  }
  return { size, fields };
}

function drawAugmented(
  arrays: Record<string, NdArray>,
  row: number,
  { index, augmenting, prng, map }: { index: ShardIndex; augmenting: AugmentOptions; prng: Prng; map: FieldArray },
): void {
  const offsets = arrays.stroke3_offsets.data as BigInt64Array;
  const [from, to] = [Number(offsets[row]), Number(offsets[row + 1])];
  const drawing = fromStroke3((arrays.stroke3.data as Int16Array).subarray(3 * from, 3 * to));
  const { size, maxStrokes, overflow } = index.options as { size: number; maxStrokes: number; overflow: Overflow };
  rasterize(augment(drawing, augmenting, prng), { size, maxStrokes, overflow }, map as Uint8Array<ArrayBuffer>);
}

/** What the Worker is told. */
export type BatchRequest = { readonly open: BatchOptions } | "next";

/** What the Worker answers: a batch, the end, or why there is none. */
export type BatchReply =
  | { readonly batch: PlacedBatch | undefined }
  | { readonly error: { readonly name: string; readonly message: string } };
