/**
 * Where a hand lifts the pen, where it begins each stroke, which way it goes, and in which order. Browser safe.
 *
 * @module
 */
import type { PenPaths } from "./pen_paths.ts";

/**
 * What a hand likes. Found by trying values around these on 2,500 digits of pendigits' training file, whose pen paths are
 * known: with each of them the mean distance between found and true path is at its least, or less than 1 % above it.
 */
const HAND = {
  /** What a side of the drawing costs that a straight part goes to the left. */
  left: 0.8,
  /** What a side costs that a part goes up. */
  up: 0.6,
  /** What it costs to lift the pen at a corner, and to begin a line a side of the drawing lower than it could. */
  lift: 0.2,
  low: 0.3,
  /** The cosine of the least turn that is a corner. */
  corner: 0.75,
  /** The distance between its ends, as a share of its length, up to which a part is not straight at all. */
  bent: 0.6,
  /** How far apart the ends of a line may be, in sides, that goes round as a ring does: against the clock. */
  ring: 0.45,
  /** A ring has so much area at least, in squares of a side. */
  ringArea: 0.15,
} as const;

/** Strokes as pieces of pen paths, in the order in which a hand draws them. */
export class Hand {
  count = 0;
  /** The first and the last point of each stroke, in the order of the pen; the last may come before the first. */
  readonly first: Int32Array<ArrayBuffer>;
  readonly last: Int32Array<ArrayBuffer>;
  readonly #key: Float64Array<ArrayBuffer>;
  readonly #corners: Int32Array<ArrayBuffer>;
  readonly #turns: Uint8Array<ArrayBuffer>;
  /** The larger side of what is drawn, in cells; 1 at least. */
  side = 1;
  #reach = 3;
  #left = 0;
  #top = 0;

  constructor(readonly paths: PenPaths) {
    const { length } = paths.x;
    [this.first, this.last, this.#key] = [new Int32Array(length), new Int32Array(length), new Float64Array(length)];
    [this.#corners, this.#turns] = [new Int32Array(length), new Uint8Array(length)];
  }

  /**
   * Makes strokes of all paths as they are now.
   *
   * @param radius Half the pen's width, in cells.
   */
  draw(radius: number): void {
    const { paths } = this;
    const { trails: { count, closed }, from } = paths;
    this.count = 0;
    this.#measure(from[count]);
    this.#reach = Math.max(3, Math.round(1.6 * radius + 1));
    for (let trail = 0; trail < count; trail++) {
      if (closed[trail] === 1) this.#drawRing(trail);
      else this.#drawLine(trail);
    }
    this.#sort();
  }

  #measure(end: number): void {
    const { x, y } = this.paths;
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < end; i++) {
      if (x[i] < left) left = x[i];
      if (x[i] > right) right = x[i];
      if (y[i] < top) top = y[i];
      if (y[i] > bottom) bottom = y[i];
    }
    [this.#left, this.#top] = [left, top];
    this.side = Math.max(right - left, bottom - top, 1);
  }

  /** A ring begins at its top and goes left. */
  #drawRing(trail: number): void {
    const { x, y, from } = this.paths;
    const [first, last] = [from[trail], from[trail + 1] - 1];
    let top = first;
    for (let i = first; i <= last; i++) if (y[i] < y[top]) top = i;
    this.#rotate(first, last, top);
    const step = Math.min(this.#reach, (last - first) >> 1);
    this.#add(first, last, x[first + step] > x[last - step]);
  }

  /** Lets a ring, whose first point is its last too, begin with another one. */
  #rotate(first: number, last: number, top: number): void {
    for (const values of [this.paths.x, this.paths.y]) {
      const ring = values.subarray(first, last); // without the point that is there twice
      reverse(ring, 0, top - first);
      reverse(ring, top - first, ring.length);
      ring.reverse();
      values[last] = values[first];
    }
  }

  /** The share of a part's way sideways that counts: all where it is straight, none where it is much longer than that. */
  #straightness(from: number, to: number): number {
    const { x, y } = this.paths;
    const [dx, dy] = [x[to] - x[from], y[to] - y[from]];
    let length = 0;
    for (let i = from; i < to; i++) {
      const [stepX, stepY] = [x[i + 1] - x[i], y[i + 1] - y[i]];
      length += Math.sqrt(stepX * stepX + stepY * stepY);
    }
    const straight = length === 0 ? 0 : Math.sqrt(dx * dx + dy * dy) / length;
    return Math.max(0, (straight - HAND.bent) / (1 - HAND.bent));
  }

  /** What it costs to go from a point to another, in sides of the drawing: leftwards and up. */
  #cost(from: number, to: number, sideways: number): number {
    const { x, y } = this.paths;
    const dy = y[to] - y[from];
    const along = sideways * HAND.left * (x[to] - x[from]) + HAND.up * dy;
    return Math.max(0, -along / this.side);
  }

  /** Twice the area inside of a line that is nearly a ring, below 0 where it goes against the clock; 0 of any other. */
  #roundness(begin: number, end: number): number {
    const { x, y } = this.paths;
    const [gapX, gapY] = [x[end] - x[begin], y[end] - y[begin]];
    if (gapX * gapX + gapY * gapY > HAND.ring * HAND.ring * this.side * this.side) return 0;
    let area = x[end] * y[begin] - x[begin] * y[end];
    for (let i = begin; i < end; i++) area += x[i] * y[i + 1] - x[i + 1] * y[i];
    return Math.abs(area) < 2 * HAND.ringArea * this.side * this.side ? 0 : area;
  }

  /** Cuts a line where it is better to lift the pen, and turns the pieces the way that a hand goes. */
  #drawLine(trail: number): void {
    const { y, from, loopEnd } = this.paths;
    const [begin, end] = [from[trail], from[trail + 1] - 1];
    const corners = this.#corners;
    const parts = this.#findCorners(begin, end, loopEnd[trail]);
    // The least cost up to each corner with the part before it drawn on or back; and which it was before that.
    // A line that is drawn in one begins at its higher end.
    const low = HAND.low * Math.max(0, y[end] - y[begin]) / this.side;
    let [on, back] = [HAND.low * Math.max(0, y[begin] - y[end]) / this.side, low];
    const turns = this.#turns;
    for (let part = 0; part < parts; part++) {
      const [a, b] = [corners[part], corners[part + 1]];
      // Two pieces may begin at a corner, the one before it drawn back and the one behind it on; none is made to end at one.
      const lifted = back - low + HAND.lift;
      const isCut = part > 0 && lifted < on;
      turns[part] = isCut ? 1 : 0;
      const sideways = this.#straightness(a, b);
      on = (isCut ? lifted : on) + this.#cost(a, b, sideways);
      back += this.#cost(b, a, sideways);
    }
    const round = this.#roundness(begin, end);
    let isBack = round === 0 ? back < on : round > 0;
    let stop = end;
    for (let part = parts - 1; part >= 0; part--) {
      const isCut = !isBack && turns[part] === 1;
      if (part > 0 && !isCut) continue;
      this.#add(corners[part], stop, isBack);
      stop = corners[part];
      isBack = true;
    }
  }

  #add(first: number, last: number, isBack: boolean): void {
    const { x, y } = this.paths;
    const stroke = this.count++;
    [this.first[stroke], this.last[stroke]] = isBack ? [last, first] : [first, last];
    // What begins further left and up comes first, and before that what is longer: a point is about a cell.
    const start = this.first[stroke];
    this.#key[stroke] = x[start] - this.#left + y[start] - this.#top - (last - first);
  }

  /** Lists the beginning, the corners and the end of a line; the number of parts between them. */
  #findCorners(begin: number, end: number, loopEnd: number): number {
    const { x, y } = this.paths;
    const corners = this.#corners;
    const reach = this.#reach;
    let count = 0;
    corners[count++] = begin;
    let [sharpest, at] = [0, -1];
    for (let i = Math.max(begin + reach, loopEnd); i <= end - reach; i++) {
      const [inX, inY] = [x[i] - x[i - reach], y[i] - y[i - reach]];
      const [outX, outY] = [x[i + reach] - x[i], y[i + reach] - y[i]];
      const cosine = (inX * outX + inY * outY) /
        Math.sqrt((inX * inX + inY * inY) * (outX * outX + outY * outY) + 1e-9);
      if (cosine < HAND.corner && (at < 0 || cosine < sharpest)) [sharpest, at] = [cosine, i];
      else if (at >= 0 && i > at + reach) {
        corners[count++] = at;
        at = -1;
        if (cosine < HAND.corner) [sharpest, at] = [cosine, i];
      }
    }
    if (at >= 0) corners[count++] = at;
    corners[count] = end;
    return count;
  }

  /** Sorts the strokes by their keys; there are few. */
  #sort(): void {
    const [key, first, last] = [this.#key, this.first, this.last];
    for (let i = 1; i < this.count; i++) {
      const [k, f, l] = [key[i], first[i], last[i]];
      let at = i;
      for (; at > 0 && key[at - 1] > k; at--) {
        [key[at], first[at], last[at]] = [key[at - 1], first[at - 1], last[at - 1]];
      }
      [key[at], first[at], last[at]] = [k, f, l];
    }
  }
}

function reverse(values: Float64Array, from: number, to: number): void {
  for (let [a, b] = [from, to - 1]; a < b; a++, b--) [values[a], values[b]] = [values[b], values[a]];
}
