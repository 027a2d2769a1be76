/**
 * Pictures of signs, as the assignment drew them: lines with random ends, two pixels wide, with soft edges. Browser safe.
 *
 * @module
 */
import type { Prng } from "../../base/prng.ts";
import { renderPen } from "../../render/render_pen.ts";
import type { Polyline } from "../../strokes/stroke.ts";

/** Pixels across and down. */
export const GLYPH_SIDE = 28;
/** So many of each sign are drawn for each split. */
export const GLYPHS_PER_SIGN = 50;

const WIDTH = 2;
/** The ends of a line are so many pixels from the edges, drawn evenly: the first, and those of the middle. */
const ENDS = { near: [4, 7], middle: [12, 15], far: [20, 23] } as const;

/**
 * Draws a sign.
 *
 * @param sign `+`, `-` or `*`.
 * @param prng Draws the ends.
 * @returns uint8 [28, 28], 0 paper to 255 ink.
 */
export function drawSign(sign: string, prng: Prng): Uint8Array<ArrayBuffer> {
  const at = (place: keyof typeof ENDS) => ENDS[place][0] + prng.integer(ENDS[place][1] - ENDS[place][0] + 1) + 0.5;
  const line = (x0: number, y0: number, x1: number, y1: number): Polyline => [[x0, x1], [y0, y1]];
  if (sign === "*") {
    const falling = line(at("near"), at("near"), at("far"), at("far"));
    return render([falling, line(at("near"), at("far"), at("far"), at("near"))]);
  }
  const across = line(at("near"), at("middle"), at("far"), at("middle"));
  return render(sign === "-" ? [across] : [across, line(at("middle"), at("near"), at("middle"), at("far"))]);
}

const render = (lines: readonly Polyline[]) => renderPen(lines, { side: GLYPH_SIDE, width: WIDTH });
