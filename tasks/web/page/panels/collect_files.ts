/**
 * The drawing as files: ndjson with times, which `prepare` reads as training data, and SVG. Browser safe.
 *
 * @module
 */
import { drawingToSvg } from "../../../../pipelines/convert/svg.ts";
import { formatRawLine } from "../../../../pipelines/formats/quickdraw/raw.ts";
import type { RawStroke } from "../../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { timestampOfMicroseconds } from "../../../../pipelines/formats/quickdraw/timestamp.ts";
import type { Drawing } from "../../../../pipelines/strokes/stroke.ts";
import type { DrawnStroke } from "../store.ts";

/** A drawing that is kept, and what is known of it. */
export interface KeptDrawing {
  readonly strokes: readonly DrawnStroke[];
  /** What it is; undefined where nobody said. */
  readonly word?: string | undefined;
  /** Whether a run named it so; undefined where none was asked. */
  readonly recognized?: boolean | undefined;
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
}

/** The side of the canvas in the pixels of raw drawings: a power of 2, so that no digit is lost, and no point in simplifying. */
const SIDE = 1024;
/** The country of drawings of which nobody knows where they were made, as ISO 3166 has it. */
const NOWHERE = "ZZ";
/** The grid of SVG files. */
const GRID = 255;

/** Strokes as raw drawings have them: in pixels, and milliseconds since the first point. */
export function rawStrokes(strokes: readonly DrawnStroke[]): RawStroke[] {
  const start = strokes[0]?.times[0] ?? 0;
  const pixels = (shares: readonly number[]) => shares.map((share) => SIDE * share);
  return strokes.map(({ xs, ys, times }) => [
    ...[pixels(xs), pixels(ys)] as const,
    times.map((time) => Math.round(time - start)),
  ]);
}

/** A key that no other drawing has: 64 random bits. */
export function freshKey(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0];
}

/**
 * Drawings as raw ndjson, with all of Quick, Draw!'s fields that are known: `prepare --fit` reads it.
 *
 * @param keyOf Gives each its key.
 */
export function ndjsonOf(drawings: readonly KeptDrawing[], keyOf: () => bigint = freshKey): string {
  return drawings.map(({ strokes, word, recognized, at }) => {
    const line = formatRawLine({
      ...(word === undefined ? {} : { word }),
      countryCode: NOWHERE,
      timestamp: timestampOfMicroseconds(1000n * BigInt(Math.floor(at))),
      ...(recognized === undefined ? {} : { recognized }),
      keyId: keyOf(),
      drawing: rawStrokes(strokes),
    });
    return `${line}\n`;
  }).join("");
}

/** Strokes as an SVG picture of the whole canvas, as smooth as they were drawn. */
export function svgOf(strokes: readonly DrawnStroke[], title: string | undefined): string {
  const places = (shares: readonly number[]) => shares.map((share) => Math.round(100 * GRID * share) / 100);
  const drawing: Drawing = strokes.map(({ xs, ys }) => [places(xs), places(ys)]);
  return drawingToSvg(drawing, title === undefined ? {} : { title });
}

/** What a file is called, less its extension: what it shows, in letters that every file system takes. */
export function fileName(words: string | undefined): string {
  return (words ?? "").toWellFormed().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60) || "drawing";
}
