/**
 * The lines of `metrics.jsonl`: what was measured after which step.
 *
 * @module
 */
import { isRecord } from "../../pipelines/base/json_values.ts";

/** Numbers by name; each in its own unit, such as `loss` in nats per example. */
export type Values = Readonly<Record<string, number>>;

/** Where the run was, and when. */
export interface Moment {
  /** Optimizer steps taken. */
  readonly step: number;
  /** Epochs done, with the part of the one at hand. */
  readonly epoch: number;
  /** The time. */
  readonly clock: {
    /** Time spent training since the run began, in seconds. */
    readonly seconds: number;
    /** The time of day, ISO 8601 in UTC; missing in lines from before it was written. */
    readonly at?: string;
  };
}

/** The means over some training steps. */
export interface StepMetrics extends Moment {
  /** Tells it from an evaluation. */
  readonly kind: "step";
  /** How many steps the means are of. */
  readonly steps: number;
  /** Losses, metrics and gradient norms of all objectives, means over the steps. */
  readonly train: Values;
  /** The learning rate of the last of the steps, and the examples seen in a second of training. */
  readonly rates: { readonly learningRate: number; readonly examplesPerSecond: number };
}

/** An evaluation on the whole valid split. */
export interface EvaluationMetrics extends Moment {
  /** Tells it from steps. */
  readonly kind: "evaluation";
  /** Losses and metrics of all objectives, means over the examples. */
  readonly valid: Values;
  /** Whether it was the best so far. */
  readonly best: boolean;
  /** What the model finds amiss, a sentence each; missing where there is nothing. */
  readonly worries?: readonly string[];
}

/** A line of `metrics.jsonl`. */
export type Metrics = StepMetrics | EvaluationMetrics;

/** The training lines. */
export function stepLines(lines: readonly Metrics[]): StepMetrics[] {
  return lines.filter((line) => line.kind === "step");
}

/** The evaluations. */
export function evaluationLines(lines: readonly Metrics[]): EvaluationMetrics[] {
  return lines.filter((line) => line.kind === "evaluation");
}

/** A line as it was written before values were nested: all in one object. */
export type FlatLine =
  & { readonly kind: Metrics["kind"]; readonly step: number }
  & Readonly<Record<string, number | boolean>>;

/** What of a flat line is text. */
const TEXTS = ["kind", "sha256"];

/** Whether a parsed line is one of metrics, of this version or an earlier one. */
export function isMetrics(line: unknown): line is Metrics | FlatLine {
  if (!isRecord(line)) return false;
  const { kind, step, epoch, clock, steps, train, valid, rates, best, worries = [] } = line;
  if (kind !== "step" && kind !== "evaluation" || typeof step !== "number") return false;
  if (clock === undefined) { // as it was written before values were nested
    return Object.entries(line).every(([name, value]) =>
      TEXTS.includes(name) || (name === "best" ? typeof value === "boolean" : typeof value === "number")
    );
  }
  const isTold = typeof epoch === "number" && isRecord(clock) && typeof clock.seconds === "number" &&
    ["string", "undefined"].includes(typeof clock.at) &&
    Array.isArray(worries) && worries.every((worry) => typeof worry === "string");
  if (!isTold) return false;
  if (kind === "evaluation") return areNumbers(valid) && typeof best === "boolean";
  return areNumbers(train) && typeof steps === "number" && isRecord(rates) &&
    // In no time at all more examples were seen than JSON has a number for.
    [rates.learningRate, rates.examplesPerSecond].every((rate) => typeof rate === "number" || rate === null);
}

function areNumbers(values: unknown): boolean {
  return isRecord(values) && Object.values(values).every((value) => typeof value === "number");
}

/** A parsed line of this version or an earlier one. */
export function readLine(line: Metrics | FlatLine): Metrics {
  if ("clock" in line && typeof line.clock === "object") return line as Metrics;
  const { kind, step, epoch = 0, seconds = 0, best, learningRate, examplesPerSecond, ...rest } = line as FlatLine;
  const moment = { step, epoch: Number(epoch), clock: { seconds: Number(seconds) } };
  const values = rest as Values;
  if (kind === "evaluation") return { kind, ...moment, valid: values, best: best === true };
  const rates = { learningRate: Number(learningRate), examplesPerSecond: Number(examplesPerSecond) };
  return { kind, ...moment, steps: 1, train: values, rates };
}
