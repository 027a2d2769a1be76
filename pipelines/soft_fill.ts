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

/** Samples a pixel, top to bottom. */
const SAMPLES = 15;
const NOWHERE = -0x80000000;

/** What takes the edges of a polygon, and then fills it. */
export interface Filler {
  /**
   * Adds one edge; the edges of a polygon may come in any order, and close one or more rings.
   *
   * @param x1 From here, in 1/256 of a pixel, a whole number.
   * @param y1 From here, in 1/256 of a pixel, 0 to 256 side.
   * @param x2 To here.
   * @param y2 To here.
   */
  addEdge(x1: number, y1: number, x2: number, y2: number): void;
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
  #count = 0;
  /** An edge's place, in 1/256 of a pixel: whole + rest / scale, where scale = 60 (y2 - y1), or 0 where it is upright. */
  #whole = new Int32Array(0);
  #rest = new Int32Array(0);
  #scale = new Int32Array(0);
  /** How far it moves in one sample, and in a pixel row; rests have the sign of the movement. */
  #stepWhole = new Int32Array(0);
  #stepRest = new Int32Array(0);
  #rowWhole = new Int32Array(0);
  #rowRest = new Int32Array(0);
  /** `whole`, rounded. */
  #x = new Int32Array(0);
  /** Samples left, and the winding number that it adds. */
  #left = new Int32Array(0);
  #winding = new Int8Array(0);
  /** The edge added before it that begins at the same sample, -1 where there is none. */
  #previous = new Int32Array(0);
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
    this.#grow(256);
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
    const edge = this.#count++;
    if (edge === this.#whole.length) this.#grow(2 * edge);
    const dx = x2 - x1;
    const scale = dx === 0 ? 0 : 60 * (y2 - y1);
    let whole = x1;
    let rest = 0;
    if (dx !== 0) {
      // Sample s lies at (2 s + 1) / 30 of a pixel.
      const moved = (256 * (2 * top + 1) - 30 * y1) * 2 * dx;
      whole = Math.floor(moved / scale);
      rest = moved - whole * scale;
      whole += x1;
      const step = Math.trunc(1024 * dx / scale);
      this.#stepWhole[edge] = step;
      this.#stepRest[edge] = 1024 * dx - step * scale;
      const row = Math.trunc(1024 * SAMPLES * dx / scale);
      this.#rowWhole[edge] = row;
      this.#rowRest[edge] = 1024 * SAMPLES * dx - row * scale;
    }
    this.#whole[edge] = whole;
    this.#rest[edge] = rest;
    this.#scale[edge] = scale;
    this.#x[edge] = scale !== 0 && 2 * rest >= scale ? whole + 1 : whole;
    this.#left[edge] = bottom - top;
    this.#winding[edge] = winding;
    this.#previous[edge] = this.#last[top];
    this.#last[top] = edge;
    const row = Math.floor(top / SAMPLES);
    this.#begins[row] |= 1 << (top - SAMPLES * row);
    if (row < this.#firstRow) this.#firstRow = row;
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
    this.#count = 0;
    this.#firstRow = this.#side;
    this.#lastRow = -1;
  }

  /** Makes the edges that begin at a sample active. */
  #activate(sample: number): void {
    let first = -1; // the list, turned round
    for (let edge = this.#last[sample]; edge >= 0;) {
      const next = this.#previous[edge];
      this.#previous[edge] = first;
      first = edge;
      edge = next;
    }
    for (let edge = first; edge >= 0; edge = this.#previous[edge]) this.#active.push(edge);
    this.#last[sample] = -1;
    this.#active.merge(this.#x);
  }

  /** Whether no active edge ends, or comes to lie left of another, within a whole pixel row. */
  #orderHolds(): boolean {
    let last = NOWHERE;
    const { edges, count } = this.#active;
    for (let i = 0; i < count; i++) {
      const edge = edges[i];
      if (this.#left[edge] < SAMPLES) return false;
      const scale = this.#scale[edge];
      let x = this.#x[edge];
      if (scale !== 0) {
        x = this.#whole[edge] + this.#rowWhole[edge];
        let rest = this.#rest[edge] + this.#rowRest[edge];
        if (rest < 0) {
          x--;
          rest += scale;
        } else if (rest >= scale) {
          x++;
          rest -= scale;
        }
        if (2 * rest >= scale) x++;
      }
      if (x < last) return false;
      last = x;
    }
    return true;
  }

  /** Adds the spans at one sample, and moves the edges to the next. */
  #addSample(): void {
    const { edges: active, count } = this.#active;
    const [x, left, windings, scales] = [this.#x, this.#left, this.#winding, this.#scale];
    const [wholes, rests, stepWhole, stepRest] = [this.#whole, this.#rest, this.#stepWhole, this.#stepRest];
    let kept = 0;
    let winding = 0;
    let start = NOWHERE;
    let furthest = NOWHERE;
    for (let i = 0; i < count; i++) {
      const edge = active[i];
      const end = x[edge];
      if (--left[edge] > 0) {
        const scale = scales[edge];
        let place = end;
        if (scale !== 0) {
          let whole = wholes[edge] + stepWhole[edge];
          let rest = rests[edge] + stepRest[edge];
          if (rest < 0) {
            whole--;
            rest += scale;
          } else if (rest >= scale) {
            whole++;
            rest -= scale;
          }
          wholes[edge] = whole;
          rests[edge] = rest;
          place = 2 * rest >= scale ? whole + 1 : whole;
          x[edge] = place;
        }
        let at = kept++;
        if (place >= furthest) furthest = place;
        else for (; at > 0 && x[active[at - 1]] > place; at--) active[at] = active[at - 1];
        active[at] = edge;
      }
      winding += windings[edge];
      if (winding !== 0) {
        if (start === NOWHERE) start = end;
      } else if (i + 1 === count || x[active[i + 1]] !== end) {
        if (start !== end) this.#addSpan(start, end);
        start = NOWHERE;
      }
    }
    this.#active.count = kept;
  }

  #addSpan(from: number, to: number): void {
    const first = (from >> 8) + this.#margin;
    const last = (to >> 8) + this.#margin;
    this.#height[first]++;
    this.#area[first] += 2 * (from & 255);
    this.#height[last]--;
    this.#area[last] -= 2 * (to & 255);
    if (first < this.#firstColumn) this.#firstColumn = first;
    if (last > this.#lastColumn) this.#lastColumn = last;
  }

  /** Adds the spans of a whole pixel row, and moves the edges to the next. */
  #addRow(): void {
    const { edges: active, count } = this.#active;
    const left = this.#left;
    let kept = 0;
    for (let i = 0; i < count;) {
      const first = active[i++];
      if ((left[first] -= SAMPLES) > 0) active[kept++] = first;
      let winding = this.#winding[first];
      while (i < count) {
        const edge = active[i++];
        if ((left[edge] -= SAMPLES) > 0) active[kept++] = edge;
        winding += this.#winding[edge];
        if (winding === 0 && (i === count || this.#x[active[i]] !== this.#x[edge])) {
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
    const scale = this.#scale[edge];
    if (scale === 0) return;
    let whole = this.#whole[edge] + this.#rowWhole[edge];
    let rest = this.#rest[edge] + this.#rowRest[edge];
    if (rest < 0) {
      whole--;
      rest += scale;
    } else if (rest >= scale) {
      whole++;
      rest -= scale;
    }
    this.#whole[edge] = whole;
    this.#rest[edge] = rest;
    this.#x[edge] = 2 * rest >= scale ? whole + 1 : whole;
  }

  /** Adds what lies right of an edge in a whole pixel row, and moves the edge to the next. */
  #addTrapezoid(edge: number, sign: number): void {
    const scale = this.#scale[edge];
    // A place is that of the row's first sample: half a step above it is the row's upper bound.
    const halfWhole = Math.trunc(this.#stepWhole[edge] / 2);
    const halfRest = this.#stepRest[edge] / 2;
    let [x1, rest1] = [this.#whole[edge], this.#rest[edge]];
    this.#moveRow(edge);
    let [x2, rest2] = [this.#whole[edge], this.#rest[edge]];
    if (scale !== 0) {
      x1 -= halfWhole;
      rest1 -= halfRest;
      if (rest1 < 0) {
        x1--;
        rest1 += scale;
      } else if (rest1 >= scale) {
        x1++;
        rest1 -= scale;
      }
      x2 -= halfWhole;
      rest2 -= halfRest;
      if (rest2 < 0) {
        x2--;
        rest2 += scale;
      } else if (rest2 >= scale) {
        x2++;
        rest2 -= scale;
      }
    }
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

  #grow(capacity: number): void {
    const wider = <T extends Int32Array | Int8Array>(old: T): T => {
      const made = new (old.constructor as new (length: number) => T)(capacity);
      made.set(old);
      return made;
    };
    this.#whole = wider(this.#whole);
    this.#rest = wider(this.#rest);
    this.#scale = wider(this.#scale);
    this.#stepWhole = wider(this.#stepWhole);
    this.#stepRest = wider(this.#stepRest);
    this.#rowWhole = wider(this.#rowWhole);
    this.#rowRest = wider(this.#rowRest);
    this.#x = wider(this.#x);
    this.#left = wider(this.#left);
    this.#winding = wider(this.#winding);
    this.#previous = wider(this.#previous);
  }
}
