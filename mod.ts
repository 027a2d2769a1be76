/**
 * strokewise: drawings to tensors stroke by stroke, and models trained on them, in Deno and TypeScript. No Python, and no
 * network at run time.
 *
 * Here is what a script needs: to prepare data, to train a model, to judge it, to use it. The rest is behind the other
 * doors: `./pipelines`, `./formats`, `./models`, `./tasks`, and `./browser` for a web page.
 *
 * @example In a checkout: prepare two classes of the embedded drawings, train, judge, and name a drawing
 * ```ts
 * import { cnn, evaluate, loadClassifier, prepare, quickdraw, startBackend, train } from "@strokewise/strokewise";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const data = `${folder}/data`;
 * await prepare({ dataset: quickdraw, options: { classes: ["circle", "line"], size: 16 }, perClass: 100, output: data });
 *
 * await startBackend();
 * for await (const line of train({ data, folder, model: cnn, loop: { epochs: 4, learningRate: 0.01 } })) {
 *   if (line.kind === "evaluation") assert(line.valid.loss > 0);
 * }
 *
 * const { evaluation } = await evaluate({ folder, split: "test" });
 * assert(evaluation.metrics.accuracy > 0.6);
 *
 * using classifier = await loadClassifier(folder);
 * const [best] = await classifier.classify([[[0, 255], [0, 90]]]);
 * assertEquals(best.name, "line");
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @module
 */

// Prepare: source files to shards.
export { download } from "./pipelines/datasets/download.ts";
export { prepare, type PrepareSettings } from "./pipelines/prepare/prepare.ts";
export type { PrepareProgress } from "./pipelines/prepare/prepare_reading.ts";
export { imageFolder, mnist, quickdraw, quickdrawBitmap, svhn } from "./pipelines/datasets/datasets.ts";
export { DATASETS } from "./pipelines/datasets/registry.ts";
export type { Batch, Chunk, DataDescription, Dataset, LabelledRow, Row, RowSink } from "./pipelines/dataset.ts";
export type { Field, Fields, NdArray } from "./pipelines/base/arrays.ts";
export type { ShardIndex } from "./pipelines/shards/shard_index.ts";
export { readShardIndex } from "./pipelines/shards/shard_reader.ts";

// Drawings.
export type { Drawing, Polyline } from "./pipelines/strokes/stroke.ts";
export { rasterize } from "./pipelines/strokes/rasterize.ts";
export { simplifyRaw } from "./pipelines/formats/quickdraw/simplify_raw.ts";

// Options, random numbers and errors, for all of these.
export {
  defaultsOf,
  mergeOptions,
  type OptionTable,
  type OptionValues,
  type PartialOptions,
} from "./pipelines/base/option_table.ts";
export { Prng } from "./pipelines/base/prng.ts";
export { InputError } from "./pipelines/base/errors.ts";

// Train: shards to a run.
export { type BackendName, startBackend } from "./models/backends/backend.ts";
export {
  cae,
  cnn,
  cnnLstm,
  draw,
  gan,
  mnistLstm,
  seq2seq,
  sketchRnn,
  textToImage,
  transformer,
  vae,
} from "./models/zoo/models.ts";
export { MODELS } from "./models/zoo/registry.ts";
export type { Model, Objective, Pass } from "./models/model.ts";
export { defineModel, type ModelSpec } from "./models/model_spec.ts";
export { affine } from "./pipelines/strokes/augment.ts";
export type { Augmentation } from "./pipelines/strokes/augmentation.ts";
export { train, type TrainContext, type TrainPhase } from "./tasks/training/train.ts";
export { LOOP_OPTIONS, type LoopOptions, type TrainSettings } from "./tasks/runs/settings.ts";
export type { RunState, TrainOutcome } from "./tasks/runs/run_state.ts";
export type { EvaluationMetrics, Metrics, StepMetrics } from "./tasks/runs/metrics.ts";

// Judge: a run to numbers, pictures and a page.
export { evaluate, type EvaluateSettings, type Judgement } from "./tasks/evaluation/evaluate.ts";
export type { Evaluation } from "./tasks/evaluation/judges.ts";
export { writeEvaluation } from "./tasks/report/write_report.ts";

// Use: a run's model.
export { loadModel, type SavedModel } from "./tasks/runs/saved_model.ts";
export { loadClassifier } from "./tasks/runs/classifier.ts";
export type { DrawingClassifier, Guess } from "./models/zoo/drawing_classifier.ts";
export { sample } from "./tasks/evaluation/samplers.ts";
