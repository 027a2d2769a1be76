/**
 * `deno task evaluate`: how good a run's model is, in numbers, tables and pictures.
 *
 * @module
 */
import { evaluate, EVALUATE_OPTIONS, type EvaluateSettings } from "../evaluation/evaluate.ts";
import { BACKEND_OPTION, openBackend } from "../cli/backend_option.ts";
import { REMOTE_OPTIONS, remoteData } from "../cli/remote_options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { type Evaluation, JUDGE_OPTIONS } from "../evaluation/judges.ts";
import { parseOptions } from "../cli/options.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { checkWritable, exists, trimSlashes } from "../../pipelines/base/files.ts";
import { Progress } from "../cli/progress.ts";
import { writeEvaluation } from "../report/write_report.ts";
import { main, say } from "../cli/main.ts";
import { formatEvaluation } from "../report/evaluation_text.ts";

export const SPEC = {
  name: "evaluate",
  summary: "Judges a trained model: a table here, metrics.json and report.html in the run's folder.",
  examples: [
    "deno task evaluate --run runs/cnn-lstm-1",
    "deno task evaluate --run runs/cnn-1 --split valid",
    "deno task evaluate --run runs/sketch-rnn-1 --classifier runs/cnn-1",
    "deno task evaluate --run runs/cats --against runs/dogs",
  ],
  groups: {
    "": {
      run: { value: "", help: "the run's folder" },
      data: { value: "", help: "the folder of shards, or its address; the one of the training when left out" },
      ...REMOTE_OPTIONS,
      ...EVALUATE_OPTIONS,
      ...JUDGE_OPTIONS,
      backend: BACKEND_OPTION,
    },
  },
} as const satisfies TaskSpec;

/**
 * Never called: a literal, by which Deno fetches what the report's charts load by name along with all other packages, before
 * the work begins.
 */
export const fetchCharts = (): Promise<unknown> => import("echarts/dist/echarts.esm.min.mjs");

/** The command. */
export async function evaluateCommand(args: readonly string[]): Promise<Evaluation> {
  const { values, given } = await parseOptions(SPEC, args);
  const folder = trimSlashes(values.run);
  const data = remoteData(values.data, values, given);
  if (folder === "") throw new InputError("--run is missing: name the run's folder, such as runs/cnn-lstm-1");
  if (await exists(folder)) await checkWritable(folder);
  await openBackend(values.backend);
  const settings = {
    ...{ folder, split: values.split, batchSize: values.batchSize, workers: values.workers },
    ...{ checkpoint: values.checkpoint, ...(data ? { data } : {}) },
    ...Object.fromEntries(
      Object.entries(values).filter(([name]) => given.includes(name) && Object.hasOwn(JUDGE_OPTIONS, name)),
    ),
  };
  return await evaluateShown(settings);
}

/** {@linkcode evaluate} with its progress on stderr, a table, and the report. */
export async function evaluateShown(settings: EvaluateSettings): Promise<Evaluation> {
  const { folder } = settings;
  let progress: Progress | undefined;
  const judgement = await evaluate(settings, (done, total) => {
    progress ??= new Progress({ label: "evaluating", unit: "examples", total });
    progress.update(done);
  });
  progress?.end();
  for (const note of judgement.notes) say(`note       ${note}`);
  await writeEvaluation(folder, judgement);
  say(formatEvaluation(judgement.evaluation, { colour: Deno.stdout.isTerminal(), width: 100 }));
  say(`report     ${folder}/report.html`);
  return judgement.evaluation;
}

if (import.meta.main) await main("evaluate", async (args) => void await evaluateCommand(args));
