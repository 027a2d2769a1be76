/**
 * Conditions under which a run is judged that are not those of its training: other options of its model, changed examples.
 *
 * @module
 */
import { sha256Of } from "../../pipelines/base/hash.ts";
import type { ModelSpec } from "../../models/model_spec.ts";
import { addressOf } from "../../pipelines/base/spec_module.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import {
  mergeOptions,
  type OptionTable,
  type OptionValue,
  type OptionValues,
  type PartialOptions,
} from "../../pipelines/base/option_table.ts";
import { listWords } from "../../pipelines/base/text.ts";
import type { BatchOptions } from "../../pipelines/batches/batch.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { affine } from "../../pipelines/strokes/augment.ts";
import type { Augmentation } from "../../pipelines/strokes/augmentation.ts";
import { flagOf } from "../cli/option_values.ts";
import { checkAugmented, isAugmented } from "../training/augmented_fields.ts";

/** What a run is judged under; whatever is left out is as it was in training, and examples are as they are stored. */
export interface Conditions {
  /** Options of the model in place of the run's; some on which its weights do not depend, such as `binarize` of DRAW. */
  readonly modelOptions?: PartialOptions<OptionTable>;
  /** How the examples that are judged are changed; `affine` when left out. Training examples stay as they are. */
  readonly augmentation?: Augmentation;
  /** Its options; with its defaults it changes nothing. */
  readonly augment?: PartialOptions<OptionTable>;
  /** How each example is changed, 0 to 2^32 - 1: runs judged with the same one see the same. 0 when left out. */
  readonly augmentSeed?: number;
  /** So many views of each example are answered, and their probabilities averaged; 1 to 16, 1 when left out. */
  readonly views?: number;
}

/** How the examples of a split are changed. */
export interface Changes {
  /** What tells them from any other change; undefined where it goes beside the examples as they are stored. */
  readonly identity: string | undefined;
  /**
   * What batches are to be read with.
   *
   * @param view Each is changed by a seed of its own, the one that was given and those that follow; 1 when left out.
   */
  request(view?: number): Promise<Required<Pick<BatchOptions, "augment" | "augmentSeed">>>;
}

/**
 * How examples are changed before they are judged; undefined where they are not.
 *
 * @param reader The model, and the fields that it reads.
 * @throws {TypeError} When the augmentation has no option of a name.
 * @throws {RangeError} When an option does not take its value.
 * @throws {InputError} When options do not go together, one changes nothing that the model reads of this data, or there is a
 * seed, or are several views, and no change.
 */
export function changesOf(
  asked: Conditions,
  index: ShardIndex,
  reader: { readonly model: ModelSpec; readonly fields: readonly string[] },
): Changes | undefined {
  const { augmentation, options, seed, views } = augmentOf(asked);
  try {
    augmentation.check?.(options);
  } catch (error) {
    throw error instanceof RangeError ? new InputError(`--augment: ${error.message}`) : error;
  }
  checkAugmented(index, { ...reader, augmentation, augment: options });
  if (!isAugmented({ augmentation, augment: options })) {
    if (views > 1) throw new InputError(`--views ${views}: no option of --augment makes one view unlike another`);
    if (seed === 0) return undefined;
    throw new InputError(`--augment-seed ${seed}: no option of --augment changes the examples by it`);
  }
  return {
    identity: views > 1 ? undefined : JSON.stringify([augmentation.name, options, seed]),
    request: async (view = 1) => ({
      augment: { address: await addressOf(augmentation, "augmentation"), options },
      augmentSeed: (seed + view - 1) % 2 ** 32,
    }),
  };
}

/** How examples are to be changed, nothing left out. */
function augmentOf({ augmentation = affine, augment = {}, augmentSeed: seed = 0, views = 1 }: Conditions) {
  return {
    augmentation,
    options: mergeOptions(augmentation.options, augment, `augmentation ${augmentation.name}`),
    seed,
    views,
  };
}

/** Whether conditions are the same, in whatever order. */
export function areConditions(some: object, others: object): boolean {
  const sorted = (record: object) => JSON.stringify(Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1));
  return sorted(some) === sorted(others);
}

/**
 * Conditions by the names of the flags, as far as they are not those of a run.
 *
 * @param trained The options of its model.
 * @throws {TypeError} When the augmentation has no option of a name.
 * @throws {RangeError} When one of its options does not take its value.
 */
export function conditionsOf(
  asked: Conditions,
  trained: OptionValues<OptionTable>,
): Readonly<Record<string, OptionValue>> {
  const { augmentation, options, seed, views } = augmentOf(asked);
  const ofModel = Object.entries(asked.modelOptions ?? {}).filter((entry): entry is [string, OptionValue] =>
    entry[1] !== undefined && `${entry[1]}` !== `${trained[entry[0]]}`
  );
  const ofExamples = Object.entries(options).filter(([name, value]) =>
    `${value}` !== `${augmentation.options[name].value}`
  );
  return {
    ...Object.fromEntries(ofModel.map(([name, value]) => [`model.${name}`, value])),
    ...(ofExamples.length === 0 ? {} : {
      ...(augmentation.name === affine.name ? {} : { augmentation: augmentation.name }),
      ...Object.fromEntries(ofExamples.map(([name, value]) => [`augment.${name}`, value])),
      augmentSeed: seed,
      ...(views === 1 ? {} : { views }),
    }),
  };
}

/**
 * Tells the examples of a split that were changed from others.
 *
 * @param identity Of the split as it is stored.
 */
export function changedIdentity(identity: string, changes: Changes | undefined): string {
  if (changes?.identity === undefined) return identity;
  return sha256Of(JSON.stringify([identity, changes.identity]));
}

/** What is to be known with numbers that were found under such conditions. */
export function conditionsInWords(
  conditions: Readonly<Record<string, OptionValue>>,
  { trained, unit }: { readonly trained: OptionValues<OptionTable>; readonly unit: string },
): string[] {
  const entries = Object.entries(conditions);
  const flags = (some: typeof entries) => listWords(some.map(([name, value]) => `${flagOf(name)} ${value}`));
  const ofModel = entries.filter(([name]) => name.startsWith("model."));
  const ofExamples = entries.filter((entry) => !ofModel.includes(entry));
  return [
    ...(ofModel.length === 0 ? [] : [
      `judged with ${flags(ofModel)}; trained with ${
        listWords(ofModel.map(([name]) => `${trained[name.slice("model.".length)] ?? "an earlier version"}`))
      }`,
    ]),
    ...(ofExamples.length === 0 ? [] : [
      `${conditions.views ? `judged by views of each ${unit}` : `judged on changed ${unit}s`}: ${flags(ofExamples)}`,
    ]),
  ];
}
