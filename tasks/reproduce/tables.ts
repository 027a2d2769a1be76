/**
 * The registry of tables that can be reproduced: one line each.
 *
 * @module
 */
import type { ReproduceTable } from "./table.ts";
import { ARITHMETIC } from "./tables/arithmetic.ts";
import { DRAW_QUICKDRAW } from "./tables/draw_quickdraw.ts";
import { DRAW_MNIST, DRAW_VARIANTS } from "./tables/draw_mnist.ts";
import { FACES_AND_ANIMALS } from "./tables/faces_and_animals.ts";
import { FRANKENSTEIN } from "./tables/frankenstein.ts";
import { GENERATING_IMAGES } from "./tables/generating_images.ts";
import type { MeasuredTable } from "./measured_table.ts";
import { SKETCH_RNN_AUGMENT } from "./tables/augment/augment.ts";
import { VECTORIZER } from "./tables/vectorizer/vectorizer.ts";

/** Every table by its name. */
export const REPRODUCE_TABLES: Readonly<Record<string, ReproduceTable>> = Object.fromEntries(
  [DRAW_QUICKDRAW, DRAW_MNIST, DRAW_VARIANTS, ARITHMETIC, FACES_AND_ANIMALS, FRANKENSTEIN, GENERATING_IMAGES].map((
    table,
  ) => [table.name, table]),
);

/** Every table that is measured, not trained row by row, by its name. */
export const MEASURED_TABLES: Readonly<Record<string, MeasuredTable>> = Object.fromEntries(
  [VECTORIZER, SKETCH_RNN_AUGMENT].map((table) => [table.name, table]),
);
