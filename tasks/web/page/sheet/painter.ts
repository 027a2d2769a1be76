/// <reference lib="dom" />
/**
 * Paints what is on the canvas: the strokes, the one that is being drawn, what lies over them, where a decision comes from, and
 * the corners of the square that the runs see.
 *
 * @module
 */
import type { Colours } from "./colours.ts";
import { HALO, heatPixels, pictureOf, strongestOf, sumFrames, withHalo, withMargin } from "./heat.ts";
import { drawInk, lineWidth, pathOf } from "./ink.ts";
import type { DrawnStroke, Overlay, Placement, Reason } from "../store.ts";

/** What is to be painted. */
export interface Picture {
  readonly strokes: readonly DrawnStroke[];
  /** Whether the last stroke is being drawn. */
  readonly isDrawing: boolean;
  readonly overlay: Overlay | undefined;
  readonly placement: Placement | undefined;
  readonly reason: Reason | undefined;
}

/** How it is painted. */
export interface Look {
  /** The canvas's side in CSS pixels. */
  readonly side: number;
  /** Device pixels a CSS pixel. */
  readonly ratio: number;
  readonly colours: Colours;
  /** Whether ink dries at once. */
  readonly isStill: boolean;
}

/** Milliseconds in which ink dries. */
const DRYING = 600;
const GRID_SIZE = 256;

/** Paints a canvas. */
export interface Painter {
  /**
   * Paints it.
   *
   * @returns Whether something moves: it is to be painted again before the next frame.
   */
  paint(picture: Picture, look: Look): boolean;
}

const INKS = { hand: "ink", model: "model-ink", prototype: "prototype-ink" } as const;

/** A painter of a canvas. */
export function createPainter(canvas: HTMLCanvasElement): Painter {
  const context = canvas.getContext("2d")!;
  // Strokes that are finished change rarely: they are painted once, and copied from there.
  const dry = document.createElement("canvas");
  const dryContext = dry.getContext("2d")!;
  let painted: { strokes: readonly DrawnStroke[]; look: Look } | undefined;
  let wet: DrawnStroke | undefined;
  let drying: { stroke: DrawnStroke; since: number } | undefined;
  let heat: { reason: Reason; colours: Colours; picture: HTMLCanvasElement } | undefined;

  const paintDry = (strokes: readonly DrawnStroke[], look: Look): void => {
    const same = painted?.look === look && painted.strokes.every((stroke, i) => strokes[i] === stroke);
    if (!same) prepare(dry, look);
    for (const stroke of strokes.slice(same ? painted!.strokes.length : 0)) {
      drawInk(dryContext, pathOf(stroke, look.side), {
        colour: look.colours[INKS[stroke.by]],
        width: lineWidth(look.side),
      });
    }
    painted = { strokes, look };
  };
  const heatOf = (reason: Reason, colours: Colours): HTMLCanvasElement => {
    if (heat?.reason !== reason || heat.colours !== colours) {
      const { cells, side } = reason.explanation;
      const wide = side + 2 * HALO;
      const sum = withHalo(withMargin(sumFrames(cells, side), side, HALO), wide);
      heat = { reason, colours, picture: pictureOf(heatPixels(sum, strongestOf(sum), colours), wide) };
    }
    return heat.picture;
  };
  const paint = (picture: Picture, look: Look): boolean => {
    const { side, colours } = look;
    const finished = picture.isDrawing ? picture.strokes.slice(0, -1) : picture.strokes;
    const last = picture.strokes.at(-1);
    if (!picture.isDrawing && wet && last?.xs === wet.xs) drying = { stroke: wet, since: performance.now() };
    wet = picture.isDrawing ? last : undefined;
    if (drying && !finished.includes(drying.stroke)) drying = undefined;
    paintDry(finished, look);
    prepare(canvas, look);
    if (picture.reason) {
      const { left, top, width } = square(picture.reason.placement, side);
      const edge = width * HALO / picture.reason.explanation.side;
      context.drawImage(heatOf(picture.reason, colours), left - edge, top - edge, width + 2 * edge, width + 2 * edge);
    }
    if (picture.placement) drawCorners(context, square(picture.placement, side), colours.mark);
    context.drawImage(dry, 0, 0, side, side);
    const width = lineWidth(side);
    const wetness = drying && !look.isStill ? 1 - (performance.now() - drying.since) / DRYING : 0;
    if (drying && wetness > 0) {
      drawInk(context, pathOf(drying.stroke, side), { colour: colours.wet, width, alpha: wetness });
    } else drying = undefined;
    if (wet) drawInk(context, pathOf(wet, side), { colour: colours.wet, width });
    for (const stroke of picture.overlay?.strokes ?? []) {
      const colour = colours[INKS[stroke.by]];
      drawInk(context, pathOf(stroke, side), { colour, width: 1.6 * width, alpha: 0.55 });
    }
    return drying !== undefined;
  };
  return { paint };
}

/** Gives a canvas its size, and wipes it. */
function prepare(canvas: HTMLCanvasElement, { side, ratio }: Look): void {
  const pixels = Math.round(side * ratio);
  if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
  const context = canvas.getContext("2d")!;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, pixels, pixels);
  context.scale(pixels / side, pixels / side);
}

/** The square that the runs see, in CSS pixels; pixels of the grid are as large as its unit, and lie around its points. */
function square({ scale, left, top }: Placement, side: number): { left: number; top: number; width: number } {
  return { left: (left - scale / 2) * side, top: (top - scale / 2) * side, width: GRID_SIZE * scale * side };
}

/** The corners of a square, as a printer marks where a sheet is cut. */
function drawCorners(
  context: CanvasRenderingContext2D,
  { left, top, width }: ReturnType<typeof square>,
  colour: string,
): void {
  const [gap, length] = [6, Math.min(14, width / 3)];
  const path = new Path2D();
  for (const [x, across] of [[left, -1], [left + width, 1]]) {
    for (const [y, down] of [[top, -1], [top + width, 1]]) {
      path.moveTo(x + across * gap, y + down * gap - down * length);
      path.lineTo(x + across * gap, y + down * gap);
      path.lineTo(x + across * gap - across * length, y + down * gap);
    }
  }
  drawInk(context, path, { colour, width: 1.25 });
}
