/**
 * `deno task evaluate`: how good a run's model is, in numbers, tables and pictures.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { type BackendName, BACKENDS, startBackend } from "../models/mod.ts";
import { prefetchBatches } from "../pipelines/batch.ts";
import { type Split, SPLITS } from "../pipelines/dataset.ts";
import { InputError } from "../pipelines/errors.ts";
import { readShardIndex } from "../pipelines/shard_reader.ts";
import { createEvaluator, type Evaluation } from "./evaluation.ts";
import { formatEvaluation } from "./evaluation_text.ts";
import { main, say } from "./main.ts";
import { parseOptions, type TaskSpec } from "./options.ts";
import { Progress } from "./progress.ts";
import { renderReport } from "./report.ts";
import { loadCheckpoint, readMetrics, writeAtomic } from "./run_directory.ts";
import { buildModel, type RunState } from "./run_state.ts";

const EVALUATE_SPEC = {
  name: "evaluate",
  summary: "Judges a trained model: a table here, metrics.json and report.html in the run's folder.",
  examples: ["deno task evaluate --run runs/cnn-lstm-1", "deno task evaluate --run runs/cnn-1 --split valid"],
  groups: {
    "": {
      run: { value: "", help: "the run's folder" },
      split: { value: "test", choices: SPLITS, help: "which examples" },
      data: { value: "", help: "the folder of shards; the one of the training when left out" },
      checkpoint: { value: "best", choices: ["best", "last"], help: "which weights" },
      batchSize: { value: 64, help: "examples at a time, 1 or more", min: 1, whole: true },
      backend: {
        value: "auto",
        choices: ["auto", ...BACKENDS],
        help: "what computes; auto takes the first that works",
      },
    },
  },
} as const satisfies TaskSpec;

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
}

/** What {@linkcode evaluate} finds. */
export interface Judgement {
  /** The numbers. */
  readonly evaluation: Evaluation;
  /** The drawings of `evaluation.mistakes`, in their order, as stroke-index maps, uint8 [size, size]. */
  readonly maps: readonly Uint8Array[];
  /** The checkpoint's state. */
  readonly state: RunState;
}

/**
 * Judges a run's classifier on a split: every example once whole, and once for each number of first strokes. The backend
 * must have been started.
 *
 * @param settings Which run, which examples.
 * @param onProgress Is told the examples judged and how many there are.
 * @returns The numbers, the drawings of the worst mistakes, and what the checkpoint says of the run.
 * @throws {InputError} When the run or the data cannot be used, or the data has other classes than the model.
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
 * const { evaluation, maps } = await evaluate({ folder, split: "valid" });
 * assertEquals(evaluation.step, 2);
 * assertEquals(maps.length, evaluation.mistakes.length);
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
  const model = buildModel(saved);
  const evaluator = createEvaluator(shape.classes, { strokes: shape.frames, worst: 24 });
  const fields = ["stroke_index", "stroke_count", "label", "key_id"];
  let done = 0;
  try {
    for await (const batch of prefetchBatches({ folder: data, split, batchSize, fields, epochs: 1 })) {
      const labels = batch.fields.label as Uint16Array; // [B]
      const maps = batch.fields.stroke_index as Uint8Array; // [B, size, size]
      const keys = batch.fields.key_id as BigUint64Array; // [B]
      const cells = maps.length / batch.size;
      for (let strokes = 1; strokes <= shape.frames; strokes++) {
        const logProbs = await toArray(model.classify(batch, strokes)); // [B, classes]
        evaluator.addEarly(strokes, logProbs, labels);
        if (strokes < shape.frames) continue;
        const drawings = Array.from(keys, (keyId, i) => ({ keyId, map: maps.subarray(i * cells, (i + 1) * cells) }));
        evaluator.add(logProbs, labels, drawings);
      }
      onProgress(done += batch.size, index.splits[split].examples);
    }
  } finally {
    model.dispose();
  }
  const about = { model: trained.model, dataset: index.dataset, split, step: position.step };
  return { ...evaluator.finish(about), state: saved.state };
}

async function toArray(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data<"float32">();
  tensor.dispose();
  return values;
}

/** The command. */
export async function evaluateCommand(args: readonly string[]): Promise<Evaluation> {
  const { values } = parseOptions(EVALUATE_SPEC, args);
  const folder = values.run.replace(/\/+$/, "");
  if (folder === "") throw new InputError("--run is missing: name the run's folder, such as runs/cnn-lstm-1");
  await startBackend(values.backend === "auto" ? undefined : values.backend as BackendName);
  const settings = {
    ...{ folder, split: values.split as Split, batchSize: values.batchSize },
    ...{ checkpoint: values.checkpoint as "best" | "last", ...(values.data ? { data: values.data } : {}) },
  };
  let progress: Progress | undefined;
  const { evaluation, maps } = await evaluate(settings, (done, total) => {
    progress ??= new Progress({ label: "evaluating", unit: "drawings", total });
    progress.update(done);
  });
  progress?.end();
  const options = JSON.parse(await Deno.readTextFile(`${folder}/options.json`));
  const metrics = await readMetrics(folder);
  const when = new Date().toISOString().slice(0, 16).replace("T", " ");
  const report = await renderReport({ run: folder, when, options, metrics, evaluation, mistakes: maps });
  await writeAtomic(`${folder}/metrics.json`, JSON.stringify(evaluation, null, 2) + "\n");
  await writeAtomic(`${folder}/report.html`, report);
  say(formatEvaluation(evaluation, { colour: Deno.stdout.isTerminal(), width: 100 }));
  say(`report     ${folder}/report.html`);
  return evaluation;
}

if (import.meta.main) await main("evaluate", async (args) => void await evaluateCommand(args));
