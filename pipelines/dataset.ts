/**
 * What a dataset, its fields and its examples are: types, and the check of an example against its fields. Browser safe.
 *
 * @module
 */
import type { Download } from "./download.ts";
import type { OptionTable, OptionValues } from "./option_table.ts";
import type { RowPacker } from "./packed_rows.ts";
import type { OpenSource } from "./source.ts";

/** The three splits, in the order in which they are listed everywhere. */
export const SPLITS = ["train", "valid", "test"] as const;

/** Which part of a dataset an example belongs to. */
export type Split = (typeof SPLITS)[number];

/** The element types that a field may have, under numpy's names. */
export type Dtype =
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "uint64"
  | "int64"
  | "float32"
  | "float64";

/** The typed array of each {@linkcode Dtype}. */
export interface DtypeArrays {
  /** Whole numbers, 0 to 255. */
  uint8: Uint8Array<ArrayBuffer>;
  /** Whole numbers, -128 to 127. */
  int8: Int8Array<ArrayBuffer>;
  /** Whole numbers, 0 to 65,535. */
  uint16: Uint16Array<ArrayBuffer>;
  /** Whole numbers, -32,768 to 32,767. */
  int16: Int16Array<ArrayBuffer>;
  /** Whole numbers, 0 to 2^32 - 1. */
  uint32: Uint32Array<ArrayBuffer>;
  /** Whole numbers, -2^31 to 2^31 - 1. */
  int32: Int32Array<ArrayBuffer>;
  /** Bigints, 0 to 2^64 - 1. */
  uint64: BigUint64Array<ArrayBuffer>;
  /** Bigints, -2^63 to 2^63 - 1. */
  int64: BigInt64Array<ArrayBuffer>;
  /** Single precision, 24 bits of mantissa. */
  float32: Float32Array<ArrayBuffer>;
  /** Double precision, JavaScript's own number. */
  float64: Float64Array<ArrayBuffer>;
}

/** A typed array of any {@linkcode Dtype}. */
export type FieldArray = DtypeArrays[Dtype];

/** An array with its shape, in C order. */
export interface NdArray<D extends Dtype = Dtype> {
  /** The type of the elements. */
  readonly dtype: D;
  /** The lengths of the dimensions, the outermost first; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The elements, as many as the product of the shape. */
  readonly data: DtypeArrays[D];
}

/** One field of an example: what is stored for each example under one name. */
export interface Field {
  /** The type of the elements. */
  readonly dtype: Dtype;
  /** The shape for one example; `[]` for a number. A ragged field has `[-1, …]`: its first length varies. */
  readonly shape: readonly number[];
}

/** A dataset's fields by name, snake_case as in the shards. */
export type Fields = Readonly<Record<string, Field>>;

/** Some examples side by side: each field's values for `size` examples, one after another. */
export interface Batch {
  /** B, the number of examples. */
  readonly size: number;
  /** Field name to values, [B, ...shape]. */
  readonly fields: Readonly<Record<string, FieldArray>>;
}

/** One example on its way to a shard, small enough to wait on disk until all the others are known. */
export interface Row {
  /** Identifies the example: the same key is the same example. */
  readonly key: bigint;
  /** The name of its class, such as `sun`. */
  readonly className: string;
  /** The split, where the dataset itself says which; by hash of the key when left out. */
  readonly split?: Split;
  /** What {@linkcode Dataset.pack} makes the fields of; its layout is the dataset's own business. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** A row whose label is known. */
export interface LabelledRow {
  /** As in {@linkcode Row}. */
  readonly key: bigint;
  /** The class's place in the sorted list of classes, 0-based. */
  readonly label: number;
  /** As in {@linkcode Row}. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** A piece of a source that is parsed on its own, in a Worker. */
export interface Chunk {
  /** The source's name, for messages. */
  readonly file: string;
  /** Whether the source begins here, and with it the count of its lines. */
  readonly isFirst: boolean;
  /** What {@linkcode Dataset.parse} gets: anything that can be cloned. */
  readonly content: unknown;
  /** The buffers in it, which move instead of being cloned and are freed when it is parsed. */
  readonly buffers: ArrayBuffer[];
}

/** Where a parser puts what it finds. */
export interface RowSink {
  /** The rows. */
  readonly rows: RowPacker;
  /**
   * A record that cannot be used.
   *
   * @param line 1-based within the chunk.
   */
  reject(line: number, reason: string, detail: string): void;
  /** A good record that an option leaves out, counted by the filter's name. */
  filter(name: string): void;
  /** The chunk's number of lines. */
  lines: number;
}

/** Where a dataset's files can be had, and in which forms. */
export interface DatasetDownloads<T extends OptionTable = OptionTable> {
  /** The forms' names on the command line; the first is the default. */
  readonly forms: readonly string[];
  /** The forms that {@linkcode Dataset.chunks} reads. */
  readonly readable: readonly string[];
  /** The dataset's options by which files are chosen. */
  readonly options: readonly (keyof T & string)[];
  /**
   * Lists the files.
   *
   * @param options Those of {@linkcode DatasetDownloads.options} at least.
   * @param form One of {@linkcode DatasetDownloads.forms}.
   * @throws {InputError} When an option names something that there is not.
   */
  list(options: OptionValues<T>, form: string): readonly Download[];
}

/** A kind of dataset: how its files are read and what its shards hold. */
export interface Dataset<T extends OptionTable = OptionTable> {
  /** The name on the command line. */
  readonly name: string;
  /** One sentence for the table of datasets. */
  readonly summary: string;
  /** Who made it, under which licence. */
  readonly licence: string;
  /** What one of its examples is called, such as `drawing`; with an s, what several are. */
  readonly unit: string;
  /** What its files' names end with. */
  readonly extensions: readonly string[];
  /**
   * The folder of generated examples that is used when no source is named. It can be listed in a checkout of the
   * repository, not where this package was loaded from a registry.
   */
  readonly embedded: URL;
  /** Where its files can be had; left out where they can't be fetched by a program. */
  readonly downloads?: DatasetDownloads<T>;
  /** The dataset's own options, with defaults and help. */
  readonly options: T;
  /** What the shards hold, by field name. */
  fields(options: OptionValues<T>): Fields;
  /**
   * Cuts sources into chunks, at places that depend on their bytes alone.
   *
   * @throws {InputError} When a source cannot be used at all.
   */
  chunks(sources: readonly OpenSource[], options: OptionValues<T>): AsyncIterable<Chunk>;
  /** Parses a chunk's content; what is wrong with a record goes to the sink. */
  parse(content: unknown, options: OptionValues<T>, sink: RowSink): void;
  /** Loads what {@linkcode Dataset.pack} needs, where it needs something; called before it. */
  ready?(options: OptionValues<T>): Promise<void>;
  /** Makes a shard's arrays, every one of {@linkcode Dataset.fields}, in the order of the rows. */
  pack(rows: readonly LabelledRow[], options: OptionValues<T>): Record<string, NdArray>;
  /** The field that pictures show: a stroke-index map, or a grey picture. */
  readonly picture: { readonly field: string; readonly grey: boolean };
  /** A number to be counted in the index, such as the strokes of a drawing. */
  readonly histogram?: { readonly name: string; of(row: LabelledRow): number };
}
