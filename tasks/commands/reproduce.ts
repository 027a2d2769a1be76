/**
 * `deno task reproduce`: trains and judges the rows of a report's table, and shows theirs beside ours.
 *
 * @module
 */
import {
  checkCollect,
  type ChosenEngine,
  chosenEngine,
  CLUSTER_OPTIONS,
  ENGINE_GROUPS,
  isInThisProcess,
  isOfEngines,
} from "../cluster/cluster_options.ts";
import { type RowsHere, runRows } from "../cluster/run_rows.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { checkFolder, exists, trimSlashes } from "../../pipelines/base/files.ts";
import { nearest } from "../../pipelines/base/nearest.ts";
import { baseName } from "../../pipelines/sources/source.ts";
import { counted } from "../../pipelines/base/text.ts";
import { MEASURED_TABLES, REPRODUCE_TABLES } from "../reproduce/tables.ts";
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import { BACKEND_OPTION, openBackend } from "../cli/backend_option.ts";
import { interruptedCode } from "../cli/interrupt.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { RunClaim } from "../runs/run_claim.ts";
import { RUN_OPTIONS } from "../runs/settings.ts";
import { parseOptions } from "../cli/options.ts";
import { commandLine, flagOf, flagsFor, UsageError } from "../cli/option_values.ts";
import { main, say } from "../cli/main.ts";
import {
  type MeasuredTable,
  type MeasureSettings,
  type MeasureWatcher,
  writeMeasured,
} from "../reproduce/measured_table.ts";
import type { WorkWatcher } from "../reproduce/experiment_run.ts";
import { collect, dataSettings } from "../reproduce/collect.ts";
import { chosenJobs } from "../reproduce/jobs.ts";
import type { TablePart } from "../reproduce/settle_all.ts";
import { formatPlan, planTable } from "../reproduce/plan.ts";
import { dataOf } from "../reproduce/prepared_data.ts";
import { formatTables, hasBegun, type ListedTable, listTable } from "../reproduce/table_list.ts";
import { terminalWidth } from "../cli/terminal.ts";
import type { ReproduceTable } from "../reproduce/table.ts";
import type { TableSettings } from "../reproduce/reproduce_settings.ts";
import { reproduce, type ReproduceSettings, writeTable } from "../reproduce/reproduce.ts";
import { showWork } from "./work_watcher.ts";
import { formatReproduction } from "../reproduce/table_text.ts";

const NAMES = [...Object.keys(REPRODUCE_TABLES), ...Object.keys(MEASURED_TABLES)];

/** The options of tables that have some, under their names. */
const TABLE_OPTIONS: Readonly<Record<string, OptionTable>> = Object.fromEntries(
  [...Object.values(REPRODUCE_TABLES), ...Object.values(MEASURED_TABLES)].flatMap(({ name, options }) =>
    options ? [[name, options]] : []
  ),
);

export const SPEC = {
  name: "reproduce",
  summary: "Trains and judges the rows of a report's table, and shows the report's numbers beside ours. What was " +
    "interrupted goes on where it was with the same command. Without a table it lists them all, with what each takes.",
  examples: [
    "deno task reproduce",
    "deno task reproduce draw-mnist --source mnist/",
    "deno task reproduce draw-mnist --source mnist/ --budget 10000 --seeds 3 --plan",
    "deno task reproduce draw-mnist --source mnist/ --budget 10000 --run runs/draw-mnist-10000",
    "deno task reproduce draw-mnist --source mnist/ --budget 10000 --rows t1,t2 --run runs/draw-mnist-10000",
    "deno task reproduce draw-mnist --source mnist/ --budget 10000 --collect --run runs/draw-mnist-10000",
    "deno task reproduce draw-quickdraw --source data/cache/quickdraw-bitmap/",
    "deno task reproduce arithmetic --source mnist/ --budget 120000",
    "deno task reproduce faces-and-animals --source my-pictures/ --faces-and-animals.group name --budget 2000",
    "deno task reproduce sketch-rnn-augment --source mnist/ --sketch-rnn-augment.per-class 10,100 --budget 2000",
    "deno task reproduce sketch-rnn-augment --source mnist/ --budget 2000 --local.processes 8",
  ],
  rest: `[${NAMES.join("|")}]`,
  groups: {
    "": {
      source: {
        value: [] as readonly string[],
        help:
          "files, folders or globs: MNIST, Google's 28 x 28 bitmaps, its drawings for frankenstein, or any pictures for " +
          "faces-and-animals; the generated digits, drawings or faces in fixtures/ when left out; may be repeated",
      },
      budget: {
        value: 200,
        help: "training steps of each row, 1 or more: with fewer than deno task reproduce lists (of classifiers in " +
          "sketch-rnn-augment 2,000) rows are unfinished, and their numbers compared with nothing; rows with a length of " +
          "their own take no more; a classifier that reads the samples comes first where a table has one, of no more than " +
          "ten times the budget",
        min: 1,
        whole: true,
      },
      run: { value: "", help: "the folder of the rows' runs and of the table; runs/reproduce-<table> when left out" },
      rows: {
        value: [] as readonly string[],
        help:
          "only these rows or cells, by the names of their folders; the table is written when all are there; several such " +
          "commands may run at once on one folder, on several machines that share it, too",
      },
      plan: {
        value: false,
        help:
          "run nothing: print the command of each row, what its training takes, and which are done; a shell can run it",
      },
      collect: {
        value: false,
        help: "train nothing: write the table of the rows that are done, and say which are missing; exit code 1 then",
      },
      seed: {
        value: 0,
        help: "of the weights, the shuffle and the samples; 0 to 4294967295",
        min: 0,
        max: 2 ** 32 - 1,
        whole: true,
      },
      seeds: {
        value: 1,
        help:
          "so many seeds a row, from --seed on, each a run of its own, 1 to 1000: the table shows means and sample " +
          "standard deviations; ROW in --rows means all of them, ROW-seed-S one",
        min: 1,
        max: 1000,
        whole: true,
      },
      backend: BACKEND_OPTION,
      workers: {
        ...RUN_OPTIONS.workers,
        value: 1,
        help:
          "threads that share out each batch, on wasm and cpu, and in which a classifier is judged, 1 to 64; auto counts " +
          "those that pay for each row; the bits of a row depend on how many there are",
      },
      ...CLUSTER_OPTIONS,
    },
    ...TABLE_OPTIONS,
    ...ENGINE_GROUPS,
  },
} as const satisfies TaskSpec;

/** The command; Ctrl-C and SIGTERM save and say how to go on, a second time they end it at once. */
export async function reproduceCommand(args: readonly string[]): Promise<void> {
  const { values, groups, flat, rest, given } = await parseOptions(SPEC, args);
  if (rest.length === 0) return await listTables(values.run, given);
  const table = tableNamed(rest);
  if (table.needs && values.source.length === 0) {
    throw new UsageError(`--source is missing: ${table.name} needs ${table.needs}`);
  }
  checkGiven(table, given);
  const tableOptions: Readonly<Record<string, OptionValues<OptionTable>>> = groups; // by names that no type knows
  const { budget, source: sources, seed, seeds, workers, backend, rows } = values;
  const folder = trimSlashes(values.run) || `runs/reproduce-${table.name}`;
  await checkFolder(folder, `--run ${folder}`);
  const options = tableOptions[table.name] ?? {};
  const settings = { folder, budget, sources, seed, seeds, workers, options };
  const chosen = chosenEngine({ values, groups, given });
  const parts = chosenParts({ ...settings, table, rows }); // a name that is none is told first
  if (values.collect) {
    if (!await collectTable({ ...settings, table, backend })) Deno.exitCode = 1;
    return;
  }
  const told = given.filter((name) => !OF_PLACE.includes(name) && !isOfEngines(name) && `${flat[name]}` !== "");
  const flags = flagsFor(Object.fromEntries(told.map((name) => [name, flat[name]])));
  if (values.plan && !("measure" in table)) {
    return say(formatPlan(await planTable({ ...settings, table, rows }), { table: table.name, folder, flags }));
  }
  if (!isInThisProcess(chosen)) {
    return await engineRows(parts, { chosen, args, flags, settings: { ...settings, table, backend } });
  }
  await reproduceHere({ ...settings, table, rows, backend }, args);
}

/** Those rows or cells of a table that were asked for; none of one that is measured as a whole. */
function chosenParts(
  { table, rows, ...settings }: Omit<HereSettings, "backend"> & {
    readonly table: ReproduceTable | MeasuredTable;
    readonly rows: readonly string[];
  },
): readonly TablePart[] {
  if (!("measure" in table)) return chosenJobs({ ...settings, table, rows });
  table.check?.(settings);
  const known = table.cells?.(settings.options) ?? [];
  const unknown = rows.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const all = known.length > MOST_NAMED ? `${known.slice(0, MOST_NAMED).join(", ")}, …` : known.join(", ");
    throw new InputError(`--rows ${unknown}: no cell of ${table.name}${nearest(unknown, known)}; its cells are ${all}`);
  }
  return known.filter((name) => rows.length === 0 || rows.includes(name))
    .map((name) => ({ name, folder: `${settings.folder}/${name}` }));
}

/** Cells that are told where one is named that is none. */
const MOST_NAMED = 9;

/** What a table is made with, before its backend is started. */
interface HereSettings extends Omit<MeasureSettings, "backend"> {
  readonly seeds: number;
  readonly backend: string;
}

/** Trains rows, or measures a table, in this process; says whether it was interrupted. */
async function reproduceHere(
  { table, rows, backend, ...settings }: HereSettings & {
    readonly table: ReproduceTable | MeasuredTable;
    readonly rows: readonly string[];
  },
  args: readonly string[],
): Promise<boolean> {
  const started = { ...settings, backend: await openBackend(backend) };
  using watcher = showWork();
  const { interrupted, text, end } = "measure" in table
    ? await measure(table, { ...started, only: rows.length > 0 ? rows : undefined }, watcher)
    : await reproduceRows({ ...started, table, rows }, watcher);
  if (text !== "") say(`\n${text}`);
  if (interrupted) Deno.exitCode = interruptedCode();
  say(interrupted ? `stopped    the same command goes on: ${commandLine("reproduce", args)}` : end);
  return interrupted;
}

/** Tells of all tables how they stand, in their own folders or in one that is named. */
async function listTables(run: string, given: readonly string[]): Promise<void> {
  const other = given.find((name) => name !== "run");
  if (other !== undefined) throw new UsageError(`${flagOf(other)}: name a table, ${NAMES.join(", ")}`);
  const folder = trimSlashes(run);
  if (folder !== "") await checkFolder(folder, `--run ${folder}`);
  if (folder !== "" && !await exists(folder)) throw new InputError(`--run ${folder}: no such folder`);
  const listed: ListedTable[] = [];
  for (const table of [...Object.values(REPRODUCE_TABLES), ...Object.values(MEASURED_TABLES)]) {
    listed.push(await listTable(table, folder || `runs/reproduce-${table.name}`));
  }
  const found = folder === "" ? listed : listed.filter(hasBegun);
  if (found.length === 0) throw new InputError(`--run ${folder}: no row of a table was begun there`);
  say(formatTables(found, terminalWidth()));
}

/** The table that was named. */
function tableNamed(rest: readonly string[]): ReproduceTable | MeasuredTable {
  const known = NAMES.join(", ");
  if (rest.length > 1) throw new UsageError(`expected one table, ${known}; found ${rest.length}`);
  const [name] = rest;
  if (!NAMES.includes(name)) {
    throw new UsageError(`table "${name}": unknown${nearest(name, NAMES)}; expected one of ${known}`);
  }
  return Object.hasOwn(MEASURED_TABLES, name) ? MEASURED_TABLES[name] : REPRODUCE_TABLES[name];
}

/** Options of tables whose rows are trained one by one. */
const OF_ROWS = ["rows", "collect", "plan", "seeds"];
/** Those that suit cells, too. */
const suitsCells = (option: string) => option === "rows" || option === "collect" || isOfEngines(option);
/** Options that say which part is made where, not what it is. */
const OF_PLACE = ["rows", "run", "plan", "collect"];

/** Refuses options that a table has no use for. */
function checkGiven(table: ReproduceTable | MeasuredTable, given: readonly string[]): void {
  const { name } = table;
  const refuse = (option: string, why = "") => new UsageError(`${flagOf(option)}: not with ${name}${why}`);
  if ("measure" in table) {
    if (table.steps === undefined && given.includes("budget")) throw refuse("budget", ", which trains no rows");
    const isOfRows = (option: string) => OF_ROWS.includes(option) || isOfEngines(option);
    const ofRows = given.find((option) => isOfRows(option) && !(table.cells && suitsCells(option)));
    const whole = table.cells
      ? ", which has cells; --dry-run prints the command of each, and an option of its own says how many there are"
      : ", which is measured as a whole, not row by row";
    if (ofRows !== undefined) throw refuse(ofRows, whole);
  }
  const others = given.find((option) => option.includes(".") && option.split(".")[0] !== name && !isOfEngines(option));
  if (others !== undefined) throw refuse(others);
  if (given.includes("collect")) checkCollect(given);
  const byEngine = given.find(isOfEngines);
  if (given.includes("plan") && byEngine !== undefined) {
    throw refuse(byEngine, " --plan, which prints the commands of this machine; --dry-run prints an engine's");
  }
}

/** Whether it was interrupted, what there is to be said of it, and the last line. */
interface Outcome {
  readonly interrupted: boolean;
  readonly text: string;
  readonly end: string;
}

const files = (folder: string) => `table      ${folder}/table.html, ${folder}/table.md`;

async function reproduceRows(settings: ReproduceSettings, watcher: WorkWatcher): Promise<Outcome> {
  const { interrupted, ...found } = await reproduce(settings, watcher);
  const { missing: { length }, table } = found;
  const isWritten = length === 0 || (settings.rows ?? []).length === 0;
  const end = isWritten
    ? files(settings.folder)
    : `rows       done; ${counted(length, "run")} of ${table.name} still to come, then the table is written`;
  return { interrupted, text: formatReproduction(found), end };
}

/** Writes the table of what is done; says whether that is all. */
async function collectTable(
  { table, backend, ...settings }: HereSettings & { readonly table: ReproduceTable | MeasuredTable },
): Promise<boolean> {
  const { folder } = settings;
  if (!await exists(folder)) throw new InputError(`--run ${folder}: no such folder; nothing was begun there`);
  const { text, missing } = "measure" in table
    ? await collectCells(table, { ...settings, backend: await openBackend(backend) })
    : await collectRows({ ...settings, table });
  say(`\n${text}`);
  say(files(folder));
  if (missing.length === 0) return true;
  say(`missing    ${missing.join(", ")}`);
  return false;
}

/** A table that was written, and the names of what it lacks. */
interface CollectedTable {
  readonly text: string;
  readonly missing: readonly string[];
}

async function collectRows(settings: TableSettings): Promise<CollectedTable> {
  const found = await collect(settings);
  await writeTable(settings.folder, found);
  return { text: formatReproduction(found), missing: found.missing.map(({ name }) => name) };
}

async function collectCells(table: MeasuredTable, settings: MeasureSettings): Promise<CollectedTable> {
  using watcher = showWork();
  const { text, missing = [], ...written } = (await table.measure({ ...settings, only: [] }, watcher))!;
  await writeMeasured(settings.folder, written);
  return { text, missing };
}

/** What {@linkcode engineRows} needs to know. */
interface ByEngine {
  readonly chosen: ChosenEngine;
  readonly args: readonly string[];
  /** Those that make the table what it is. */
  readonly flags: readonly string[];
  readonly settings: HereSettings & { readonly table: ReproduceTable | MeasuredTable };
}

/** Has rows or cells made by an engine, and makes the table. */
async function engineRows(rows: readonly TablePart[], { chosen, args, flags, settings }: ByEngine): Promise<void> {
  const { table, folder } = settings;
  const jobs = {
    ...{ task: "reproduce", args: [table.name, ...flags], folder, data: [] } as const,
    rows: rows.map(({ name, folder }) => ({ name, folder: baseName(folder) })),
  };
  const here: RowsHere = {
    rows: async (rows) => await reproduceHere({ ...settings, rows }, args) ? "interrupted" : "done",
    async merge() {
      if (!("measure" in table)) await prepareHere({ ...settings, table });
      const all = chosenParts({ ...settings, rows: [] });
      return await collectTable(settings) || rows.length < all.length; // no more were asked for
    },
  };
  await runRows(jobs, chosen, { args, here });
}

/** Prepares the data of a table where it is not there: rows that were trained elsewhere have it there. */
async function prepareHere(settings: TableSettings): Promise<void> {
  const { rows, classifier } = settings.table;
  using watcher = showWork();
  for (const experiment of [...rows, ...classifier ? [classifier] : []]) {
    await dataOf(experiment, dataSettings(experiment, settings), watcher);
  }
}

async function measure(table: MeasuredTable, settings: MeasureSettings, watcher: MeasureWatcher): Promise<Outcome> {
  const { folder, only } = settings;
  await Deno.mkdir(folder, { recursive: true });
  using _claim = table.cells ? undefined : await RunClaim.at(
    `${folder}/table.lock`,
    `${folder}: another process measures there`,
  );
  const measured = await table.measure(settings, watcher);
  if (measured === undefined) return { interrupted: true, text: "", end: "" };
  const { text, missing = [] } = measured;
  if (only !== undefined && missing.length > 0) {
    const end = `cells      done; ${
      counted(missing.length, "cell")
    } of ${table.name} still to come, then the table is written`;
    return { interrupted: false, text: "", end }; // the table of all would come after each cell that a process makes
  }
  if (!table.cells) await writeMeasured(folder, measured);
  return { interrupted: false, text, end: files(folder) };
}

if (import.meta.main) await main("reproduce", reproduceCommand);
