/**
 * What a training step of each row of a report's table takes, for `deno task reproduce` to tell before a row has a run of
 * its own: processor time, so that other work beside it counts for little.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { cpuUsage } from "node:process";
import { startBackend } from "../../models/backends/backend.ts";
import { ownGradients } from "../../models/gradients/gradient_source.ts";
import { prefetchBatches } from "../../pipelines/batches/prefetch.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { writeAtomic } from "../../pipelines/base/files.ts";
import { nearest } from "../../pipelines/base/nearest.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { say } from "../cli/main.ts";
import { formatTable, milliseconds } from "../cli/table.ts";
import { ACCEPTANCES } from "../reproduce/acceptances.ts";
import { type Experiment, trainingOf } from "../reproduce/experiment.ts";
import type { WorkWatcher } from "../reproduce/experiment_run.ts";
import { dataOf, dataPath } from "../reproduce/prepared_data.ts";
import { STEP_TIMES, STEP_TIMES_FILE } from "../reproduce/step_times.ts";
import { REPRODUCE_TABLES } from "../reproduce/tables.ts";
import { checkData, measureData } from "../runs/run_data.ts";
import { buildToTrain, traineeOf } from "../runs/run_state.ts";
import { stepsOf } from "../runs/settings.ts";
import { stepBatches, trainingBatches } from "../training/step_batches.ts";
import { takeStep } from "../training/take_step.ts";

/** So often a training is looked at, from its beginning to its end: a step need not take the same throughout. */
const PLACES = 4;
/** So many steps are taken at each; the fastest counts. */
const STEPS = 2;

/** The experiments whose steps are timed, by table; `accept` for those of README's figures. */
const EXPERIMENTS: Readonly<Record<string, readonly Experiment[]>> = {
  ...Object.fromEntries(
    Object.values(REPRODUCE_TABLES).map(({ name, rows, classifier }) =>
      [name, [...rows, ...(classifier ? [classifier] : [])]] as const
    ),
  ),
  accept: ACCEPTANCES.map(({ experiment }) => experiment),
};

/**
 * Times the rows of tables and puts them into `tasks/reproduce/step_times.json`, in the place of those that it has.
 *
 * @param wanted Names of tables, and of single rows, as `draw-mnist/t1`.
 * @param sources From which their data is prepared; the embedded examples when empty.
 * @throws {InputError} When there is no table of a name, or sources are missing or cannot be used.
 */
export async function benchRows(wanted: readonly string[], sources: readonly string[]): Promise<void> {
  const known = Object.entries(EXPERIMENTS).flatMap((
    [table, rows],
  ) => [table, ...rows.map(({ name }) => `${table}/${name}`)]);
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InputError(
      `--rows ${unknown}: unknown${nearest(unknown, known)}; expected some of ${
        Object.keys(EXPERIMENTS).join(", ")
      }, or a row as draw-mnist/t1`,
    );
  }
  const tables = Object.keys(EXPERIMENTS).filter((table) => wanted.some((name) => name.split("/")[0] === table));
  const lacking = tables.find((name) => sources.length === 0 && REPRODUCE_TABLES[name]?.needs !== undefined);
  if (lacking !== undefined) {
    throw new InputError(`--source is missing: ${lacking} needs ${REPRODUCE_TABLES[lacking].needs}`);
  }
  await startBackend("wasm");
  const folder = await Deno.makeTempDir({ prefix: "strokewise-bench-" });
  const all: Record<string, Readonly<Record<string, number>>> = { ...STEP_TIMES };
  try {
    for (const table of tables) {
      const times: [name: string, milliseconds: number][] = [];
      const isWanted = ({ name }: Experiment) => wanted.includes(table) || wanted.includes(`${table}/${name}`);
      for (const experiment of EXPERIMENTS[table].filter(isWanted)) {
        times.push([experiment.name, await timeOf(experiment, { folder: `${folder}/${table}`, sources })]);
      }
      say(`\n${table}: processor time of a training step, one thread, ms\n`);
      say(formatTable([["row", "a step"], ...times.map(([name, time]) => [name, milliseconds(time)])], 1));
      const found = Object.fromEntries(times.map(([name, time]) => [name, Number(time.toPrecision(3))]));
      all[table] = wanted.includes(table) ? found : { ...all[table], ...found };
      await writeAtomic(decodeURIComponent(STEP_TIMES_FILE.pathname), JSON.stringify(all, null, 2) + "\n");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Shows nothing: preparing is not what takes long. */
const QUIET: WorkWatcher = {
  say() {},
  progress: () => ({ update() {}, end() {} }),
  signal: new AbortController().signal,
};

/** Milliseconds of a step, a mean over the places. */
async function timeOf(
  experiment: Experiment,
  { folder, sources }: { readonly folder: string; readonly sources: readonly string[] },
): Promise<number> {
  const { path: data, index } = await dataOf(experiment, { path: dataPath(folder, experiment), sources }, QUIET);
  const settings = trainingOf(experiment, { data, folder });
  const { loop } = settings;
  const described = await measureData(index, settings);
  using trainee = traineeOf(buildToTrain(settings, described, 0), loop);
  const threads = ownGradients(trainee.model);
  const { examples } = index.splits.train;
  const total = stepsOf(examples, loop);
  const batches = prefetchBatches(await trainingBatches(settings, checkData(index, settings)));
  const found: number[][] = Array.from({ length: PLACES }, () => []);
  let taken = 0;
  for await (const parts of stepBatches(batches, { ...loop, examples })) {
    const place = Math.floor(taken / STEPS);
    const begun = cpuUsage();
    const told = { ...loop, stepsTaken: Math.floor((place + 0.5) / PLACES * total) };
    const scalars = await takeStep(trainee, { threads, parts, prng: new Prng(taken) }, told);
    await scalars.loss.data(); // until it is really done
    const { user, system } = cpuUsage(begun);
    tf.dispose(scalars);
    found[place].push((user + system) / 1000);
    if (++taken === PLACES * STEPS) break;
  }
  const times = found.filter((times) => times.length > 0).map((times) => Math.min(...times));
  return times.reduce((sum, time) => sum + time, 0) / times.length;
}
