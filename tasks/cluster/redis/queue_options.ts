/**
 * What is told of a queue on the command line.
 *
 * @module
 */
import type { OptionValues } from "../../../pipelines/base/option_table.ts";

/** Options of the queue. */
export const QUEUE_OPTIONS = {
  attempts: {
    value: 4,
    help: "times that a row is tried which fails, each after a longer wait, 1 or more",
    min: 1,
    whole: true,
  },
  most: {
    value: 256,
    help:
      "megabytes of a row's folder, at most, that go through the queue where a worker does not share --run's folder",
    min: 1,
    whole: true,
  },
  takeBack: {
    value: false,
    help: "take back what was submitted: no more rows begin, and those that were begun are saved and ended",
  },
} as const;

/** The values of {@linkcode QUEUE_OPTIONS}. */
export type QueueOptions = OptionValues<typeof QUEUE_OPTIONS>;

/** Bytes of a megabyte. */
export const MEGABYTE = 1e6;
