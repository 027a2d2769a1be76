/**
 * Drawings of Sketch-RNN's files as they go to Workers: stroke-3, one after another. Browser safe.
 *
 * @module
 */
import { Reject } from "../base/errors.ts";
import type { Split } from "../base/split.ts";
import { type Drawing, fromStroke3 } from "../strokes/stroke.ts";

/** What packed strokes have room for. */
const MAX_POINTS = 0xffff;

/** Some drawings of a split. */
export interface VectorPiece {
  /** Stroke-3 of the drawings, one after another: int16 [points, 3]. */
  readonly vectors: Int16Array<ArrayBuffer>;
  /** The points of each drawing; 0 where it cannot be used. */
  readonly points: Uint32Array<ArrayBuffer>;
  /** What is wrong with those, by their place in the piece. */
  readonly refused: ReadonlyMap<number, string>;
  /** How many drawings have points outside 0..255. */
  readonly outside: number;
  /** The array in which they are. */
  readonly split: Split;
  /** The number of the first in it, 1-based. */
  readonly first: number;
  /** Arrays of the file that are passed over; said of its first piece. */
  readonly others?: readonly string[];
}

/** A drawing of a piece before it is moved into the grid. */
export interface VectorItem {
  /** Where it is in the file, such as `drawing 7 of train`. */
  readonly place: string;
  /** @throws {Reject} `not a drawing`, or `too long` where it has more strokes or points than drawings may have. */
  read(): Drawing;
}

/** The drawings of a piece. */
export function* readVectors({ vectors, points, refused, split, first }: VectorPiece): Generator<VectorItem> {
  let at = 0;
  for (let i = 0; i < points.length; i++) {
    const rows = vectors.subarray(at, at += 3 * points[i]); // [points, 3]
    const fault = refused.get(i);
    yield {
      place: `drawing ${first + i} of ${split}`,
      read() {
        if (fault !== undefined) throw new Reject("not a drawing", fault);
        if (rows.length > 3 * MAX_POINTS) {
          throw new Reject("too long", `it has ${rows.length / 3} points, at most ${MAX_POINTS} are read`);
        }
        return fromStroke3(rows);
      },
    };
  }
}
