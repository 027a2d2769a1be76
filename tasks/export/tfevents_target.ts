/**
 * Event files for TensorBoard.
 *
 * @module
 */
import { writeEvents } from "../evaluation/write_events.ts";
import { defineTarget } from "./target.ts";

/** Event files of runs. */
export const tfevents = defineTarget({
  summary: "TensorBoard's event files of runs that were trained without, each in a folder of its name in the output: " +
    "--output runs puts them beside the metrics of runs/NAME",
  options: {},
  write: writeEvents,
});
