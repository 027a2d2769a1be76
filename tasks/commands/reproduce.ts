/**
 * `deno task reproduce`: trains and judges the rows of a report's table, and shows theirs beside ours.
 *
 * @module
 */
import { trimSlashes, writeAtomic } from "../../pipelines/base/files.ts";
import { MEASURED_TABLES, REPRODUCE_TABLES } from "../reproduce/tables.ts";
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import { BACKEND_OPTION, openBackend } from "../cli/backend_option.ts";
import { Interrupt, interruptedCode } from "../cli/interrupt.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { RUN_OPTIONS } from "../runs/settings.ts";
import { parseOptions } from "../cli/options.ts";
import { commandLine, flagOf, UsageError } from "../cli/option_values.ts";
import { main, say, whenInterrupted } from "../cli/main.ts";
import { Progress, type ProgressOptions } from "../cli/progress.ts";
import type { MeasuredTable, MeasureSettings, MeasureWatcher } from "../reproduce/measured_table.ts";
import { reproduce, type ReproduceSettings, type ReproduceWatcher } from "../reproduce/reproduce.ts";
import type { TrainPhase } from "../training/train.ts";
import { formatReproduction } from "../reproduce/table_page.ts";

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
    "interrupted goes on where it was with the same command.",
  examples: [
    "deno task reproduce draw-mnist --source mnist/",
    "deno task reproduce draw-mnist --source mnist/ --budget 10000 --run runs/draw-mnist-10000",
    "deno task reproduce draw-quickdraw --source data/cache/quickdraw-bitmap/",
    "deno task reproduce arithmetic --source mnist/ --budget 120000",
    "deno task reproduce faces-and-animals --source my-pictures/ --faces-and-animals.group name --budget 2000",
    "deno task reproduce sketch-rnn-augment --source mnist/ --sketch-rnn-augment.per-class 10,100 --budget 2000",
  ],
  rest: NAMES.join("|"),
  groups: {
    "": {
      source: {
        value: [] as readonly string[],
        help:
          "files, folders or globs: MNIST, Google's 28 x 28 bitmaps, or any pictures for faces-and-animals; the generated " +
          "digits or faces in fixtures/ when left out; may be repeated",
      },
      budget: {
        value: 200,
        help:
          "training steps of each row, 1 or more; below the reports' 10,000 (draw-variants 50,000; of classifiers in " +
          "sketch-rnn-augment 2,000; of arithmetic and faces-and-animals each row takes no more than it needs, 7,500 to " +
          "120,000, and 10 to 100 epochs) rows are unfinished, and their numbers compared with nothing; a classifier that " +
          "reads the samples comes first where a table has one, of digits of 2,000 steps or so, of pictures of 8 epochs",
        min: 1,
        whole: true,
      },
      run: { value: "", help: "the folder of the rows' runs and of the table; runs/reproduce-<table> when left out" },
      seed: {
        value: 0,
        help: "of the weights, the shuffle and the samples; 0 to 4294967295",
        min: 0,
        max: 2 ** 32 - 1,
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
    },
    ...TABLE_OPTIONS,
  },
} as const satisfies TaskSpec;

/** The command; Ctrl-C and SIGTERM save and say how to go on, a second time they end it at once. */
export async function reproduceCommand(args: readonly string[]): Promise<void> {
  const { values, groups, rest, given } = await parseOptions(SPEC, args);
  const known = NAMES.join(", ");
  if (rest.length !== 1) throw new UsageError(`expected one table, ${known}; found ${rest.length}`);
  if (!NAMES.includes(rest[0])) {
    throw new UsageError(`table "${rest[0]}": unknown; expected one of ${known}`);
  }
  const table = Object.hasOwn(MEASURED_TABLES, rest[0]) ? MEASURED_TABLES[rest[0]] : REPRODUCE_TABLES[rest[0]];
  if (table.needs && values.source.length === 0) {
    throw new UsageError(`--source is missing: ${table.name} needs ${table.needs}`);
  }
  const tableOptions: Readonly<Record<string, OptionValues<OptionTable>>> = groups; // by names that no type knows
  const { budget, source: sources, seed, workers, backend } = values;
  const folder = trimSlashes(values.run) || `runs/reproduce-${table.name}`;
  const isMeasured = "measure" in table;
  if (isMeasured && table.steps === undefined && given.includes("budget")) {
    throw new UsageError(`--budget: not with ${table.name}, which trains no rows`);
  }
  const others = given.find((name) => name.includes(".") && name.split(".")[0] !== table.name);
  if (others !== undefined) throw new UsageError(`${flagOf(others)}: not with ${table.name}`);
  const options = tableOptions[table.name] ?? {};
  const settings = { folder, budget, sources, seed, workers, options, backend: await openBackend(backend) };

  using interrupt = new Interrupt();
  interrupt.isHeard = true;
  using _hint = whenInterrupted((again) => `the same command goes on: ${again}`);
  const watcher = {
    ...{ say, progress: (options: ProgressOptions) => new Progress(options), signal: interrupt.signal },
    onPhase(phase: TrainPhase) {
      interrupt.isHeard = phase === "training";
    },
  };
  const { interrupted, text } = isMeasured
    ? await measure(table, settings, watcher)
    : await reproduceRows({ ...settings, table }, watcher);
  if (text !== "") say(`\n${text}`);
  if (interrupted) Deno.exitCode = interruptedCode();
  say(
    interrupted
      ? `stopped    the same command goes on: ${commandLine("reproduce", args)}`
      : `table      ${folder}/table.html, ${folder}/table.md`,
  );
}

/** Whether it was interrupted, and what there is to be said of it. */
interface Outcome {
  readonly interrupted: boolean;
  readonly text: string;
}

async function reproduceRows(settings: ReproduceSettings, watcher: ReproduceWatcher): Promise<Outcome> {
  const { interrupted, ...reproduction } = await reproduce(settings, watcher);
  return { interrupted, text: formatReproduction(reproduction) };
}

async function measure(table: MeasuredTable, settings: MeasureSettings, watcher: MeasureWatcher): Promise<Outcome> {
  await Deno.mkdir(settings.folder, { recursive: true });
  const measured = await table.measure(settings, watcher);
  if (measured === undefined) return { interrupted: true, text: "" };
  await writeAtomic(`${settings.folder}/table.md`, measured.markdown);
  await writeAtomic(`${settings.folder}/table.html`, measured.page);
  return { interrupted: false, text: measured.text };
}

if (import.meta.main) await main("reproduce", reproduceCommand);
