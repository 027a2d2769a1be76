/**
 * Drawings of any file: read where it holds some, traced where it holds bitmaps or pictures.
 *
 * @module
 */
import { InputError, Reject } from "../base/errors.ts";
import type { DrawingRecord } from "../formats/quickdraw/drawing_record.ts";
import { inkOf, shrinkByArea, toGreyInk } from "../images/grey.ts";
import type { Drawing } from "../strokes/stroke.ts";
import { fillGrid } from "../strokes/fit_grid.ts";
import { MAX_SIDE, Vectorizer } from "../strokes/vectorize.ts";
import { classOfPicture } from "../datasets/quickdraw/file_class.ts";
import { QUICKDRAW_CATEGORIES } from "../datasets/quickdraw/quickdraw_categories.ts";
import { type Fitting, type FormatFile, type OnReject, readDrawings, readPicture } from "./format_reader.ts";
import { namedBitmaps } from "./named_bitmaps.ts";

/** How drawings are read or traced. */
export interface Tracing extends Fitting {
  /** The class of drawings that name none. */
  readonly className?: string | undefined;
  /** Gets what is to be said of a file of bitmaps. */
  readonly tell?: ((note: string) => void) | undefined;
}

/** Drawings at once. */
const AT_ONCE = 256;

/**
 * Reads the drawings of a file, or traces those of its bitmaps or its picture.
 *
 * @param file As `openFormat` opened it.
 * @param onReject As in `readDrawings`; of bitmaps none is a reject, but a blank one has no strokes.
 * @throws {InputError} When the file cannot be used, or a picture is blank, too large or of unknown ink.
 */
export function readOrTrace(
  file: FormatFile,
  onReject: OnReject | undefined,
  { className = "", tell, ...fitting }: Tracing,
): AsyncGenerator<DrawingRecord[]> {
  if (file.holds === "drawings") return readDrawings(file, onReject, fitting);
  fitting.onFit?.(); // the lines that are traced are simplified
  return file.holds === "pictures"
    ? tracePicture(file, className, fitting)
    : traceBitmaps(file, onReject, { className, tell, ...fitting });
}

async function* traceBitmaps(
  file: FormatFile,
  onReject: OnReject | undefined,
  { className = "", epsilon, tell }: Tracing,
): AsyncGenerator<DrawingRecord[]> {
  const side = Math.min(file.side!, MAX_SIDE);
  const vectorizer = new Vectorizer({ width: side, height: side }, epsilon === undefined ? {} : { epsilon });
  let records: DrawingRecord[] = [];
  let place = 0;
  for await (const { pixels, className: word, isNamed, split } of namedBitmaps(file, className, tell)) {
    place++;
    const small = side === file.side ? pixels : shrinkByArea(pixels, { from: file.side!, to: side });
    const strokes = vectorizer.vectorize(small);
    if (strokes.length === 0) {
      const blank = new Reject("blank", "a picture without ink has no strokes");
      if (onReject === undefined) {
        throw new InputError(`${file.path}, bitmap ${place}: ${blank.message}; --skip-bad leaves it out`);
      }
      onReject({ path: file.path, drawing: place }, blank);
      continue;
    }
    records.push({ ...(isNamed ? { word } : {}), ...(split ? { split } : {}), drawing: fillGrid(strokes) });
    if (records.length < AT_ONCE) continue;
    yield records;
    records = [];
  }
  if (records.length > 0) yield records;
}

/** The drawing of a picture. */
async function* tracePicture(
  file: FormatFile,
  className: string,
  { epsilon }: Fitting,
): AsyncGenerator<DrawingRecord[]> {
  const { picture } = await readPicture(file);
  const { width, height } = picture;
  const ink = inkOf(picture);
  if (ink === undefined) {
    throw new InputError(`${file.path}: neither dark ink on light paper nor light on dark, which can be traced`);
  }
  const strokes = traceGrey(toGreyInk(picture, ink), { width, height }, epsilon);
  if (strokes.length === 0) throw new InputError(`${file.path}: a picture without ink has no strokes`);
  const word = className || classOfPicture(file.path, new Set(QUICKDRAW_CATEGORIES));
  yield [{ ...(word === "" ? {} : { word }), drawing: fillGrid(strokes) }];
}

/**
 * The strokes that a hand may have drawn a picture with; one that is larger than what is traced is made smaller before.
 *
 * @param grey uint8 [height, width], 0 paper and 255 ink.
 * @returns In pixels; none of a blank picture.
 */
export function traceGrey(
  grey: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  epsilon?: number,
): Drawing {
  const side = Math.max(width, height);
  const small = side <= MAX_SIDE
    ? { grey, size: { width, height } }
    : shrunk(squared(grey, { width, height, side }), side);
  return new Vectorizer(small.size, epsilon === undefined ? {} : { epsilon }).vectorize(small.grey);
}

/** A picture on a square of paper, uint8 [side, side]. */
function squared(
  grey: Uint8Array,
  { width, height, side }: { readonly width: number; readonly height: number; readonly side: number },
): Uint8Array<ArrayBuffer> {
  const square = new Uint8Array(side * side);
  for (let y = 0; y < height; y++) square.set(grey.subarray(y * width, (y + 1) * width), y * side);
  return square;
}

function shrunk(grey: Uint8Array, from: number) {
  return { grey: shrinkByArea(grey, { from, to: MAX_SIDE }), size: { width: MAX_SIDE, height: MAX_SIDE } };
}
