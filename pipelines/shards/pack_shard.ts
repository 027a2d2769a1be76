/**
 * One shard from the rows of its examples to hashed bytes.
 *
 * @module
 */
import { sha256Of } from "../base/hash.ts";
import { InputError } from "../base/errors.ts";
import { mergeOptions, type OptionTable, type OptionValues, type PartialOptions } from "../base/option_table.ts";
import { type Fields, storedFields, typedArray } from "../base/arrays.ts";
import { type Dataset, type LabelledRow, packChecked } from "../dataset.ts";
import type { ShardEntry } from "./shard_index.ts";
import { NpzBuilder } from "../formats/npz_builder.ts";
import { release } from "../base/bytes.ts";

/** Pack rows into a shard and write it. */
export interface PackRequest {
  /** The job. */
  readonly kind: "pack";
  /** The dataset's own options. */
  readonly options: OptionValues<OptionTable>;
  /** The folder of the shard. */
  readonly folder: string;
  /** The shard's file name, such as `train-00000.npz`. */
  readonly file: string;
  /** uint64 [N]. */
  readonly keys: BigUint64Array<ArrayBuffer>;
  /** uint16 [N], places in the sorted list of classes. */
  readonly labels: Uint16Array<ArrayBuffer>;
  /** The payloads, one after another. */
  readonly payloads: Uint8Array<ArrayBuffer>;
  /** The length of each payload in bytes, uint32 [N]. */
  readonly lengths: Uint32Array<ArrayBuffer>;
}

/** Bytes of a shard's arrays that are in memory at once, more or less. */
const PACKED_AT_ONCE = 2 ** 21;

/** Bytes that an example takes in a shard's arrays, but for what varies. */
export function exampleBytes(fields: Fields): number {
  const each = Object.values(storedFields(fields)).map(({ dtype, shape }) =>
    shape.reduce((product, length) => product * Math.abs(length), typedArray(dtype, 0).BYTES_PER_ELEMENT)
  );
  return each.reduce((sum, bytes) => sum + bytes, 0);
}

/** Bytes of arrays of fixed length in a shard at most; a reader takes 2 GiB together with those that vary. */
export const MAX_ARRAYS = 2 ** 30;

/**
 * Checks that an example has room in a shard.
 *
 * @param given Those of the dataset's own options that are not left at their defaults.
 * @throws {InputError} When it has not.
 */
export function checkExampleSize<T extends OptionTable>(dataset: Dataset<T>, given: PartialOptions<NoInfer<T>>): void {
  const options = mergeOptions(dataset.options, given, `dataset ${dataset.name}`);
  const bytes = exampleBytes(dataset.fields(options));
  if (bytes <= MAX_ARRAYS) return;
  throw new InputError(
    `one ${dataset.unit} would take ${bytes} bytes, and a shard ${MAX_ARRAYS} at most; make it smaller`,
  );
}

/** Packs and writes a shard of a dataset. */
export async function packShard(dataset: Dataset, request: PackRequest): Promise<ShardEntry> {
  const { options, folder, file, keys, labels, payloads, lengths } = request;
  await dataset.ready?.(options);
  const fields = dataset.fields(options);
  const builder = new NpzBuilder(keys.length, fields);
  const atOnce = Math.max(1, Math.floor(PACKED_AT_ONCE / exampleBytes(fields)));
  for (let from = 0, at = 0; from < keys.length; from += atOnce) {
    const rows = Array.from(keys.subarray(from, from + atOnce), (key, i): LabelledRow => {
      const payload = payloads.subarray(at, at += lengths[from + i]);
      return { key, label: labels[from + i], payload };
    });
    builder.add(packChecked(dataset, rows, { options, fields }));
  }
  const [examples, npz] = [keys.length, builder.finish()];
  for (const array of [keys, labels, payloads, lengths]) release(array);
  await Deno.writeFile(`${folder}/${file}`, npz);
  const entry = {
    file,
    examples,
    bytes: npz.length,
    sha256: sha256Of(npz),
  };
  release(npz);
  return entry;
}
