/**
 * `deno task train`: trains a model on shards, or goes on with a run.
 *
 * @module
 */
import type { TrainOutcome } from "../runs/run_state.ts";
import { openRun } from "../training/open_run.ts";
import { showTraining } from "../training/train_view.ts";
import { train } from "../training/train.ts";
import { Interrupt } from "../cli/interrupt.ts";
import { main } from "../cli/main.ts";

/**
 * The command: a new run, or `--resume`. Ctrl-C and SIGTERM finish the step at hand, save and say how to go on; a second
 * time they end it at once.
 */
export async function trainCommand(args: readonly string[]): Promise<TrainOutcome> {
  const run = await openRun(args);
  using interrupt = new Interrupt();
  return await showTraining(run, train(run.settings, { ...run, signal: interrupt.signal }));
}

if (import.meta.main) await main("train", async (args) => void await trainCommand(args));
