/**
 * Figures that several experiments are about.
 *
 * @module
 */
import type { Figure } from "../experiment.ts";

/** The share of test examples that a classifier names rightly, and what it must at least be. */
export function top1(least: number): readonly Figure[] {
  return [{ name: "top-1", ours: ({ classification }) => classification?.top1, least }];
}
