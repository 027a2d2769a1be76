/**
 * The tasks as functions: what `deno task prepare`, `train`, `evaluate` and `convert` do, for scripts of one's own.
 *
 * @module
 */
export { convert, type ConvertSettings, type ConvertSummary } from "./convert.ts";
export { download, type DownloadTaskSettings } from "./download.ts";
export type { DrawingScore, NearestScore } from "./drawer_evaluation.ts";
export type { DrawingPictures } from "./evaluate_drawer.ts";
export { evaluate, type EvaluateSettings, type Judgement } from "./evaluate.ts";
export type { Classification, ClassScore, Evaluation, Mistake } from "./evaluation.ts";
export { prepare, type PrepareProgress, type PrepareSettings } from "./prepare.ts";
export type { Phase, StepWatcher } from "./profile.ts";
export { loadCheckpoint, type Metrics } from "./run_directory.ts";
export type { Position, RunState } from "./run_state.ts";
export { train, type TrainOutcome } from "./train.ts";
export { LOOP_OPTIONS, type LoopOptions, type TrainSettings } from "./train_options.ts";
