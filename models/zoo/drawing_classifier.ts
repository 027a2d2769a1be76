/**
 * Names drawings that come one at a time. Browser safe.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../../pipelines/base/errors.ts";
import { greyShapeOf, overflowOf, rasterOf } from "../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { BITMAP_SIDE } from "../../pipelines/formats/bitmaps.ts";
import { renderBitmap } from "../../pipelines/render/render.ts";
import { renderDigit } from "../../pipelines/render/render_pen.ts";
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
const KNOWN = ["stroke_index", "stroke_count", "image", "label"];

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
  const lacking = fields.filter((name) => !KNOWN.includes(name) || !Object.hasOwn(data.fields, name));
  if (model.classify === undefined || lacking.length > 0) {
    throw new InputError(
      model.classify === undefined
        ? "the model is no classifier"
        : `the model reads ${lacking.join(" and ")}, not strokes`,
    );
  }
  const { batchOf, note } = fields.includes("image") ? bitmapView(data) : strokeView(data);
  return {
    classes: data.classes,
    notes: [...notes, ...note],
    async classify(drawing, strokes) {
      checkDrawing(drawing);
      const logProbs = tf.tidy(() => model.classify!(batchOf(drawing, strokes), strokes)); // [1, classes]
      const values = [...await logProbs.data()];
      logProbs.dispose();
      return values.map((value, label) => ({ name: data.classes[label], probability: Math.exp(value) }))
        .sort((a, b) => b.probability - a.probability);
    },
    [Symbol.dispose]: () => model.dispose(),
  };
}

/** How a drawing becomes what the model reads, and what is to be said of it. */
interface View {
  batchOf(drawing: Drawing, strokes?: number): Batch;
  readonly note: readonly string[];
}

/** As a stroke-index map; the model itself leaves out strokes. */
function strokeView(data: TrainedData): View {
  const raster = rasterOf(data);
  return {
    batchOf(drawing) {
      const { map, count } = rasterize(drawing, raster);
      return { size: 1, fields: { stroke_index: map, stroke_count: Uint8Array.of(count) } };
    },
    note: overflowOf(data.options) === undefined
      ? ["the checkpoint does not say what became of strokes after the last frame: they are left out"]
      : [],
  };
}

/**
 * As a bitmap.
 *
 * @throws {InputError} When the model learnt from pictures of another size.
 */
function bitmapView(data: TrainedData): View {
  const shape = greyShapeOf(data, "image");
  if (shape.some((side) => side !== BITMAP_SIDE)) {
    throw new InputError(`the model reads pictures of ${shape.join(" x ")}, drawings become 28 x 28`);
  }
  const [render, whose] = data.dataset === "mnist"
    ? [renderDigit, "MNIST's digits"]
    : [renderBitmap, "Quick, Draw!'s bitmaps"];
  return {
    batchOf: (drawing, strokes) => ({ size: 1, fields: { image: render(drawing.slice(0, strokes)) } }),
    note: [`drawings are drawn as ${whose} are, which the pictures that it learnt from may not be`],
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
