/**
 * Ink to lines one cell wide: Guo and Hall's parallel thinning (1989, algorithm A1), then staircases made diagonal, so that
 * a cell with two neighbours is on a line, one with a single neighbour is its end, and one with more is a junction. Browser safe.
 *
 * @module
 */
import type { InkMap } from "./ink_map.ts";

/** For each pattern of eight neighbours, bit 0 north and on clockwise: 1 and 2 where the first and the second pass take the cell, 4 where the line stays whole without it. */
const RULES = Uint8Array.from({ length: 256 }, (_, code) => {
  const [n, ne, e, se, s, sw, w, nw] = Array.from({ length: 8 }, (_, bit) => (code >> bit) & 1);
  const crossings = ((1 - n) & (ne | e)) + ((1 - e) & (se | s)) + ((1 - s) & (sw | w)) + ((1 - w) & (nw | n));
  const pairs = Math.min((nw | n) + (ne | e) + (se | s) + (sw | w), (n | ne) + (e | se) + (s | sw) + (w | nw));
  const isThin = crossings === 1 && pairs >= 2 && pairs <= 3;
  const first = isThin && ((s | sw | (1 - nw)) & w) === 0;
  const second = isThin && ((n | ne | (1 - se)) & e) === 0;
  const count = n + ne + e + se + s + sw + w + nw;
  return (first ? 1 : 0) | (second ? 2 : 0) | (crossings === 1 && count >= 2 ? 4 : 0);
});

/** Thins the ink of pictures of one size. */
export class Thinning {
  /** Uint8 [rows, stride]: 1 where the skeleton is. */
  readonly skeleton: Uint8Array<ArrayBuffer>;
  /** The cells of the skeleton, `count` of them. */
  readonly cells: Int32Array<ArrayBuffer>;
  count = 0;
  #now: Int32Array<ArrayBuffer>;
  #next: Int32Array<ArrayBuffer>;
  readonly #taken: Int32Array<ArrayBuffer>;
  /** Which round a cell was last listed in. */
  readonly #listed: Int32Array<ArrayBuffer>;
  #round = 0;

  constructor(readonly map: InkMap) {
    const { length } = map.ink;
    this.skeleton = new Uint8Array(length);
    this.cells = new Int32Array(length);
    this.#now = new Int32Array(2 * length); // a cell may be listed twice
    this.#next = new Int32Array(2 * length);
    this.#taken = new Int32Array(2 * length);
    this.#listed = new Int32Array(length);
  }

  /** Thins the ink that the map holds. */
  thin(): void {
    const { ink, distance, stride, left, right, top, bottom } = this.map;
    const { skeleton, cells } = this;
    skeleton.set(ink);
    let count = 0; // of cells that may go
    let ends = 0; // of all
    for (let y = top; y <= bottom; y++) {
      for (let at = y * stride + left, end = y * stride + right; at <= end; at++) {
        if (ink[at] === 0) continue;
        cells[ends++] = at;
        if (distance[at] <= 4) this.#now[count++] = at;
      }
    }
    while (count > 0) count = this.#thinOnce(count);
    this.count = 0;
    for (let i = 0; i < ends; i++) {
      const at = cells[i];
      if (skeleton[at] === 0) continue;
      if (RULES[this.#codeOf(at)] & 4) skeleton[at] = 0;
      else cells[this.count++] = at;
    }
  }

  /** Both passes over the cells that may go; the number of those that may go next. */
  #thinOnce(listed: number): number {
    const { skeleton } = this;
    const { stride } = this.map;
    const [now, next, taken, stamps] = [this.#now, this.#next, this.#taken, this.#listed];
    const round = ++this.#round;
    let nextCount = 0;
    let count = listed;
    for (let pass = 1; pass <= 2; pass++) {
      let takenCount = 0;
      for (let i = 0; i < count; i++) {
        const at = now[i];
        if (skeleton[at] === 1 && RULES[this.#codeOf(at)] & pass) taken[takenCount++] = at;
      }
      for (let i = 0; i < takenCount; i++) skeleton[taken[i]] = 0;
      for (let i = 0; i < takenCount; i++) {
        const at = taken[i];
        for (let row = at - stride; row <= at + stride; row += stride) {
          for (let cell = row - 1; cell <= row + 1; cell++) {
            if (skeleton[cell] === 0 || stamps[cell] === round) continue;
            stamps[cell] = round;
            next[nextCount++] = cell;
          }
        }
      }
      if (pass === 1) {
        // The second pass looks at what the first laid bare too.
        for (let i = 0; i < nextCount; i++) now[count++] = next[i];
      }
    }
    this.#now = next;
    this.#next = now;
    return nextCount;
  }

  #codeOf(at: number): number {
    const { skeleton } = this;
    const { stride } = this.map;
    const [up, down] = [at - stride, at + stride];
    return skeleton[up] | (skeleton[up + 1] << 1) | (skeleton[at + 1] << 2) | (skeleton[down + 1] << 3) |
      (skeleton[down] << 4) | (skeleton[down - 1] << 5) | (skeleton[at - 1] << 6) | (skeleton[up - 1] << 7);
  }
}
