/**
 * The two jobs that `prepare` has done in Workers: to parse a chunk into rows, and to pack rows into a shard.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Dataset, Fields, LabelledRow } from "./dataset.ts";
import { DATASETS } from "./dataset_names.ts";
import { release } from "./memory.ts";
import { typedArray } from "./npy.ts";
import { NpzBuilder } from "./npz_builder.ts";
import type { OptionTable, OptionValues } from "./option_table.ts";
import { type PackedRows, RowPacker } from "./packed_rows.ts";
import type { ShardEntry } from "./shard_index.ts";

/** Parse a chunk. */
export interface ParseRequest {
  /** The job. */
  readonly kind: "parse";
  /** A name in the registry of datasets. */
  readonly dataset: string;
  /** The dataset's own options. */
  readonly options: OptionValues<OptionTable>;
  /** Of the shuffle. */
  readonly seed: number;
  /** As in `Chunk`. */
  readonly content: unknown;
  /** As in `Chunk`. */
  readonly buffers?: readonly ArrayBuffer[];
}

/** What a chunk holds. */
export interface ParseReply {
  readonly rows: PackedRows;
  /** With lines counted from the chunk's first, 1-based. */
  readonly rejects: readonly { readonly line: number; readonly reason: string; readonly detail: string }[];
  /** Good records left out, by filter. */
  readonly filters: Readonly<Record<string, number>>;
  /** The chunk's number of lines. */
  readonly lines: number;
}

/** Pack rows into a shard and write it. */
export interface PackRequest {
  /** The job. */
  readonly kind: "pack";
  /** A name in the registry of datasets. */
  readonly dataset: string;
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

/** The dataset that a request names. */
export function datasetOf({ dataset }: { readonly dataset: string }): Dataset {
  const found = DATASETS[dataset];
  if (found === undefined) throw new RangeError(`there is no dataset ${dataset}`);
  return found;
}

/** Parses a chunk. */
export function parseChunk(request: ParseRequest): ParseReply {
  const rows = new RowPacker(request.seed);
  const rejects: { line: number; reason: string; detail: string }[] = [];
  const filters: Record<string, number> = {};
  const sink = {
    rows,
    reject: (line: number, reason: string, detail: string) => void rejects.push({ line, reason, detail }),
    filter: (name: string) => void (filters[name] = (filters[name] ?? 0) + 1),
    lines: 0,
  };
  datasetOf(request).parse(request.content, request.options, sink);
  for (const buffer of request.buffers ?? []) release({ buffer });
  return { rows: rows.take(), rejects, filters, lines: sink.lines };
}

/** Bytes of a shard's arrays that are in memory at once, more or less. */
const PACKED_AT_ONCE = 2 ** 21;

/** Bytes that an example takes, but for what varies. */
function bytesOf(fields: Fields): number {
  const each = Object.values(fields).map(({ dtype, shape }) =>
    shape.reduce((product, length) => product * Math.abs(length), typedArray(dtype, 0).BYTES_PER_ELEMENT)
  );
  return each.reduce((sum, bytes) => sum + bytes, 0);
}

/** Packs and writes a shard of a dataset. */
export async function packShard(dataset: Dataset, request: PackRequest): Promise<ShardEntry> {
  const { options, folder, file, keys, labels, payloads, lengths } = request;
  await dataset.ready?.(options);
  const fields = dataset.fields(options);
  const builder = new NpzBuilder(keys.length, fields);
  const atOnce = Math.max(1, Math.floor(PACKED_AT_ONCE / bytesOf(fields)));
  for (let from = 0, at = 0; from < keys.length; from += atOnce) {
    const rows = Array.from(keys.subarray(from, from + atOnce), (key, i): LabelledRow => {
      const payload = payloads.subarray(at, at += lengths[from + i]);
      return { key, label: labels[from + i], payload };
    });
    builder.add(dataset.pack(rows, options));
  }
  const [examples, npz] = [keys.length, builder.finish()];
  for (const array of [keys, labels, payloads, lengths]) release(array);
  await Deno.writeFile(`${folder}/${file}`, npz);
  const entry = {
    file,
    examples,
    bytes: npz.length,
    sha256: createHash("sha256").update(npz).digest("hex"),
  };
  release(npz);
  return entry;
}
