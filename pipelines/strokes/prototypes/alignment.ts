/**
 * Two outlines brought to lie on each other: each place is paired with the nearest one of the other outline, the similarity
 * that brings the pairs together is found in closed form, and so on (Besl and McKay 1992, with both outlines' places as in
 * a symmetric chamfer distance). Pairs far apart count for little (Geman and McClure 1985): strokes that do not belong
 * there, and parts that are not drawn yet, hold nothing back. Browser safe.
 *
 * N places of the shape, M of the drawing.
 *
 * @module
 */
import { findNearest, type Outline } from "./outline.ts";
import { closestSimilarity, inverse, moveTo, type Places, scaleOf, type Similarity } from "./similarity.ts";

/** How far two outlines are apart. */
export interface Apart {
  /** The mean over both outlines of d² / (d² + tolerance²), 0 to 1. */
  readonly cost: number;
  /** The mean distance of the drawing's places from the shape, in the drawing's units. */
  readonly drawingToShape: number;
  /** The mean distance of the shape's places from the drawing, in the drawing's units. */
  readonly shapeToDrawing: number;
  /** The share of the shape's places, and of the drawing's, that are within the tolerance. */
  readonly drawn: number;
  readonly meant: number;
}

/** A step that moves nothing further, as a share of the tolerance, is the last one. */
const STILL = 1e-3;

/** A shape and a drawing. */
export class Alignment {
  readonly #shape: Outline;
  readonly #drawing: Outline;
  /** Pairs, [N + M]: first each place of the shape and the nearest of the drawing, then the other way round. */
  readonly #from: Places;
  readonly #to: Places;
  readonly #weights: Float64Array;
  /** Square distances in the drawing's units, [N + M]. */
  readonly #square: Float64Array;
  readonly #moved: Places;
  readonly #back: Places;
  readonly #ofShape: Places & { square: Float64Array };
  readonly #ofDrawing: Places & { square: Float64Array };

  constructor(shape: Outline, drawing: Outline) {
    this.#shape = shape;
    this.#drawing = drawing;
    const [n, m] = [shape.x.length, drawing.x.length];
    const room = (count: number) => ({ x: new Float64Array(count), y: new Float64Array(count) });
    this.#from = room(n + m);
    this.#to = room(n + m);
    this.#weights = new Float64Array(n + m);
    this.#square = new Float64Array(n + m);
    this.#moved = room(n);
    this.#back = room(m);
    this.#from.x.set(shape.x);
    this.#from.y.set(shape.y);
    this.#to.x.set(drawing.x, n);
    this.#to.y.set(drawing.y, n);
    const part = ({ x, y }: Places, from: number, to: number) => ({
      ...{ x: x.subarray(from, to), y: y.subarray(from, to), square: this.#square.subarray(from, to) },
    });
    this.#ofShape = part(this.#to, 0, n);
    this.#ofDrawing = part(this.#from, n, n + m);
  }

  /**
   * Improves a similarity that brings the shape to the drawing.
   *
   * @param tolerance How far apart two places may be that belong together, in the drawing's units.
   * @param steps At most; fewer, once nothing moves any more.
   */
  improve(start: Similarity, tolerance: number, steps: number): Similarity {
    let best = start;
    for (let step = 0; step < steps; step++) {
      this.#pair(best);
      this.#weigh(tolerance);
      const next = closestSimilarity(this.#from, this.#to, { weights: this.#weights, mirrored: start.mirrored });
      if (next === undefined || !(scaleOf(next) > 0)) return best;
      const change = this.#change(best, next);
      best = next;
      if (change < STILL * tolerance) break;
    }
    return best;
  }

  /** How far the outlines are apart. */
  measure(similarity: Similarity, tolerance: number): Apart {
    this.#pair(similarity);
    const measured = [[0, this.#shape.x.length], [this.#shape.x.length, this.#square.length]].map(([from, to]) => {
      let cost = 0, distance = 0, near = 0;
      for (let i = from; i < to; i++) {
        const square = this.#square[i];
        cost += square / (square + tolerance * tolerance);
        distance += Math.sqrt(square);
        if (square <= tolerance * tolerance) near++;
      }
      const count = to - from;
      return { cost: cost / count, distance: distance / count, near: near / count };
    });
    const [shape, drawing] = measured;
    return {
      cost: (shape.cost + drawing.cost) / 2,
      ...{ drawingToShape: drawing.distance, shapeToDrawing: shape.distance, drawn: shape.near, meant: drawing.near },
    };
  }

  #pair(similarity: Similarity): void {
    moveTo(similarity, this.#shape, this.#moved);
    findNearest(this.#moved, this.#drawing.pieces, this.#ofShape);
    moveTo(inverse(similarity), this.#drawing, this.#back);
    findNearest(this.#back, this.#shape.pieces, this.#ofDrawing);
    const square = scaleOf(similarity) ** 2;
    for (let i = this.#shape.x.length; i < this.#square.length; i++) this.#square[i] *= square;
  }

  #weigh(tolerance: number): void {
    const [n, m] = [this.#shape.x.length, this.#drawing.x.length];
    const square = tolerance * tolerance;
    for (let i = 0; i < n + m; i++) this.#weights[i] = (square / (square + this.#square[i])) ** 2 / (i < n ? n : m);
  }

  /** How far a place of the shape is moved at most, nearly. */
  #change(from: Similarity, to: Similarity): number {
    const { x, y } = this.#shape;
    let change = 0;
    for (const i of [0, x.length >> 2, x.length >> 1, 3 * x.length >> 2]) {
      const u = from.mirrored ? -x[i] : x[i];
      const dx = (to.cos - from.cos) * u - (to.sin - from.sin) * y[i] + to.moveX - from.moveX;
      const dy = (to.sin - from.sin) * u + (to.cos - from.cos) * y[i] + to.moveY - from.moveY;
      change = Math.max(change, Math.hypot(dx, dy));
    }
    return change;
  }
}
