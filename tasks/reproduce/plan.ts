/**
 * What is still to be done of a table, and how long that takes: nothing is trained, nothing written.
 *
 * @module
 */
import { counted, grouped } from "../../pipelines/base/text.ts";
import { commandLine, commented } from "../cli/option_values.ts";
import { humanTime } from "../cli/progress.ts";
import { readMetrics } from "../runs/run_directory.ts";
import type { ClassifierSteps } from "./classifier.ts";
import { collect, type Collected } from "./collect.ts";
import { chosenJobs, type TableJob } from "./jobs.ts";
import { checkSourcesThere } from "./prepared_data.ts";
import type { TableSettings } from "./reproduce_settings.ts";
import { REFERENCE } from "./step_times.ts";
import { REFERENCE_MARK, type StepTime, stepTime, trainingTimeText } from "./step_time.ts";
import { type RowSteps, rowSteps } from "./table.ts";

/** A row of a table, with one of its seeds, as it stands. */
export interface PlannedRow extends TableJob {
  /** How long it is trained; `taken` is the budget where its own steps depend on data that was not prepared yet. */
  readonly steps: RowSteps;
  /** Steps that it has taken. */
  readonly step: number;
  /** Whether it was trained and judged. */
  readonly isDone: boolean;
  /** What a step takes; undefined where that was never measured. */
  readonly time: StepTime | undefined;
}

/** A table as it stands. */
export interface Plan {
  /** Those rows that were asked for, in the order in which they are made. */
  readonly rows: readonly PlannedRow[];
  /** The classifier that comes first, where there is one and it was not judged; its steps are known when its data is. */
  readonly classifier?: { readonly steps?: ClassifierSteps; readonly time: StepTime | undefined };
}

/**
 * Finds out what is still to be done of a table.
 *
 * @throws {InputError} When there is no row of a name, a source is not there, or the folder was begun with other sources or
 * options.
 */
export async function planTable(settings: TableSettings): Promise<Plan> {
  const jobs = chosenJobs(settings);
  const datasets = new Map(jobs.map(({ row }) => [row.data.dataset, row])); // rows of one look for the same files
  for (const row of datasets.values()) await checkSourcesThere(row, settings.sources);
  const found = await collect(settings);
  const { table, budget } = settings;
  const missing = found.missing.map(({ folder }) => folder);
  const rows = jobs.map((job): PlannedRow => {
    const runs = (found.runs ?? []).filter(({ row }) => row === job.row.name);
    const own = runs.find(({ seed }) => seed === job.seed)?.metrics ?? [];
    return {
      ...job,
      steps: rowSteps(job.row, { table, budget, examples: found.examples.get(job.row.name) }),
      step: own.at(-1)?.step ?? 0,
      isDone: !missing.includes(job.folder),
      time: stepTime({ table: table.name, row: job.row.name }, own.length > 0 ? [own] : runs.map((run) => run.metrics)),
    };
  });
  const classifier = await plannedClassifier(settings, found);
  const isRead = rows.some(({ row, isDone }) => !isDone && row.draws !== false);
  return { rows, ...(classifier && isRead ? { classifier } : {}) };
}

async function plannedClassifier(
  { table: { name, classifier }, folder }: TableSettings,
  { classifier: evaluation, classifierSteps: steps }: Collected,
): Promise<Plan["classifier"]> {
  if (classifier === undefined || evaluation !== undefined) return undefined;
  const metrics = await readMetrics(`${folder}/${classifier.name}`);
  return { ...(steps ? { steps } : {}), time: stepTime({ table: name, row: classifier.name }, [metrics]) };
}

/** What follows `deno task` to make one row of a table; `flags` are those of the whole, without rows and run. */
export function rowArguments(
  { table, folder, flags }: { readonly table: string; readonly folder: string; readonly flags: readonly string[] },
  row: string,
): string[] {
  return ["reproduce", table, ...flags, "--run", folder, "--rows", row];
}

/** A plan as lines that a shell can run: a command a row, those that are done and what is to be known as comments. */
export function formatPlan(
  { rows, classifier }: Plan,
  place: { readonly table: string; readonly folder: string; readonly flags: readonly string[] },
): string {
  const left = rows.filter(({ isDone }) => !isDone);
  const stepsLeft = ({ steps, step }: PlannedRow) => Math.max(0, steps.taken - step);
  const lines = rows.map((row) => {
    const [task, ...args] = rowArguments(place, row.name);
    const line = commandLine(task, args);
    if (row.isDone) return commented(`done: ${line}`);
    const { step, steps: { taken, whole } } = row;
    const count = step > 0 ? `${grouped(stepsLeft(row))} of ${counted(taken, "step")} left` : counted(taken, "step");
    const most = whole === undefined ? "at most " : "";
    return `${line}  # ${most}${count}, ${trainingTimeText(row.time, stepsLeft(row))}`;
  });
  const first = classifier?.steps === undefined
    ? []
    : [`, ${counted(classifier.steps.taken, "step")}, ${trainingTimeText(classifier.time, classifier.steps.taken)}`];
  const isWhole = left.length === 0;
  return [
    ...(classifier ? [`# before the first row its classifier is trained, once${first.join("")}`] : []),
    ...lines,
    `# ${rows.length - left.length} of ${counted(rows.length, "row")} done${isWhole ? "" : `; ${leftInWords(left)}`}`,
    ...(left.some(({ time }) => time?.isOwn === false) ? [`# ${REFERENCE_MARK} ${REFERENCE}`] : []),
    commandLine("reproduce", [place.table, ...place.flags, "--run", place.folder, "--collect"]),
  ].join("\n");
}

/** How long some rows take in all. */
function leftInWords(left: readonly PlannedRow[]): string {
  const rest = ({ steps, step }: PlannedRow) => Math.max(0, steps.taken - step);
  const steps = left.reduce((sum, row) => sum + rest(row), 0);
  const measured = left.filter(({ time }) => time !== undefined);
  const seconds = measured.reduce((sum, row) => sum + rest(row) * row.time!.seconds, 0);
  const others = left.length - measured.length;
  const time = measured.length === 0 ? "time not measured" : `${humanTime(seconds)} of training`;
  const unknown = others > 0 && measured.length > 0 ? ` and ${counted(others, "row")} that nobody has measured` : "";
  return `${counted(steps, "step")} left, ${time}${unknown}; judging comes on top`;
}
