/**
 * What a classifier sees of a drawing: the fields that its data would have had of it. Browser safe.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { overflowOf, rasterOf } from "../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { BITMAP_SIDE } from "../../pipelines/formats/bitmaps.ts";
import { renderBitmap } from "../../pipelines/render/render.ts";
import { renderDigit } from "../../pipelines/render/render_pen.ts";
import { type Overflow, rasterize } from "../../pipelines/strokes/rasterize.ts";
import type { Drawing } from "../../pipelines/strokes/stroke.ts";
import type { TrainedData } from "./trained_model.ts";

/** How a drawing becomes what a classifier reads. */
export interface DrawingView {
  /** The side of what it sees, in cells. */
  readonly side: number;
  /** T, the frames that it sees; 1 of a classifier that sees the finished picture alone. */
  readonly frames: number;
  /** What is done with the strokes after the last frame; missing where there is no such end. */
  readonly overflow?: Overflow;
  /** Whether it sees grey pictures, uint8 [side, side]; stroke-index maps otherwise. */
  readonly isGrey: boolean;
  /** What is to be said of it. */
  readonly notes: readonly string[];
  /** How many strokes it sees as such. */
  countOf(drawing: Drawing): number;
  /**
   * What it sees of drawings.
   *
   * @returns As many examples, without labels; `pictures` lie one behind the other, uint8 [B, side, side].
   */
  see(drawings: readonly Drawing[]): { readonly batch: Batch; readonly pictures: Uint8Array<ArrayBuffer> };
}

/** The fields that a single drawing can be turned into; a label is not read when a drawing is named. */
const KNOWN = ["stroke_index", "stroke_count", "image", "label"];

/**
 * The view of a model: as stroke-index maps, made as those of its data were, or as 28 x 28 bitmaps, drawn as Google's are,
 * or as MNIST's digits where those were learnt.
 *
 * @param fields The fields that the model reads: {@linkcode fieldsRead} tells them.
 * @throws {InputError} When drawings do not become these.
 */
export function drawingView(fields: readonly string[], data: TrainedData): DrawingView {
  const lacking = fields.filter((name) => !KNOWN.includes(name) || !Object.hasOwn(data.fields, name));
  if (lacking.length > 0) throw new InputError(`the model reads ${lacking.join(" and ")}, not strokes`);
  return fields.includes("image") ? bitmapView(data) : strokeView(data);
}

/** As a stroke-index map; the model itself leaves out strokes. */
function strokeView(data: TrainedData): DrawingView {
  const raster = rasterOf(data);
  const { size: side, maxStrokes: frames, overflow } = raster;
  return {
    ...{ side, frames, overflow, isGrey: false },
    countOf: ({ length }) => Math.min(length, frames),
    see(drawings) {
      const pictures = new Uint8Array(drawings.length * side * side); // [B, side, side]
      const counts = drawings.map((drawing, b) =>
        rasterize(drawing, raster, pictures.subarray(b * side * side, (b + 1) * side * side)).count
      );
      const batch = {
        size: drawings.length,
        fields: { stroke_index: pictures, stroke_count: Uint8Array.from(counts) },
      };
      return { batch, pictures };
    },
    notes: overflowOf(data.options) === undefined
      ? ["the checkpoint does not say what became of strokes after the last frame: they are left out"]
      : [],
  };
}

/**
 * As a bitmap.
 *
 * @throws {InputError} When the model learnt from pictures of another size, or in colour.
 */
function bitmapView(data: TrainedData): DrawingView {
  const { shape } = data.fields.image;
  if (shape.length !== 2 || shape.some((side) => side !== BITMAP_SIDE)) {
    throw new InputError(`the model reads pictures of ${shape.join(" x ")}, drawings become 28 x 28`);
  }
  const [render, whose] = data.dataset === "mnist"
    ? [renderDigit, "MNIST's digits"]
    : [renderBitmap, "Quick, Draw!'s bitmaps"];
  return {
    ...{ side: BITMAP_SIDE, frames: 1, isGrey: true },
    countOf: ({ length }) => length,
    see(drawings) {
      const pictures = new Uint8Array(drawings.length * BITMAP_SIDE ** 2); // [B, 28, 28]
      drawings.forEach((drawing, b) => pictures.set(render(drawing), b * BITMAP_SIDE ** 2));
      return { batch: { size: drawings.length, fields: { image: pictures } }, pictures };
    },
    notes: [`drawings are drawn as ${whose} are, which the pictures that it learnt from may not be`],
  };
}
