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

/** Digits by which a pen is fitted, at most. */
const FITTED = 1000;

/**
 * The pen by which a set's strokes, drawn as MNIST's digits are made, have most ink in common with its pictures.
 *
 * @returns Its width in pixels, 1.4 to 4.2 in steps of 0.2, and the mean shared ink.
 */
export function fitPen({ images, labels, strokes }: StrokeDigits): { penWidth: number; sharedInk: number } {
  let best = { penWidth: 0, sharedInk: -1 };
  const step = Math.ceil(strokes.length / FITTED); // classes lie one after another
  const places = Array.from(strokes.keys()).filter((i) => i % step === 0);
  for (let tenths = 14; tenths <= 42; tenths += 2) {
    const penWidth = tenths / 10;
    const sum = places.reduce((sum, i) => {
      const drawn = renderDigit(fromStroke3(strokes[i]), { width: penWidth });
      return sum + sharedInk(digitAt({ images, labels }, i), drawn);
    }, 0);
    if (sum / places.length > best.sharedInk) best = { penWidth, sharedInk: sum / places.length };
  }
  return best;
}

/** Strokes drawn as MNIST's digits are made. */
export function drawDigits(
  strokes: readonly ArrayLike<number>[],
  labels: Uint8Array,
  width: number,
): Digits & { readonly labels: Uint8Array } {
  const images = new Uint8Array(strokes.length * PIXELS);
  strokes.forEach((rows, i) => {
    renderDigit(fromStroke3(rows), { width, out: images.subarray(i * PIXELS, (i + 1) * PIXELS) });
  });
  return { images, labels };
}
