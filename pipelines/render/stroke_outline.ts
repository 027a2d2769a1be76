/**
 * A polyline drawn with a round pen, as the edges of a polygon: the way cairo's image backend strokes, to the last bit.
 * Browser safe.
 *
 * The pen is a polygon whose sides keep within a tenth of a pixel of its circle. Both sides of the line are followed
 * at once; around the outer side of a corner and at the ends runs the part of the pen that faces there. The pieces
 * overlap; filled by nonzero winding they are the line. This is how cairo 1.16 does it (cairo-path-stroke-polygon.c and
 * cairo-pen.c, Carl Worth and Chris Wilson), written anew. All coordinates are in 1/256 of a pixel (cairo's 24.8 fixed
 * point), rounded half to even.
 *
 * @module
 */

/** What an outline is given to, edge by edge. */
export interface EdgeSink {
  /**
   * Takes one edge; all numbers are whole, in 1/256 of a pixel.
   *
   * @param x1 From here.
   * @param y1 From here, 0 to 256 times the picture's side.
   * @param x2 To here.
   * @param y2 To here.
   */
  addEdge(x1: number, y1: number, x2: number, y2: number): void;
}

/** A pen polygon's largest distance from its circle, in pixels: cairo's default tolerance. */
const TOLERANCE = 0.1;
/** Adding it leaves a double no bits below 1, so that the sum is rounded, half to even. */
const HALF_EVEN = 1.5 * 2 ** 52;

/**
 * Pixels to 1/256 of a pixel, rounded half to even.
 *
 * @param pixels Below 2^40.
 */
export function toFixed8(pixels: number): number {
  return (256 * pixels + HALF_EVEN) - HALF_EVEN;
}

/** Whole numbers two by two, appended one point at a time. */
class Points {
  x = new Int32Array(64);
  y = new Int32Array(64);
  count = 0;

  add(x: number, y: number): void {
    if (this.count === this.x.length) {
      const [oldX, oldY] = [this.x, this.y];
      this.x = new Int32Array(2 * this.count);
      this.y = new Int32Array(2 * this.count);
      this.x.set(oldX);
      this.y.set(oldY);
    }
    this.x[this.count] = x;
    this.y[this.count++] = y;
  }
}

/**
 * Which of two directions comes first, by the smaller angle from `b` to `a`: below 0 where a turn from `a` to `b` goes
 * from x to y. Opposite directions have an order too: the one to the right (or down) is the lesser.
 */
function compareDirections(ax: number, ay: number, bx: number, by: number): number {
  const cross = ay * bx - by * ax;
  if (cross !== 0) return cross;
  if ((ax ^ bx) >= 0 && (ay ^ by) >= 0) return 0;
  return ax > 0 || (ax === 0 && ay > 0) ? -1 : 1;
}

/** Outlines polylines with one pen. */
export class StrokeOutline {
  readonly #radius: number;
  /** The pen's corners around (0, 0), from (radius, 0) on, turning from x to y. */
  readonly #penX: Int32Array;
  readonly #penY: Int32Array;
  /** Its sides: from each corner to the next one. */
  readonly #sideX: Int32Array;
  readonly #sideY: Int32Array;
  readonly #path = new Points();
  readonly #right = new Points();
  readonly #left = new Points();
  readonly #cap = new Points();

  /**
   * Makes a pen.
   *
   * @param radius Half the line's width, in pixels. Below 0.025 the pen has no corners and draws nothing.
   */
  constructor(radius: number) {
    this.#radius = radius;
    const corners = cornersOf(radius);
    const angles = Array.from({ length: corners }, (_, i) => 2 * Math.PI * i / corners);
    this.#penX = Int32Array.from(angles, (angle) => toFixed8(radius * Math.cos(angle)));
    this.#penY = Int32Array.from(angles, (angle) => toFixed8(radius * Math.sin(angle)));
    this.#sideX = this.#penX.map((x, i) => this.#penX[(i + 1) % corners] - x);
    this.#sideY = this.#penY.map((y, i) => this.#penY[(i + 1) % corners] - y);
  }

  /** Goes on to a point, in 1/256 of a pixel; the first one begins the line. */
  lineTo(x: number, y: number): void {
    const path = this.#path;
    const last = path.count - 1;
    if (last >= 0 && path.x[last] === x && path.y[last] === y) return;
    if (last >= 1) {
      const [fromX, fromY] = [path.x[last] - path.x[last - 1], path.y[last] - path.y[last - 1]];
      const [toX, toY] = [x - path.x[last], y - path.y[last]];
      // Straight on: the point between does not count.
      if (fromY * toX === toY * fromX && fromX * toX + fromY * toY >= 0) path.count--;
    }
    path.add(x, y);
  }

  /** Gives the outline of the line to `sink`, and forgets the line. A line of one point is a dot; one of none, nothing. */
  finish(sink: EdgeSink): void {
    const { x, y, count } = this.#path;
    this.#path.count = 0;
    if (count === 0 || this.#penX.length === 0) return;
    if (count === 1) {
      this.#addDot(x[0], y[0], sink);
      return;
    }
    const [left, right, cap] = [this.#left, this.#right, this.#cap];
    left.count = right.count = cap.count = 0;
    let [dx, dy] = [0, 0];
    let [offsetX, offsetY] = [0, 0];
    let [firstX, firstY] = [0, 0];
    for (let i = 1; i < count; i++) {
      const [atX, atY] = [x[i - 1], y[i - 1]];
      const [nextDx, nextDy] = [x[i] - atX, y[i] - atY];
      const [lastOffsetX, lastOffsetY] = [offsetX, offsetY];
      const length = Math.sqrt(nextDx * nextDx + nextDy * nextDy);
      offsetX = toFixed8(-nextDy / length * this.#radius);
      offsetY = toFixed8(nextDx / length * this.#radius);
      if (i === 1) {
        [firstX, firstY] = [offsetX, offsetY];
        right.add(atX - offsetX, atY - offsetY);
        left.add(atX + offsetX, atY + offsetY);
      } else {
        const turn = compareDirections(dx, dy, nextDx, nextDy);
        const [outer, inner, side] = turn < 0 ? [right, left, -1] : [left, right, 1];
        if (lastOffsetX !== offsetX || lastOffsetY !== offsetY) {
          this.#addFan(outer, { x: atX, y: atY, fromX: dx, fromY: dy, toX: nextDx, toY: nextDy, side });
          outer.add(atX + side * offsetX, atY + side * offsetY);
        }
        inner.add(atX, atY);
        inner.add(atX - side * offsetX, atY - side * offsetY);
      }
      right.add(x[i] - offsetX, y[i] - offsetY);
      left.add(x[i] + offsetX, y[i] + offsetY);
      [dx, dy] = [nextDx, nextDy];
    }
    const [endX, endY] = [x[count - 1], y[count - 1]];
    this.#addFan(left, { x: endX, y: endY, fromX: dx, fromY: dy, toX: -dx, toY: -dy, side: 1 });
    left.add(endX - offsetX, endY - offsetY);
    const [firstDx, firstDy] = [x[1] - x[0], y[1] - y[0]];
    cap.add(x[0] - firstX, y[0] - firstY);
    this.#addFan(cap, { x: x[0], y: y[0], fromX: -firstDx, fromY: -firstDy, toX: firstDx, toY: firstDy, side: 1 });
    cap.add(x[0] + firstX, y[0] + firstY);
    addBackward(left, sink);
    addBackward(cap, sink);
    for (let i = 1; i < right.count; i++) sink.addEdge(right.x[i - 1], right.y[i - 1], right.x[i], right.y[i]);
  }

  #addDot(x: number, y: number, sink: EdgeSink): void {
    const ring = this.#cap;
    ring.count = 0;
    const offset = toFixed8(this.#radius);
    this.#addFan(ring, { x, y, fromX: -256, fromY: 0, toX: 256, toY: 0, side: 1 });
    ring.add(x, y + offset);
    this.#addFan(ring, { x, y, fromX: 256, fromY: 0, toX: -256, toY: 0, side: 1 });
    ring.add(x, y - offset);
    ring.add(ring.x[0], ring.y[0]);
    addBackward(ring, sink);
  }

  /** Adds the corners of the pen that lie beyond a turn, outside it; `side` is -1 where the turn goes from x to y. */
  #addFan(
    to: Points,
    { x, y, fromX, fromY, toX, toY, side }: {
      x: number;
      y: number;
      fromX: number;
      fromY: number;
      toX: number;
      toY: number;
      side: number;
    },
  ): void {
    const [penX, penY] = [this.#penX, this.#penY];
    const corners = penX.length;
    const before = (corner: number) => corner === 0 ? corners - 1 : corner - 1;
    const after = (corner: number) => corner === corners - 1 ? 0 : corner + 1;
    let [low, high] = [0, corners];
    let start = (low + high) >> 1;
    do {
      if (this.#compareSide(side, start, fromX, fromY) < 0) low = start;
      else high = start;
      start = (low + high) >> 1;
    } while (high - low > 1);
    if (this.#compareSide(side, start, fromX, fromY) < 0) start = after(start);
    let stop = start;
    const leaving = side < 0 ? start : before(start);
    if (compareDirections(toX, toY, this.#sideX[leaving], this.#sideY[leaving]) >= 0) {
      [low, high] = [start, start + corners];
      stop = (low + high) >> 1;
      do {
        if (this.#compareSide(side, stop >= corners ? stop - corners : stop, toX, toY) > 0) high = stop;
        else low = stop;
        stop = (low + high) >> 1;
      } while (high - low > 1);
      if (stop >= corners) stop -= corners;
    }
    for (let corner = start; corner !== stop; corner = side < 0 ? after(corner) : before(corner)) {
      to.add(x + penX[corner], y + penY[corner]);
    }
  }

  /** Compares the side of the pen that comes to a corner, going round it as the turn does, with a direction. */
  #compareSide(side: number, corner: number, dx: number, dy: number): number {
    if (side > 0) return compareDirections(dx, dy, this.#sideX[corner], this.#sideY[corner]);
    const before = corner === 0 ? this.#sideX.length - 1 : corner - 1;
    return compareDirections(this.#sideX[before], this.#sideY[before], dx, dy);
  }
}

/** How many corners keep a circle's polygon within the tolerance: an even number, 4 or more; none for a speck. */
function cornersOf(radius: number): number {
  if (TOLERANCE >= 4 * radius) return 0;
  if (TOLERANCE >= radius) return 4;
  const corners = Math.ceil(2 * Math.PI / Math.acos(1 - TOLERANCE / radius));
  return Math.max(corners + corners % 2, 4);
}

/** Adds a chain of points as edges, each from its second point to its first. */
function addBackward({ x, y, count }: Points, sink: EdgeSink): void {
  for (let i = 1; i < count; i++) sink.addEdge(x[i], y[i], x[i - 1], y[i - 1]);
}
