/**
 * Drawings as Sketch-RNN reads them: stroke-5 behind a start token, in units of the training offsets' deviation.
 *
 * A row of *stroke-5* (arXiv:1704.03477, section 3.1) is dx, dy and one of three pen states: down after the point, lifted
 * after it, drawing ended. The first point is where a drawing begins, and no offset: the start token stands for it.
 *
 * @module
 */
import { Prng } from "../../../pipelines/base/prng.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import type { RandomKey } from "../../ops/random.ts";

/** How training drawings are changed. */
export interface Jitter {
  /** Factors of x and of y are up to so much off 1. */
  readonly scale: number;
  /** The probability of leaving a point inside a stroke out. */
  readonly drop: number;
  readonly key: RandomKey;
  /** The place of the batch's first drawing in the whole batch. */
  readonly firstExample: number;
}

/** How drawings are read. */
export interface SketchForm {
  /** What offsets are divided by. */
  readonly scale: number;
  /** N_max: offsets that are read; what follows them is left out. */
  readonly maxLength: number;
  /** Whether what stands behind the end of a drawing is to be foretold too, up to N_max. */
  readonly padded: boolean;
  /** As they are stored when left out. */
  readonly jitter?: Jitter | undefined;
}

/** A batch of B drawings. */
export interface Sketches {
  /** P, the most offsets of a drawing here, 1 or more; N_max where padded. */
  readonly points: number;
  /** T, the most steps of the decoder, P or P + 1. */
  readonly steps: number;
  /** Start token, offsets, ends: float32 [P + 1, B, 5]. */
  readonly rows: Float32Array<ArrayBuffer>;
  /** How many offsets each has, [B]. */
  readonly counts: Int32Array<ArrayBuffer>;
  /** How many rows are foretold of each: its offsets, and its end where that is not cut off, [B]. */
  readonly lengths: Int32Array<ArrayBuffer>;
  /** Of each of the N rows that are foretold its place, step x B + drawing, [N]. */
  readonly places: Int32Array<ArrayBuffer>;
  /** Those rows, float32 [N, 5]. */
  readonly targets: Float32Array<ArrayBuffer>;
  /** The drawing of each, [N]. */
  readonly owners: Int32Array<ArrayBuffer>;
  /** 1 for each, 0 behind the end of a drawing: float32 [N]. */
  readonly counted: Float32Array<ArrayBuffer>;
}

/** One drawing: its offsets [points, 3] as dx, dy, pen lifted; and whether the pen is lifted after the first point. */
interface Offsets {
  readonly rows: Float32Array;
  readonly startsLifted: boolean;
}

/** The drawings of a batch with `stroke3`, ready to be read. */
export function sketchesOf(batch: Batch, form: SketchForm): Sketches {
  const { maxLength, padded, jitter } = form;
  const drawings = Array.from({ length: batch.size }, (_, b) => offsetsAt(batch, b, form));
  const changed = jitter === undefined ? drawings : drawings.map((drawing, b) => jittered(drawing, jitter, b));
  const counts = Int32Array.from(changed, ({ rows }) => rows.length / 3);
  const lengths = counts.map((count) => padded ? maxLength : Math.min(count + 1, maxLength));
  const points = padded ? maxLength : counts.reduce((most, count) => Math.max(most, count), 1);
  const steps = lengths.reduce((most, length) => Math.max(most, length), 0);
  return { points, steps, counts, lengths, rows: stroke5Of(changed, points), ...targetsOf(changed, lengths) };
}

/** A drawing's offsets, without the first point. */
function offsetsAt(batch: Batch, b: number, { scale, maxLength }: Pick<SketchForm, "scale" | "maxLength">): Offsets {
  const [values, offsets] = [fieldOf(batch, "stroke3"), fieldOf(batch, "stroke3_offsets")];
  const [from, to] = [offsets[b], Math.min(offsets[b + 1], offsets[b] + 1 + maxLength)];
  const rows = new Float32Array(3 * Math.max(0, to - from - 1)); // [points, 3]
  for (let i = 0; i < rows.length; i += 3) {
    const at = 3 * (from + 1) + i;
    rows[i] = values[at] / scale;
    rows[i + 1] = values[at + 1] / scale;
    rows[i + 2] = values[at + 2];
  }
  return { rows, startsLifted: to > from && values[3 * from + 2] === 1 };
}

/**
 * A drawing stretched, and with some points left out: such a point's offset is added to that of the point before. Points
 * at the ends of strokes stay, and the first ones of each.
 */
function jittered({ rows, startsLifted }: Offsets, { scale, drop, key, firstExample }: Jitter, b: number): Offsets {
  const prng = new Prng(...key, firstExample + b);
  const [factorX, factorY] = [0, 1].map(() => 1 + scale * (2 * prng.uniform() - 1));
  const kept = new Float32Array(rows.length);
  let length = 0;
  let inside = 0; // points since the stroke's first one
  let wasLifted = startsLifted;
  for (let i = 0; i < rows.length; i += 3) {
    const isLifted = rows[i + 2] === 1;
    inside = isLifted || wasLifted ? 0 : inside + 1;
    const drops = prng.uniform() < drop && inside > 2;
    if (!drops) {
      length += 3;
      kept[length - 1] = rows[i + 2];
      wasLifted = isLifted;
    }
    kept[length - 3] += factorX * rows[i];
    kept[length - 2] += factorY * rows[i + 1];
  }
  return { rows: kept.subarray(0, length), startsLifted };
}

/** Start tokens, offsets and ends, float32 [P + 1, B, 5]. */
function stroke5Of(drawings: readonly Offsets[], points: number): Float32Array<ArrayBuffer> {
  const size = drawings.length;
  const all = new Float32Array((points + 1) * size * 5);
  drawings.forEach(({ rows, startsLifted }, b) => {
    all[5 * b + (startsLifted ? 3 : 2)] = 1;
    for (let t = 1; t <= points; t++) writeRow(all, 5 * (t * size + b), rows, 3 * (t - 1));
  });
  return all;
}

/** The rows that are foretold, drawing after drawing. */
function targetsOf(drawings: readonly Offsets[], lengths: Int32Array) {
  const count = lengths.reduce((sum, length) => sum + length, 0);
  const [places, owners] = [new Int32Array(count), new Int32Array(count)]; // [N]
  const targets = new Float32Array(count * 5); // [N, 5]
  const counted = new Float32Array(count); // [N]
  let at = 0;
  drawings.forEach(({ rows }, b) => {
    for (let t = 0; t < lengths[b]; t++, at++) {
      places[at] = t * drawings.length + b;
      owners[at] = b;
      counted[at] = 3 * t <= rows.length ? 1 : 0;
      writeRow(targets, 5 * at, rows, 3 * t);
    }
  });
  return { places, owners, targets, counted };
}

/** Writes a row of stroke-3 as stroke-5; the end of the drawing where there is none. */
function writeRow(all: Float32Array, at: number, rows: Float32Array, from: number): void {
  if (from >= rows.length) {
    all[at + 4] = 1;
    return;
  }
  all[at] = rows[from];
  all[at + 1] = rows[from + 1];
  all[at + (rows[from + 2] === 1 ? 3 : 2)] = 1;
}

/**
 * The standard deviation of all offsets of some drawings, x and y in one; what offsets are divided by.
 *
 * @param maxLength Offsets of a drawing that count.
 * @returns Above 0: 1 where all offsets are alike.
 */
export async function offsetDeviation(batches: AsyncIterable<Batch>, maxLength: number): Promise<number> {
  let [count, mean, squares] = [0, 0, 0]; // Welford 1962
  for await (const batch of batches) {
    for (let b = 0; b < batch.size; b++) {
      const { rows } = offsetsAt(batch, b, { scale: 1, maxLength });
      for (let i = 0; i < rows.length; i++) {
        if (i % 3 === 2) continue;
        count++;
        const off = rows[i] - mean;
        mean += off / count;
        squares += off * (rows[i] - mean);
      }
    }
  }
  return Math.sqrt(squares / count) || 1;
}
