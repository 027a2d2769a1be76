/**
 * What a dataset, its fields and its examples are: types, and the checks of what a user's own dataset gives. Browser safe.
 *
 * @module
 */
import type { Download } from "./sources/download.ts";
import type { Spec, SpecShape } from "./base/spec_module.ts";
import type { OptionTable, OptionValues } from "./base/option_table.ts";
import type { OpenSource } from "./sources/source.ts";
import {
  elementCount,
  type Field,
  type FieldArray,
  type Fields,
  isDtype,
  type NdArray,
  storedFields,
} from "./base/arrays.ts";
import { InputError } from "./base/errors.ts";
import type { Split } from "./base/split.ts";

/** What a model is told of prepared data before it is built. */
export interface DataDescription {
  /** What there is of each example, by name. */
  readonly fields: Fields;
  /** The class names in label order. */
  readonly classes: readonly string[];
  /** What a model had measured of the training examples, by name; see `measure` of a model. */
  readonly statistics?: Readonly<Record<string, number>>;
}

/** Some examples side by side: each field's values for `size` examples, one after another. */
export interface Batch {
  /** B, the number of examples. */
  readonly size: number;
  /** Field name to values, [B, ...shape]; of a ragged field `name`, [sum n, …], and `name_offsets`, int32 [B + 1]. */
  readonly fields: Readonly<Record<string, FieldArray>>;
}

/** One example on its way to a shard, small enough to wait on disk until all the others are known. */
export interface Row {
  /**
   * Identifies the example: of rows with the same key, class and payload the first is kept. Left out where the record has
   * none: class and payload stand for it then, also beside rows with a key, and the same payload is in one split.
   */
  readonly key?: bigint | undefined;
  /** The name of its class, such as `sun`. */
  readonly className: string;
  /** The split, where the dataset itself says which; by hash of the key when left out. */
  readonly split?: Split;
  /** What {@linkcode Dataset.pack} makes the fields of; its layout is the dataset's own business. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** A row whose label is known. */
export interface LabelledRow {
  /** As in {@linkcode Row}; made of class and payload where that has none. */
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
  /** Whether its source is one record, such as a picture, so that all of it may be a reject; false when left out. */
  readonly isSingle?: boolean;
  /** What {@linkcode Dataset.parse} gets: anything that can be cloned. */
  readonly content: unknown;
  /** The buffers in it, which move instead of being cloned and are freed when it is parsed. */
  readonly buffers: ArrayBuffer[];
  /** What was understood of the source that nobody said, each a line for the index and the summary. */
  readonly notes?: readonly string[];
  /** Arrays that fields are looked up in, [rows, …] by name; each comes once, with whatever chunk. */
  readonly banks?: Readonly<Record<string, NdArray>>;
}

/** Takes rows one after another; a parser writes a payload to where it stays, or hands a whole row over. */
export interface RowReceiver {
  /**
   * The bytes that the next payload may be written to, up to `length` of them from the offset on; asked for again before it
   * is ended, they hold what was written.
   */
  reserve(length: number): { readonly bytes: Uint8Array<ArrayBuffer>; readonly offset: number };
  /**
   * Ends the row whose payload was written to the reserved bytes.
   *
   * @param length Of the payload, in bytes.
   * @param key The key's low and high 32 bits; undefined where the record has none, as in {@linkcode Row}.
   * @param split By hash of the key when left out.
   */
  commit(
    length: number,
    key: { readonly low: number; readonly high: number } | undefined,
    className: string,
    split?: Split,
  ): void;
  /** Adds a whole row. */
  add(row: Row): void;
}

/** Where a parser puts what it finds. */
export interface RowSink {
  /** The rows. */
  readonly rows: RowReceiver;
  /**
   * A record that cannot be used.
   *
   * @param line 1-based within the chunk.
   */
  reject(line: number, reason: string, detail: string): void;
  /**
   * A source that is cut or broken behind what was read of it; told once, of its last chunk.
   *
   * @param line 1-based within the chunk, the first that is not to be had.
   */
  damage(line: number, reason: string, detail: string): void;
  /**
   * A good record that an option leaves out, counted by the filter's name.
   *
   * @param className Its class, where that is one of those to be prepared: it must not end with no example.
   */
  filter(name: string, className?: string): void;
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

/** A field that is a picture, or a row of some. */
export interface PictureField {
  /** Its name; its shape is [S, S], or [S, S, 3] in red, green and blue, or [n, S, S], n grey pictures from left to right. */
  readonly field: string;
  /** Whether it is a grey picture, 0 paper and 255 ink, and not a stroke-index map. */
  readonly grey: boolean;
  /** Whether of a grey picture 0 is black and 255 is white instead, as of a photograph. */
  readonly light?: boolean;
  /** Another field of grey pictures, [m, S, S], to the right of those. */
  readonly beside?: string;
}

/** A kind of dataset: how its files are read and what its shards hold. */
export interface Dataset<T extends OptionTable = OptionTable> extends Spec {
  /** One sentence for the table of datasets. */
  readonly summary: string;
  /** Who made it, under which licence. */
  readonly licence: string;
  /** What one of its examples is called, such as `drawing`; with an s, what several are. */
  readonly unit: string;
  /** What its files' names end with. */
  readonly extensions: readonly string[];
  /** What its small files' names end with, such as `.png`; left out where it has none. The files of a folder are a source. */
  readonly smallFiles?: readonly string[];
  /**
   * The folder of generated examples that is used when no source is named; left out where there is none. It can be listed
   * in a checkout of the repository, not where this package was loaded from a registry.
   */
  readonly embedded?: URL;
  /** Where its files can be had; left out where they can't be fetched by a program. */
  readonly downloads?: DatasetDownloads<T>;
  /** Classes that there are somewhere, for those who misspell one; left out where that is not known. */
  readonly knownClasses?: readonly string[];
  /** The dataset's own options, with defaults and help. */
  readonly options: T;
  /** What the shards hold, by field name. */
  fields(options: OptionValues<T>): Fields;
  /**
   * Cuts sources into chunks, at places that depend on their bytes and the options alone.
   *
   * @param seed Of what the dataset itself draws at random, 0 to 2^32 - 1; the shuffle's.
   * @throws {InputError} When a source cannot be used at all.
   */
  chunks(sources: readonly OpenSource[], options: OptionValues<T>, seed: number): AsyncIterable<Chunk>;
  /** Parses a chunk's content, and is done when it returns; what is wrong with a record goes to the sink. */
  parse(content: unknown, options: OptionValues<T>, sink: RowSink): void;
  /**
   * Bytes at the end of each payload that tell something about an example and are no part of its content: examples that
   * differ in nothing else are one. None when left out.
   */
  aboutBytes?(options: OptionValues<T>): number;
  /** Loads what {@linkcode Dataset.pack} needs, where it needs something; called before it. */
  ready?(options: OptionValues<T>): Promise<void>;
  /** Makes a shard's arrays, every one of {@linkcode Dataset.fields} that is not looked up, in the order of the rows. */
  pack(rows: readonly LabelledRow[], options: OptionValues<T>): Record<string, NdArray>;
  /** The field that pictures show; left out where there is nothing to see. */
  readonly picture?: PictureField;
  /** A number to be counted in the index, such as the strokes of a drawing. */
  readonly histogram?: { readonly name: string; of(row: LabelledRow): number };
  /** What is to be told of that number's counts, `{ "1": 12, … }`, lines for the index and the summary. */
  remarks?(counts: Readonly<Record<string, number>>, options: OptionValues<T>): readonly string[];
}

/** What a user's own dataset must have. */
export const DATASET_SHAPE: SpecShape = {
  ...{ summary: "string", licence: "string", unit: "string", extensions: "object", options: "object" },
  ...{ fields: "function", chunks: "function", parse: "function", pack: "function" },
};

/**
 * Checks a dataset's fields.
 *
 * @param fields What it says that its shards hold.
 * @throws {InputError} When they are no fields, or the one that pictures show is no picture.
 */
export function checkFields(dataset: Pick<Dataset, "name" | "picture">, fields: Fields): void {
  const what = `dataset ${dataset.name}`;
  const entries = Object.entries<Partial<Fields[string]> | null>(fields ?? {});
  if (entries.length === 0) throw new InputError(`${what}: has no fields`);
  for (const [name, field] of entries) {
    const { dtype, shape } = field ?? {};
    const isShape = Array.isArray(shape) &&
      shape.every((length, i) => Number.isSafeInteger(length) && (length >= 0 || i === 0 && length === -1));
    if (isDtype(dtype) && isShape) continue;
    throw new InputError(
      `${what}: field ${name} is ${dtype} [${shape}], expected a dtype such as uint8 and a shape of whole numbers`,
    );
  }
  const wrong = Object.keys(fields).map((name) => lookupFault(name, fields)).find((fault) => fault !== undefined);
  if (wrong !== undefined) throw new InputError(`${what}: ${wrong}`);
  const picture = dataset.picture && fields[dataset.picture.field];
  if (picture === undefined) return;
  const { field, beside } = dataset.picture!;
  const form = pictureForm(picture);
  if (form === undefined) {
    throw new InputError(
      `${what}: pictures show field ${field}, ${picture.dtype} [${picture.shape}], expected uint8 [S,S], [S,S,3] or [n,S,S]`,
    );
  }
  if (beside === undefined || form.colour === false && pictureForm(fields[beside] ?? {})?.side === form.side) return;
  throw new InputError(
    `${what}: ${beside} cannot be shown beside ${field}, expected uint8 [n,${form.side},${form.side}]`,
  );
}

/**
 * What is wrong with a field that is looked up, in words; undefined where nothing is, or it is not.
 *
 * @param fields All of them, each with a dtype and a shape.
 *
 * @example
 * ```ts
 * import { lookupFault } from "@strokewise/strokewise/pipelines";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const image = { dtype: "uint8", shape: [7, 28, 28], bank: { name: "glyph", by: "row" } } as const;
 * assertEquals(lookupFault("image", { image, row: { dtype: "uint16", shape: [7] } }), undefined);
 * assert(lookupFault("image", { image })?.includes("expected a stored field"));
 * ```
 */
export function lookupFault(name: string, fields: Fields): string | undefined {
  const { bank, shape, dtype } = fields[name];
  if (bank === undefined) return undefined;
  if (typeof bank !== "object" || bank === null) return `field ${name}: looked up in ${bank}, expected name and by`;
  const by = Object.hasOwn(fields, bank.by ?? "") ? fields[bank.by] : undefined;
  const place = `field ${name}, ${dtype} [${shape}], looked up in ${bank.name} by ${bank.by}`;
  if (typeof bank.name !== "string" || !/^[a-z][a-z0-9_]*$/.test(bank.name)) {
    return `${place}: expected a bank's name of small letters`;
  }
  const isWhole = by?.bank === undefined && /^u?int(8|16|32)$/.test(by?.dtype ?? "") && by!.shape[0] !== -1;
  return isWhole && shape.slice(0, by!.shape.length).join() === by!.shape.join()
    ? undefined
    : `${place}: expected a stored field of whole numbers whose lengths begin its own`;
}

/** How the values of a field of pictures are laid out. */
export interface PictureForm {
  /** S, pixels across and down of each picture. */
  readonly side: number;
  /** How many there are, from left to right. */
  readonly count: number;
  /** Whether each pixel is red, green and blue. */
  readonly colour: boolean;
}

/**
 * The form of a field of pictures, uint8 [S, S], [S, S, 3] or [n, S, S]; undefined for any other.
 *
 * @example
 * ```ts
 * import { pictureForm } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(pictureForm({ dtype: "uint8", shape: [7, 28, 28] }), { side: 28, count: 7, colour: false });
 * assertEquals(pictureForm({ dtype: "uint8", shape: [7] }), undefined);
 * ```
 */
export function pictureForm({ dtype, shape = [] }: Partial<Field>): PictureForm | undefined {
  const [first, side, last = side, ...more] = shape;
  if (dtype !== "uint8" || !(first > 0 && side > 0) || more.length > 0) return undefined;
  if (first === side && (shape.length === 2 || last === 3)) return { side, count: 1, colour: shape.length === 3 };
  return side === last && shape.length === 3 ? { side, count: first, colour: false } : undefined;
}

/**
 * Packs rows, and checks that it gives what the fields say.
 *
 * @param fields Those of the dataset by these options.
 * @returns The arrays of the fields that are stored, [N, ...shape]; of a ragged field also its offsets, int64 [N + 1].
 * @throws {InputError} When an array is missing or of another dtype or shape, no field has its name, or a field of one number
 * an example holds one above its maximum or a label that is not the row's.
 */
export function packChecked(
  dataset: Dataset,
  rows: readonly LabelledRow[],
  { options, fields }: { readonly options: OptionValues<OptionTable>; readonly fields: Fields },
): Record<string, NdArray> {
  const arrays = dataset.pack(rows, options);
  const expected = new Map(
    Object.entries(storedFields(fields)).flatMap(([name, { dtype, shape }]): [string, Fields[string]][] =>
      shape[0] === -1
        ? [[name, { dtype, shape }], [`${name}_offsets`, { dtype: "int64", shape: [rows.length + 1] }]]
        : [[name, { dtype, shape: [rows.length, ...shape] }]]
    ),
  );
  for (const [name, { dtype, shape }] of expected) {
    const array = arrays[name];
    const [first, ...inner] = array?.shape ?? [];
    const isGood = array?.dtype === dtype && (shape[0] === -1 || shape[0] === first) &&
      inner.join() === shape.slice(1).join() && array.data.length === elementCount(array.shape);
    if (isGood) {
      const fault = fields[name] && faultOfNumbers(name, array, { rows, field: fields[name] }); // offsets are no field
      if (fault === undefined) continue;
      throw new InputError(`dataset ${dataset.name}: pack gave ${name} ${fault}`);
    }
    const found = array ? `${array.dtype} [${array.shape}] of ${array.data?.length} values` : "nothing";
    throw new InputError(
      `dataset ${dataset.name}: pack gave ${found} for ${name}, expected ${dtype} [${shape.join().replace("-1", "n")}]`,
    );
  }
  const other = Object.keys(arrays).find((name) => !expected.has(name));
  if (other !== undefined) throw new InputError(`dataset ${dataset.name}: pack gave ${other}, which is no field`);
  return arrays;
}

/**
 * What is wrong with a field of one number an example, in words; undefined where nothing is. Fields of more are not looked
 * at, which would take a share of the time in which they are packed.
 */
function faultOfNumbers(
  name: string,
  { data }: NdArray,
  { rows, field: { shape, max = Infinity } }: { readonly rows: readonly LabelledRow[]; readonly field: Field },
): string | undefined {
  if (shape.length > 0 || name !== "label" && max === Infinity) return undefined;
  for (let i = 0; i < rows.length; i++) {
    if (data[i] > max) return `${data[i]}, expected ${max} at most, as its field says`;
    if (name === "label" && Number(data[i]) !== rows[i].label) return `${data[i]} of a row of label ${rows[i].label}`;
  }
  return undefined;
}
