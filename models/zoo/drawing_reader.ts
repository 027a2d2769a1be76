/**
 * What a classifier makes of drawings that come one at a time, as numbers. Browser safe.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { type Drawing, isPolyline } from "../../pipelines/strokes/stroke.ts";
import { isAble, type Model } from "../model.ts";
import { answersOf, take } from "./answers.ts";
import { type DrawingView, drawingView } from "./drawing_view.ts";
import type { TrainedData } from "./trained_model.ts";

/** What a model saw of a drawing, and what it made of it. */
export interface DrawingReading {
  /** In label order, [strokes seen][classes], or one row for all that was seen. */
  readonly probabilities: readonly (readonly number[])[];
  /** As {@linkcode DrawingView.see} gives it. */
  readonly picture: Uint8Array<ArrayBuffer>;
  /** The model's own time. */
  readonly ms: number;
}

/** Reads drawings as the model's data would have had them. */
export interface DrawingReader {
  readonly view: DrawingView;
  /**
   * What the model makes of a drawing.
   *
   * @param strokes Only the first so many strokes are shown, 1 or more; all when left out.
   * @throws {RangeError} When the drawing has no stroke, a stroke is not two lists or has no point or not as many x as y, a
   * coordinate is no whole number from 0 to 255, or `strokes` is none of 1 or more.
   */
  read(drawing: Drawing, strokes?: number): Promise<DrawingReading>;
  /**
   * What it makes of it after the first stroke, the second, …, the last that is seen as such. The rows of strokes that are
   * followed by others are those of {@linkcode DrawingReader.read} but for rounding.
   */
  readEach(drawing: Drawing): Promise<DrawingReading>;
}

/**
 * A model's reader of drawings.
 *
 * @param model Stays the caller's.
 * @throws {InputError} When the model does not name drawings.
 */
export function drawingReader(
  model: Model,
  { fields, data }: { readonly fields: readonly string[]; readonly data: TrainedData },
): DrawingReader {
  if (!isAble(model, "classify")) throw new InputError("the model is no classifier");
  const view = drawingView(fields, data);
  const { classes: { length: classes } } = data;
  return {
    view,
    async read(drawing, strokes) {
      checkDrawing(drawing, "name");
      checkStrokes(strokes);
      const { batch, pictures } = view.see([view.isGrey ? drawing.slice(0, strokes) : drawing]);
      const begun = performance.now();
      const logs = await take(model.classify(batch, strokes));
      return { probabilities: rowsOf(logs, classes), picture: pictures, ms: performance.now() - begun };
    },
    async readEach(drawing) {
      checkDrawing(drawing, "name");
      const count = view.countOf(drawing);
      const shown = view.isGrey ? drawing.map((_, i) => drawing.slice(0, i + 1)) : [drawing];
      const { batch, pictures } = view.see(shown);
      const begun = performance.now();
      const answers = await answersOf(model, batch, view.isGrey ? 0 : view.frames);
      const rows = view.isGrey
        ? rowsOf(answers.whole, classes)
        : answers.prefixes.slice(0, count).flatMap((logs) => rowsOf(logs, classes));
      const picture = pictures.slice(-(view.side ** 2));
      return { probabilities: rows, picture, ms: performance.now() - begun };
    },
  };
}

/** Log-probabilities [R, classes] -> probabilities. */
function rowsOf(logs: Float32Array, classes: number): number[][] {
  const rows = Array.from({ length: logs.length / classes }, (_, r) => logs.subarray(r * classes, (r + 1) * classes));
  return rows.map((row) => Array.from(row, (log) => Math.exp(log)));
}

function checkStrokes(strokes = Infinity): void {
  if (strokes === Infinity || Number.isInteger(strokes) && strokes >= 1) return;
  throw new RangeError(`cannot name a drawing after ${strokes} strokes: expected a whole number, 1 or more`);
}

/**
 * Checks a drawing: a line to a point that is off the grid would not end.
 *
 * @param action What cannot be done with it otherwise.
 * @throws {RangeError} As {@linkcode DrawingReader.read}.
 */
export function checkDrawing(drawing: Drawing, action: string): void {
  if (!Array.isArray(drawing)) throw new RangeError(`cannot ${action} the drawing: it is no list of strokes`);
  if (drawing.length === 0) throw new RangeError(`cannot ${action} the drawing: it is blank`);
  for (const [i, stroke] of drawing.entries()) {
    const what = `cannot ${action} the drawing: stroke ${i + 1}`;
    if (!isPolyline(stroke)) throw new RangeError(`${what} is not [xs, ys], a list of its x and one of its y`);
    const [xs, ys] = stroke;
    if (xs.length !== ys.length) throw new RangeError(`${what} has ${xs.length} x and ${ys.length} y`);
    if (xs.length === 0) throw new RangeError(`${what} has no point`);
    const bad = [...Array.from(xs), ...Array.from(ys)].filter((value) =>
      !(Number.isInteger(value) && value >= 0 && value <= 255)
    );
    if (bad.length > 0) throw new RangeError(`${what} has ${bad[0]}, expected whole coordinates, 0 to 255`);
  }
}
