/**
 * How the rows of a table were made: with which seed, from which commit, on what, and how long it took.
 *
 * @module
 */
import { grouped } from "../../pipelines/base/text.ts";
import { humanTime } from "../cli/progress.ts";
import { type Continued, overTime } from "../runs/provenance.ts";
import type { Reproduction, RowRun } from "./reproduction.ts";
import { stepsIn } from "./table_cells.ts";
import { labelOf } from "./table.ts";

/** A run of a row, in texts. */
export interface Making {
  readonly label: string;
  /** The run's folder in that of the table. */
  readonly folder: string;
  /** Whether it was judged, and so has a report. */
  readonly isDone: boolean;
  /** Texts under {@linkcode MAKING_HEADS}. */
  readonly cells: readonly string[];
}

/** What is told of each run. */
export const MAKING_HEADS = ["seed", "steps", "training", "threads", "backend", "processor", "commit", "began, UTC"];

const NONE = "-";

/** Each run that has begun, in the order of the table and of the seeds. */
export function makingsOf(reproduction: Reproduction): Making[] {
  const { table, results, runs = [] } = reproduction;
  return runs.map((run) => {
    const row = table.rows.find(({ name }) => name === run.row)!;
    const last = run.metrics.at(-1);
    const { taken } = stepsIn(reproduction, row);
    const step = last?.step ?? 0;
    const { about } = run;
    return {
      label: labelOf(table, row),
      folder: run.folder,
      isDone: results.get(run.row)?.some(({ seed }) => seed === run.seed) === true,
      cells: [
        String(run.seed),
        step === taken ? grouped(step) : `${grouped(step)} of ${grouped(taken)}`,
        last === undefined ? NONE : humanTime(last.clock.seconds),
        run.workers === undefined ? NONE : String(run.workers),
        overTime(about, backendOf) ?? NONE,
        overTime(about, ({ processor }) => processor) ?? NONE,
        commitsOf(run),
        about.date?.slice(0, 16).replace("T", " ") ?? NONE,
      ],
    };
  });
}

/** A graphics card's name stands with its backend; that of a processor has a column of its own. */
function backendOf({ backend, device, processor }: Partial<Continued>): string | undefined {
  if (backend === undefined) return undefined;
  return device === undefined || device === "" || processor !== undefined && backend !== "webgpu"
    ? backend
    : `${backend}: ${device}`;
}

/** The commit that it was begun with, and those that it went on with. */
function commitsOf({ about }: RowRun): string {
  const tell = ({ commit, version }: Partial<Continued>) =>
    commit?.slice(0, 10) ?? (version === undefined ? undefined : `version ${version}`);
  return overTime(about, tell) ?? NONE;
}
