/// <reference lib="dom" />
/**
 * What is on the page, in words.
 *
 * @module
 */
import type { Naming } from "../../engine/engine.ts";
import type { PageRun, Store } from "../store.ts";

/** A class and its probability. */
export interface Likelihood {
  readonly label: number;
  readonly probability: number;
}

/** The likeliest classes of a row of probabilities, the likeliest first, the first of equals first. */
export function likeliest(row: readonly number[], count: number): Likelihood[] {
  return row.map((probability, label) => ({ label, probability }))
    .sort((a, b) => b.probability - a.probability || a.label - b.label)
    .slice(0, count);
}

/** A probability in words, such as `86 %`; never 100 % or 0 % of what is not certain. */
export function percent(probability: number): string {
  if (probability > 0.995 && probability < 1) return "> 99 %";
  if (probability < 0.005 && probability > 0) return "< 1 %";
  return `${Math.round(100 * probability)} %`;
}

/** A run's answer in words. */
export function guessOf(page: PageRun, naming: Naming | undefined): string | undefined {
  const [top] = likeliest(naming?.rows.at(-1) ?? [], 1);
  return top && `${page.run.name}: ${page.run.classes[top.label]}, ${percent(top.probability)}`;
}

/** What is on the canvas. */
export function describe(store: Store): string {
  const count = store.strokes.value.length;
  if (count === 0) return "The canvas, blank";
  const overlay = store.overlay.value ? `; over it ${store.overlay.value.label}` : "";
  return `Your drawing: ${count} ${count === 1 ? "stroke" : "strokes"}${overlay}`;
}
