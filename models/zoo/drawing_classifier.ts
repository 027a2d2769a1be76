/**
 * Names drawings that come one at a time. Browser safe.
 *
 * @module
 */
import type { Drawing } from "../../pipelines/strokes/stroke.ts";
import type { Model } from "../model.ts";
import { drawingReader } from "./drawing_reader.ts";
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
   * @param strokes Only the first so many strokes are shown, 1 or more; all when left out.
   * @returns Every class, the likeliest first.
   * @throws {RangeError} When a coordinate is none of these, a stroke is not `[xs, ys]`, has not as many x as y or no point,
   * there is no stroke, or `strokes` is none of 1 or more.
   * @throws {TypeError} When the classifier was disposed of.
   */
  classify(drawing: Drawing, strokes?: number): Promise<Guess[]>;
}

/**
 * A classifier of drawings from a trained model: one that reads strokes, or one that reads 28 x 28 bitmaps.
 *
 * @param model Becomes the classifier's.
 * @param fields The fields that it reads: {@linkcode fieldsRead} tells them.
 * @param data What the checkpoint says of the data: drawings are rasterized as they were there; bitmaps are drawn as
 * Google's are, or as MNIST's digits where those were learnt.
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
  const reader = drawingReader(model, { fields, data });
  let isFreed = false;
  return {
    classes: data.classes,
    notes: [...notes, ...reader.view.notes],
    async classify(drawing, strokes) {
      if (isFreed) throw new TypeError("cannot name the drawing: the classifier was disposed of; load it again");
      const { probabilities: [row] } = await reader.read(drawing, strokes);
      return row.map((probability, label) => ({ name: data.classes[label], probability }))
        .sort((a, b) => b.probability - a.probability);
    },
    [Symbol.dispose]() {
      isFreed = true;
      model.dispose();
    },
  };
}
