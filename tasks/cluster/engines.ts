/**
 * The registry of engines: one line each.
 *
 * @module
 */
import { bullmq } from "./bullmq.ts";
import type { Engine } from "./engine.ts";
import { local } from "./local.ts";
import { slurm } from "./slurm.ts";

/** Every engine by its name. */
export const ENGINES: Readonly<Record<string, Engine>> = Object.fromEntries(
  [local, slurm, bullmq].map((engine) => [engine.name, engine]),
);
