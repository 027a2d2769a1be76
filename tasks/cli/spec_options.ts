/**
 * The datasets, models and augmentations that a command line names: a built-in one by its name, a user's own by the path
 * of its module.
 *
 * @module
 */
import { MODEL_SHAPE, type ModelSpec } from "../../models/model_spec.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { resolveSpec } from "../../pipelines/base/spec_module.ts";
import { type Dataset, DATASET_SHAPE } from "../../pipelines/dataset.ts";
import { DATASETS } from "../../pipelines/datasets/registry.ts";
import { type Augmentation, AUGMENTATION_SHAPE } from "../../pipelines/strokes/augmentation.ts";
import { AUGMENTATIONS } from "../../pipelines/strokes/augmentations.ts";

const workingFolder = (): string => `file://${encodeURI(Deno.cwd().replaceAll("\\", "/"))}/`;

/** The dataset that `--dataset` names. */
export function datasetNamed(reference: string): Promise<Dataset> {
  const rules = { what: "dataset", registered: DATASETS, shape: DATASET_SHAPE, base: workingFolder() };
  return resolveSpec(reference, rules);
}

/** The model that `--model` names. */
export function modelNamed(reference: string): Promise<ModelSpec> {
  return resolveSpec(reference, { what: "model", registered: MODELS, shape: MODEL_SHAPE, base: workingFolder() });
}

/** The augmentation that `--augmentation` names. */
export function augmentationNamed(reference: string): Promise<Augmentation> {
  const rules = { what: "augmentation", registered: AUGMENTATIONS, shape: AUGMENTATION_SHAPE, base: workingFolder() };
  return resolveSpec(reference, rules);
}
