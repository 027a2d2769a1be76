/**
 * The registry of optimizers.
 *
 * @module
 */
import type { Optimizer } from "./optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import { adam } from "./adam.ts";

/**
 * Every optimizer by its name on the command line, made with its default options.
 *
 * @example
 * ```ts
 * import { OPTIMIZERS, startBackend } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * assertEquals(OPTIMIZERS.rmsprop().name, "rmsprop");
 * ```
 */
export const OPTIMIZERS: Readonly<Record<string, () => Optimizer>> = { adam, rmsprop };
