/**
 * The one of several runs that does something. Browser safe.
 *
 * @module
 */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { PageRun } from "../store.ts";

/** Which run does it. */
export interface ChosenRun {
  /** The runs that can. */
  readonly runs: ReadonlySignal<readonly PageRun[]>;
  /** The one that does: the first, until another is chosen. */
  readonly run: ReadonlySignal<PageRun | undefined>;
  /** The name that was chosen. */
  readonly chosenRun: Signal<string | undefined>;
}

/** Lets one of some runs be chosen; those that it finds are read from signals. */
export function chooseRun(find: () => readonly PageRun[]): ChosenRun {
  const chosenRun = signal<string | undefined>(undefined);
  const runs = computed(find);
  const run = computed(() => runs.value.find(({ run: { name } }) => name === chosenRun.value) ?? runs.value[0]);
  return { runs, run, chosenRun };
}
