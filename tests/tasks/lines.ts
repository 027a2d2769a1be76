/** Lines of `metrics.jsonl` for tests: what is not asked about is filled in. */
import type { EvaluationMetrics, StepMetrics, Values } from "../../tasks/runs/metrics.ts";

const PLACE = { epoch: 1, clock: { seconds: 2 } };

/** What training steps measured. */
export function stepLine(step: number, train: Values): StepMetrics {
  return { kind: "step", step, ...PLACE, steps: 1, train, rates: { learningRate: 0.1, examplesPerSecond: 9 } };
}

/** What an evaluation measured. */
export function evaluationLine(step: number, valid: Values, best = false): EvaluationMetrics {
  return { kind: "evaluation", step, ...PLACE, valid, best };
}
