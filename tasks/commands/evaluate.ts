/**
 * `deno task evaluate`: how good a run's model is, in numbers, tables and pictures.
 *
 * @module
 */
import type { ModelSpec } from "../../models/model_spec.ts";
import { evaluate, EVALUATE_OPTIONS, type EvaluateSettings } from "../evaluation/evaluate.ts";
import {
  type OptionTable,
  type OptionValue,
  type OptionValues,
  type PartialOptions,
  withDefaults,
} from "../../pipelines/base/option_table.ts";
import { AUGMENTATIONS } from "../../pipelines/strokes/augmentations.ts";
import { augmentationNamed } from "../cli/spec_options.ts";
import { type CheckpointName, checkpointPath, loadRunCheckpoint, runFilesIn } from "../runs/run_directory.ts";
import { REGISTERED_MODELS } from "../runs/saved_model.ts";
import { referred } from "../runs/spec_reference.ts";
import { BACKEND_OPTION, openBackend } from "../cli/backend_option.ts";
import { REMOTE_OPTIONS, remoteData } from "../cli/remote_options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { folderOfJudgement } from "../evaluation/judged_aside.ts";
import { type Evaluation, JUDGE_OPTIONS } from "../evaluation/judges.ts";
import { UsageError } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import { readEvaluation } from "../evaluation/read_evaluation.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { checkFolder, checkWritable, exists, trimSlashes } from "../../pipelines/base/files.ts";
import { Progress } from "../cli/progress.ts";
import { writeEvaluation } from "../report/write_report.ts";
import { main, say } from "../cli/main.ts";
import { formatEvaluation } from "../report/evaluation_text.ts";

const OWN_OPTIONS = {
  run: { value: "", help: "the run's folder, such as runs/cnn-lstm-1; it must be named" },
  data: { value: "", help: "the folder of shards, or its address; the one of the training when left out" },
  ...REMOTE_OPTIONS,
  output: {
    value: "",
    help:
      "the folder of metrics.json and report.html; when left out the run's, and of another split, other data or other " +
      "conditions one in its folder judged, so that its own stay",
  },
  augmentation: {
    value: "affine",
    help: `how the examples are changed before they are judged, where --augment says so: ${
      Object.keys(AUGMENTATIONS).join(", ")
    }, or the path of a module`,
  },
  ...EVALUATE_OPTIONS,
  ...JUDGE_OPTIONS,
  backend: BACKEND_OPTION,
} as const;

type Own = OptionValues<typeof OWN_OPTIONS>;

export const SPEC = {
  name: "evaluate",
  summary: "Judges a trained model: a table here, metrics.json and report.html in the run's folder.",
  examples: [
    "deno task evaluate --run runs/cnn-lstm-1",
    "deno task evaluate --run runs/cnn-1 --split valid",
    "deno task evaluate --run runs/sketch-rnn-1 --classifier runs/cnn-1",
    "deno task evaluate --run runs/cats --against runs/dogs",
    "deno task evaluate --run runs/cnn-1 --data data/others",
    "deno task evaluate --run runs/cnn-1 --augment.rotate 30 --output runs/cnn-1/rotated",
    "deno task evaluate --run runs/cnn-1 --views 2 --augment.flip 1 --output runs/cnn-1/both-ways",
    "deno task evaluate --run runs/draw-1 --model.binarize stochastic --importance-samples 100 --importance-examples 1000",
  ],
  groups: {
    "": OWN_OPTIONS,
    model: ({ run, checkpoint }: Own) => modelOptionsOf(run, checkpoint),
    augment: async ({ augmentation }: Own) => (await augmentationNamed(augmentation)).options,
  },
} as const satisfies TaskSpec;

/**
 * The options of a run's model, with what it was trained with as defaults; none where no run is named. Those that are read
 * in training alone are refused, and help leaves them out.
 */
async function modelOptionsOf(run: string, checkpoint: CheckpointName): Promise<OptionTable> {
  if (run === "") return {};
  const { path } = await checkpointPath(trimSlashes(run), checkpoint);
  const { state: { settings } } = await loadRunCheckpoint(path);
  const { spec } = await referred<ModelSpec>(settings.model, REGISTERED_MODELS, path);
  const table: OptionTable = withDefaults(spec.options, settings.modelOptions);
  return Object.fromEntries(
    Object.entries(table).map(([name, option]) => [name, option.inTraining ? { ...option, hidden: true } : option]),
  );
}

/**
 * Never called: a literal, by which Deno fetches what the report's charts load by name along with all other packages, before
 * the work begins.
 */
export const fetchCharts = (): Promise<unknown> => import("echarts/dist/echarts.esm.min.mjs");

/** The command. */
export async function evaluateCommand(args: readonly string[]): Promise<Evaluation> {
  const { values, groups, given } = await parseOptions(SPEC, args);
  const folder = trimSlashes(values.run);
  const data = remoteData(values.data, values, given);
  if (folder === "") throw new InputError("--run is missing: name the run's folder, such as runs/cnn-lstm-1");
  const output = trimSlashes(values.output);
  const isOther = values.split !== "test" || data !== "" || values.views > 1 ||
    given.some((name) => /^(model|augment)\./.test(name));
  await checkOutput(output || folder, { run: folder, keepsOwn: output !== "" && isOther });
  if (output !== "") await Deno.mkdir(output, { recursive: true });
  if (await exists(output || folder)) await checkWritable(output || folder);
  await openBackend(values.backend);
  /** Those of a group that were told. */
  const told = (group: "model" | "augment"): PartialOptions<OptionTable> =>
    Object.fromEntries(
      Object.entries<OptionValue>(groups[group]).filter(([name]) => given.includes(`${group}.${name}`)),
    );
  if (given.includes("augmentation") && Object.keys(told("augment")).length === 0 && values.views === 1) {
    throw new UsageError("--augmentation: changes nothing without one of its options, --augment.…");
  }
  const settings = {
    ...{ folder, split: values.split, batchSize: values.batchSize, workers: values.workers },
    ...{ checkpoint: values.checkpoint, ...(data ? { data } : {}) },
    ...{ modelOptions: told("model"), augment: told("augment"), augmentSeed: values.augmentSeed },
    views: values.views,
    augmentation: await augmentationNamed(values.augmentation),
    ...Object.fromEntries(
      Object.entries(values).filter(([name]) => given.includes(name) && Object.hasOwn(JUDGE_OPTIONS, name)),
    ),
  };
  return await evaluateShown(settings, output || undefined);
}

/**
 * Checks that what is found may be written to a folder, if it is there: it is none of another run, nor, where the run's own
 * figures are to be kept, of the run.
 */
async function checkOutput(
  output: string,
  { run, keepsOwn }: { readonly run: string; readonly keepsOwn: boolean },
): Promise<void> {
  await checkFolder(output, `--output ${output}`);
  if (!await exists(output)) return;
  if (await exists(run) && await Deno.realPath(output) === await Deno.realPath(run)) {
    if (!keepsOwn) return;
    throw new InputError(
      `--output ${output}: the run's own, whose figures of its test examples stay; leave --output out, or name another`,
    );
  }
  if ((await runFilesIn(output)).length > 0) {
    throw new InputError(`--output ${output}: another run, whose own figures stay; name a folder to be made`);
  }
  if (await exists(`${output}/index.json`)) {
    throw new InputError(`--output ${output}: a folder of shards; name a folder to be made`);
  }
  const [figures, report] = [`${output}/metrics.json`, `${output}/report.html`];
  if (await exists(figures)) {
    if (await readEvaluation(figures) !== undefined) return;
    throw new InputError(`--output ${output}: holds a metrics.json that is no evaluation's; name another folder`);
  }
  if (await exists(report)) {
    throw new InputError(
      `--output ${output}: holds a report.html beside which no metrics.json is; name another folder`,
    );
  }
}

/**
 * {@linkcode evaluate} with its progress on stderr, a table, and the report.
 *
 * @param output The folder of the report; as {@linkcode folderOfJudgement} has it when left out.
 */
export async function evaluateShown(settings: EvaluateSettings, output?: string): Promise<Evaluation> {
  let progress: Progress | undefined;
  const judgement = await evaluate(settings, (done, total, share) => {
    progress ??= new Progress({ label: "evaluating", unit: "examples", total });
    progress.update(done, { share });
  });
  progress?.end();
  for (const note of judgement.notes) say(`note       ${note}`);
  const place = output ?? folderOfJudgement(settings.folder, judgement);
  await writeEvaluation(settings.folder, judgement, place);
  say(formatEvaluation(judgement.evaluation, { colour: Deno.stdout.isTerminal(), width: 100 }));
  say(`report     ${place}/report.html`);
  return judgement.evaluation;
}

if (import.meta.main) await main("evaluate", async (args) => void await evaluateCommand(args));
