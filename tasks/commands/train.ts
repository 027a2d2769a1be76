/**
 * `deno task train`: trains a model on shards, or goes on with a run.
 *
 * @module
 */
import { existsSync, trimSlashes } from "../../pipelines/base/files.ts";
import type { Spec } from "../../pipelines/base/spec_module.ts";
import { defaultsOf, type OptionTable, type OptionValues } from "../../pipelines/base/option_table.ts";
import type { BackendDescription } from "../../models/backends/backend.ts";
import { BACKEND_OPTION, openBackend } from "../cli/backend_option.ts";
import { REMOTE_OPTIONS, remoteData } from "../cli/remote_options.ts";
import { Interrupt, interruptedCode } from "../cli/interrupt.ts";
import { main, say, whenInterrupted } from "../cli/main.ts";
import { flagOf, UsageError } from "../cli/option_values.ts";
import { HelpRequest, type ParsedOptions, parseOptions } from "../cli/options.ts";
import { augmentationNamed, modelNamed } from "../cli/spec_options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { complain } from "../cli/terminal.ts";
import { trainingPictures } from "../evaluation/training_pictures.ts";
import { agree } from "../mpi/agreement.ts";
import { asRank } from "../mpi/as_rank.ts";
import { launchedAs } from "../mpi/launcher.ts";
import type { MpiRanks, MpiSettings } from "../mpi/open_ranks.ts";
import { MPI_OPTION, MPI_OPTIONS } from "../mpi/options.ts";
import type { Ranks } from "../../models/gradients/ranks.ts";
import { openOnRanks } from "../training/open_on_ranks.ts";
import { RunTaken } from "../runs/run_claim.ts";
import { idleOptions } from "../training/augmented_fields.ts";
import { freeFolder } from "../runs/run_directory.ts";
import type { TrainOutcome } from "../runs/run_state.ts";
import {
  CLASSIFIERS_OPTIONS,
  type LoopOptions,
  mergeSettings,
  refuseIdleOptions,
  RUN_OPTIONS,
  type RunSettings,
  type TrainSettings,
} from "../runs/settings.ts";
import { flatOptions, lastCheckpoint, type OpenRun, openRun, reopenRun } from "../training/open_run.ts";
import { LENGTH_OPTIONS } from "../training/continuation.ts";
import { Profile } from "../training/profile.ts";
import { DEFAULT_MODEL, hiding, specsOf } from "../training/run_specs.ts";
import { train, type TrainPhase } from "../training/train.ts";
import { defaultDataOf, prepareDefaultData } from "./default_data.ts";
import { resumeLine, showTraining } from "../training/train_view.ts";
import { SERVER_OPTIONS } from "../web/server/server_options.ts";
import { openWatcher } from "../web/watch/watcher.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { AUGMENTATIONS } from "../../pipelines/strokes/augmentations.ts";

/** The presets of the built-in models, for help. */
function presetNames(): string {
  return Object.values(MODELS).flatMap(({ name, presets = {} }) =>
    Object.entries(presets).map(([preset, { summary }]) => `${preset} of ${name} (${summary})`)
  ).join("; ");
}

const OWN_OPTIONS = {
  model: {
    value: "",
    help: `what is trained: ${Object.keys(MODELS).join(", ")}, or the path of a module; when left out the model of ` +
      `--from, else ${DEFAULT_MODEL}; --model NAME --help shows its options`,
  },
  data: {
    value: "",
    help:
      "the folder of shards that deno task prepare made, or its address, https://host/folder/ or s3://bucket/prefix; " +
      "when left out data/<the dataset that the model says>, else data/quickdraw, of generated examples where it is not there",
  },
  ...REMOTE_OPTIONS,
  run: { value: "", help: "the run's folder, to be made; runs/<model>-<number> when left out" },
  resume: {
    value: "",
    help: "go on with the run in this folder, from its last checkpoint; --train.epochs, --train.steps or " +
      "--train.patience make it longer, --data says where its shards lie now, --workers how many threads it has, " +
      "--backend what computes",
  },
  from: {
    value: "",
    help:
      "begin with the best weights of the run in this folder, or with those of a checkpoint, and with its model's " +
      "options where none are given; for other classes the last layer is new",
  },
  preset: {
    value: "",
    help: `settings with a name, for options that are not given: ${presetNames()}`,
  },
  augmentation: {
    value: "affine",
    help: `how training drawings and images are changed: ${
      Object.keys(AUGMENTATIONS).join(", ")
    }, or the path of a module`,
  },
  backend: BACKEND_OPTION,
  ...RUN_OPTIONS,
  watch: {
    value: false,
    help:
      "serve a page on this machine that shows the run while it goes: its curves, and what its last weights make; " +
      "deno task watch does that from another terminal",
  },
  mpi: MPI_OPTION,
  port: { ...SERVER_OPTIONS.port, value: 8001, help: `of --watch: ${SERVER_OPTIONS.port.help}` },
  profile: {
    value: false,
    help:
      "show at the end, or after Ctrl-C, where the time of a step went: each phase, of it what tfjs's kernels and " +
      "the JavaScript around them took, then the most expensive kernels; also in profile.json in the run's folder",
  },
  subnormals: {
    value: false,
    help: "a profile that counts subnormal values as well, of wasm and cpu: where there are many, steps are slow",
  },
} as const;

type Own = OptionValues<typeof OWN_OPTIONS>;

export const SPEC = {
  name: "train",
  summary: "Trains a model on prepared shards.",
  examples: [
    "deno task train --model cnn --data data/quickdraw --train.epochs 5",
    "deno task train --resume runs/cnn-lstm-1",
    "deno task train --config runs/cnn-lstm-1/options.json --seed 1 --run runs/cnn-lstm-again",
    "deno task train --from runs/cnn-lstm-1 --data data/other --train.learning-rate 1e-4",
    "deno task train --data s3://bucket/quickdraw --model cnn-lstm",
    "deno task train --model draw --help",
    "mpirun -n 2 deno task train --mpi --model cnn-lstm --data data/quickdraw",
  ],
  groups: {
    "": OWN_OPTIONS,
    model: async (own: Own) => (await specsOf(own)).modelOptions,
    train: async (own: Own) => {
      const { model, loopOptions } = await specsOf(own);
      return hiding(loopOptions, model.fields.includes("label") ? [] : CLASSIFIERS_OPTIONS);
    },
    augment: async (own: Own) => {
      const { model: { fields, fieldsOf }, augmentation } = await specsOf(own);
      return hiding(augmentation.options, fieldsOf ? [] : idleOptions(augmentation, fields)); // the data may decide
    },
    mpi: MPI_OPTIONS,
  },
} as const satisfies TaskSpec;

type Parsed = ParsedOptions<typeof SPEC["groups"]>;

const isNamed = (args: readonly string[], flag: string): boolean =>
  args.some((arg) => arg === flag || arg.startsWith(`${flag}=`));

/** Steps end a run whatever its epochs are, so that a flag of both, or of epochs beside a file's steps, is a mistake. */
export function checkLength(args: readonly string[], { steps }: Pick<LoopOptions, "steps">): void {
  if (steps === 0 || !isNamed(args, "--train.epochs")) return;
  throw new UsageError(
    `--train.epochs: the run ends after --train.steps ${steps}, whatever the epochs; --train.steps 0 lets them decide`,
  );
}

/**
 * {@linkcode mergeSettings} for a new run, of options that were typed.
 *
 * @throws {UsageError} When they do not go together.
 */
export function settingsOfFlags(settings: TrainSettings<OptionTable, OptionTable>): RunSettings {
  try {
    const merged = mergeSettings(settings);
    refuseIdleOptions(merged);
    return merged;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(error.message);
  }
}

/** The settings that a command line asks for. */
async function settingsOf({ values, groups, given }: Parsed): Promise<RunSettings> {
  const { from, seed } = values;
  const workers = isProfiled(values) && values.workers === "auto" ? 1 : values.workers;
  const { model, augmentation } = await specsOf(values);
  const data = remoteData(values.data || defaultDataOf(model), values, given);
  const folder = trimSlashes(values.run) || await freeFolder("runs", model.name);
  const rest = { modelOptions: groups.model, loop: groups.train, augment: groups.augment, seed, workers };
  return settingsOfFlags({ data, folder, from, model, augmentation, ...rest });
}

const isProfiled = ({ profile, subnormals }: Own): boolean => profile || subnormals;

/** A profile is of one thread. */
function checkProfile(own: Own): void {
  const { workers } = own;
  if (isProfiled(own) && workers !== "auto" && workers > 1) {
    throw new UsageError(`--profile watches one thread, found --workers ${workers}`);
  }
}

/** A spec as `options.json` names it. */
export function referenceOf(spec: Spec, registered: Readonly<Record<string, Spec>>): string {
  return registered[spec.name] === spec ? spec.name : spec.url;
}

/**
 * The options of the run that `--resume` names, those that it was saved with, and what it learnt from.
 *
 * @throws {UsageError} When a flag contradicts it.
 */
export async function resumedOptions(folder: string, args: readonly string[]) {
  const { path, resume } = await lastCheckpoint(folder);
  const saved = flatOptions(resume.state.settings, resume.state.backend);
  const parsed = await parseOptions(SPEC, ["--config", path, ...args], (file) => {
    if (file === path) return JSON.stringify(saved);
    throw new Error("a resumed run takes its options from its checkpoint");
  });
  checkProfile(parsed.values);
  if (isNamed(args, "--run")) throw new UsageError("--run: --resume names the run's folder");
  const { model, augmentation } = parsed.values;
  const flat: typeof parsed.flat = {
    ...parsed.flat,
    model: model === saved.model ? model : referenceOf(await modelNamed(model), MODELS),
    augmentation: augmentation === saved.augmentation
      ? augmentation
      : referenceOf(await augmentationNamed(augmentation), AUGMENTATIONS),
  };
  const changing = ["data", "workers", "backend", ...LENGTH_OPTIONS.map((name) => `train.${name}`)];
  for (const [name, value] of Object.entries(saved)) {
    if (name === "run" || changing.includes(name) || String(flat[name]) === String(value)) continue;
    throw new UsageError(
      `${flagOf(name)} ${flat[name]} contradicts the run, which has ${value === "" ? "none" : value}`,
    );
  }
  return { parsed, saved, learnt: resume.state.data };
}

/** Opens the run that `--resume` names. */
async function resumedRun(folder: string, args: readonly string[], ranks: Ranks | undefined): Promise<OpenRun> {
  const { parsed, saved } = await resumedOptions(folder, args);
  const { epochs, steps, patience } = parsed.groups.train;
  const { workers, backend } = parsed.values;
  const data = remoteData(parsed.values.data, parsed.values, parsed.given);
  const changed = {
    ...(data === saved.data ? {} : { data }),
    ...(isNamed(args, "--workers") ? { workers } : {}),
  };
  return await reopenRun(folder, openBackend, { ...changed, backend, ranks, loop: { epochs, steps, patience } });
}

/** Opens a new run; where another takes the name that was free, in the next folder. */
async function newRun(
  parsed: Parsed,
  startBackend: () => Promise<BackendDescription>,
  ranks: Ranks | undefined,
): Promise<OpenRun> {
  await settingsOf(parsed); // what does not go together is told before data is prepared
  if (parsed.values.data === "") await prepareDefaultData((await specsOf(parsed.values)).model);
  for (;;) {
    try {
      return await openRun(await settingsOf(parsed), startBackend, ranks);
    } catch (error) {
      if (!(error instanceof RunTaken) || parsed.values.run !== "") throw error;
    }
  }
}

/**
 * Opens a new run, or the one that `--resume` names.
 *
 * @param ranks The processes that are to share out each batch; this is the first of them.
 */
export async function runOf(
  args: readonly string[],
  ranks?: Ranks,
): Promise<OpenRun & { readonly profile?: Profile }> {
  const parsed = await parseOptions(SPEC, args);
  const { subnormals, resume, backend } = parsed.values;
  checkProfile(parsed.values);
  if (resume === "") checkLength(args, parsed.groups.train);
  const run = resume === ""
    ? await newRun(parsed, () => openBackend(backend), ranks)
    : await resumedRun(resume, args, ranks);
  if (subnormals && run.backend.name === "webgpu") {
    run.claim[Symbol.dispose]();
    throw new UsageError("--subnormals counts on wasm and cpu, found webgpu; --backend wasm is one");
  }
  return isProfiled(parsed.values) ? { ...run, profile: new Profile({ countsSubnormals: subnormals }) } : run;
}

/** The command: a new run, or `--resume`; Ctrl-C and SIGTERM finish the step at hand, save and say how to go on. */
export async function trainCommand(args: readonly string[]): Promise<TrainOutcome> {
  const parsing = parseOptions(SPEC, args);
  const isRank = parsing.then(({ values }) => values.mpi, () => args.includes("--mpi")); // others are told of an error
  if (await isRank) return await asRank((join) => trainOnRanks(args, join));
  const { values: { watch, port }, groups, given } = await parsing;
  checkPort(watch, given);
  const idle = Object.keys(groups.mpi).find((name) => given.includes(`mpi.${name}`));
  if (idle !== undefined) throw new UsageError(`--mpi.${idle} is of --mpi, which is not given`);
  const { size = 1 } = launchedAs();
  if (size > 1) {
    complain(`note       ${size} processes were started, and each trains alone: --mpi shares out the batches`);
  }
  return await (watch ? trainWatched(args, port) : trainShown(await runOf(args)));
}

function checkPort(watch: boolean, given: readonly string[]): void {
  if (!watch && given.includes("port")) throw new UsageError("--port is of --watch, which is not given");
}

/** The command as one of several processes that share out each batch. */
async function trainOnRanks(
  args: readonly string[],
  join: (settings: MpiSettings) => Promise<MpiRanks>,
): Promise<TrainOutcome> {
  const parsing = parseOptions(SPEC, args);
  const ranks = await join(
    await parsing.then(({ groups }) => groups.mpi, (error) => {
      if (error instanceof HelpRequest) throw error;
      return defaultsOf(MPI_OPTIONS); // the others are told of the error
    }),
  );
  await agree(ranks, async () => {
    const {
      values,
      given,
      flat: { run: _run, data: _data, endpoint: _, cache: _cache, cacheLimit: _limit, ...shared },
    } = await parsing;
    if (values.watch || isProfiled(values)) {
      throw new UsageError("--watch, --profile and --subnormals are of one process, without --mpi");
    }
    checkPort(values.watch, given);
    return shared;
  });
  const { values, given } = await parsing;
  const data = () => values.data && remoteData(values.data, values, given);
  return await trainShown(await openOnRanks(ranks, () => runOf(args, ranks), { data, startBackend: openBackend }));
}

async function trainWatched(args: readonly string[], port: number): Promise<TrainOutcome> {
  const watcher = await openWatcher({ host: "127.0.0.1", port, allowHost: [], complain: complainOfPage });
  try {
    const run = await runOf(args);
    say(`watch      ${watcher.url} in a browser`);
    watcher.show(run.settings.folder);
    return await trainShown(run);
  } finally {
    await watcher.end();
  }
}

const complainOfPage = (line: string): void => complain(`strokewise train: ${line}`);

/**
 * Never called: a literal, by which Deno fetches what the charts of `--watch` load by name along with all other packages, before
 * the work begins.
 */
export const fetchCharts = (): Promise<unknown> => import("echarts/dist/echarts.esm.min.mjs");

/** Takes every step of a run, with progress and evaluations shown; Ctrl-C and SIGTERM end it in good order. */
export async function trainShown(run: OpenRun & { readonly profile?: Profile }): Promise<TrainOutcome> {
  using _claim = run.claim;
  using interrupt = new Interrupt();
  const { ranks, settings: { folder } } = run;
  const hint = () => existsSync(`${folder}/last.safetensors`) ? `go on with: ${resumeLine(run)}` : undefined;
  const finishing = ranks &&
    (() =>
      "told to end, by a person or because another rank has ended; the step at hand is finished if it can be; go on with: " +
      resumeLine(run));
  using _hint = whenInterrupted(hint, finishing);
  const onPhase = (phase: TrainPhase): void => {
    interrupt.isHeard = phase === "training";
    whenInterrupted(hint, finishing); // there is a checkpoint now
    if (phase === "compiling") complain(`compiling  the programs for ${run.backend.device}`);
  };
  const pictures = trainingPictures((note) => complain(`note       ${note}`));
  let objectives: readonly string[] = [];
  const onObjectives = (names: readonly string[]): void => void (objectives = names);
  const lines = train(run.settings, { ...run, signal: interrupt.signal, onPhase, onObjectives, pictures });
  const outcome = await showTraining(run, lines, () => objectives);
  if (outcome.end === "interrupted") Deno.exitCode = interruptedCode();
  return outcome;
}

if (import.meta.main) await main("train", async (args) => void await trainCommand(args));
