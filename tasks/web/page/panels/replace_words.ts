/**
 * What is said of a clean shape that lies over a drawing. Browser safe.
 *
 * @module
 */
import type { PrototypeFit } from "../../../../pipelines/strokes/prototypes/fit.ts";
import type { Symmetry } from "../../../../pipelines/strokes/prototypes/symmetry.ts";

/** Shares of a shape that are drawn below which it is not finished. */
const FINISHED = 0.85;
/** Degrees below which a shape counts as not turned. */
const UPRIGHT = 1;

/** A share as `41 %`. */
function share(value: number): string {
  return `${Math.round(100 * value)} %`;
}

/** Degrees as `22.5°`; without a fraction where there is none. */
function degrees(value: number): string {
  return `${Math.round(10 * value) / 10}°`;
}

/**
 * The size of a shape, such as `41 % × 38 % of the canvas`.
 *
 * @param scale Of the drawing's unit: a share of the canvas's side.
 */
export function sizeWords({ width, height }: Pick<PrototypeFit, "width" | "height">, scale: number): string {
  return `${share(width * scale)} × ${share(height * scale)} of the canvas`;
}

/** How far a shape is turned, and what of that can be told at all, as it looks the same again after some turn. */
export function angleWords({ angle, mirrored }: Pick<PrototypeFit, "angle" | "mirrored">, { turn }: Symmetry): string {
  if (turn === 0) return "none: it looks the same however it is turned";
  const size = Math.abs(angle);
  const turned = size < UPRIGHT ? "upright" : `${Math.round(size)}° ${angle > 0 ? "clockwise" : "anticlockwise"}`;
  const again = turn < 360 ? `, of at most ${degrees(turn / 2)}: it looks the same every ${degrees(turn)}` : "";
  return `${turned}${mirrored ? ", mirrored" : ""}${again}`;
}

/** How much of a shape was drawn, and how near. */
export function fitWords({ drawn, residual }: Pick<PrototypeFit, "drawn" | "residual">): string {
  const near = `${(100 * residual).toFixed(1)} % of its size off your lines, on average`;
  return drawn < FINISHED ? `${share(drawn)} of it is drawn, the rest it adds` : near;
}
