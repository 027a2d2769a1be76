/**
 * A run's classifier, for drawings that come one at a time.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../../pipelines/base/errors.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { QUICKDRAW_OPTIONS } from "../../pipelines/datasets/quickdraw/quickdraw.ts";
import { type FieldOptions, packDrawings } from "../../pipelines/datasets/quickdraw/quickdraw_fields.ts";
import { encodeDrawing } from "../../pipelines/strokes/drawing_bytes.ts";
import type { Drawing } from "../../pipelines/strokes/stroke.ts";
import type { SavedData } from "./run_state.ts";
import { loadModel } from "./saved_model.ts";

/** A class, and how likely it is. */
export interface Guess {
  readonly name: string;
  /** 0 to 1; those of all classes add up to 1. */
  readonly probability: number;
}

/** Names drawings. */
export interface Classifier extends Disposable {
  /** The class names in label order. */
  readonly classes: readonly string[];
  /** What is worth saying of the run. */
  readonly notes: readonly string[];
  /**
   * Names a drawing.
   *
   * @param drawing Whole coordinates, 0..255, aligned to the top left as `simplifyRaw` does.
   * @param strokes Only the first so many strokes are shown; all when left out.
   * @returns Every class, the likeliest first.
   */
  classify(drawing: Drawing, strokes?: number): Promise<Guess[]>;
}

/**
 * Loads the classifier of a run that was trained on drawings. The backend must have been started.
 *
 * @param folder The run's folder.
 * @param checkpoint Which weights; `best` when left out.
 * @throws {InputError} When there is no such run, or its model does not name drawings.
 *
 * @example
 * ```ts
 * import { cnn, loadClassifier, prepare, quickdraw, startBackend, train } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const data = `${folder}/data`;
 * await prepare({ dataset: quickdraw, options: { classes: ["circle", "line"], size: 16 }, perClass: 40, output: data });
 * await startBackend("wasm");
 * for await (const _line of train({ data, folder, model: cnn, loop: { epochs: 8, learningRate: 0.01 } }));
 *
 * using classifier = await loadClassifier(folder);
 * const [best] = await classifier.classify([[[0, 255], [0, 90]]]);
 * assertEquals(best.name, "line");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function loadClassifier(folder: string, checkpoint: "best" | "last" = "best"): Promise<Classifier> {
  const { model, spec, state, notes } = await loadModel(folder, checkpoint);
  const { classes } = state.data;
  const options = drawingOptions(state.data);
  const lacking = spec.fields.filter((name) => !["stroke_index", "stroke_count", "label"].includes(name));
  if (model.classify === undefined || lacking.length > 0) {
    model.dispose();
    const why = model.classify === undefined ? "is no classifier" : `reads ${lacking.join(" and ")}, not strokes`;
    throw new InputError(`run ${folder}: its model, ${spec.name}, ${why}`);
  }
  const unknown = state.data.options === undefined
    ? ["the run does not say what became of strokes after the last frame: they are left out"]
    : [];
  return {
    classes,
    notes: [...notes, ...unknown],
    async classify(drawing, strokes) {
      const logProbs = tf.tidy(() => model.classify!(batchOf(drawing, options), strokes)); // [1, classes]
      const values = [...await logProbs.data()];
      logProbs.dispose();
      return values.map((value, label) => ({ name: classes[label], probability: Math.exp(value) }))
        .sort((a, b) => b.probability - a.probability);
    },
    [Symbol.dispose]: () => model.dispose(),
  };
}

/** How the drawings were prepared that the model has learnt from. */
function drawingOptions({ fields, options }: SavedData): FieldOptions {
  const { stroke_index, stroke_count } = fields;
  const known = { ...defaultsOf(QUICKDRAW_OPTIONS), ...options } as FieldOptions;
  return {
    ...known,
    ...{ fields: ["stroke_index"], frames: "index" },
    size: stroke_index?.shape[0] ?? known.size,
    maxStrokes: stroke_count?.max ?? known.maxStrokes,
  };
}

function batchOf(drawing: Drawing, options: FieldOptions): Batch {
  const arrays = packDrawings([{ key: 0n, label: 0, payload: encodeDrawing(drawing) }], options);
  return { size: 1, fields: Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name, data])) };
}
