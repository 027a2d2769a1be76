/**
 * The cells of a table, theirs beside ours, and what must be known before they are compared.
 *
 * @module
 */
import { grouped, percent } from "../../pipelines/base/text.ts";
import type { Figure } from "./experiment.ts";
import type { Reproduction } from "./reproduction.ts";
import { spreadOf } from "./spread.ts";
import { type ReproduceRow, type RowSteps, rowSteps } from "./table.ts";

/** Stands where there is nothing. */
const NONE = "-";

/** A column of numbers. */
export interface Column {
  /** What it is of; empty where that stands over the column before. */
  readonly above: string;
  readonly below: string;
  /** Whether it begins a group of columns. */
  readonly isFirst: boolean;
  /** Whether its numbers are ours, and so in parentheses of rows that are not finished. */
  readonly isOurs: boolean;
}

/** The table: columns of numbers behind those of the table's heads, and a line of texts a row. */
export interface Cells {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

function show(value: number | undefined, { digits }: Figure): string {
  if (value === undefined) return NONE;
  if (digits === undefined) return percent(value);
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The mean of a number over seeds, and its deviation where there are two or more. */
function showSpread(values: readonly (number | undefined)[], figure: Figure): string {
  const spread = spreadOf(values.filter((value) => value !== undefined));
  if (spread === undefined) return NONE;
  const mean = show(spread.mean, figure);
  if (spread.deviation === null) return mean;
  const deviation = show(spread.deviation, figure);
  return figure.digits === undefined ? `${mean.replace(" %", "")} ± ${deviation}` : `${mean} ± ${deviation}`;
}

/** Whether a row is trained for as long as the report's: until then its numbers are compared with nothing. */
export function isFinished(reproduction: Reproduction, row: ReproduceRow): boolean {
  const { taken, whole = Infinity } = stepsIn(reproduction, row);
  return taken >= whole;
}

/** How long a row is trained. */
export function stepsIn({ table, budget, examples }: Reproduction, row: ReproduceRow): RowSteps {
  return rowSteps(row, { table, budget, examples: examples.get(row.name) });
}

/** How long the report trained a row of its own; undefined where it does not say so. */
function theirStepsIn(reproduction: Reproduction, row: ReproduceRow): number | undefined {
  const { theirs, theirSteps = stepsIn(reproduction, row).whole } = row;
  return theirs === undefined || theirSteps === "unknown" ? undefined : theirSteps;
}

/** The figures that are shown: not those of ours that no row has, once all are there. */
function figuresOf({ table: { figures, rows }, results }: Reproduction): readonly Figure[] {
  if (results.size < rows.length) return figures;
  const evaluations = [...results.values()].flatMap((found) => found.map(({ evaluation }) => evaluation));
  return figures.filter(({ reported, ours }) => reported || evaluations.some((one) => ours(one) !== undefined));
}

/** The table's cells. */
export function cellsOf(reproduction: Reproduction): Cells {
  const { table: { rows }, results, seeds = 1 } = reproduction;
  const figures = figuresOf(reproduction);
  const ours = (above: string): Column => ({ above, below: "ours", isFirst: true, isOurs: true });
  const both = (above: string): Column[] => [
    { above, below: "theirs", isFirst: true, isOurs: false },
    { ...ours(""), isFirst: false },
  ];
  const cellsOfRow = (row: ReproduceRow): string[] => {
    const { name, cells } = row;
    const found = results.get(name) ?? [];
    const ofOurs = (text: string) => isFinished(reproduction, row) || text === NONE ? text : `(${text})`;
    const numbers = figures.flatMap((figure, i) => {
      const ours = ofOurs(showSpread(found.map(({ evaluation }) => figure.ours(evaluation)), figure));
      return figure.reported ? [show(row.theirs?.[i], figure), ours] : [ours];
    });
    const theirs = theirStepsIn(reproduction, row);
    const done = found.length === 0 ? NONE : grouped(stepsIn(reproduction, row).taken);
    return [
      ...cells,
      theirs === undefined ? NONE : grouped(theirs),
      done,
      ...(seeds > 1 ? [`${found.length} of ${seeds}`] : []),
      ...numbers,
    ];
  };
  return {
    columns: [
      ...both("steps"),
      ...(seeds > 1 ? [{ ...ours(""), below: "seeds" }] : []),
      ...figures.flatMap(({ name, reported }) => reported ? both(name) : [ours(name)]),
    ],
    rows: rows.map(cellsOfRow),
  };
}

/** What must be known before a number is compared. */
export function cautions(reproduction: Reproduction): string[] {
  const { table: { rows }, data, results, remarks = [], seeds = 1 } = reproduction;
  const better = (["lower", "higher"] as const).flatMap((way) => {
    const names = figuresOf(reproduction).filter(({ better }) => better === way).map(({ name }) => name);
    return names.length === 0 ? [] : [`${way} is better: ${names.join(", ")}`];
  }).join("; ");
  const ways = `${better.charAt(0).toUpperCase()}${better.slice(1)}.`;
  const whole = rows.length * seeds;
  const missing = whole - [...results.values()].reduce((sum, { length }) => sum + length, 0);
  const what = seeds === 1 ? "rows" : "runs";
  return [
    rows.every((row) => isFinished(reproduction, row))
      ? `${stepsInWords(reproduction)}${better === "" ? "" : ` ${ways}`}`
      : `UNFINISHED: ${stepsInWords(reproduction)} Numbers of such rows stand in parentheses and are to be compared ` +
        "with nothing, neither with the report's nor with each other.",
    ...(seeds === 1 ? [] : [
      `Ours are means over the seeds that are done, of ${seeds} a row, ± the sample standard deviation (divided by n - 1).`,
    ]),
    ...worthsOf(reproduction),
    ...comparisonsOf(reproduction),
    ...classifierInWords(reproduction),
    data,
    ...remarks,
    ...(missing > 0 ? [`${missing} of ${whole} ${what} ${missing === 1 ? "is" : "are"} still to come.`] : []),
  ];
}

/** How long rows were trained, here and in the report, in a sentence. */
function stepsInWords(reproduction: Reproduction): string {
  const { budget, table: { rows, steps } } = reproduction;
  const isUnfinished = !rows.every((row) => isFinished(reproduction, row));
  if (steps === "epochs" || rows.some((row) => row.steps !== undefined)) {
    return isUnfinished
      ? `${grouped(budget)} steps a row at most, some of which need more.`
      : "Each row is trained for as many steps as in the report, or as it says.";
  }
  return isUnfinished
    ? `${grouped(budget)} of the report's ${grouped(steps)} steps a row.`
    : `${grouped(budget)} steps a row here, ${grouped(steps)} in the report.`;
}

/** That the classifier is unfinished, too, where it is. */
function classifierInWords({ classifierSteps }: Reproduction): string[] {
  if (classifierSteps === undefined || classifierSteps.taken >= classifierSteps.whole) return [];
  const { taken, whole } = classifierSteps;
  return [
    `The classifier that reads the samples is trained for ${grouped(taken)} of its ${grouped(whole)} steps, for the ` +
    "budget is small.",
  ];
}

/** What the finished rows come to beside each other, of the first seed. */
function comparisonsOf(reproduction: Reproduction): readonly string[] {
  const { table, results, seeds = 1, seed: firstSeed = 0 } = reproduction;
  const finished = table.rows.filter((row) => isFinished(reproduction, row)).flatMap(({ name }) => {
    const first = results.get(name)?.find(({ seed }) => seeds === 1 || seed === firstSeed);
    return first ? [[name, first.evaluation] as const] : [];
  });
  const said = table.comparisons?.(new Map(finished)) ?? [];
  return said.length === 0 || seeds === 1 ? said : ["What follows is of the first seed of each row.", ...said];
}

/** What worthless and perfect models would have of the same data: the same for all rows. */
function worthsOf(reproduction: Reproduction): string[] {
  const { results, classifier } = reproduction;
  const evaluations = [...results.values()].flatMap((found) => found.map(({ evaluation }) => evaluation));
  return figuresOf(reproduction).flatMap(({ worth }) => {
    const found = evaluations.map((evaluation) => worth?.(evaluation, classifier));
    return found.find((sentence) => sentence !== undefined) ?? [];
  });
}
