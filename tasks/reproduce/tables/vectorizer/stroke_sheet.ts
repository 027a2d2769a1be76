/**
 * Pictures beside the strokes that were found in them.
 *
 * @module
 */
import { contactSheet, type SheetDrawing, strokeColour } from "../../../../pipelines/images/contact_sheet.ts";
import { encodePng } from "../../../../pipelines/images/png.ts";
import type { Drawing } from "../../../../pipelines/strokes/stroke.ts";

const SIDE = 28;
/** Pixels of the sheet for one of the picture. */
const SCALE = 4;
const SIZE = SIDE * SCALE;
const PAIRS_A_ROW = 8;

/** A picture and its strokes. */
export interface TracedPicture {
  /** uint8 [28, 28]. */
  readonly image: Uint8Array;
  /** In pixels. */
  readonly drawing: Drawing;
  /** Strokes to be shown in the picture's place, such as the true ones. */
  readonly beside?: Drawing;
}

/** A PNG of pictures, each with its strokes to its right: from blue to orange as they were drawn, a dot where each begins. */
export function strokeSheet(pictures: readonly TracedPicture[]): Uint8Array {
  const drawings = pictures.flatMap(({ image, drawing, beside }): SheetDrawing[] => [
    { map: painted(image, beside ?? []), colour: true },
    { map: painted(image, drawing, 0.25), colour: true },
  ]);
  return encodePng(contactSheet(drawings, { size: SIZE, columns: 2 * PAIRS_A_ROW, scale: 1 }));
}

/** A picture, uint8 [SIZE, SIZE, 3], in so much of its own darkness, with strokes on it. */
function painted(image: Uint8Array, drawing: Drawing, shade = drawing.length > 0 ? 0.25 : 1): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(3 * SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const grey = 255 - Math.round(shade * image[Math.floor(y / SCALE) * SIDE + Math.floor(x / SCALE)]);
      data.fill(grey, 3 * (y * SIZE + x), 3 * (y * SIZE + x + 1));
    }
  }
  const whole = drawing.reduce((sum, [xs, ys]) => sum + lengthOf(xs, ys), 0) || 1;
  let walked = 0;
  for (const [xs, ys] of drawing) {
    disc(data, { x: xs[0], y: ys[0], radius: 4, moment: walked / whole });
    for (let i = 1; i < xs.length; i++) {
      const length = Math.hypot(xs[i] - xs[i - 1], ys[i] - ys[i - 1]);
      const steps = Math.ceil(2 * SCALE * length) || 1;
      for (let step = 0; step <= steps; step++) {
        const share = step / steps;
        const [x, y] = [xs[i - 1] + share * (xs[i] - xs[i - 1]), ys[i - 1] + share * (ys[i] - ys[i - 1])];
        disc(data, { x, y, radius: 1.5, moment: (walked + share * length) / whole });
      }
      walked += length;
    }
  }
  return data;
}

function lengthOf(xs: ArrayLike<number>, ys: ArrayLike<number>): number {
  let length = 0;
  for (let i = 1; i < xs.length; i++) length += Math.hypot(xs[i] - xs[i - 1], ys[i] - ys[i - 1]);
  return length;
}

/** Paints a dot, where it is on the picture. */
function disc(
  data: Uint8Array,
  { x, y, radius, moment }: {
    readonly x: number;
    readonly y: number;
    readonly radius: number;
    readonly moment: number;
  },
): void {
  const [centreX, centreY] = [SCALE * x - 0.5, SCALE * y - 0.5];
  const colour = strokeColour(moment);
  for (let row = Math.ceil(centreY - radius); row <= centreY + radius; row++) {
    for (let column = Math.ceil(centreX - radius); column <= centreX + radius; column++) {
      if (row < 0 || column < 0 || row >= SIZE || column >= SIZE) continue;
      if (Math.hypot(row - centreY, column - centreX) <= radius) data.set(colour, 3 * (row * SIZE + column));
    }
  }
}
