/**
 * The model and the augmentation that a command line trains with, and those of the options that concern them.
 *
 * @module
 */
import { nearest } from "../../pipelines/base/nearest.ts";
import { type OptionTable, withDefaults } from "../../pipelines/base/option_table.ts";
import type { ModelSpec } from "../../models/model_spec.ts";
import { listWords } from "../../pipelines/base/text.ts";
import { UsageError } from "../cli/option_values.ts";
import { augmentationNamed, modelNamed } from "../cli/spec_options.ts";
import { REGISTERED_MODELS } from "../runs/saved_model.ts";
import { type LOOP_OPTIONS, loopOptionsOf, type RunSettings } from "../runs/settings.ts";
import { referred } from "../runs/spec_reference.ts";
import { lastCheckpoint, savedSpecs } from "./open_run.ts";
import { originCheckpoint } from "./origin.ts";

/** The model where none is named. */
export const DEFAULT_MODEL = "cnn-lstm";

/** What names a run's specs, each empty where it is left out. */
interface Named {
  /** A run that goes on. */
  readonly resume: string;
  /** A run or checkpoint to begin with. */
  readonly from: string;
  readonly model: string;
  readonly augmentation: string;
  /** One of the model's presets. */
  readonly preset: string;
}

/** The model and the augmentation, and the options of model and loop with the defaults that hold for this run. */
export interface RunSpecs extends Pick<RunSettings, "model" | "augmentation"> {
  readonly modelOptions: OptionTable;
  readonly loopOptions: typeof LOOP_OPTIONS;
}

/** What is trained: as the run that is resumed, as it is named, or the model as the run that this one begins with. */
export async function specsOf(named: Named): Promise<RunSpecs> {
  if (named.resume !== "") {
    if (named.preset !== "") throw new UsageError("--preset is for a new run; a resumed one keeps its settings");
    const { model, augmentation } = await savedSpecs(await lastCheckpoint(named.resume));
    return { model, augmentation, modelOptions: model.options, loopOptions: loopOptionsOf(model) };
  }
  const specs = await newSpecs(named);
  if (named.preset === "") return specs;
  const { model: { name, presets = {} } } = specs;
  if (!Object.hasOwn(presets, named.preset)) {
    const known = Object.keys(presets);
    const there = known.length === 0 ? "has none" : `has ${listWords(known)}`;
    throw new UsageError(`--preset ${named.preset}: ${name} ${there}${nearest(named.preset, known)}`);
  }
  const { model, loop } = presets[named.preset];
  return {
    ...specs,
    modelOptions: withDefaults(specs.modelOptions, model),
    loopOptions: withDefaults(specs.loopOptions, loop),
  };
}

/** What a new run trains, without presets. */
async function newSpecs(named: Named): Promise<RunSpecs> {
  const augmentation = await augmentationNamed(named.augmentation);
  if (named.from === "") {
    const model = await modelNamed(named.model || DEFAULT_MODEL);
    return { model, augmentation, modelOptions: model.options, loopOptions: loopOptionsOf(model) };
  }
  const { path, checkpoint: { state: { settings } } } = await originCheckpoint(named.from);
  const model = named.model === ""
    ? (await referred<ModelSpec>(settings.model, REGISTERED_MODELS, path)).spec
    : await modelNamed(named.model);
  const isSame = settings.model.name === model.name;
  return {
    model,
    augmentation,
    modelOptions: isSame ? withDefaults(model.options, settings.modelOptions) : model.options,
    loopOptions: loopOptionsOf(model),
  };
}

/** A table of which `--help` shows no option of some names. */
export function hiding<T extends OptionTable>(table: T, names: readonly string[]): T {
  const entries = Object.entries(table).map(([name, option]) => {
    return [name, names.includes(name) ? { ...option, hidden: true } : option];
  });
  return Object.fromEntries(entries) as T;
}
