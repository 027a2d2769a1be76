/**
 * Drawings by random walks, for tests and the benchmark of a step.
 *
 * @module
 */
import type { Batch, DataDescription } from "../../pipelines/dataset.ts";
import { toStroke3 } from "../../pipelines/strokes/stroke.ts";
import type { Prng } from "../../pipelines/base/prng.ts";

/** Characters of a query, of an answer, and of the alphabet of both. */
const [QUERY, ANSWER, ALPHABET] = [7, 4, 13];

/** How many drawings of what kind. */
export interface RandomDrawings {
  /** B, the number of drawings. */
  readonly size: number;
  /** The side of the bitmap, in cells. */
  readonly side: number;
  /** T, the most strokes of a drawing. */
  readonly frames: number;
  readonly classes: number;
}

/** What a model is told of such drawings; each has its picture in grey, a query and an answer, the latter in pictures too. */
export function describeDrawings({ side, frames, classes }: Omit<RandomDrawings, "size">): DataDescription {
  return {
    fields: {
      stroke_index: { dtype: "uint8", shape: [side, side], max: frames },
      stroke_count: { dtype: "uint8", shape: [], max: frames },
      label: { dtype: "uint16", shape: [] },
      image: { dtype: "uint8", shape: [side, side] },
      stroke3: { dtype: "int16", shape: [-1, 3] },
      query: { dtype: "uint8", shape: [QUERY], max: ALPHABET - 1 },
      answer: { dtype: "uint8", shape: [ANSWER], max: ALPHABET - 1 },
      answer_image: { dtype: "uint8", shape: [ANSWER, side, side] },
    },
    statistics: { offsetDeviation: 20 },
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
  };
}

/**
 * Draws a batch, as stroke-index maps and as stroke-3: each stroke is a smooth walk about as long as the side. About two strokes in
 * three are followed by another: 2.8 a drawing where there may be 8. Queries and answers are of any characters; the
 * pictures of an answer are bars, as far to the right as the character says.
 */
export function randomDrawings({ size, side, frames, classes }: RandomDrawings, prng: Prng): Batch {
  const fields = {
    stroke_index: new Uint8Array(size * side * side),
    stroke_count: new Uint8Array(size),
    label: new Uint16Array(size),
  };
  const drawings: Int16Array[] = [];
  const inside = (value: number) => Math.min(side - 1, Math.max(0, value));
  for (let b = 0; b < size; b++) {
    let stroke = 0;
    const strokes: [number[], number[]][] = [];
    do {
      stroke++;
      const [xs, ys]: [number[], number[]] = [[], []];
      strokes.push([xs, ys]);
      let [x, y, angle] = [side * prng.uniform(), side * prng.uniform(), 7 * prng.uniform()];
      for (let i = 0; i < side; i++) {
        [x, y, angle] = [inside(x + Math.cos(angle)), inside(y + Math.sin(angle)), angle + prng.uniform() - 0.5];
        const cell = (b * side + Math.floor(y)) * side + Math.floor(x);
        fields.stroke_index[cell] ||= stroke;
        xs.push(Math.round(255 * x / side));
        ys.push(Math.round(255 * y / side));
      }
    } while (stroke < frames && prng.uniform() < 0.67);
    fields.stroke_count[b] = stroke;
    fields.label[b] = prng.integer(classes);
    drawings.push(toStroke3(strokes));
  }
  const stroke3_offsets = new Int32Array(size + 1); // [B + 1]
  drawings.forEach(({ length }, b) => stroke3_offsets[b + 1] = stroke3_offsets[b] + length / 3);
  const stroke3 = new Int16Array(3 * stroke3_offsets[size]); // [points, 3]
  drawings.forEach((rows, b) => stroke3.set(rows, 3 * stroke3_offsets[b]));
  const characters = (length: number) => Uint8Array.from({ length: size * length }, () => prng.integer(ALPHABET));
  const [query, answer] = [characters(QUERY), characters(ANSWER)];
  const answer_image = new Uint8Array(answer.length * side * side); // [size, ANSWER, side, side]
  answer.forEach((character, i) => {
    for (let y = 0; y < side; y++) answer_image[(i * side + y) * side + character % side] = 255;
  });
  return { size, fields: { ...fields, stroke3, stroke3_offsets, query, answer, answer_image } };
}
