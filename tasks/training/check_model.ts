/**
 * Whether a model's options and its data go together.
 *
 * @module
 */
import { checkParts, isAble, type Model } from "../../models/model.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import { flagOf } from "../cli/option_values.ts";
import { buildToTrain } from "../runs/run_state.ts";
import { CLASSIFIERS_OPTIONS, LOOP_OPTIONS, type RunSettings } from "../runs/settings.ts";

/**
 * Builds the model once, before anything is written, to see whether its options and the data go together.
 *
 * @returns Whether it classifies.
 * @throws {InputError} When they do not.
 */
export function checkModel(
  settings: RunSettings,
  described: DataDescription,
): { readonly classifies: boolean } {
  const built = checkedModel(settings, described);
  built.dispose();
  return { classifies: isAble(built, "classify") };
}

/**
 * The same, for whoever looks at the model, too.
 *
 * @returns It, to be disposed of.
 * @throws {InputError} When they do not go together.
 */
export function checkedModel(settings: RunSettings, described: DataDescription): Model {
  const { model, seed, loop } = settings;
  let built: Model | undefined;
  try {
    built = buildToTrain(settings, described, seed);
    checkParts(built);
    for (const name of isAble(built, "classify") ? [] : CLASSIFIERS_OPTIONS) {
      if (loop[name] === LOOP_OPTIONS[name].value) continue;
      throw new InputError(`${flagOf(`train.${name}`)} ${loop[name]}: ${model.name} does not classify`);
    }
    return built;
  } catch (error) {
    built?.dispose();
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`--model ${model.name}: ${error.message}`);
  }
}
