/**
 * The tasks as functions: what `deno task prepare`, `train`, `evaluate` and `convert` do, for scripts of one's own.
 *
 * @module
 */
export type { DrawingScore, NearestScore } from "./evaluation/likelihood.ts";
export type { DrawingPictures } from "./evaluation/generation.ts";
export { evaluate, type EvaluateSettings, type Judgement } from "./evaluation/evaluate.ts";
export type { Classification, ClassScore, Evaluation, Mistake } from "./evaluation/classification.ts";
export type { Phase, StepWatcher } from "./training/profile.ts";
export { loadCheckpoint } from "./runs/run_directory.ts";
export type * from "./runs/metrics.ts";
export { loadModel, type SavedModel } from "./runs/saved_model.ts";
export type { RunSettings } from "./runs/settings.ts";
export type { Position, RunState, TrainOutcome } from "./runs/run_state.ts";
export { train } from "./training/train.ts";
export { LOOP_OPTIONS, type LoopOptions, type TrainSettings } from "./runs/settings.ts";
