/**
 * What a step of each table's rows took where it was measured: until a row has a run of its own, its time is told by this.
 * `deno task bench --rows TABLE` measures a table's and writes `step_times.json` anew.
 *
 * @module
 */
import measured from "./step_times.json" with { type: "json" };

/** How these times came about. */
export const REFERENCE =
  "processor time of one thread on two cores of an AMD EPYC (Zen 3), 26 November 2026: the fastest of a few steps beside " +
  "other work; a quiet machine needs 0.7 to 0.9 of it";

/** The file. */
export const STEP_TIMES_FILE: URL = new URL("./step_times.json", import.meta.url);

/**
 * Milliseconds a training step, by table and row, on MNIST, Google's cats and dogs, README's eight classes, and the embedded
 * faces and drawings.
 */
export const STEP_TIMES: Readonly<Record<string, Readonly<Record<string, number>>>> = measured;
