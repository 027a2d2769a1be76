/**
 * Sheets of drawings as files: PNG, SVG, moving GIF and SVG, and the drawings themselves as ndjson.
 *
 * @module
 */
import { formatDrawingRecord } from "../../pipelines/formats/quickdraw/drawing_record.ts";
import { encodeGif } from "../../pipelines/images/gif.ts";
import { encodePng } from "../../pipelines/images/png.ts";
import { toRgb } from "../../pipelines/images/palette.ts";
import { paintMovingSheet, paintSheet, SHEET_PALETTE } from "../../pipelines/render/paint_sheet.ts";
import { sheetToSvg } from "../../pipelines/render/sheet_svg.ts";
import { type PlacedSheet, placeSheet, type SheetCell } from "../../pipelines/render/stroke_sheet.ts";
import { fitGrid } from "../../pipelines/strokes/fit_grid.ts";
import type { Drawing } from "../../pipelines/strokes/stroke.ts";
import type { NamedPicture } from "./sampler.ts";

/** A cell, and the drawing that the model made of it; undefined where it made none. */
export interface SampleCell extends SheetCell {
  readonly record?: {
    readonly drawing: Drawing;
    /** Its class, where that is known. */
    readonly word?: string | undefined;
  };
}

/** A sheet of drawings. */
export interface SampleSheet {
  /** Its files' name, less the extension. */
  readonly name: string;
  readonly cells: readonly SampleCell[];
  /** Cells a row. */
  readonly columns: number;
}

/** By format: what a file's name ends with, and its content. */
const WRITERS: Readonly<
  Record<string, readonly [extension: string, (sheet: PlacedSheet, sample: SampleSheet, seed: number) => Uint8Array]>
> = {
  png: [".png", (sheet) => encodePng(toRgb(paintSheet(sheet), SHEET_PALETTE))],
  svg: [".svg", (sheet) => utf8(sheetToSvg(sheet))],
  gif: [".gif", (sheet) => {
    const { frames, delays } = paintMovingSheet(sheet);
    return encodeGif(frames, SHEET_PALETTE, delays);
  }],
  "moving-svg": ["-moving.svg", (sheet) => utf8(sheetToSvg(sheet, { moving: true }))],
  ndjson: [".ndjson", (_, { cells }, seed) => utf8(recordsOf(cells, seed))],
};

/** The formats of sheets. */
export const SHEET_FORMATS: readonly string[] = Object.keys(WRITERS);

/** Pixels of all cells at most, and of a cell's side at least and at most. */
const [MOST_PIXELS, LEAST_SIDE, MOST_SIDE] = [4e6, 24, 96];

/** A sheet in some formats; the more cells, the smaller they are. */
export function sheetFiles(
  sample: SampleSheet,
  { formats, seed }: { readonly formats: readonly string[]; readonly seed: number },
): NamedPicture[] {
  const { cells, columns } = sample;
  const side = Math.max(LEAST_SIDE, Math.min(MOST_SIDE, Math.floor(Math.sqrt(MOST_PIXELS / cells.length))));
  const placed = placeSheet(cells, { columns, side });
  return SHEET_FORMATS.filter((format) => formats.includes(format)).map((format) => {
    const [extension, write] = WRITERS[format];
    return { file: `${sample.name}${extension}`, bytes: write(placed, sample, seed) };
  });
}

/** What the model drew as Quick, Draw! has it, a line each: whole coordinates of 0 to 255, aligned to the top left. */
function recordsOf(cells: readonly SampleCell[], seed: number): string {
  const lines = cells.flatMap(({ record }) => record ?? []).map(({ drawing, word }, n) =>
    formatDrawingRecord({
      ...(word === undefined ? {} : { word }),
      keyId: (BigInt(seed) << 32n) + BigInt(n), // of one seed each is another
      drawing: fitGrid(drawing),
    })
  );
  return lines.map((line) => `${line}\n`).join("");
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
