/**
 * Names drawings that come one at a time. Browser safe.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../../pipelines/base/errors.ts";
import { overflowOf, rasterOf } from "../../pipelines/batches/batch_fields.ts";
import { rasterize } from "../../pipelines/strokes/rasterize.ts";
import type { Drawing } from "../../pipelines/strokes/stroke.ts";
import type { Model } from "../model.ts";
import type { TrainedData } from "./trained_model.ts";

/** A class, and how likely it is. */
export interface Guess {
  /** The class. */
  readonly name: string;
  /** 0 to 1; those of all classes add up to 1. */
  readonly probability: number;
}

/** Names drawings; disposing of it frees the model. */
export interface DrawingClassifier extends Disposable {
  /** The class names in label order. */
  readonly classes: readonly string[];
  /** What is worth saying before it is trusted. */
  readonly notes: readonly string[];
  /**
   * Names a drawing.
   *
   * @param drawing Whole coordinates, 0..255, aligned to the top left, as `simplifyRaw` gives them.
   * @param strokes Only the first so many strokes are shown; all when left out.
   * @returns Every class, the likeliest first.
   * @throws {RangeError} When a coordinate is none of these, or a stroke has not as many x as y.
   */
  classify(drawing: Drawing, strokes?: number): Promise<Guess[]>;
}

/** The fields that a single drawing can be turned into; a label is not read when a drawing is named. */
const KNOWN = ["stroke_index", "stroke_count", "label"];

/**
 * A classifier of drawings from a trained model.
 *
 * @param model Becomes the classifier's.
 * @param fields The fields that it reads.
 * @param data What the checkpoint says of the data: drawings are rasterized as they were there.
 * @param notes Further things to be said.
 * @throws {InputError} When the model does not name drawings.
 */
export function drawingClassifier(
  model: Model,
  { fields, data, notes = [] }: {
    readonly fields: readonly string[];
    readonly data: TrainedData;
    readonly notes?: readonly string[];
  },
): DrawingClassifier {
  const lacking = fields.filter((name) => !KNOWN.includes(name));
  if (model.classify === undefined || lacking.length > 0) {
    throw new InputError(
      model.classify === undefined
        ? "the model is no classifier"
        : `the model reads ${lacking.join(" and ")}, not strokes`,
    );
  }
  const raster = rasterOf(data);
  const silent = overflowOf(data.options) === undefined
    ? ["the checkpoint does not say what became of strokes after the last frame: they are left out"]
    : [];
  return {
    classes: data.classes,
    notes: [...notes, ...silent],
    async classify(drawing, strokes) {
      checkDrawing(drawing);
      const { map, count } = rasterize(drawing, raster);
      const batch = { size: 1, fields: { stroke_index: map, stroke_count: Uint8Array.of(count) } };
      const logProbs = tf.tidy(() => model.classify!(batch, strokes)); // [1, classes]
      const values = [...await logProbs.data()];
      logProbs.dispose();
      return values.map((value, label) => ({ name: data.classes[label], probability: Math.exp(value) }))
        .sort((a, b) => b.probability - a.probability);
    },
    [Symbol.dispose]: () => model.dispose(),
  };
}

/** A line to a point that is off the grid would not end. */
function checkDrawing(drawing: Drawing): void {
  for (const [i, [xs, ys]] of drawing.entries()) {
    const what = `cannot name the drawing: stroke ${i + 1}`;
    if (xs.length !== ys.length) throw new RangeError(`${what} has ${xs.length} x and ${ys.length} y`);
    const bad = [...Array.from(xs), ...Array.from(ys)].find((value) =>
      !(Number.isInteger(value) && value >= 0 && value <= 255)
    );
    if (bad !== undefined) throw new RangeError(`${what} has ${bad}, expected whole coordinates, 0 to 255`);
  }
}
