/**
 * Which cells of a picture are ink, on a finer grid than its own, and how far each is from the paper. Browser safe.
 *
 * @module
 */

/** How a picture becomes ink and paper. */
export interface InkOptions {
  /** Cells a pixel, across and down, 1 or more. */
  readonly upscale: number;
  /** Ink is what is at least so bright, as a share of the brightest pixel; above 0, 1 at most. */
  readonly threshold: number;
}

/** The distance of a cell from one beside it, in the unit of {@linkcode InkMap.distance}. */
export const CELL = 3;
/** From one at its corner: 4 / 3 is near enough to the square root of 2 (Borgefors 1986). */
const CORNER = 4;

/** The ink of pictures of one size, each in the place of the one before. */
export class InkMap {
  /** Cells from a row to the next: those of the picture, and a border of paper, two cells on each side. */
  readonly stride: number;
  /** Uint8 [rows, stride]: 1 where there is ink. */
  readonly ink: Uint8Array<ArrayBuffer>;
  /** Uint16 [rows, stride]: how far the nearest paper is, {@linkcode CELL} a cell; 0 on paper. */
  readonly distance: Uint16Array<ArrayBuffer>;
  /** The cells of ink lie in these columns and rows; there is none where `right` is below `left`. */
  left = 0;
  right = -1;
  top = 0;
  bottom = -1;
  readonly #row: Int32Array<ArrayBuffer>; // [width]
  readonly #from: Int32Array<ArrayBuffer>; // [upscale]: the first of the two pixels that a cell lies between, less its own
  readonly #share: Int32Array<ArrayBuffer>; // [upscale]: of the second, in 1 / (2 upscale)

  /** Makes room for pictures of a size, in pixels. */
  constructor(readonly width: number, readonly height: number, readonly options: InkOptions) {
    const { upscale } = options;
    this.stride = width * upscale + 4;
    const cells = this.stride * (height * upscale + 4);
    this.ink = new Uint8Array(cells);
    this.distance = new Uint16Array(cells);
    this.#row = new Int32Array(width);
    // A cell's centre lies (2 i + 1 - upscale) / (2 upscale) of a pixel after the centre of its own.
    const places = Array.from({ length: upscale }, (_, i) => 2 * i + 1 - upscale);
    this.#from = Int32Array.from(places, (place) => place < 0 ? -1 : 0);
    this.#share = Int32Array.from(places, (place) => place < 0 ? place + 2 * upscale : place);
  }

  /**
   * Finds the ink of a picture.
   *
   * @param picture uint8 [height, width], 0 paper.
   * @returns Whether there is any.
   */
  fill(picture: Uint8Array): boolean {
    const { width, height, ink, stride } = this;
    const { upscale, threshold } = this.options;
    ink.fill(0);
    let [top, bottom, left, right, brightest] = [height, -1, width, -1, 0];
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const value = picture[at];
        if (value === 0) continue;
        if (value > brightest) brightest = value;
        if (y < top) top = y;
        bottom = y;
        if (x < left) left = x;
        if (x > right) right = x;
      }
    }
    if (brightest === 0) {
      [this.left, this.right] = [0, -1];
      return false;
    }
    const unit = 2 * upscale;
    const level = threshold * brightest * unit * unit;
    const row = this.#row;
    for (let y = top; y <= bottom; y++) {
      for (let part = 0; part < upscale; part++) {
        const above = y + this.#from[part];
        const share = this.#share[part];
        const first = width * Math.max(above, 0);
        const second = width * Math.min(above + 1, height - 1);
        for (let x = left; x <= right; x++) {
          row[x] = (unit - share) * picture[first + x] + share * picture[second + x];
        }
        let at = stride * (2 + y * upscale + part) + 2 + left * upscale;
        for (let x = left; x <= right; x++) {
          for (let i = 0; i < upscale; i++, at++) {
            const before = x + this.#from[i];
            const value = row[x];
            const other = this.#from[i] < 0 ? (before < left ? 0 : row[before]) : x < right ? row[x + 1] : 0;
            const ofOther = this.#from[i] < 0 ? unit - this.#share[i] : this.#share[i];
            if ((unit - ofOther) * value + ofOther * other >= level) ink[at] = 1;
          }
        }
      }
    }
    this.left = 2 + left * upscale;
    this.right = 1 + (right + 1) * upscale;
    this.top = 2 + top * upscale;
    this.bottom = 1 + (bottom + 1) * upscale;
    this.#fillHoles();
    this.#measure();
    return true;
  }

  /** Makes ink of a single cell of paper amid ink: it would become a loop. */
  #fillHoles(): void {
    const { ink, stride } = this;
    for (let y = this.top; y <= this.bottom; y++) {
      for (let at = y * stride + this.left, end = y * stride + this.right; at <= end; at++) {
        if (ink[at] === 0 && (ink[at - 1] & ink[at + 1] & ink[at - stride] & ink[at + stride]) === 1) ink[at] = 1;
      }
    }
  }

  /** Distances by two passes over the cells. */
  #measure(): void {
    const { ink, distance, stride } = this;
    distance.fill(0);
    for (let y = this.top; y <= this.bottom; y++) {
      for (let at = y * stride + this.left, end = y * stride + this.right; at <= end; at++) {
        if (ink[at] === 0) continue;
        let least = distance[at - 1] + CELL;
        const up = at - stride;
        if (distance[up] + CELL < least) least = distance[up] + CELL;
        if (distance[up - 1] + CORNER < least) least = distance[up - 1] + CORNER;
        if (distance[up + 1] + CORNER < least) least = distance[up + 1] + CORNER;
        distance[at] = least;
      }
    }
    for (let y = this.bottom; y >= this.top; y--) {
      for (let at = y * stride + this.right, end = y * stride + this.left; at >= end; at--) {
        let least = distance[at];
        if (least === 0) continue;
        const down = at + stride;
        if (distance[at + 1] + CELL < least) least = distance[at + 1] + CELL;
        if (distance[down] + CELL < least) least = distance[down] + CELL;
        if (distance[down - 1] + CORNER < least) least = distance[down - 1] + CORNER;
        if (distance[down + 1] + CORNER < least) least = distance[down + 1] + CORNER;
        distance[at] = least;
      }
    }
  }
}
