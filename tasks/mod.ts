/**
 * What the tasks are made of, for scripts that go further than `mod.ts`: runs step by step, judges and reports, profiles,
 * experiments.
 *
 * @module
 */
export type * from "./evaluation/classification_tally.ts";
export { topConfusions } from "./evaluation/classification_tally.ts";
export type { Conditions } from "./evaluation/conditions.ts";
export { evaluate, type EvaluateSettings, type Judgement } from "./evaluation/evaluate.ts";
export type { GenerationPictures, GenerationScore } from "./evaluation/generation.ts";
export type { ClassReading, ImageClassifier, SampleClasses } from "./evaluation/generation_classes.ts";
export type { GlyphLikeness, GlyphVariety, Similarities } from "./evaluation/glyph_likeness.ts";
export type { GlyphsPictures, GlyphsRead, GlyphsScore, ReadShares, ShownGlyphs } from "./evaluation/glyphs.ts";
export type { NearestCost, NearestScore } from "./evaluation/generation_nearest.ts";
export type { Evaluation, EvaluationParts, EvaluationPictures, JudgeOptions } from "./evaluation/judges.ts";
export { mcnemarTest, type PairedCounts } from "./evaluation/mcnemar.ts";
export type { ImportanceBound, LikelihoodScore } from "./evaluation/likelihood.ts";
export type { FeatureRows } from "./evaluation/feature_rows.ts";
export type { CloudDistance, FeatureScore } from "./evaluation/feature_score.ts";
export type { KernelDistance } from "./evaluation/kernel_distance.ts";
export type { NearestDistances } from "./evaluation/nearest_pictures.ts";
export type { Likeness } from "./evaluation/picture_likeness.ts";
export type { PrecisionRecall } from "./evaluation/precision_recall.ts";
export type { ReconstructionPictures } from "./evaluation/reconstruction_pictures.ts";
export type { ReconstructionScore } from "./evaluation/reconstruction_score.ts";
export type { StudentAccuracy } from "./evaluation/student_accuracy.ts";
export type { CopyScore } from "./evaluation/training_comparison.ts";
export type { RightShares, SequencesScore, SumMap, WrittenAnswer } from "./evaluation/sequence_tally.ts";
export type { PictureRow, SequencesPictures } from "./evaluation/sequences.ts";
export type { LatentPlane, LatentUse } from "./evaluation/stroke_latents.ts";
export type { LikelihoodClasses } from "./evaluation/stroke_likelihood.ts";
export type { StrokeReading, StrokeReadings } from "./evaluation/stroke_reading.ts";
export type { DrawingSizes, StrokeLosses, StrokesPictures, StrokesScore } from "./evaluation/strokes.ts";
export { STROKE_SAMPLER_OPTIONS, type StrokeKind } from "./evaluation/stroke_sampler.ts";
export type { ImageKind } from "./evaluation/image_sampler.ts";
export type { LatentChoice } from "./evaluation/latent_source.ts";
export type { NamedPicture, PictureSettings } from "./evaluation/sampler.ts";
export { sample, SAMPLE_KINDS, type SampleKind, type SampleSettings } from "./evaluation/samplers.ts";
export { formatEvaluation, type FormatOptions } from "./report/evaluation_text.ts";
export { type ComparedRow, compareRuns, type Comparison } from "./report/compare/comparison.ts";
export { renderComparison } from "./report/compare/comparison_page.ts";
export { formatComparison } from "./report/compare/comparison_text.ts";
export type { ComparedRun } from "./report/compare/compared_run.ts";
export type { ComparedPair } from "./report/compare/pairs.ts";
export { renderReport, type ReportInput } from "./report/report.ts";
export { writeEvaluation } from "./report/write_report.ts";
export { type Acceptance, ACCEPTANCES } from "./reproduce/acceptances.ts";
export { QUICKSTART } from "./reproduce/experiments/quickstart.ts";
export * from "./reproduce/experiment.ts";
export type { ReproduceRow, ReproduceTable, RowPicture } from "./reproduce/table.ts";
export { REPRODUCE_TABLES } from "./reproduce/tables.ts";
export { loadClassifier } from "./runs/classifier.ts";
export * from "./runs/metrics.ts";
export { type Change, type Continued, type Provenance, provenance } from "./runs/provenance.ts";
export { type CheckpointName, loadCheckpoint, loadRunCheckpoint, readMetrics } from "./runs/run_directory.ts";
export { type BestValue, type RunStanding, type RunSummary, summarizeRun } from "./runs/run_summary.ts";
export type { SavedData } from "./runs/run_data.ts";
export type { Origin, Position, RunState, SavedSettings, TrainOutcome } from "./runs/run_state.ts";
export { loadModel, type SavedModel } from "./runs/saved_model.ts";
export {
  LOOP_OPTIONS,
  type LoopOptions,
  mergeSettings,
  type RunSettings,
  type SettledSettings,
  type TrainSettings,
} from "./runs/settings.ts";
export type { Continuation } from "./training/continuation.ts";
export { type OpenRun, openRun, reopenRun } from "./training/open_run.ts";
export { type KernelProfile, type Phase, Profile, type ProfileResult, type StepWatcher } from "./training/profile.ts";
export { train, type TrainContext, type TrainPhase } from "./training/train.ts";
export type { KernelCall, KernelWatcher } from "../models/backends/kernel_timer.ts";
