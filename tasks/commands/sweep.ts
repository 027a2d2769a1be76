/**
 * `deno task sweep`: trains and judges a run for each combination of what is given more than once, and puts them in a table.
 *
 * @module
 */
import { MODELS } from "../../models/zoo/registry.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { checkFolder, exists, trimSlashes, writeAtomic } from "../../pipelines/base/files.ts";
import { SPLITS } from "../../pipelines/base/split.ts";
import { counted, listWords } from "../../pipelines/base/text.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { AUGMENTATIONS } from "../../pipelines/strokes/augmentations.ts";
import {
  checkCollect,
  chosenEngine,
  CLUSTER_OPTIONS,
  ENGINE_GROUPS,
  isInThisProcess,
  isOfEngines,
} from "../cluster/cluster_options.ts";
import { type Grid, gridOf, type GridRow } from "../cluster/grid.ts";
import { type RowsHere, runRows } from "../cluster/run_rows.ts";
import {
  isJudgedSo,
  missingRows,
  readSweep,
  type Sweep,
  sweepMarkdown,
  sweepPage,
  type SweepResults,
  sweepText,
} from "../cluster/sweep_table.ts";
import { openBackend } from "../cli/backend_option.ts";
import { main, say } from "../cli/main.ts";
import { commandLine, UsageError } from "../cli/option_values.ts";
import { type ParsedOptions, parseOptions } from "../cli/options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { checkFits } from "../evaluation/fitting_classifier.ts";
import { judgedFolder } from "../evaluation/judged_aside.ts";
import { readEvaluation } from "../evaluation/read_evaluation.ts";
import { checkData, checkSameData, dataIdentity, glanceAtData, isDataThere } from "../runs/run_data.ts";
import { checkpointPath, loadRunCheckpoint, runFilesIn } from "../runs/run_directory.ts";
import { bestWeightsOf } from "../runs/weights_identity.ts";
import type { RunSettings } from "../runs/settings.ts";
import { checkedModel } from "../training/check_model.ts";
import { DEFAULT_MODEL, type RunSpecs, specsOf } from "../training/run_specs.ts";
import { defaultDataOf, prepareDefaultData } from "./default_data.ts";
import { evaluateShown } from "./evaluate.ts";
import {
  checkLength,
  referenceOf,
  resumedOptions,
  runOf,
  settingsOfFlags,
  SPEC as TRAIN,
  trainShown,
} from "./train.ts";

const { model, data, from, preset, augmentation, backend, workers, seed } = TRAIN.groups[""];

/** The options of `train` that are in no group of theirs and that a row can have. */
const ROW_OPTIONS = {
  ...{ model, data, from, preset, augmentation, backend, seed },
  workers: { ...workers, value: 1, help: `${workers.help}; 1 here, so that rows do not depend on the machine` },
} as const;

const OWN_OPTIONS = {
  run: { value: "", help: "the folder of the rows' runs and of the table; runs/sweep-<model> when left out" },
  split: { value: "valid", choices: SPLITS, help: "which examples the rows are judged on, by their best weights" },
  classifier: {
    value: "",
    help:
      "of models that draw: the run of a classifier that reads what each row draws, as evaluate --classifier has it",
  },
  rows: {
    value: [] as readonly string[],
    help: "train these rows alone, by the names of their folders; all when left out; what engines start",
  },
  collect: {
    value: false,
    help: "train nothing: make the table of the rows that are done, and say which are missing; the exit code is 1 then",
  },
  ...CLUSTER_OPTIONS,
} as const;

type RowOwn = Omit<Parameters<typeof TRAIN.groups.model>[0], "resume">;

export const SPEC = {
  name: "sweep",
  summary:
    "Trains and judges a run for each combination of what is given more than once, by commas or by a flag again, and puts " +
    "them in a table. All other options are those of deno task train. What was interrupted goes on with the same command.",
  examples: [
    "deno task sweep --train.learning-rate 1e-3,3e-4 --seed 0,1,2",
    "deno task sweep --model cnn,cnn-lstm --data data/three --train.epochs 20 --local.processes 2",
    "deno task sweep --model cnn --model.channels 8,16 --model.channels 16,32 --engine slurm --slurm.partition short",
    "deno task sweep --model text-to-image --model.likelihood bernoulli,ssim,both --classifier runs/cnn-1",
  ],
  groups: {
    "": { ...OWN_OPTIONS, ...ROW_OPTIONS },
    model: (own: RowOwn) => TRAIN.groups.model({ ...own, resume: "" }),
    train: (own: RowOwn) => TRAIN.groups.train({ ...own, resume: "" }),
    augment: (own: RowOwn) => TRAIN.groups.augment({ ...own, resume: "" }),
    ...ENGINE_GROUPS,
  },
} as const satisfies TaskSpec;

type Parsed = ParsedOptions<typeof SPEC["groups"]>;

/** The options on which others depend. */
const DECIDING = [...Object.keys(ROW_OPTIONS), "config", "help"];

/** Whether no row has an option in its own way. */
const isShared = (name: string): boolean => Object.hasOwn(OWN_OPTIONS, name) || isOfEngines(name);

/** The command. */
export async function sweepCommand(args: readonly string[]): Promise<void> {
  const spelt = args.map((arg) => arg === "-h" ? "--help" : arg);
  const grid = await gridOf(spelt, {
    ...{ deciding: DECIDING, folders: ["data", "from"], isShared },
    parse: (args) => parseOptions(SPEC, args),
  });
  const { values } = grid.parsed[0];
  for (const { groups } of grid.parsed) checkLength(args, groups.train);
  const sweep = await sweepOf(grid);
  const { rows, folder } = sweep;
  await checkFolder(folder, `--run ${folder}`);
  if ((await runFilesIn(folder)).length > 0) {
    throw new InputError(`${folder}: a run, expected a folder of runs; --run names another`);
  }
  const names = rows.map(({ name }) => name);
  const stranger = (await rowsIn(folder)).find((name) => !names.includes(name));
  if (stranger !== undefined) {
    throw new InputError(
      `${folder}: holds ${stranger}, a row of another sweep, whose table stays; --run names another`,
    );
  }
  const unknown = values.rows.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new UsageError(`--rows: ${listWords(unknown)}: none of ${listWords(names)}`);
  if (values.collect) checkCollect(grid.parsed[0].given);
  const chosen = chosenEngine(grid.parsed[0]);
  if (values.collect) {
    if (!await collect(sweep)) Deno.exitCode = 1;
    return;
  }
  const wanted = values.rows.length === 0 ? names : names.filter((name) => values.rows.includes(name));
  const here: RowsHere = {
    rows: (names) => trainRows(rows.filter(({ name }) => names.includes(name)), { sweep, grid }),
    merge: async () => await collect(sweep) || wanted.length < names.length, // no more were asked for
  };
  const data = chosen.dryRun || values.rows.length > 0 && isInThisProcess(chosen) ? [] : await dataOf(grid);
  if (!chosen.dryRun) await checkClassifier(grid, sweep);
  if (values.rows.length > 0 && isInThisProcess(chosen)) {
    if (await here.rows(wanted) === "interrupted") return;
    const results = await readSweep(sweep);
    if (missingRows(results).length === 0) await writeTable(results);
    return;
  }
  if (!chosen.dryRun) await checkBegun(rows.filter(({ name }) => wanted.includes(name)), { sweep, grid });
  const jobs = {
    task: "sweep",
    args: [
      ...[...grid.args, "--split", values.split],
      ...(values.classifier === "" ? [] : ["--classifier", values.classifier]),
    ],
    rows: wanted.map((name) => ({ name, folder: name })),
    folder,
    data,
  } as const;
  await runRows(jobs, chosen, { args, here });
}

/** The names of the runs that a folder holds, which need not be there. */
async function rowsIn(folder: string): Promise<string[]> {
  if (!await exists(folder)) return [];
  const folders = (await Array.fromAsync(Deno.readDir(folder))).filter(({ isDirectory }) => isDirectory);
  const found: string[] = [];
  for (const { name } of folders) if ((await runFilesIn(`${folder}/${name}`)).length > 0) found.push(name);
  return found;
}

/** What a row is trained with, but for its folder. */
function settingsOfRow({ groups }: Parsed, { model, augmentation }: RunSpecs, data: string): RunSettings {
  const options = { modelOptions: groups.model, loop: groups.train, augment: groups.augment };
  return settingsOfFlags({ data, folder: "", model, augmentation, ...options });
}

/** What a grid is about. */
async function sweepOf({ rows, varied, parsed }: Grid<Parsed>): Promise<Sweep> {
  const { run, model, split } = parsed[0].values;
  const classifier = trimSlashes(parsed[0].values.classifier);
  const specs = await Promise.all(parsed.map(({ values }) => specsOf({ ...values, resume: "" })));
  for (const [i, row] of parsed.entries()) settingsOfRow(row, specs[i], ""); // before the first row begins
  const ways = new Set(specs.map(({ model: { best } }) => JSON.stringify([best.metric, best.better])));
  const measuredBy = new Set(
    specs.flatMap(({ model: { best } }) => (best.measuredBy ?? []).map((name) => `model.${name}`)),
  );
  const subjects = specs.map(({ model, augmentation }, i) => ({
    model: model.name,
    specs: { model: referenceOf(model, MODELS), augmentation: referenceOf(augmentation, AUGMENTATIONS) },
    data: parsed[i].values.data || defaultDataOf(model),
  }));
  const models = [...new Set(specs.map(({ model: { name } }) => name))];
  return {
    ...{ rows, varied, split, classifier, flat: parsed.map(({ flat }) => flat), subjects },
    reader: classifier === "" ? "" : await bestWeightsOf(classifier),
    folder: trimSlashes(run) || `runs/sweep-${models.length > 1 ? "models" : models[0] ?? (model || DEFAULT_MODEL)}`,
    best: ways.size === 1 ? specs[0].model.best : undefined,
    measures: varied.filter((name) => name === "data" || measuredBy.has(name)),
  };
}

/** The data of the rows, that of rows that name none prepared where it is not there. */
async function dataOf({ parsed }: Grid<Parsed>): Promise<{ path: string; identity: string }[]> {
  const paths = new Set<string>();
  for (const { values } of parsed) {
    const { model } = await specsOf({ ...values, resume: "" });
    if (values.data === "") await prepareDefaultData(model);
    paths.add(values.data || defaultDataOf(model));
  }
  const found: { path: string; identity: string }[] = [];
  for (const path of paths) found.push({ path, identity: dataIdentity(await readShardIndex(path)) });
  return found;
}

/** Checks that the classifier can read what each model draws of each data, as far as that is there, before hours go into rows. */
async function checkClassifier({ parsed }: Grid<Parsed>, { classifier, subjects }: Sweep): Promise<void> {
  if (classifier === "") return;
  await openBackend("cpu"); // it computes nothing
  const seen = new Set<string>();
  for (const [i, row] of parsed.entries()) {
    const { specs, data } = subjects[i];
    const kind = JSON.stringify([specs.model, data]);
    if (seen.has(kind) || !await isDataThere(data)) continue;
    seen.add(kind);
    const settings = settingsOfRow(row, await specsOf({ ...row.values, resume: "" }), data);
    const index = await readShardIndex(data);
    checkData(index, settings);
    const described = await glanceAtData(index, settings);
    const model = checkedModel(settings, described);
    try {
      await checkFits(classifier, { model, name: settings.model.name, data: described });
    } finally {
      model.dispose();
    }
  }
}

/** Trains and judges rows, one after the other, as far as that was not done before. */
async function trainRows(
  rows: readonly GridRow[],
  { sweep, grid }: { readonly sweep: Sweep; readonly grid: Grid<Parsed> },
): Promise<"done" | "interrupted"> {
  for (const row of rows) {
    const number = sweep.rows.indexOf(row);
    say(`\nrow ${number + 1} of ${sweep.rows.length}: ${row.name}`);
    const end = await trainRow(row, { ...sweep, parsed: grid.parsed[number] });
    if (end === "interrupted") return end;
  }
  return "done";
}

const isBegun = (run: string): Promise<boolean> => exists(`${run}/last.safetensors`);

/** The arguments of a row's training, but for its folder. */
function ownArgs(args: readonly string[], { values: { workers, backend } }: Parsed): string[] {
  const options = args.filter((arg) => !arg.startsWith("--workers=") && !arg.startsWith("--backend="));
  return [...options, `--workers=${workers}`, ...(backend === "auto" ? [] : [`--backend=${backend}`])];
}

/** The same of a run that goes on: it has the settings of its preset already. */
const resumeArgs = (own: readonly string[]): string[] => own.filter((arg) => !arg.startsWith("--preset="));

/**
 * Checks that rows which others train, and which are begun here, are of this sweep: what comes back takes their place.
 *
 * @throws {InputError} When one has other options, or other data.
 */
async function checkBegun(
  rows: readonly GridRow[],
  { sweep, grid }: { readonly sweep: Sweep; readonly grid: Grid<Parsed> },
): Promise<void> {
  for (const row of rows) {
    const run = `${sweep.folder}/${row.name}`;
    if (!await isBegun(run)) continue;
    const number = sweep.rows.indexOf(row);
    const { data } = sweep.subjects[number];
    const args = ["--resume", run, ...resumeArgs(ownArgs(row.args, grid.parsed[number]))];
    const { learnt } = await resumedOptions(run, args).catch((error) => {
      throw error instanceof UsageError
        ? new UsageError(`run ${run}: ${error.message}; --run names another folder`)
        : error;
    });
    checkSameData(await readShardIndex(data), { data, folder: run, learnt });
  }
}

async function trainRow(
  { name, args }: GridRow,
  { folder, split, classifier, reader, parsed }: Sweep & { readonly parsed: Parsed },
): Promise<"done" | "interrupted"> {
  const run = `${folder}/${name}`;
  const { workers } = parsed.values;
  const own = ownArgs(args, parsed);
  const { end } = await trainShown(
    await runOf(await isBegun(run) ? ["--resume", run, ...resumeArgs(own)] : ["--run", run, ...own]),
  );
  if (end === "interrupted") return end;
  const judged = `${judgedFolder(run, split)}/metrics.json`;
  const { step } = (await loadRunCheckpoint((await checkpointPath(run, "best")).path)).state.position;
  const before = await exists(judged) ? await readEvaluation(judged) : undefined;
  if (before && isJudgedSo(before, { split, reader, step })) return "done";
  await evaluateShown({ folder: run, split, workers, ...(classifier === "" ? {} : { classifier }) });
  return "done";
}

/** Makes the table of the rows that are done, and shows it; says whether that is all. */
async function collect(sweep: Sweep): Promise<boolean> {
  const { folder } = sweep;
  const results = await readSweep(sweep);
  const missing = missingRows(results);
  if (missing.length === sweep.rows.length) {
    say(`missing    all ${counted(missing.length, "row")}: there is no table to make`);
    return false;
  }
  await writeTable(results);
  say(`\n${sweepText(results)}\n`);
  say(`table      ${folder}/table.html, ${folder}/table.md`);
  const done = sweep.rows.filter(({ name }) => !missing.includes(name)).slice(0, 2).map(({ name }) =>
    `${folder}/${name}`
  );
  if (done.length === 2) say(`compare    ${commandLine("compare", done)}`);
  return missing.length === 0;
}

async function writeTable(results: SweepResults): Promise<void> {
  await writeAtomic(`${results.folder}/table.md`, sweepMarkdown(results));
  await writeAtomic(`${results.folder}/table.html`, await sweepPage(results));
}

if (import.meta.main) await main("sweep", sweepCommand);
