/**
 * The registry of tables that can be reproduced: one line each.
 *
 * @module
 */
import type { ReproduceTable } from "./table.ts";
import { DRAW_QUICKDRAW } from "./tables/draw_quickdraw.ts";
import { DRAW_MNIST, DRAW_VARIANTS } from "./tables/draw_mnist.ts";

/** Every table by its name. */
export const REPRODUCE_TABLES: Readonly<Record<string, ReproduceTable>> = Object.fromEntries(
  [DRAW_QUICKDRAW, DRAW_MNIST, DRAW_VARIANTS].map((table) => [table.name, table]),
);
