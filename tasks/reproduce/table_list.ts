/**
 * All tables: what each row takes at the report's length, and how far it is.
 *
 * @module
 */
import { exists, infoOf } from "../../pipelines/base/files.ts";
import { counted, grouped } from "../../pipelines/base/text.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { fitTable } from "../cli/table.ts";
import { visibleName } from "../cli/terminal.ts";
import { readMetrics } from "../runs/run_directory.ts";
import { type RunSummary, summarizeRun } from "../runs/run_summary.ts";
import { loopOptionsOf } from "../runs/settings.ts";
import type { MeasuredTable } from "./measured_table.ts";
import { dataPath } from "./prepared_data.ts";
import { REFERENCE_MARK, type StepTime, stepTime, stepTimeText, trainingTimeText } from "./step_time.ts";
import { REFERENCE } from "./step_times.ts";
import { type ReproduceRow, type ReproduceTable, rowSteps } from "./table.ts";

/** A run of a row that has begun. */
export interface BegunRow extends RunSummary {
  /** The run's folder in that of the table. */
  readonly name: string;
  /** Whether it was judged after its last step. */
  readonly isJudged: boolean;
}

/** A row as it stands. */
export interface ListedRow {
  readonly name: string;
  /** Training steps of a finished one; undefined where that depends on data that was not prepared. */
  readonly steps: number | undefined;
  /** The same in epochs, where the row is as long as those take. */
  readonly epochs: number | undefined;
  readonly time: StepTime | undefined;
  /** Its runs, one a seed. */
  readonly runs: readonly BegunRow[];
}

/** A table as it stands. */
export interface ListedTable {
  readonly table: ReproduceTable | MeasuredTable;
  /** Its folder. */
  readonly folder: string;
  /** Those of a table that is made row by row. */
  readonly rows?: readonly ListedRow[];
  /** When a table that is measured was written, ISO 8601 in UTC. */
  readonly written?: string;
  /** How many cells of one that has cells were made. */
  readonly made?: number | undefined;
  /** Whether one that is measured as a whole was begun. */
  readonly isBegun?: boolean | undefined;
}

/** Whether a folder holds something of a table. */
export function hasBegun({ rows = [], made = 0, isBegun = false }: ListedTable): boolean {
  return isBegun || made > 0 || rows.some(({ runs }) => runs.length > 0);
}

/** Finds out how a table stands in a folder, which need not be there. */
export async function listTable(table: ReproduceTable | MeasuredTable, folder: string): Promise<ListedTable> {
  if ("measure" in table) {
    const at = (await infoOf(`${folder}/table.html`))?.mtime?.toISOString();
    const [made, isBegun] = [await table.made?.(folder), await table.isBegun?.(folder)];
    return { table, folder, ...(at === undefined ? {} : { written: at }), made, isBegun };
  }
  const rows: ListedRow[] = [];
  for (const row of table.rows) rows.push(await listRow(row, { table, folder }));
  return { table, folder, rows };
}

async function listRow(
  row: ReproduceRow,
  { table, folder }: { readonly table: ReproduceTable; readonly folder: string },
): Promise<ListedRow> {
  const names = (await namesIn(folder)).filter((name) =>
    name === row.name || name.startsWith(`${row.name}-seed-`) && /-seed-\d+$/.test(name)
  );
  const runs: BegunRow[] = [];
  for (const name of names) {
    const path = `${folder}/${name}`;
    if (!await exists(`${path}/options.json`)) continue;
    runs.push({ ...await summarizeRun(path), name, isJudged: await exists(`${path}/metrics.json`) });
  }
  const metrics = await Promise.all(
    runs.filter(({ state }) => state !== "damaged").map((run) => readMetrics(run.folder)),
  );
  const data = dataPath(folder, row);
  const examples = await exists(`${data}/index.json`) ? (await readShardIndex(data)).splits.train.examples : undefined;
  const { whole } = rowSteps(row, { table, budget: Infinity, examples });
  const isByEpochs = row.steps === undefined && table.steps === "epochs";
  return {
    name: row.name,
    steps: whole,
    epochs: isByEpochs ? row.loop?.epochs ?? loopOptionsOf(row.model).epochs.value : undefined,
    time: stepTime({ table: table.name, row: row.name }, metrics),
    runs: runs.sort((a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1)),
  };
}

async function namesIn(folder: string): Promise<string[]> {
  if (!(await infoOf(folder))?.isDirectory) return [];
  return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
}

/** Tables as they stand, for the terminal. */
export function formatTables(tables: readonly ListedTable[], width?: number): string {
  const isMarked = tables.some(({ rows = [] }) => rows.some(({ time }) => time?.isOwn === false));
  return [
    ...tables.flatMap((listed) => [...formatTableRows(listed, width), ""]),
    ...(isMarked ? [`${REFERENCE_MARK} ${REFERENCE}; the others as a run in the folder measured it`] : []),
    "training alone; what a row is judged by takes minutes more",
  ].join("\n");
}

const HEADS = ["row", "steps", "a step", "in all", "state", "so far"];

function formatTableRows({ table, folder, rows, written, made, isBegun }: ListedTable, width?: number): string[] {
  const about = "measure" in table
    ? `measured ${table.cells ? "cell by cell" : "as a whole"}; ${table.takes ?? "time not measured"}`
    : table.source;
  const head = [`${table.name}: ${table.title}`, about];
  if (rows === undefined) {
    const when = written === undefined
      ? isBegun ? "begun, not written yet" : "nothing yet"
      : `written ${written.slice(0, 16).replace("T", " ")} UTC`;
    const state = made ? `${counted(made, "cell")} made${written === undefined ? "" : `, ${when}`}` : when;
    return [...head, `in ${visibleName(folder)}: ${state}`];
  }
  const lines = rows.flatMap(({ name, steps, epochs, time, runs }) => {
    const length = steps === undefined ? counted(epochs ?? 0, "epoch") : grouped(steps);
    const whole = steps === undefined ? "depends on the data" : trainingTimeText(time, steps);
    const about = [name, length, stepTimeText(time), whole];
    if (runs.length === 0) return [[...about, "-", "-"]];
    return runs.map((run, i) => [...(i === 0 ? about : ["", "", "", ""]), ...soFar(run)]).map((cells, i) =>
      runs[i].name === name ? cells : [runs[i].name, ...cells.slice(1)]
    );
  });
  const done =
    rows.flatMap(({ runs }) => runs).filter(({ state, isJudged }) => state === "finished" && isJudged).length;
  return [
    ...head,
    `in ${visibleName(folder)}: ${done === 0 ? "nothing finished yet" : `${counted(done, "run")} finished`}`,
    fitTable([HEADS, ...lines], { width, left: 1, cuts: [0], drops: [2] }),
  ];
}

function soFar({ state, step, steps, isJudged }: BegunRow): [state: string, steps: string] {
  const counts = `${grouped(step ?? 0)} of ${steps === null ? "?" : grouped(steps)}`;
  return [state === "finished" && !isJudged ? "not judged yet" : state, counts];
}
