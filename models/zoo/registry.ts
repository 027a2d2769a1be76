/**
 * The models by name.
 *
 * @module
 */
import * as models from "./models.ts";
import type { ModelSpec } from "../model_spec.ts";

/**
 * Every model by its name on the command line.
 *
 * @example
 * ```ts
 * import { MODELS } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(MODELS["cnn-lstm"].options.lstmUnits.value, 128);
 * ```
 */
export const MODELS: Readonly<Record<string, ModelSpec>> = byName(models);

function byName(specs: Readonly<Record<string, ModelSpec>>): Readonly<Record<string, ModelSpec>> {
  return Object.fromEntries(Object.values(specs).map((spec) => [spec.name, spec]));
}
