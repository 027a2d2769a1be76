/**
 * Learning-rate schedules. Browser safe.
 *
 * @module
 */
import type { StepOptions } from "../step_options.ts";

/**
 * How a learning rate changes over a run: it rises in a warm-up, and stays, falls along half a cosine wave (Loshchilov
 * and Hutter, arXiv:1608.03983, eq. 5), or exponentially to the least one.
 */
export type Schedule = Pick<StepOptions, "learningRate" | "schedule" | "warmupSteps" | "decayRate" | "minLearningRate">;

/**
 * The learning rate of a step.
 *
 * @param step 0-based.
 * @param totalSteps Steps of the whole run, the warm-up's among them.
 * @returns The learning rate, 0 to that of the schedule.
 *
 * @example
 * ```ts
 * import { learningRateAt } from "@strokewise/strokewise/models";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const falling = { learningRate: 1, warmupSteps: 2, decayRate: 0.5, minLearningRate: 0.2 };
 * const schedule = { ...falling, schedule: "cosine" } as const;
 * assertAlmostEquals(learningRateAt(0, 10, schedule), 0.5);
 * assertAlmostEquals(learningRateAt(6, 10, schedule), 0.5);
 * assertAlmostEquals(learningRateAt(10, 10, schedule), 0);
 * assertAlmostEquals(learningRateAt(4, 10, { ...falling, schedule: "exponential" }), 0.2 + 0.8 * 0.25);
 * ```
 */
export function learningRateAt(step: number, totalSteps: number, schedule: Schedule): number {
  const { learningRate, warmupSteps, decayRate, minLearningRate } = schedule;
  if (step < warmupSteps) return learningRate * (step + 1) / warmupSteps;
  if (schedule.schedule === "constant") return learningRate;
  if (schedule.schedule === "exponential") {
    return minLearningRate + (learningRate - minLearningRate) * decayRate ** (step - warmupSteps);
  }
  const done = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps); // 0 to 1
  return learningRate * (1 + Math.cos(Math.PI * done)) / 2;
}
