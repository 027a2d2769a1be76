/** A table that is trained in moments, and a watcher of its making. */
import type { WorkWatcher } from "../../../tasks/reproduce/experiment_run.ts";
import type { ReproduceRow, ReproduceTable } from "../../../tasks/reproduce/table.ts";
import { REPRODUCE_TABLES } from "../../../tasks/reproduce/tables.ts";

export const REAL = REPRODUCE_TABLES["draw-mnist"];
/** A row of a model so small that a step takes no time, and neither does its judgement. */
export const tiny = (row: ReproduceRow): ReproduceRow => ({
  ...row,
  modelOptions: {
    ...row.modelOptions,
    ...{ steps: row.modelOptions?.steps === 1 ? 1 : 2, encoderUnits: 6, decoderUnits: 6, latentSize: 2 },
  },
  loop: { ...row.loop, batchSize: 20, logEvery: 1 },
  judge: {
    ...row.judge,
    ...(row.judge?.nearestSamples ? { nearestSamples: 5 } : {}),
    ...{ readSamples: 20, studentSteps: 2 },
  },
  ...(row.also
    ? { also: { stochastic: { ...row.also.stochastic, importanceExamples: 20, readSamples: 20, studentSteps: 2 } } }
    : {}),
});

/** The steps of its rows. */
export const BUDGET = 3;

/** Two rows of the table about DRAW, and its classifier, so small that a step takes no time. */
export const TABLE: ReproduceTable = {
  ...REAL,
  rows: [REAL.rows[2], REAL.rows[5]].map(tiny),
  classifier: {
    ...REAL.classifier!,
    modelOptions: { units: 6 },
    loop: { ...REAL.classifier!.loop, batchSize: 20, steps: 4, evaluateEvery: 0, logEvery: 1 },
  },
};

/** What is said, but for notes of the data, goes into `said`; `abortAt` stops at the first progress for which it holds. */
export function watch(abortAt: (label: string, done: number, row: number) => boolean = () => false) {
  const stop = new AbortController();
  const said: string[] = [];
  const watcher: WorkWatcher = {
    say: (line) => line.startsWith("note: ") || said.push(line),
    progress: ({ label }) => ({
      update: (done) => abortAt(label, done, said.length) && stop.abort(),
      end: () => {},
    }),
    signal: stop.signal,
  };
  return { watcher, said };
}
