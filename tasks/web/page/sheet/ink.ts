/// <reference lib="dom" />
/**
 * Ink: how strokes look on the canvas.
 *
 * @module
 */
import type { DrawnStroke } from "../store.ts";

/** The width of a line, as a share of the canvas's side. */
const WIDTH = 1 / 90;
/** In CSS pixels: a line on a small canvas stays a line. */
const MIN_WIDTH = 3.5;

/** The width of a line in CSS pixels. */
export function lineWidth(side: number): number {
  return Math.max(MIN_WIDTH, side * WIDTH);
}

/** How far from a point its corner may be cut, in line widths: points that are far apart have straight lines between them. */
const CUT = 1.5;

/** How long a dot is, in CSS pixels: canvases draw nothing of a line without length, not even its round caps. */
const HAIR = 0.01;

/**
 * The line of a stroke: quadratic curves from middle to middle of its pieces, which its points bend, so that it has no corner
 * where points are dense; of long pieces only the ends are bent.
 */
export function pathOf({ xs, ys }: Pick<DrawnStroke, "xs" | "ys">, side: number): Path2D {
  const path = new Path2D();
  const [x, y] = [xs.map((share) => share * side), ys.map((share) => share * side)];
  const [last, cut] = [x.length - 1, CUT * lineWidth(side)];
  /** The place on the way from one point to another at which the bend around the first ends. */
  const towards = (from: number, to: number): [x: number, y: number] => {
    const [dx, dy] = [x[to] - x[from], y[to] - y[from]];
    const share = Math.min(0.5, cut / (Math.hypot(dx, dy) || 1));
    return [x[from] + share * dx, y[from] + share * dy];
  };
  path.moveTo(x[0], y[0]);
  for (let i = 1; i < last; i++) {
    path.lineTo(...towards(i, i - 1));
    path.quadraticCurveTo(x[i], y[i], ...towards(i, i + 1));
  }
  const isDot = x.every((place, i) => place === x[0] && y[i] === y[0]);
  path.lineTo(x[last] + (isDot ? HAIR : 0), y[last]);
  return path;
}

/** How a line is drawn. */
export interface Line {
  readonly colour: string;
  /** CSS pixels. */
  readonly width: number;
  /** 0 to 1; 1 where it is left out. */
  readonly alpha?: number;
}

/** Draws a stroke on a canvas whose side is `side` CSS pixels. */
export function drawInk(
  context: CanvasRenderingContext2D,
  path: Path2D,
  { colour, width, alpha = 1 }: Line,
): void {
  context.globalAlpha = alpha;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
  context.globalAlpha = 1;
}
