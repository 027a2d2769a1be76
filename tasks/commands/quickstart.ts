/**
 * `deno task quickstart`: the whole way on the embedded drawings, in two minutes on two cores.
 *
 * @module
 */
import { IN_MEMORY } from "../../models/gradients/shared_values.ts";
import { openBackend } from "../cli/backend_option.ts";
import { main, say } from "../cli/main.ts";
import { commandLine, flagsFor } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { QUICKSTART } from "../reproduce/experiments/quickstart.ts";
import { preparationOf, trainingOf } from "../reproduce/experiment.ts";
import { freeFolder } from "../runs/run_directory.ts";
import { openRun } from "../training/open_run.ts";
import { evaluateShown } from "./evaluate.ts";
import { prepareShown } from "./prepare.ts";
import { trainShown } from "./train.ts";

export const SPEC = {
  name: "quickstart",
  summary: "Prepares the embedded drawings, trains the sketch classifier on them and judges it: about two minutes.",
  examples: ["deno task quickstart"],
  groups: { "": {} },
} as const satisfies TaskSpec;

const DATA = "data/quickstart";

/** The command: prepare, train, evaluate, each shown as it would be typed. */
export async function quickstartCommand(args: readonly string[]): Promise<void> {
  await parseOptions(SPEC, args);
  const typed = (task: string, flags: Readonly<Record<string, unknown>>) =>
    say(`\n$ ${commandLine(task, flagsFor(flags))}\n`);

  typed("prepare", { output: DATA, overwrite: true });
  await prepareShown({ ...preparationOf(QUICKSTART, DATA), overwrite: true });

  const folder = await freeFolder("runs", "quickstart");
  const backend = await openBackend("auto");
  const workers = IN_MEMORY.includes(backend.name) ? Math.min(2, navigator.hardwareConcurrency) : 1;
  const { loop, modelOptions, augment } = QUICKSTART;
  typed("train", { data: DATA, run: folder, train: loop, model: modelOptions, augment, workers });
  const settings = trainingOf(QUICKSTART, { data: DATA, folder, workers });
  const run = await openRun(settings, () => Promise.resolve(backend));
  const { end } = await trainShown(run);
  if (end === "interrupted") return;

  typed("evaluate", { run: folder });
  await evaluateShown({ folder, split: "test" });
  say(`\nOpen ${folder}/report.html in a browser. To draw to it: ${commandLine("serve", flagsFor({ run: folder }))}`);
  say("The same commands work on real data: see README.md.");
}

if (import.meta.main) await main("quickstart", quickstartCommand);
