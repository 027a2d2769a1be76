/**
 * What a training step takes: as a run has measured it, or as it was measured on the reference.
 *
 * @module
 */
import { humanTime } from "../cli/progress.ts";
import { decimal } from "../cli/text.ts";
import type { Metrics } from "../runs/metrics.ts";
import { STEP_TIMES } from "./step_times.ts";

/** What a step takes, and how that is known. */
export interface StepTime {
  readonly seconds: number;
  /** Whether it is of the machine that trained; else of the reference. */
  readonly isOwn: boolean;
}

/**
 * What a step of a row takes.
 *
 * @param row The row's name, or that of the classifier.
 * @param runs The metrics of runs of this row; the longest counts.
 * @returns Undefined where that was never measured.
 */
export function stepTime(
  { table, row }: { readonly table: string; readonly row: string },
  runs: readonly (readonly Metrics[])[],
): StepTime | undefined {
  const ends = runs.flatMap((metrics) => metrics.at(-1) ?? []).filter(({ step, clock }) =>
    step > 0 && clock.seconds > 0
  );
  const [longest] = ends.sort((a, b) => b.step - a.step);
  if (longest !== undefined) return { seconds: longest.clock.seconds / longest.step, isOwn: true };
  const milliseconds: number | undefined = STEP_TIMES[table]?.[row];
  return milliseconds === undefined ? undefined : { seconds: milliseconds / 1000, isOwn: false };
}

/** Stands behind what is of the reference. */
export const REFERENCE_MARK = "*";

/** What a step takes, in words. */
export function stepTimeText(time: StepTime | undefined): string {
  if (time === undefined) return "not measured";
  const { seconds, isOwn } = time;
  const text = seconds >= 1 ? `${decimal(seconds)} s` : `${Number((1000 * seconds).toPrecision(3))} ms`;
  return isOwn ? text : text + REFERENCE_MARK;
}

/** What so many steps take, in words. */
export function trainingTimeText(time: StepTime | undefined, steps: number): string {
  return time === undefined ? "not measured" : humanTime(time.seconds * steps) + (time.isOwn ? "" : REFERENCE_MARK);
}
