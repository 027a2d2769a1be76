/**
 * The tasks as functions: what `deno task prepare`, `train`, `evaluate` and `convert` do, for scripts of one's own.
 *
 * @module
 */
export type { Classification, ClassScore, Mistake } from "./evaluation/classification_tally.ts";
export { evaluate, type EvaluateSettings, type Judgement } from "./evaluation/evaluate.ts";
export type { GenerationPictures, GenerationScore } from "./evaluation/generation.ts";
export type { NearestScore } from "./evaluation/generation_nearest.ts";
export type { Evaluation, EvaluationParts, EvaluationPictures, JudgeOptions } from "./evaluation/judges.ts";
export type { LikelihoodScore } from "./evaluation/likelihood.ts";
export type { ReconstructionPictures } from "./evaluation/reconstruction_pictures.ts";
export type { Phase, StepWatcher } from "./training/profile.ts";
export { loadCheckpoint } from "./runs/run_directory.ts";
export type * from "./runs/metrics.ts";
export { loadModel, type SavedModel } from "./runs/saved_model.ts";
export type { RunSettings } from "./runs/settings.ts";
export type { Position, RunState, TrainOutcome } from "./runs/run_state.ts";
export { train } from "./training/train.ts";
export { LOOP_OPTIONS, type LoopOptions, type TrainSettings } from "./runs/settings.ts";
