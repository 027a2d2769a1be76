/**
 * `index.json`, which makes a folder of shards a data set: written last, so a run that was killed never looks complete.
 * Browser safe.
 *
 * @module
 */
import { lookupFault, type PictureField, pictureForm } from "../dataset.ts";
import { InputError } from "../base/errors.ts";
import { isCount, isRecord } from "../base/json_values.ts";
import type { OptionValue } from "../base/option_table.ts";
import { banksOf, type Fields, isDtype } from "../base/arrays.ts";
import { type Split, SPLITS } from "../base/split.ts";

/** The version that this code writes; it reads version 1 too, which has no `sha256`. */
export const INDEX_VERSION = 2;

/** The most classes that there may be: a label is a uint16. */
export const MAX_CLASSES = 2 ** 16;

/** One shard as the index lists it. */
export interface ShardEntry {
  /** The file's name in the folder of the index. */
  readonly file: string;
  /** How many examples it holds, 1 or more. */
  readonly examples: number;
  /** The file's size in bytes. */
  readonly bytes: number;
  /** SHA-256 of the whole file, 64 hexadecimal digits; checked whenever the shard is read. */
  readonly sha256: string;
}

/** An array beside the shards, in which fields are looked up. */
export interface BankEntry {
  /** The file's name in the folder of the index. */
  readonly file: string;
  /** The file's size in bytes. */
  readonly bytes: number;
  /** SHA-256 of the whole file, 64 hexadecimal digits; checked whenever it is read. */
  readonly sha256: string;
}

/** One split as the index lists it. */
export interface SplitEntry {
  /** How many examples its shards hold together. */
  readonly examples: number;
  /** Examples of each class, in label order. */
  readonly perClass: readonly number[];
  /** The shards in the order in which they were written. */
  readonly shards: readonly ShardEntry[];
}

/** One input as the index lists it. */
export interface SourceEntry {
  /** The file's name without its folder. */
  readonly name: string;
  /** Bytes as stored, so gzipped where it is gzipped. */
  readonly bytes: number;
  /** SHA-256 of the bytes as stored, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** A module that is not built in, as files name it. */
export interface SourceModule {
  /** Its address. */
  readonly url: string;
  /** SHA-256 of its text, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** The content of `index.json`. */
export interface ShardIndex {
  /** Tells this file from any other `index.json`. */
  readonly format: "strokewise shards";
  /** The version of the layout, 1 or 2. */
  readonly version: number;
  /** The dataset's name, such as `quickdraw`. */
  readonly dataset: string;
  /** The file that the dataset is in, where it is not a built-in one. */
  readonly module?: SourceModule;
  /** What an example is called, such as `drawing`; with an s, what several are. */
  readonly unit: string;
  /** The field that pictures show, where there is one. */
  readonly picture?: PictureField;
  /** Who made the data, under which licence. */
  readonly licence: string;
  /** What there is of each example, by field name: in the shards, but for what is looked up. */
  readonly fields: Fields;
  /** The arrays in which fields are looked up, by name; left out where there are none. */
  readonly banks?: Readonly<Record<string, BankEntry>>;
  /** Class names; a label is a place in this list. */
  readonly classes: readonly string[];
  /** What there is of each split. */
  readonly splits: Readonly<Record<Split, SplitEntry>>;
  /** Counts of what the dataset counts, such as drawings by number of strokes: `{ strokes: { "1": 12, … } }`. */
  readonly histograms: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Good records that an option or a rule left out, by the rule's name. */
  readonly filters: Readonly<Record<string, number>>;
  /** Records that could not be used, by reason; each is in `rejects.ndjson`. */
  readonly rejects: Readonly<Record<string, number>>;
  /** What was understood of the sources that nobody said, a line each; not in an index from before there were any. */
  readonly notes?: readonly string[];
  /** The files that were read. */
  readonly sources: readonly SourceEntry[];
  /** Every option of the run that made it. */
  readonly options: Readonly<Record<string, OptionValue>>;
  /** SHA-256 of all the above as JSON without blanks, 64 hexadecimal digits. */
  readonly sha256?: string;
}

/**
 * Reads and checks the text of an `index.json`.
 *
 * @param text The file's content.
 * @param path The file's path, for messages.
 * @returns The index: whole, its counts those of its shards; whether it was changed is not checked.
 * @throws {InputError} When it is not an index of a version that is read, or contradicts itself.
 *
 * @example
 * ```ts
 * import { InputError, parseShardIndex } from "@strokewise/strokewise/pipelines";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => parseShardIndex("{}", "data/index.json"), InputError, "not an index of strokewise shards");
 * ```
 */
export function parseShardIndex(text: string, path: string): ShardIndex {
  let index: Partial<ShardIndex> | null;
  try {
    index = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path}: not JSON: ${(error as Error).message}`);
  }
  if (index?.format !== "strokewise shards") throw new InputError(`${path}: not an index of strokewise shards`);
  if (index.version !== 1 && index.version !== INDEX_VERSION) {
    throw new InputError(`${path}: version ${index.version}, expected ${INDEX_VERSION}: prepare the data again`);
  }
  const wrong = faultOfIndex(index);
  if (wrong !== undefined) throw new InputError(`${path}: ${wrong}; prepare the data again`);
  return upgraded(index as ShardIndex);
}

const isCounts = (value: unknown): boolean => isRecord(value) && Object.values(value).every((count) => isCount(count));
const isHash = (value: unknown): boolean => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

/** Whether a file may be listed so: its name stays in its folder. */
export function isListedFile(entry: unknown): boolean {
  const { file, bytes, sha256 } = (isRecord(entry) ? entry : {}) as Partial<BankEntry>;
  return typeof file === "string" && /^[^/\\\0]+$/.test(file) && ![".", ".."].includes(file) && isCount(bytes) &&
    isHash(sha256);
}

/** What an option of an index may be, whatever it is of. */
function isOption(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(Number.isFinite) || value.every((one) => typeof one === "string");
  return ["boolean", "string"].includes(typeof value) || Number.isFinite(value);
}

/** What is wrong with the members that say where an index comes from and what it counts; undefined where nothing is. */
function faultOfOrigin(index: Partial<ShardIndex>): string | undefined {
  const { dataset, unit, licence, options, filters, rejects, histograms, sources, notes = [], module, banks = {} } =
    index;
  const isText = (value: unknown) => value === undefined || typeof value === "string";
  if (![dataset, unit, licence].every(isText)) return "dataset, unit or licence: no text";
  const odd = Object.entries(options ?? {}).find(([, value]) => !isOption(value));
  if (odd !== undefined) return `option ${odd[0]}: ${JSON.stringify(odd[1])} cannot be`;
  const wrong = Object.entries({ filters, rejects, ...histograms }).find(([, counts]) => !isCounts(counts));
  if (wrong !== undefined) return `${wrong[0]}: expected counts`;
  if (!Array.isArray(notes) || !notes.every((note) => typeof note === "string")) return "notes: expected lines";
  const isSource = ({ name, bytes, sha256 }: Partial<SourceEntry>) =>
    typeof name === "string" && isCount(bytes) && isHash(sha256);
  if (!sources?.every((source) => isRecord(source) && isSource(source))) return "sources: one of them cannot be";
  if (module !== undefined && !(isRecord(module) && typeof module.url === "string" && isHash(module.sha256))) {
    return "module: expected its address and hash";
  }
  if (!isRecord(banks) || !Object.values(banks).every(isListedFile)) return "banks: one of them cannot be";
  return undefined;
}

/** What is wrong with an index of any content; undefined where nothing is. */
export function faultOfIndex(index: Partial<ShardIndex>): string | undefined {
  const { classes, fields, splits, picture, banks = {}, ...rest } = index;
  if (!Array.isArray(classes) || !isRecord(fields) || !isRecord(splits)) return "classes, fields or splits are missing";
  const absent = (["options", "filters", "rejects", "histograms"] as const).find((name) => !isRecord(rest[name]));
  if (absent !== undefined || !Array.isArray(rest.sources)) return `${absent ?? "sources"}: missing`;
  const ofOrigin = faultOfOrigin(index);
  if (ofOrigin !== undefined) return ofOrigin;
  if (!classes.every((name) => typeof name === "string") || new Set(classes).size !== classes.length) {
    return "classes: expected different names";
  }
  if (classes.length === 0 || classes.length > MAX_CLASSES) {
    return `classes: ${classes.length} of them, expected 1 to ${MAX_CLASSES}`;
  }
  for (const [name, field] of Object.entries(fields)) {
    const { dtype, shape } = (isRecord(field) ? field : {}) as Partial<Fields[string]>;
    const isShape = Array.isArray(shape) && shape.every((length, i) => isCount(length, i === 0 ? -1 : 0));
    if (!isDtype(dtype) || !isShape) return `field ${name}: ${dtype} [${shape}] cannot be`;
    if (!["string", "undefined"].includes(typeof field.characters)) return `field ${name}: its characters are no text`;
  }
  const looked = Object.keys(fields).map((name) => lookupFault(name, fields)).find((fault) => fault !== undefined);
  if (looked !== undefined) return looked;
  const bankless = banksOf(fields).find((name) => !isRecord(banks[name]));
  if (bankless !== undefined) return `bank ${bankless}: missing`;
  if (picture !== undefined) {
    const shown = [picture?.field, ...picture?.beside === undefined ? [] : [picture.beside]];
    const isForm = (name: string) => Object.hasOwn(fields, name) && pictureForm(fields[name] as Fields[string]);
    if (!shown.every((name) => typeof name === "string" && isForm(name))) return "picture: of no field of pictures";
  }
  for (const split of SPLITS) {
    const wrong = splitFault(splits[split], classes.length);
    if (wrong !== undefined) return `split ${split}: ${wrong}`;
  }
  return undefined;
}

/** What is wrong with what an index says of a split. */
function splitFault(entry: unknown, classes: number): string | undefined {
  const { examples, perClass, shards } = (isRecord(entry) ? entry : {}) as Partial<SplitEntry>;
  if (!isCount(examples) || !Array.isArray(perClass) || !Array.isArray(shards)) {
    return "examples, perClass or shards are missing";
  }
  if (perClass.length !== classes || !perClass.every((count) => isCount(count))) {
    return `perClass: expected ${classes} counts`;
  }
  const seen = new Set<string>();
  for (const shard of shards) {
    const { file, examples, bytes, sha256 } = (isRecord(shard) ? shard : {}) as Partial<ShardEntry>;
    const isName = typeof file === "string" && /^[^/\\\0]+\.npz$/.test(file) && !seen.has(file);
    if (!isName || !isCount(examples, 1) || !isCount(bytes, 1) || !/^[0-9a-f]{64}$/.test(String(sha256))) {
      return `shard ${file}: ${examples} examples, ${bytes} bytes cannot be`;
    }
    seen.add(file);
  }
  const sum = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  const [ofClasses, ofShards] = [sum(perClass), sum(shards.map(({ examples }) => examples))];
  if (ofClasses === examples && ofShards === examples) return undefined;
  return `${examples} examples, ${ofClasses} of all classes, ${ofShards} in all shards`;
}

/** What an index from before these were in it says by other members; it was of a built-in dataset then. */
function upgraded(index: ShardIndex): ShardIndex {
  const { dataset, fields, options, unit } = index;
  if (unit !== undefined) return index;
  const max = Number(options?.maxStrokes);
  const { stroke_index: map, stroke_count: count, image } = fields;
  return {
    ...index,
    fields: {
      ...fields,
      ...(map ? { stroke_index: { max, ...map } } : {}),
      ...(count ? { stroke_count: { max, ...count } } : {}),
    },
    unit: dataset === "mnist" ? "digit" : dataset === "svhn" ? "picture" : "drawing",
    ...(map || image ? { picture: map ? { field: "stroke_index", grey: false } : { field: "image", grey: true } } : {}),
  };
}

/**
 * The number of examples of all splits.
 *
 * @example
 * ```ts
 * import { countExamples, type ShardIndex } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const split = (examples: number) => ({ examples, perClass: [examples], shards: [] });
 * const index = { splits: { train: split(8), valid: split(1), test: split(1) } } as unknown as ShardIndex;
 * assertEquals(countExamples(index), 10);
 * ```
 */
export function countExamples({ splits }: Pick<ShardIndex, "splits">): number {
  return SPLITS.reduce((sum, split) => sum + splits[split].examples, 0);
}

/**
 * Sees to it that a split has examples.
 *
 * @param folder The shards' folder, for the message.
 * @throws {InputError} When it has none; the message says how many the others have.
 */
export function checkHasExamples({ splits }: ShardIndex, split: Split, folder: string): void {
  if (splits[split].examples > 0) return;
  const counts = SPLITS.filter((name) => name !== split).map((name) => `${name} ${splits[name].examples}`);
  throw new InputError(`data ${folder}: the ${split} split holds no example; ${counts.join(", ")}`);
}
