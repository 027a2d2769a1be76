/**
 * The registry of augmentations. Browser safe.
 *
 * @module
 */
import { affine } from "./augment.ts";
import type { Augmentation } from "./augmentation.ts";

/** Every augmentation by its name on the command line. */
export const AUGMENTATIONS: Readonly<Record<string, Augmentation>> = { affine };
