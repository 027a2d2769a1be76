/**
 * Digits with their strokes, small sets of them, and the pen that suits these.
 *
 * @module
 */
import { InputError } from "../../../../pipelines/base/errors.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import type { Split } from "../../../../pipelines/base/split.ts";
import { fieldOf } from "../../../../pipelines/batches/batch_fields.ts";
import { prefetchBatches } from "../../../../pipelines/batches/prefetch.ts";
import { renderDigit } from "../../../../pipelines/render/render_pen.ts";
import { fromStroke3 } from "../../../../pipelines/strokes/stroke.ts";
import { digitAt, type Digits, sharedInk } from "../vectorizer/measures.ts";
import type { CellPlace } from "./augment_options.ts";
import { blurred, fitBlur } from "./blur.ts";

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;

/** Digits with the strokes that were found in them. */
export interface StrokeDigits extends Digits {
  readonly labels: Uint8Array;
  /** Stroke-3 of each, int16 [points, 3]. */
  readonly strokes: readonly Int16Array<ArrayBuffer>[];
}

/** All digits of a split, in the order of the shards. */
export async function readDigits(folder: string, split: Split): Promise<StrokeDigits> {
  const [images, labels, strokes]: [Uint8Array[], Uint8Array[], Int16Array<ArrayBuffer>[]] = [[], [], []];
  const fields = ["image", "label", "stroke3"];
  for await (const batch of prefetchBatches({ folder, split, batchSize: 1024, fields, epochs: 1 })) {
    images.push(fieldOf(batch, "image") as Uint8Array);
    labels.push(fieldOf(batch, "label") as Uint8Array);
    const [rows, offsets] = [fieldOf(batch, "stroke3") as Int16Array, fieldOf(batch, "stroke3_offsets")];
    for (let b = 0; b < batch.size; b++) strokes.push(rows.slice(3 * offsets[b], 3 * offsets[b + 1]));
  }
  return { images: joined(images), labels: joined(labels), strokes };
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Draws a small set: so many digits of each class, class after class.
 *
 * @throws {InputError} When a class has not so many.
 */
export function drawSmallSet(
  all: StrokeDigits,
  { perClass, draw }: Pick<CellPlace, "perClass" | "draw">,
  { classes, seed }: { readonly classes: readonly string[]; readonly seed: number },
): StrokeDigits {
  const prng = new Prng(seed, perClass, draw);
  const chosen = classes.flatMap((name, label) => {
    const places = Array.from(all.labels.keys()).filter((i) => all.labels[i] === label);
    if (places.length >= perClass) return prng.shuffle(places).slice(0, perClass);
    throw new InputError(`${perClass} digits of each class are asked for, ${name} has ${places.length} to train on`);
  });
  return {
    images: joined(chosen.map((i) => digitAt(all, i))),
    labels: Uint8Array.from(chosen, (i) => all.labels[i]),
    strokes: chosen.map((i) => all.strokes[i]),
  };
}

/** Pens between which the right one is looked for, in pixels. */
const PENS = [1, 6] as const;
/** A pen is found to this many pixels. */
const NEAR = 0.02;

/**
 * The pen of each digit: that by which its strokes, drawn as MNIST's digits are made, have as much ink as its picture. Ink
 * they have in common would not do: strokes that lie a little beside the original have most of it with a pen too thick.
 *
 * @returns Widths in pixels, 1 to 6, each to 0.02.
 */
export function fitPens(digits: StrokeDigits): Float64Array<ArrayBuffer> {
  const ink = (picture: Uint8Array) => picture.reduce((sum, value) => sum + value, 0);
  return Float64Array.from(digits.strokes, (rows, i) => {
    const [drawing, wanted] = [fromStroke3(rows), ink(digitAt(digits, i))];
    let [low, high]: [number, number] = [...PENS];
    while (high - low > NEAR) { // a wider pen leaves more ink
      const width = (low + high) / 2;
      if (ink(renderDigit(drawing, { width })) < wanted) low = width;
      else high = width;
    }
    return (low + high) / 2;
  });
}

/** The mean of what pictures have in common. */
export function meanSharedInk(a: Digits, b: Digits): number {
  const shared = Array.from(a.labels, (_, i) => sharedInk(digitAt(a, i), digitAt(b, i)));
  return shared.reduce((sum, share) => sum + share, 0) / shared.length;
}

/** Where the middle of a picture's ink is, in pixels: (0, 0) is the upper left corner. */
function centreOf(picture: Uint8Array): [x: number, y: number] {
  let [ink, x, y] = [0, 0, 0];
  picture.forEach((value, i) => {
    ink += value;
    x += value * (i % SIDE + 0.5);
    y += value * (Math.floor(i / SIDE) + 0.5);
  });
  return [x / ink, y / ink];
}

/** How a small set's digits are drawn. */
export interface Style {
  /** The width of each digit's pen, in pixels. */
  readonly pens: ArrayLike<number>;
  /** Where the middle of the ink is, a mean, in pixels. */
  readonly centre: readonly [x: number, y: number];
  /** How much what the pen draws is blurred: the standard deviation of a Gaussian, in pixels. */
  readonly blur: number;
}

/** The style of digits, by these alone. */
export function fitStyle(digits: StrokeDigits): Style {
  const centres = digits.strokes.map((_, i) => centreOf(digitAt(digits, i)));
  const mean = (axis: 0 | 1) => centres.reduce((sum, centre) => sum + centre[axis], 0) / centres.length;
  const sharp = { pens: fitPens(digits), centre: [mean(0), mean(1)], blur: 0 } as const;
  const drawn = drawDigits(digits.strokes, digits.labels, sharp);
  return { ...sharp, blur: fitBlur(digits.images, drawn.images, SIDE) };
}

/**
 * Strokes drawn as MNIST's digits are made, then moved by whole pixels to where a small set's digits are, and blurred as
 * they are.
 *
 * @param style Where it has fewer pens than there are drawings, as many one after another have the same.
 */
export function drawDigits(
  strokes: readonly ArrayLike<number>[],
  labels: Uint8Array,
  { pens, centre, blur }: Style,
): Digits & { readonly labels: Uint8Array } {
  const images = new Uint8Array(strokes.length * PIXELS);
  strokes.forEach((rows, i) => {
    const width = pens[Math.floor(i * pens.length / strokes.length)];
    const picture = renderDigit(fromStroke3(rows), { width });
    const [moveX, moveY] = centreOf(picture).map((at, axis) => Math.round(centre[axis] - at));
    for (let y = Math.max(0, -moveY); y < SIDE - Math.max(0, moveY); y++) {
      for (let x = Math.max(0, -moveX); x < SIDE - Math.max(0, moveX); x++) {
        images[i * PIXELS + (y + moveY) * SIDE + x + moveX] = picture[y * SIDE + x];
      }
    }
  });
  return { images: blurred(images, { side: SIDE, deviation: blur }), labels };
}
