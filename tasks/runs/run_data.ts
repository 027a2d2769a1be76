/**
 * What a run is trained on: whether a model can read it, and whether it is what a run learnt from.
 *
 * @module
 */
import { sha256Of } from "../../pipelines/base/hash.ts";
import { fieldsRead } from "../../models/model_spec.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import type { TrainedData } from "../../models/zoo/trained_model.ts";
import type { Field } from "../../pipelines/base/arrays.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { isRemote } from "../../pipelines/sources/remote_folder.ts";
import { exists, trimSlashes } from "../../pipelines/base/files.ts";
import { type Split, SPLITS } from "../../pipelines/base/split.ts";
import { listWords } from "../../pipelines/base/text.ts";
import type { Batch, DataDescription } from "../../pipelines/dataset.ts";
import { prefetchBatches } from "../../pipelines/batches/prefetch.ts";
import { checkHasExamples, type ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import type { RunSettings } from "./settings.ts";

/** What a checkpoint says of the data. */
export interface SavedData extends TrainedData {
  /** The dataset's name. */
  readonly dataset: string;
  /** Tells these shards from others. */
  readonly identity: string;
}

/** Data, and the run that learnt from it or from other data, as messages name them. */
interface Learnt {
  /** The folder of shards. */
  readonly data: string;
  /** The run's folder. */
  readonly folder: string;
  /** What the run's checkpoint says of its data. */
  readonly learnt: SavedData;
}

/** What a model is told of prepared data. */
export function describeData({ fields, classes }: ShardIndex): DataDescription {
  return { fields, classes };
}

/** Training examples at a time, where a model has something measured of them. */
const MEASURED_BATCH = 1000;

/**
 * What a model is told of the data that it is to be trained on; all training examples are read where it has something
 * measured of them, or `onBatch` is given, which sees them.
 *
 * @throws {InputError} When the data cannot be read, or what was measured is no finite number.
 */
export async function measureData(
  index: ShardIndex,
  settings: ReadBy,
  onBatch?: (batch: Batch) => void,
): Promise<DataDescription> {
  const { model } = settings;
  if (model.measure === undefined && onBatch === undefined) return describeData(index);
  async function* batches() {
    for await (const batch of trainingExamples(index, settings)) {
      onBatch?.(batch);
      yield batch;
    }
  }
  if (model.measure !== undefined) return await measured(index, settings, batches());
  await Array.fromAsync(batches(), () => {});
  return describeData(index);
}

/**
 * What a model is told of the data, where it is built to be looked at alone: what is measured is so of the first training
 * examples.
 *
 * @throws {InputError} As {@linkcode measureData} does.
 */
export async function glanceAtData(index: ShardIndex, settings: ReadBy): Promise<DataDescription> {
  async function* first(): AsyncGenerator<Batch> {
    for await (const batch of trainingExamples(index, settings)) {
      yield batch;
      return;
    }
  }
  return await measured(index, settings, first());
}

/** Which model reads which data, and how. */
type ReadBy = Pick<RunSettings, "model" | "modelOptions" | "data">;

/** Each training example once. */
function trainingExamples(index: ShardIndex, { model, modelOptions, data: folder }: ReadBy): AsyncIterable<Batch> {
  const fields = fieldsRead(model, modelOptions, describeData(index));
  return prefetchBatches({ folder, split: "train", batchSize: MEASURED_BATCH, fields, epochs: 1 });
}

async function measured(
  index: ShardIndex,
  { model, modelOptions, data: folder }: ReadBy,
  batches: AsyncIterable<Batch>,
): Promise<DataDescription> {
  const described = describeData(index);
  if (model.measure === undefined) return described;
  const statistics = await model.measure(modelOptions, batches);
  const odd = Object.entries(statistics).find(([, value]) => !Number.isFinite(value));
  if (odd === undefined) return { ...described, statistics };
  throw new InputError(`data ${folder}: ${model.name} finds ${odd[0]} to be ${odd[1]} in its training examples`);
}

/** What a checkpoint is told of prepared data. */
export function savedData(index: ShardIndex, described: DataDescription = describeData(index)): SavedData {
  const { dataset, options } = index;
  return { ...described, dataset, options, identity: dataIdentity(index) };
}

/** Tells one folder of shards from another: SHA-256 of the hashes of all shards of all splits and of all banks, in hexadecimal digits. */
export function dataIdentity({ splits, banks = {} }: ShardIndex): string {
  const hashes = SPLITS.map((split) => [split, ...splits[split].shards.map(({ sha256 }) => sha256)]);
  for (const [name, { sha256 }] of Object.entries(banks)) hashes.push([name, sha256]);
  return sha256Of(JSON.stringify(hashes));
}

/**
 * Tells the examples of one split from others, whatever the other splits hold: SHA-256 of the classes and of the hashes of its
 * shards and of all banks, in hexadecimal digits.
 */
export function splitIdentity({ classes, splits, banks = {} }: ShardIndex, split: Split): string {
  const hashes = [splits[split].shards, Object.values(banks)].map((files) => files.map(({ sha256 }) => sha256));
  return sha256Of(JSON.stringify([classes, Object.keys(banks), hashes]));
}

/** Whether shards are in a folder, or may be at an address. */
export async function isDataThere(data: string): Promise<boolean> {
  return isRemote(data) || await exists(`${trimSlashes(data)}/index.json`);
}

/**
 * Reads the index of the data that a run learnt from, where that was.
 *
 * @throws {InputError} When it is there no longer, was none that is known, or cannot be used.
 */
export async function readLearntIndex({ data, folder }: Pick<Learnt, "data" | "folder">): Promise<ShardIndex> {
  if (data === "") { // such as of another program's file
    throw new InputError(`data: ${folder} was trained on no shards that are known here; --data names some`);
  }
  if (await isDataThere(data)) return await readShardIndex(data);
  throw new InputError(
    `data ${data}: no index.json where ${folder} was trained on it; --data says where its shards lie now`,
  );
}

/**
 * Checks that a model can be trained on prepared data.
 *
 * @param run What is trained, and on which folder.
 * @returns The fields that it reads.
 * @throws {InputError} When fields are missing, there are too few classes, or train or valid is empty.
 */
export function checkData(
  index: ShardIndex,
  { model, modelOptions, data: folder }: Pick<RunSettings, "model" | "modelOptions" | "data">,
): readonly string[] {
  const fields = fieldsRead(model, modelOptions, describeData(index));
  checkFieldsOf(index, { name: model.name, fields }, { folder, advice: fittingModels(index) });
  const { classes } = index;
  if (classes.length < 2 && !model.oneClass) {
    throw new InputError(`data ${folder}: one class, ${classes[0]}; there is nothing to learn`);
  }
  for (const split of ["train", "valid"] as const) checkHasExamples(index, split, folder);
  return fields;
}

/** The built-in models that read nothing but what the data has, in words behind a message. */
function fittingModels(index: ShardIndex): string {
  const data = describeData(index);
  const fitting = Object.values(MODELS).filter((model) =>
    fieldsRead(model, {}, data).every((name) => Object.hasOwn(data.fields, name))
  );
  return fitting.length === 0
    ? ""
    : `; of the built-in models ${listWords(fitting.map(({ name }) => name))} can read it`;
}

/** A model's name, and the fields that it reads. */
interface Reader {
  readonly name: string;
  readonly fields: readonly string[];
}

/**
 * Checks that prepared data has what a model reads.
 *
 * @param advice Ends the message.
 * @throws {InputError} When fields are missing.
 */
export function checkFieldsOf(
  { dataset, fields }: ShardIndex,
  model: Reader,
  { folder, advice = "" }: { readonly folder: string; readonly advice?: string },
): void {
  const missing = model.fields.filter((name) => !Object.hasOwn(fields, name));
  if (missing.length === 0) return;
  throw new InputError(
    `data ${folder}: the ${dataset} shards lack ${listWords(missing)}, which ${model.name} reads${advice}`,
  );
}

/**
 * Checks that prepared data has the shapes that a run's model was built for, and no larger values.
 *
 * @throws {InputError} When a field is missing or has others.
 */
export function checkShapes(model: Reader, index: ShardIndex, { data, folder, learnt }: Learnt): void {
  checkFieldsOf(index, model, { folder: data });
  for (const name of model.fields) {
    const [was, is] = [learnt.fields[name], index.fields[name]];
    if (was === undefined || was.shape.join() === is.shape.join() && (is.max ?? 0) <= (was.max ?? Infinity)) continue;
    throw new InputError(`data ${data}: its ${name} is ${shown(is)}, ${folder} was trained on ${shown(was)}`);
  }
}

const shown = ({ shape, max }: Field): string => `[${shape}]${max === undefined ? "" : ` up to ${max}`}`;

/**
 * Checks that prepared data is what a run learnt from, wherever it lies.
 *
 * @throws {InputError} When it is not; what differs is told.
 */
export function checkSameData(index: ShardIndex, { data, folder, learnt }: Learnt): void {
  if (dataIdentity(index) === learnt.identity && index.classes.join() === learnt.classes.join()) return;
  throw new InputError(
    `data ${data}: not the shards that ${folder} was trained on: ${differenceOf(savedData(index), learnt)}`,
  );
}

/** How data differs from what a run learnt from, in words. */
function differenceOf(is: SavedData, was: SavedData): string {
  if (is.dataset !== was.dataset) return `they are of ${is.dataset}, those were of ${was.dataset}`;
  if (is.classes.join() !== was.classes.join()) return `of the classes ${classChange(is.classes, was.classes)}`;
  for (const name of new Set([...Object.keys(was.fields), ...Object.keys(is.fields)])) {
    const [now, then] = [is, was].map(({ fields }) => fields[name] ? shown(fields[name]) : "missing");
    if (now !== then) return `their ${name} is ${now}, it was ${then}`;
  }
  const changed = Object.entries(was.options ?? {}).find(([name, value]) =>
    String(is.options?.[name]) !== String(value)
  );
  if (changed === undefined) return "prepared alike from other sources, or otherwise cut into shards";
  return `prepared with ${changed[0]} ${is.options?.[changed[0]]}, those with ${changed[1]}`;
}

/** Which classes came and went, in words. */
export function classChange(is: readonly string[], was: readonly string[]): string {
  const [added, gone] = [is.filter((name) => !was.includes(name)), was.filter((name) => !is.includes(name))];
  const parts = [
    ...added.length > 0 ? [`${listed(added)} ${added.length === 1 ? "is" : "are"} new`] : [],
    ...gone.length > 0 ? [`${listed(gone)} ${gone.length === 1 ? "is" : "are"} missing`] : [],
  ];
  return parts.length === 0 ? "their order is another" : parts.join(" and ");
}

/** Some names with commas between them, and how many more there are. */
export function listed(names: readonly string[], most = 5): string {
  if (names.length <= most + 1) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}
