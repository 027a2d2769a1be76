/**
 * The datasets by name.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import * as datasets from "./datasets.ts";

const REGISTERED: Readonly<Record<string, Dataset>> = datasets;

/**
 * Every dataset by its name on the command line.
 *
 * @example
 * ```ts
 * import { DATASETS } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Object.keys(DATASETS), ["arithmetic", "image-folder", "mnist", "pendigits", "quickdraw", "quickdraw-bitmap", "svhn"]);
 * ```
 */
export const DATASETS: Readonly<Record<string, Dataset>> = Object.fromEntries(
  Object.values(REGISTERED).map((dataset) => [dataset.name, dataset]),
);
