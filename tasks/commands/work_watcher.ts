/**
 * Long work as a command shows it: progress, and signals that it hears while it can end in good order.
 *
 * @module
 */
import { Interrupt } from "../cli/interrupt.ts";
import { say, whenInterrupted } from "../cli/main.ts";
import { Progress, type ProgressOptions } from "../cli/progress.ts";
import type { WorkWatcher } from "../reproduce/experiment_run.ts";
import type { TrainPhase } from "../training/train.ts";

/** Shows work whose same command goes on after Ctrl-C, SIGTERM or a kill; to be disposed of. */
export function showWork(): WorkWatcher & Disposable {
  const interrupt = new Interrupt();
  interrupt.isHeard = true;
  const hint = whenInterrupted((again) => `the same command goes on: ${again}`);
  return {
    ...{ say, progress: (options: ProgressOptions) => new Progress(options), signal: interrupt.signal },
    onPhase(phase: TrainPhase) {
      interrupt.isHeard = phase === "training";
    },
    [Symbol.dispose]() {
      hint[Symbol.dispose]();
      interrupt[Symbol.dispose]();
    },
  };
}
