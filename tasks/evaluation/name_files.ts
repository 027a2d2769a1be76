/**
 * Files of drawings and pictures, named one after another.
 *
 * @module
 */
import type { Guess } from "../../models/zoo/drawing_classifier.ts";
import { InputError, Reject } from "../../pipelines/base/errors.ts";
import {
  type Fitting,
  type FormatFile,
  type OnReject,
  readBitmapsOf,
  readPicture,
} from "../../pipelines/convert/format_reader.ts";
import { readOrTrace, traceGrey } from "../../pipelines/convert/trace_pictures.ts";
import { checkFitting } from "../../pipelines/convert/unread_options.ts";
import { inkOf, shrinkByArea, toGreyInk } from "../../pipelines/images/grey.ts";
import type { Picture } from "../../pipelines/images/png_header.ts";
import { fillGrid, fitGrid } from "../../pipelines/strokes/fit_grid.ts";
import type { Namer } from "./naming.ts";

/** A drawing or picture, named. */
export interface Named {
  readonly path: string;
  /** Its number among those of its file that could be used, from 1; missing where the file is one. */
  readonly number?: number;
  readonly keyId?: bigint;
  /** The class that its file says it is. */
  readonly word?: string;
  /** Every class, the likeliest first. */
  readonly guesses: readonly Guess[];
  /** What was made of a picture before it was looked at. */
  readonly note?: string;
}

/** How files are read. */
export interface NameSettings extends Fitting {
  /** Is told of what cannot be used. */
  readonly onReject: OnReject;
}

/** Shares of a picture's pixels: a drawing of lines has no more that are neither ink nor paper, and no more ink. */
const [MOST_GREY, MOST_INK] = [0.2, 0.4];
/** Strokes of a picture; of more it is a page or a pattern. */
const MOST_STROKES = 100;

/**
 * Names what a file holds.
 *
 * @param file As `openFormat` opened it.
 * @throws {InputError} When the file as a whole cannot be used, or nothing reads of it how it is to be simplified.
 */
export function nameFile(namer: Namer, file: FormatFile, settings: NameSettings): AsyncGenerator<Named> {
  if (file.holds === "arrays") {
    throw new InputError(`${file.path}: ${file.format.name} holds arrays, expected drawings`);
  }
  if (file.holds === "pictures") return namePicture(namer, file, settings);
  if (file.holds === "bitmaps" && namer.pictures?.height === file.side && namer.pictures.width === file.side) {
    checkFitting(file, settings, false);
    return nameBitmaps(namer.pictures, file, settings);
  }
  return nameDrawings(namer, file, settings);
}

async function* nameDrawings(namer: Namer, file: FormatFile, settings: NameSettings): AsyncGenerator<Named> {
  const { path } = file;
  if (namer.nameDrawing === undefined) throw new InputError(`${path}: ${readsPictures(namer)}, not drawings`);
  checkFitting(file, settings);
  const { onReject, ...fitting } = settings;
  const isOne = file.format.name === "svg";
  let number = 0;
  for await (const records of readOrTrace(file, onReject, fitting)) {
    for (const { drawing, keyId, word } of records) {
      yield {
        ...{ path, ...isOne ? {} : { number: ++number } },
        ...keyId === undefined ? {} : { keyId },
        ...word === undefined ? {} : { word },
        guesses: await namer.nameDrawing(fitGrid(drawing)),
      };
    }
  }
}

async function* nameBitmaps(
  pictures: NonNullable<Namer["pictures"]>,
  file: FormatFile,
  { onReject }: Pick<NameSettings, "onReject">,
): AsyncGenerator<Named> {
  const { path } = file;
  const pixels = pictures.height * pictures.width;
  let [place, number] = [0, 0];
  for await (const bitmaps of readBitmapsOf(file)) {
    for (let at = 0; at < bitmaps.length; at += pixels) {
      place++;
      const bitmap = bitmaps.subarray(at, at + pixels);
      if (isBlank(bitmap)) onReject({ path, drawing: place }, new Reject("blank", `it is ${BLANK}`));
      else yield { path, number: ++number, guesses: await pictures.name(bitmap) };
    }
  }
}

/** What is said of a picture that shows nothing. */
const BLANK = "blank: all of its pixels are alike";

/** Whether a picture shows nothing. */
const isBlank = (grey: Uint8Array): boolean => grey.every((value) => value === grey[0]);

function readsPictures({ pictures }: Namer): string {
  return `the run reads pictures of ${pictures?.width} x ${pictures?.height}`;
}

/**
 * A picture: as it is, where the model reads pictures of its size; traced, where the model reads drawings or what is drawn
 * like them; else made smaller.
 */
async function* namePicture(namer: Namer, file: FormatFile, fitting: Fitting): AsyncGenerator<Named> {
  const { path } = file;
  const { picture } = await readPicture(file);
  const { width, height } = picture;
  const { pictures, nameDrawing } = namer;
  const isOfSize = pictures?.width === width && pictures.height === height;
  checkFitting(file, fitting, !isOfSize && nameDrawing !== undefined);
  if (isOfSize) {
    const ink = nameDrawing === undefined ? undefined : inkOf(picture); // of photographs there is none
    const grey = toGreyInk(picture, ink ?? "light");
    if (isBlank(grey)) throw new InputError(`${path}: ${BLANK}`);
    yield { path, guesses: await pictures.name(grey), note: ink === "dark" ? "dark ink, inverted" : "as it is" };
  } else if (nameDrawing === undefined) {
    const grey = smaller(namer, picture, path);
    if (isBlank(grey)) throw new InputError(`${path}: ${BLANK}`);
    yield { path, guesses: await pictures!.name(grey), note: `made ${pictures!.width} x ${pictures!.height}` };
  } else {
    const ink = inkOf(picture);
    if (ink === undefined) {
      throw new InputError(`${path}: its edges are neither light nor dark paper; expected a drawing of lines`);
    }
    const grey = toGreyInk(picture, ink);
    checkLines(grey, path);
    const strokes = traceGrey(grey, { width, height }, fitting.epsilon);
    fitting.onFit?.(); // the lines that are traced are simplified
    if (strokes.length === 0) throw new InputError(`${path}: blank, expected a drawing of lines`);
    if (strokes.length > MOST_STROKES) {
      throw new InputError(`${path}: traced to ${strokes.length} strokes; a page? expected a drawing of lines`);
    }
    const guesses = await nameDrawing(fillGrid(strokes));
    yield { path, guesses, note: `${ink} ink, traced to ${strokes.length} stroke${strokes.length === 1 ? "" : "s"}` };
  }
}

/** A photograph in grey, as small as the model reads them. */
function smaller(namer: Namer, picture: Picture, path: string): Uint8Array {
  const { width, height } = namer.pictures!;
  const isSquare = picture.width === picture.height && width === height;
  if (!isSquare || picture.width < width) {
    const found = `${picture.width} x ${picture.height} pixels`;
    throw new InputError(`${path}: ${found}, and ${readsPictures(namer)}; expected that or a larger square`);
  }
  return shrinkByArea(toGreyInk(picture, "light"), { from: picture.width, to: width });
}

/** @throws {InputError} When a picture has more shades of grey, or more ink, than one of lines. */
function checkLines(grey: Uint8Array, path: string): void {
  const brightest = grey.reduce((most, value) => Math.max(most, value), 1);
  let [between, ink] = [0, 0];
  for (const value of grey) {
    if (value > brightest / 4 && value < 3 * brightest / 4) between++;
    if (value >= brightest / 2) ink++;
  }
  const share = (count: number) => `${Math.round(100 * count / grey.length)} %`;
  if (between > MOST_GREY * grey.length) {
    throw new InputError(
      `${path}: ${share(between)} of it is neither ink nor paper; a photograph? expected a drawing of lines`,
    );
  }
  if (ink > MOST_INK * grey.length) {
    throw new InputError(`${path}: ${share(ink)} of it is ink; filled areas? expected a drawing of lines`);
  }
}
