/**
 * Polygons to pixels without soft edges, the way cairo's image backend fills them with antialiasing off, to the last
 * bit. Browser safe.
 *
 * A pixel is white where a point near its centre, half a 1/256 above and left of it, is inside (cairo 1.16,
 * cairo-mono-scan-converter.c, Joonas Pihlaja and Chris Wilson; written anew). The fill rule is nonzero winding; a gap of
 * one pixel or less between two spans is closed.
 *
 * @module
 */
import { ActiveEdges } from "./active_edges.ts";
import type { Filler } from "./soft_fill.ts";

const NOWHERE = -0x80000000;

/** Fills polygons with 255. */
export class HardFiller implements Filler {
  readonly #side: number;
  #count = 0;
  /** An edge's place at the current row, in 1/256 of a pixel: x + rest / height; and how far it moves in a row. */
  #x = new Int32Array(256);
  #rest = new Int32Array(256);
  #height = new Int32Array(256);
  #stepX = new Int32Array(256);
  #stepRest = new Int32Array(256);
  /** Rows left, and the winding number that it adds. */
  #left = new Int32Array(256);
  #winding = new Int32Array(256);
  /** The edge added before it that begins at the same row, -1 where there is none. */
  #previous = new Int32Array(256);
  /** The edge added last of those that begin at a row, -1 where none does. */
  readonly #last: Int32Array; // [side + 1]
  readonly #active = new ActiveEdges();

  /** Makes a filler for images of `side` x `side` pixels, 1 to 512. */
  constructor(side: number) {
    this.#side = side;
    this.#last = new Int32Array(side + 1).fill(-1);
  }

  addEdge(x1: number, y1: number, x2: number, y2: number): void {
    if (y1 > y2) this.#addDown(x2, y2, x1, y1, -1);
    else this.#addDown(x1, y1, x2, y2, 1);
  }

  /** Adds an edge that runs down the image. */
  #addDown(x1: number, y1: number, x2: number, y2: number, winding: number): void {
    const top = (y1 + 127) >> 8;
    const bottom = (y2 + 127) >> 8;
    if (bottom <= top) return;
    const edge = this.#count++;
    if (edge === this.#x.length) this.#grow();
    const [dx, dy] = [x2 - x1, y2 - y1];
    const moved = (256 * top + 127 - y1) * dx;
    const x = Math.floor(moved / dy);
    const step = Math.floor(256 * dx / dy);
    this.#x[edge] = x1 + x;
    this.#rest[edge] = moved - x * dy;
    this.#height[edge] = dy;
    this.#stepX[edge] = step;
    this.#stepRest[edge] = 256 * dx - step * dy;
    this.#left[edge] = bottom - top;
    this.#winding[edge] = winding;
    this.#previous[edge] = this.#last[top];
    this.#last[top] = edge;
  }

  fill(image: Uint8Array): void {
    if (this.#count === 0) return;
    for (let row = 0; row < this.#side; row++) {
      if (this.#last[row] >= 0) {
        for (let edge = this.#last[row]; edge >= 0; edge = this.#previous[edge]) this.#active.push(edge);
        this.#last[row] = -1;
        this.#active.merge(this.#x);
      }
      if (this.#active.count > 0) this.#paintRow(image.subarray(row * this.#side, (row + 1) * this.#side));
    }
    this.#count = 0;
  }

  /** Paints the spans of a row, and moves the edges to the next. */
  #paintRow(pixels: Uint8Array): void {
    const { edges, count } = this.#active;
    const x = this.#x;
    let kept = 0;
    let winding = 0;
    let start = NOWHERE;
    for (let i = 0; i < count; i++) {
      const edge = edges[i];
      const end = (x[edge] + 127) >> 8;
      const next = i + 1 < count ? (x[edges[i + 1]] + 127) >> 8 : 0x7fffffff;
      if (--this.#left[edge] > 0) {
        x[edge] += this.#stepX[edge];
        this.#rest[edge] += this.#stepRest[edge];
        if (this.#rest[edge] >= this.#height[edge]) {
          x[edge]++;
          this.#rest[edge] -= this.#height[edge];
        }
        let at = kept++;
        for (; at > 0 && x[edges[at - 1]] > x[edge]; at--) edges[at] = edges[at - 1];
        edges[at] = edge;
      }
      winding += this.#winding[edge];
      if (winding !== 0) {
        if (start === NOWHERE) start = end;
      } else if (next > end + 1) {
        if (start !== NOWHERE) pixels.fill(255, Math.max(start, 0), Math.max(end, 0));
        start = NOWHERE;
      }
    }
    this.#active.count = kept;
  }

  #grow(): void {
    const wider = (old: Int32Array<ArrayBuffer>) => {
      const made = new Int32Array(2 * old.length);
      made.set(old);
      return made;
    };
    this.#x = wider(this.#x);
    this.#rest = wider(this.#rest);
    this.#height = wider(this.#height);
    this.#stepX = wider(this.#stepX);
    this.#stepRest = wider(this.#stepRest);
    this.#left = wider(this.#left);
    this.#winding = wider(this.#winding);
    this.#previous = wider(this.#previous);
  }
}
