/// <reference lib="dom" />
/**
 * Whether there is anything to draw for.
 *
 * @module
 */
import type { Store } from "../store.ts";

/** Whether the page has a sheet: some run looks at drawings, drawings are collected, or there is no run yet. */
export function hasSheet({ runs, manifest }: Pick<Store, "runs" | "manifest">): boolean {
  return runs.length === 0 || manifest.collects || runs.some(({ run }) => run.looks);
}
