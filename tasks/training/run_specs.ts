/**
 * The model and the augmentation that a command line trains with, and those of the options that concern them.
 *
 * @module
 */
import { accepts, type OptionTable, type OptionValues } from "../../pipelines/base/option_table.ts";
import type { ModelSpec } from "../../models/model.ts";
import { augmentationNamed, modelNamed } from "../cli/spec_options.ts";
import { REGISTERED_MODELS } from "../runs/saved_model.ts";
import type { RunSettings } from "../runs/settings.ts";
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
}

/** The model and the augmentation, and the model's options with the defaults that hold for this run. */
export interface RunSpecs extends Pick<RunSettings, "model" | "augmentation"> {
  readonly modelOptions: OptionTable;
}

/** What is trained: as the run that is resumed, as it is named, or the model as the run that this one begins with. */
export async function specsOf(named: Named): Promise<RunSpecs> {
  if (named.resume !== "") {
    const { model, augmentation } = await savedSpecs(await lastCheckpoint(named.resume));
    return { model, augmentation, modelOptions: model.options };
  }
  const augmentation = await augmentationNamed(named.augmentation);
  if (named.from === "") {
    const model = await modelNamed(named.model || DEFAULT_MODEL);
    return { model, augmentation, modelOptions: model.options };
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
  };
}

/** A table with other defaults, where its options take them. */
function withDefaults(table: OptionTable, values: OptionValues<OptionTable>): OptionTable {
  const entries = Object.entries(table).map(([name, option]) => {
    return [name, accepts(option, values[name]) ? { ...option, value: values[name] } : option];
  });
  return Object.fromEntries(entries);
}

/** A table of which `--help` shows no option of some names. */
export function hiding<T extends OptionTable>(table: T, names: readonly string[]): T {
  const entries = Object.entries(table).map(([name, option]) => {
    return [name, names.includes(name) ? { ...option, hidden: true } : option];
  });
  return Object.fromEntries(entries) as T;
}
