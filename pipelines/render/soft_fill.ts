/**
 * Polygons to pixels with soft edges, the way cairo's image backend fills them, to the last bit. Browser safe.
 *
 * Each pixel row is sampled at 15 heights; at each, what lies inside is summed with exact horizontal area in 1/256 of a
 * pixel. A pixel row that no edge begins, ends or crosses another in is summed in one go, as trapezoids. Both are Joonas
 * Pihlaja's "glitter" (cairo 1.16, cairo-tor-scan-converter.c), after David Turner's and Tor Andersson's rasterizers;
 * this is an implementation of its own, on flat arrays. The fill rule is nonzero winding.
 *
 * @module
 */
import { ActiveEdges } from "./active_edges.ts";
import type { EdgeSink } from "./stroke_outline.ts";

/** Samples a pixel, top to bottom. */
const SAMPLES = 15;
const NOWHERE = -0x80000000;

// What an edge's record holds. Its place, in 1/256 of a pixel, is WHOLE + REST / SCALE, where SCALE is 60 (y2 - y1) and
// 0 <= REST < SCALE; X is the place rounded. Then how far it moves in one sample and, where it is long enough, in a pixel
// row, in the same form. LEFT counts the samples to go, WINDING is 1 downwards and -1 upwards, and PREVIOUS is the edge
// added before it that begins at the same sample, -1 where there is none. X comes first: ActiveEdges looks there.
const X = 0;
const WHOLE = 1;
const REST = 2;
const SCALE = 3;
const STEP_WHOLE = 4;
const STEP_REST = 5;
const LEFT = 6;
const WINDING = 7;
const ROW_WHOLE = 8;
const ROW_REST = 9;
const PREVIOUS = 10;
const RECORD = 16; // a cache line

/** What takes the edges of a polygon, of one or more closed rings in any order, and then fills it. */
export interface Filler extends EdgeSink {
  /**
   * Draws the polygon in white over an image, and forgets it.
   *
   * @param image uint8 [side, side].
   */
  fill(image: Uint8Array): void;
}

/** Fills polygons with coverage, 0 to 255, composited over what is there. */
export class SoftFiller implements Filler {
  readonly #side: number;
  /** Columns kept left and right of the image: an edge is followed to the bounds of its last row, beyond its end. */
  readonly #margin: number;
  /** The edges one after another, each `RECORD` numbers; an edge is known by where its record begins. */
  #edges = new Int32Array(256 * RECORD);
  /** Where the next record goes. */
  #end = 0;
  /** The edge added last of those that begin at a sample, -1 where none does. */
  readonly #last: Int32Array; // [15 side]
  /** Bit s is set where an edge begins at sample s of the row. */
  readonly #begins: Int32Array; // [side]
  #firstRow: number;
  #lastRow = -1;
  readonly #active = new ActiveEdges();
  /** By column: covered height in samples, and the area to the left of the edges in it, in 1/512 of a sample. */
  readonly #height: Int32Array; // [side + 2 margin]
  readonly #area: Int32Array; // [side + 2 margin]
  #firstColumn: number;
  #lastColumn = -1;

  /** Makes a filler for images of `side` x `side` pixels, 1 to 512. */
  constructor(side: number) {
    this.#side = side;
    this.#margin = 2 + Math.ceil(side / 8);
    this.#last = new Int32Array(SAMPLES * side).fill(-1);
    this.#begins = new Int32Array(side);
    this.#firstRow = side;
    this.#height = new Int32Array(side + 2 * this.#margin);
    this.#area = new Int32Array(side + 2 * this.#margin);
    this.#firstColumn = this.#height.length;
  }

  addEdge(x1: number, y1: number, x2: number, y2: number): void {
    if (y1 > y2) this.#addDown(x2, y2, x1, y1, -1);
    else this.#addDown(x1, y1, x2, y2, 1);
  }

  /** Adds an edge that runs down the image. */
  #addDown(x1: number, y1: number, x2: number, y2: number, winding: number): void {
    const top = (SAMPLES * y1 + 128) >> 8;
    const bottom = (SAMPLES * y2 + 128) >> 8;
    if (bottom <= top) return;
    const edge = this.#end;
    if (edge === this.#edges.length) {
      const wider = new Int32Array(2 * edge);
      wider.set(this.#edges);
      this.#edges = wider;
    }
    const edges = this.#edges;
    this.#end += RECORD;
    const dx = x2 - x1;
    const scale = 60 * (y2 - y1);
    // Sample s lies at (2 s + 1) / 30 of a pixel.
    const moved = (256 * (2 * top + 1) - 30 * y1) * 2 * dx;
    const carry = Math.floor(moved / scale);
    const rest = moved - carry * scale;
    const step = Math.floor(1024 * dx / scale);
    edges[edge + X] = x1 + carry + (2 * rest >= scale ? 1 : 0);
    edges[edge + WHOLE] = x1 + carry;
    edges[edge + REST] = rest;
    edges[edge + SCALE] = scale;
    edges[edge + STEP_WHOLE] = step;
    edges[edge + STEP_REST] = 1024 * dx - step * scale;
    if (bottom - top >= SAMPLES) {
      const row = Math.floor(1024 * SAMPLES * dx / scale);
      edges[edge + ROW_WHOLE] = row;
      edges[edge + ROW_REST] = 1024 * SAMPLES * dx - row * scale;
    }
    edges[edge + LEFT] = bottom - top;
    edges[edge + WINDING] = winding;
    edges[edge + PREVIOUS] = this.#last[top];
    this.#last[top] = edge;
    const firstRow = Math.floor(top / SAMPLES);
    this.#begins[firstRow] |= 1 << (top - SAMPLES * firstRow);
    if (firstRow < this.#firstRow) this.#firstRow = firstRow;
    const lastRow = Math.floor((bottom - 1) / SAMPLES);
    if (lastRow > this.#lastRow) this.#lastRow = lastRow;
  }

  fill(image: Uint8Array): void {
    for (let row = this.#firstRow; row <= this.#lastRow; row++) {
      const begins = this.#begins[row];
      this.#begins[row] = 0;
      if (begins & 1) this.#activate(SAMPLES * row);
      if (begins <= 1 && this.#orderHolds()) {
        this.#addRow();
      } else {
        for (let sample = 0; sample < SAMPLES; sample++) {
          if (sample > 0 && begins & (1 << sample)) this.#activate(SAMPLES * row + sample);
          this.#addSample();
        }
      }
      this.#paint(image, row * this.#side);
    }
    this.#end = 0;
    this.#firstRow = this.#side;
    this.#lastRow = -1;
  }

  /** Makes the edges that begin at a sample active. */
  #activate(sample: number): void {
    const edges = this.#edges;
    let first = -1; // the list, turned round
    for (let edge = this.#last[sample]; edge >= 0;) {
      const next = edges[edge + PREVIOUS];
      edges[edge + PREVIOUS] = first;
      first = edge;
      edge = next;
    }
    for (let edge = first; edge >= 0; edge = edges[edge + PREVIOUS]) this.#active.push(edge);
    this.#last[sample] = -1;
    this.#active.merge(edges);
  }

  /** Whether no active edge ends, or comes to lie left of another, within a whole pixel row. */
  #orderHolds(): boolean {
    const { edges: active, count } = this.#active;
    const edges = this.#edges;
    let last = NOWHERE;
    for (let i = 0; i < count; i++) {
      const edge = active[i];
      if (edges[edge + LEFT] < SAMPLES) return false;
      const rest = edges[edge + REST] + edges[edge + ROW_REST];
      const x = edges[edge + WHOLE] + edges[edge + ROW_WHOLE] + Math.floor(rest / edges[edge + SCALE] + 0.5);
      if (x < last) return false;
      last = x;
    }
    return true;
  }

  /** Adds the spans at one sample, and moves the edges to the next. */
  #addSample(): void {
    const { edges: active, count } = this.#active;
    const edges = this.#edges;
    const [height, area, margin] = [this.#height, this.#area, this.#margin];
    let [firstColumn, lastColumn] = [this.#firstColumn, this.#lastColumn];
    let kept = 0;
    let winding = 0;
    let start = NOWHERE;
    let furthest = NOWHERE;
    for (let i = 0; i < count; i++) {
      const edge = active[i];
      const end = edges[edge + X];
      if (--edges[edge + LEFT] > 0) {
        const scale = edges[edge + SCALE];
        const rest = edges[edge + REST] + edges[edge + STEP_REST];
        const short = (rest - scale) >> 31; // -1 where rest < scale, else 0: a branch here would be guessed wrong
        const whole = edges[edge + WHOLE] + edges[edge + STEP_WHOLE] + 1 + short;
        const newRest = rest - (scale & ~short);
        const place = whole + 1 + ((2 * newRest - scale) >> 31);
        edges[edge + WHOLE] = whole;
        edges[edge + REST] = newRest;
        edges[edge + X] = place;
        let at = kept++;
        if (place >= furthest) furthest = place;
        else for (; at > 0 && edges[active[at - 1] + X] > place; at--) active[at] = active[at - 1];
        active[at] = edge;
      }
      winding += edges[edge + WINDING];
      if (winding !== 0) {
        if (start === NOWHERE) start = end;
      } else if (i + 1 === count || edges[active[i + 1] + X] !== end) {
        const first = (start >> 8) + margin;
        const last = (end >> 8) + margin;
        height[first]++;
        area[first] += 2 * (start & 255);
        height[last]--;
        area[last] -= 2 * (end & 255);
        if (first < firstColumn) firstColumn = first;
        if (last > lastColumn) lastColumn = last;
        start = NOWHERE;
      }
    }
    this.#active.count = kept;
    this.#firstColumn = firstColumn;
    this.#lastColumn = lastColumn;
  }

  /** Adds the spans of a whole pixel row, and moves the edges to the next. */
  #addRow(): void {
    const { edges: active, count } = this.#active;
    const edges = this.#edges;
    let kept = 0;
    for (let i = 0; i < count;) {
      const first = active[i++];
      if ((edges[first + LEFT] -= SAMPLES) > 0) active[kept++] = first;
      let winding = edges[first + WINDING];
      while (i < count) {
        const edge = active[i++];
        if ((edges[edge + LEFT] -= SAMPLES) > 0) active[kept++] = edge;
        winding += edges[edge + WINDING];
        if (winding === 0 && (i === count || edges[active[i] + X] !== edges[edge + X])) {
          this.#addTrapezoid(first, 1);
          this.#addTrapezoid(edge, -1);
          break;
        }
        this.#moveRow(edge);
      }
    }
    this.#active.count = kept;
  }

  #moveRow(edge: number): void {
    const edges = this.#edges;
    const scale = edges[edge + SCALE];
    const rest = edges[edge + REST] + edges[edge + ROW_REST];
    const carry = Math.floor(rest / scale);
    edges[edge + WHOLE] += edges[edge + ROW_WHOLE] + carry;
    edges[edge + REST] = rest - carry * scale;
    edges[edge + X] = edges[edge + WHOLE] + (2 * edges[edge + REST] >= scale ? 1 : 0);
  }

  /** Adds what lies right of an edge in a whole pixel row, and moves the edge to the next. */
  #addTrapezoid(edge: number, sign: number): void {
    const edges = this.#edges;
    const scale = edges[edge + SCALE];
    let [x1, rest1] = [edges[edge + WHOLE], edges[edge + REST]];
    this.#moveRow(edge);
    let [x2, rest2] = [edges[edge + WHOLE], edges[edge + REST]];
    // A place is that at the row's first sample: half a step above it is the row's upper bound. Of a step's whole and
    // rest, both taken towards 0, each is halved towards 0.
    const up = edges[edge + STEP_WHOLE] < 0 && edges[edge + STEP_REST] > 0;
    const halfWhole = Math.trunc((edges[edge + STEP_WHOLE] + (up ? 1 : 0)) / 2);
    const halfRest = (edges[edge + STEP_REST] - (up ? scale : 0)) / 2;
    const carry1 = Math.floor((rest1 - halfRest) / scale);
    x1 += carry1 - halfWhole;
    rest1 -= halfRest + carry1 * scale;
    const carry2 = Math.floor((rest2 - halfRest) / scale);
    x2 += carry2 - halfWhole;
    rest2 -= halfRest + carry2 * scale;
    if (x2 >> 8 < x1 >> 8) [x1, rest1, x2, rest2] = [x2, rest2, x1, rest1];
    let column = x1 >> 8;
    const lastColumn = x2 >> 8;
    if (column + this.#margin < this.#firstColumn) this.#firstColumn = column + this.#margin;
    if (lastColumn + this.#margin > this.#lastColumn) this.#lastColumn = lastColumn + this.#margin;
    if (column === lastColumn) {
      this.#addCell(column, sign * SAMPLES, (x1 & 255) + (x2 & 255));
      return;
    }
    // Where the edge leaves each column, in samples from where it enters the first, rounded down.
    const width = (x2 - x1) * scale + rest2 - rest1;
    const toBound = ((256 * (column + 1) - x1) * scale - rest1) * SAMPLES;
    let y = Math.floor(toBound / width);
    let rest = toBound - y * width;
    this.#addCell(column, sign * y, 256 + (x1 & 255));
    const across = 256 * SAMPLES * scale;
    const stepY = Math.floor(across / width);
    const stepRest = across - stepY * width;
    for (column++; column < lastColumn; column++) {
      const before = y;
      y += stepY;
      rest += stepRest;
      if (rest >= width) {
        y++;
        rest -= width;
      }
      this.#addCell(column, sign * (y - before), 256);
    }
    this.#addCell(lastColumn, sign * (SAMPLES - y), x2 & 255);
  }

  #addCell(column: number, height: number, width: number): void {
    this.#height[column + this.#margin] += height;
    this.#area[column + this.#margin] += height * width;
  }

  /** Composites the row's coverage over the image and clears it. */
  #paint(image: Uint8Array, offset: number): void {
    const [height, area, margin] = [this.#height, this.#area, this.#margin];
    let cover = 0;
    for (let column = this.#firstColumn; column <= this.#lastColumn; column++) {
      cover += height[column] << 9;
      const alpha = (17 * (cover - area[column]) + 256) >> 9; // of 7,680: 255 / 7,680 = 17 / 512
      height[column] = area[column] = 0;
      const x = column - margin;
      if (alpha === 0 || x < 0 || x >= this.#side) continue;
      // OVER in 8 bits: alpha * 255 + (255 - alpha) * below, over 255, rounded.
      const below = (255 - alpha) * image[offset + x] + 127;
      image[offset + x] = alpha + ((below + (below >> 8)) >> 8);
    }
    this.#firstColumn = height.length;
    this.#lastColumn = -1;
  }
}
