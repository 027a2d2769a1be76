/**
 * The registry of optimizers.
 *
 * @module
 */
import { adam } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

/** What every optimizer can be told. */
export interface CommonOptions {
  /** As in the optimizer's own options. */
  readonly weightDecay: number;
}

/**
 * Every optimizer by its name on the command line, made with its default options where nothing else is given.
 *
 * @example
 * ```ts
 * import { OPTIMIZERS, startBackend } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * assertEquals(OPTIMIZERS.rmsprop({ weightDecay: 0.01 }).name, "rmsprop");
 * ```
 */
export const OPTIMIZERS: Readonly<Record<string, (options?: Partial<CommonOptions>) => Optimizer>> = {
  adam,
  rmsprop,
  sgd,
};
