/**
 * What a report says of one ability of a model, on the page and in the terminal.
 *
 * @module
 */
import type { Evaluation, EvaluationPictures } from "../evaluation/judges.ts";
import { metricTitle } from "../cli/text.ts";
import type { Html } from "./html.ts";

/** A number on top of the page. */
export interface Tile {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** A number in the terminal and what it means; lines of one number have no name and value but on the first. */
export interface NumberLine {
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

/** How a metric of the objectives is to be read. */
export interface MetricReading {
  /** Whether it is in nats an example. */
  readonly isNats?: boolean;
  /** What guessing reaches. */
  readonly guessing?: number;
  /** What it is called above its curve; its own name in words when left out. */
  readonly title?: string;
  /** Whether its curve is shown; true when left out. */
  readonly hasCurve?: boolean;
}

/** How the terminal's lines look. */
export interface TextStyle {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  /** Letters in a line, 40 or more. */
  readonly width: number;
}

/** What a report says of an ability; each part is left out where there is nothing to say. */
export interface AbilityReport {
  /** What stands behind the number of examples, such as `18 classes`. */
  readonly subject?: string;
  /** The objectives' metrics, by name, that its own numbers tell already. */
  readonly metrics: Readonly<Record<string, MetricReading>>;
  readonly tiles?: readonly Tile[];
  readonly numbers?: readonly NumberLine[];
  /** Sections that show the model's work, on top. */
  pictures?(): Html | Promise<Html>;
  /** Sections of numbers, below the pictures. */
  charts?(): Html | Promise<Html>;
  /** Sections below the curves of the training. */
  details?(): Html | Promise<Html>;
  /** Blocks of lines for the terminal, below the numbers; an empty one is passed over. */
  blocks?(style: TextStyle): readonly (readonly string[])[];
}

/**
 * Says what there is to say of an ability; undefined where it was not judged.
 *
 * @param pictures What goes with the evaluation; what is missing is not shown.
 */
export type AbilityReporter = (evaluation: Evaluation, pictures: EvaluationPictures) => AbilityReport | undefined;

/** A metric of the objectives. */
export interface MetricLeft {
  readonly title: string;
  readonly value: number;
  /** What it tells, where the model says so. */
  readonly meaning?: string;
}

/** The objectives' metrics that no ability's own numbers tell. */
export function metricsLeft(
  evaluation: Pick<Evaluation, "metrics" | "meanings" | "objectives">,
  reports: readonly Pick<AbilityReport, "metrics">[],
): MetricLeft[] {
  const { metrics, meanings = {} } = evaluation;
  const told = new Set(reports.flatMap(({ metrics }) => Object.keys(metrics)));
  return Object.entries(metrics).filter(([name]) => !told.has(name)).map(([name, value]) => ({
    ...{ title: titleOf(name, evaluation), value },
    ...(name in meanings ? { meaning: meanings[name] } : {}),
  }));
}

/** What a metric is called: of several objectives, the first is named too. */
export function titleOf(metric: string, { objectives: [first] = [] }: Pick<Evaluation, "objectives">): string {
  return metricTitle(first === undefined || metric.includes(".") ? metric : `${first}.${metric}`);
}
