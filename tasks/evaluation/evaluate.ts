/**
 * `deno task evaluate`: how good a run's model is, in numbers, tables and pictures.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { PlacedBatch } from "../../pipelines/batches/batch.ts";
import type { SheetDrawing } from "../../pipelines/images/contact_sheet.ts";
import type { Dataset } from "../../pipelines/dataset.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { type DrawingPictures, judgeDrawer } from "./generation.ts";
import { createEvaluator, type Evaluation, type ExampleContext } from "./classification.ts";
import { flagOf } from "../cli/options.ts";
import { loadCheckpoint } from "../runs/run_directory.ts";
import type { RunState } from "../runs/run_state.ts";
import { buildModel } from "../../models/zoo/trained_model.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import { evaluateObjective } from "../../models/gradients/evaluate_objective.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { prefetchBatches } from "../../pipelines/batches/prefetch.ts";
import type { Split } from "../../pipelines/base/split.ts";
import { DATASETS } from "../../pipelines/datasets/registry.ts";

export const IMPORTANCE_SAMPLES = 5;
export const NEAREST_SAMPLES = 1000;
/** Training examples that samples are held against at a time. */
const NEAREST_BATCH = 1000;

/** What {@linkcode evaluate} needs to know. */
export interface EvaluateSettings {
  /** The run's folder. */
  readonly folder: string;
  /** Which examples are judged. */
  readonly split: Split;
  /** The folder of shards; that of the training when left out. */
  readonly data?: string;
  /** Which weights: those of the best evaluation on valid, or the last; `best` when left out. */
  readonly checkpoint?: "best" | "last";
  /** Examples at a time, 1 or more; 64 when left out. */
  readonly batchSize?: number;
  /** Latents that a model that draws draws for each example, 1 or more; 5 when left out. */
  readonly importanceSamples?: number;
  /** Its samples that are held against the nearest training example, 0 for none; 1000 when left out. */
  readonly nearestSamples?: number;
}

/** What {@linkcode evaluate} finds. */
export interface Judgement {
  /** The numbers. */
  readonly evaluation: Evaluation;
  /** How the mistakes of a classifier look, in the order of `evaluation.classification.mistakes`; else empty. */
  readonly pictures: readonly SheetDrawing[];
  /** What a model that draws draws. */
  readonly drawings?: DrawingPictures;
  /** The checkpoint's state. */
  readonly state: RunState;
}

/**
 * Judges a run's model on a split. A classifier sees every example whole and, where it reads strokes, once for each number
 * of first strokes; a model that draws encodes every example, and its samples are held against the training examples; of
 * another model the objective's means are taken. The backend must have been started.
 *
 * @param settings Which run, which examples.
 * @param onProgress Is told the examples seen and how many there are to see.
 * @returns The numbers, pictures, and what the checkpoint says of the run.
 * @throws {InputError} When the run or the data cannot be used, the data has other classes than the model, or what only a
 * model that draws has is asked of another.
 *
 * @example
 * ```ts
 * import { AUGMENT_OPTIONS, defaultsOf, evaluate, LOOP_OPTIONS, startBackend, train } from "@strokewise/strokewise";
 * import { prepare, quickdraw } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const options = { ...defaultsOf(quickdraw.options), classes: ["circle", "line"], size: 16 };
 * await prepare({ dataset: quickdraw, options, perClass: 20, output: `${folder}/data` });
 * await startBackend("wasm");
 * const loop = { ...defaultsOf(LOOP_OPTIONS), steps: 2, logEvery: 1 };
 * const paths = { data: `${folder}/data`, folder };
 * const rest = { modelOptions: { denseUnits: 8 }, loop, augment: defaultsOf(AUGMENT_OPTIONS), seed: 0 };
 * for await (const _line of train({ ...paths, model: "cnn", ...rest }));
 *
 * const { evaluation, pictures } = await evaluate({ folder, split: "valid" });
 * assertEquals(evaluation.step, 2);
 * assertEquals(pictures.length, evaluation.classification?.mistakes.length);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function evaluate(
  settings: EvaluateSettings,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Judgement> {
  const { folder, split, checkpoint = "best", batchSize = 64 } = settings;
  const saved = await loadCheckpoint<RunState>(`${folder}/${checkpoint}.safetensors`);
  const { data: shape, settings: trained, position } = saved.state;
  const data = settings.data ?? trained.data;
  const index = await readShardIndex(data);
  if (index.classes.join() !== shape.classes.join()) {
    throw new InputError(`data ${data}: its classes are not those that ${folder} was trained on`);
  }
  const dataset = DATASETS[index.dataset];
  if (dataset === undefined) throw new InputError(`data ${data}: its dataset ${index.dataset} is unknown here`);
  const { examples } = index.splits[split];
  if (examples === 0) throw new InputError(`data ${data}: the ${split} split holds no example`);
  const model = buildModel(saved);
  const spec = MODELS[trained.model];
  const subject = { model: spec.name, dataset: dataset.name, split, unit: dataset.unit, step: position.step };
  const trainExamples = index.splits.train.examples;
  const nearestSamples = model.drawer && trainExamples > 0 ? settings.nearestSamples ?? NEAREST_SAMPLES : 0;
  const total = examples + (nearestSamples > 0 ? trainExamples : 0);
  async function* read(fields: readonly string[]): AsyncGenerator<PlacedBatch> {
    for await (const batch of prefetchBatches({ folder: data, split, batchSize, fields, epochs: 1 })) {
      yield batch;
      onProgress(batch.seen, total);
    }
  }
  async function* readTrain(): AsyncGenerator<PlacedBatch> {
    const options = { folder: data, split: "train", batchSize: NEAREST_BATCH, fields: spec.fields, epochs: 1 } as const;
    for await (const batch of prefetchBatches(options)) {
      yield batch;
      onProgress(examples + batch.seen, total);
    }
  }
  try {
    if (model.drawer) {
      const { drawing, metrics, pictures } = await judgeDrawer({
        ...{ drawer: model.drawer, objective: model.objectives[0], nearestSamples, seed: trained.seed },
        ...{ batches: () => read(spec.fields), train: readTrain },
        importanceSamples: settings.importanceSamples ?? IMPORTANCE_SAMPLES,
      });
      const evaluation = { ...subject, examples, metrics, drawing };
      return { evaluation, pictures: [], drawings: pictures, state: saved.state };
    }
    for (const name of ["importanceSamples", "nearestSamples"] as const) {
      if (settings[name] !== undefined) throw new InputError(`${flagOf(name)}: ${spec.name} draws nothing`);
    }
    if (model.classify === undefined) {
      const metrics = await evaluateObjective(model.objectives[0], read(spec.fields), new Prng(trained.seed, 2));
      return { evaluation: { ...subject, examples, metrics }, pictures: [], state: saved.state };
    }
    const shown = ["label", dataset.picture.field, "key_id"].filter((name) => Object.hasOwn(index.fields, name));
    const evaluator = createEvaluator(shape.classes, { strokes: shape.frames, worst: 24 });
    const frames = spec.fields.includes("stroke_count") ? shape.frames : 0;
    for await (const batch of read([...new Set([...spec.fields, ...shown])])) {
      const labels = fieldOf(batch, "label"); // [B]
      for (let strokes = 1; strokes < frames; strokes++) {
        evaluator.addEarly(strokes, await toArray(model.classify(batch, strokes)), labels);
      }
      const logProbs = await toArray(model.classify(batch)); // [B, classes]
      if (frames > 0) evaluator.addEarly(frames, logProbs, labels);
      evaluator.add(logProbs, labels, contextsOf(batch, split, dataset.picture));
    }
    return { ...evaluator.finish(subject), state: saved.state };
  } finally {
    model.dispose();
  }
}

/** What identifies and shows each example of a batch. */
function contextsOf(batch: PlacedBatch, split: Split, { field, grey }: Dataset["picture"]): ExampleContext[] {
  const maps = batch.fields[field] as Uint8Array; // [B, size, size]
  const keys = batch.fields.key_id as BigUint64Array | undefined; // [B]
  const cells = maps.length / batch.size;
  return Array.from({ length: batch.size }, (_, i) => ({
    example: keys === undefined ? `${split} ${batch.seen - batch.size + i}` : `key_id ${keys[i]}`,
    picture: { map: maps.subarray(i * cells, (i + 1) * cells), grey },
  }));
}

async function toArray(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data<"float32">();
  tensor.dispose();
  return values;
}
