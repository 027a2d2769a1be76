/**
 * What strokes found in pictures are worth: drawn back onto the pixels, and beside the paths of real pens.
 *
 * @module
 */
import { placeDigit, renderDigit, renderPen } from "../../../../pipelines/render/render_pen.ts";
import { countPoints, type Drawing } from "../../../../pipelines/strokes/stroke.ts";
import { Vectorizer } from "../../../../pipelines/strokes/vectorize.ts";
import { boxed, pathDistance, type PenPath, penPathOf, reversed } from "./pen_distance.ts";

const SIDE = 28;
const PIXELS = SIDE * SIDE;

/** Pictures with their digits. */
export interface Digits {
  /** uint8 [N, 28, 28]. */
  readonly images: Uint8Array;
  /** [N]. */
  readonly labels: ArrayLike<number>;
}

/** One of the pictures. */
export function digitAt({ images }: Digits, i: number): Uint8Array {
  return images.subarray(i * PIXELS, (i + 1) * PIXELS);
}

/** The shared ink of two pictures, as a share of the ink of either; ink is what is brighter than half. */
export function sharedInk(a: Uint8Array, b: Uint8Array): number {
  let [both, either] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [inA, inB] = [a[i] > 127, b[i] > 127];
    if (inA && inB) both++;
    if (inA || inB) either++;
  }
  return either === 0 ? 1 : both / either;
}

/** What was found in pictures. */
export interface TracedDigits {
  readonly drawings: readonly Drawing[];
  /** The pen's width for each, in pixels. */
  readonly widths: readonly number[];
  /** Pictures a second on one core, by the time that this thread had of it. */
  readonly perSecond: number;
}

/** Traces all pictures. */
export function traceAll(digits: Digits): TracedDigits {
  const count = digits.labels.length;
  const vectorizer = new Vectorizer({ width: SIDE, height: SIDE });
  for (let i = 0; i < Math.min(count, 2000); i++) vectorizer.vectorize(digitAt(digits, i)); // compiled by now
  const [drawings, widths]: [Drawing[], number[]] = [[], []];
  const before = process.threadCpuUsage().user;
  for (let i = 0; i < count; i++) {
    drawings.push(vectorizer.vectorize(digitAt(digits, i)));
    widths.push(vectorizer.penWidth);
  }
  return { drawings, widths, perSecond: count / ((process.threadCpuUsage().user - before) / 1e6) };
}

/** How strokes and pictures agree. */
export interface RenderedBack {
  readonly strokes: number;
  readonly points: number;
  /** Means of {@linkcode sharedInk}: each with a pen of its own width, and all with one. */
  readonly ownPen: number;
  readonly onePen: number;
  /** That of the digits, by the digit. */
  readonly strokesOf: readonly number[];
}

/**
 * Draws the strokes back.
 *
 * @param width Of the one pen, in pixels.
 */
export function renderBack(digits: Digits, { drawings, widths }: TracedDigits, width: number): RenderedBack {
  const count = drawings.length;
  let [strokes, points, ownPen, onePen] = [0, 0, 0, 0];
  const [sums, counts] = [new Float64Array(10), new Float64Array(10)];
  drawings.forEach((drawing, i) => {
    strokes += drawing.length;
    points += countPoints(drawing);
    sums[digits.labels[i]] += drawing.length;
    counts[digits.labels[i]]++;
    ownPen += sharedInk(digitAt(digits, i), renderPen(drawing, { width: widths[i] }));
    onePen += sharedInk(digitAt(digits, i), renderPen(drawing, { width }));
  });
  const means = { strokes: strokes / count, points: points / count, ownPen: ownPen / count, onePen: onePen / count };
  return { ...means, strokesOf: Array.from(sums, (sum, digit) => sum / counts[digit]) };
}

/** A digit whose pen path is known. */
export interface WrittenDigit {
  readonly label: number;
  /** Any unit, y down. */
  readonly drawing: Drawing;
}

/** How found and true strokes agree; of one digit, or of all. */
export interface TruthRow {
  readonly count: number;
  /** Strokes a digit, found and true, and the share of digits with as many. */
  readonly strokes: number;
  readonly trueStrokes: number;
  readonly sameStrokes: number;
  /** The share of digits that begin within 5 pixels of where the pen did. */
  readonly start: number;
  /** The share whose path is nearer to the true one than it is when it is gone backwards. */
  readonly direction: number;
  /** Means of the distance of the paths, in pixels, and of that with the found path backwards. */
  readonly distance: number;
}

/** Pixels of 28 x 28 that a start may be away. */
const NEAR = 5;

/**
 * Draws digits as MNIST's are, traces them, and compares what is found with the pen's true path.
 *
 * @returns A row a digit, and one of all.
 */
export function compareWithTruth(written: readonly WrittenDigit[]): { digits: TruthRow[]; all: TruthRow } {
  const vectorizer = new Vectorizer({ width: SIDE, height: SIDE });
  const found = written.map(({ label, drawing }) => {
    const traced = vectorizer.vectorize(renderDigit(drawing));
    const [path, truth] = [penPathOf(boxed(traced)), penPathOf(boxed(drawing))];
    const distance = pathDistance(path, truth);
    return {
      ...{ label, distance, strokes: traced.length, trueStrokes: drawing.length },
      sameStrokes: traced.length === drawing.length ? 1 : 0,
      start: Math.hypot(path[0] - truth[0], path[1] - truth[1]) < NEAR ? 1 : 0,
      direction: distance < pathDistance(reversed(path), truth) ? 1 : 0,
    };
  });
  const meansOf = (rows: typeof found): TruthRow => {
    const mean = (of: (row: typeof found[number]) => number) =>
      rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
    return {
      count: rows.length,
      strokes: mean(({ strokes }) => strokes),
      trueStrokes: mean(({ trueStrokes }) => trueStrokes),
      sameStrokes: mean(({ sameStrokes }) => sameStrokes),
      start: mean(({ start }) => start),
      direction: mean(({ direction }) => direction),
      distance: mean(({ distance }) => distance),
    };
  };
  const digits = Array.from({ length: 10 }, (_, digit) => meansOf(found.filter(({ label }) => label === digit)));
  return { digits, all: meansOf(found) };
}

/** What is found of drawings without a truth of their own. */
export interface HandRow {
  readonly strokes: number;
  /** Mean distance to the nearest pen path of the same digit, in pixels of a box of 20 x 20. */
  readonly distance: number;
  /** The share that is nearer to a pen path than it is when it is gone backwards. */
  readonly direction: number;
  /** Strokes a digit that begin or end on the middle of another, as those of a crossing do that is torn apart. */
  readonly torn: number;
}

/** Pixels from a line at which a stroke's end is on it. */
const ON = 1.6;

/** Compares drawings of pictures of 28 x 28 with the nearest of real pen paths. */
export function compareWithHands(
  drawn: readonly WrittenDigit[],
  hands: readonly WrittenDigit[],
): HandRow {
  const paths = Array.from(
    { length: 10 },
    (_, digit): PenPath[] =>
      hands.filter(({ label }) => label === digit).map(({ drawing }) => penPathOf(boxed(drawing))),
  );
  let [strokes, distance, direction, torn] = [0, 0, 0, 0];
  for (const { label, drawing } of drawn) {
    const path = penPathOf(boxed(drawing));
    const back = reversed(path);
    const nearest = (from: PenPath) => Math.min(...paths[label].map((path) => pathDistance(from, path)));
    const [on, off] = [nearest(path), nearest(back)];
    distance += on;
    direction += on < off ? 1 : 0;
    strokes += drawing.length;
    torn += tornEnds(drawing);
  }
  const count = drawn.length;
  return { strokes: strokes / count, distance: distance / count, direction: direction / count, torn: torn / count };
}

/** Ends of strokes that lie on another stroke, and not at its end. */
export function tornEnds(drawing: Drawing): number {
  let torn = 0;
  drawing.forEach(([xs, ys], stroke) => {
    for (const at of xs.length > 1 ? [0, xs.length - 1] : [0]) {
      const isTorn = drawing.some((other, k) => k !== stroke && isOnMiddle([xs[at], ys[at]], other));
      if (isTorn) torn++;
    }
  });
  return torn;
}

function isOnMiddle([x, y]: readonly [number, number], [xs, ys]: Drawing[number]): boolean {
  const last = xs.length - 1;
  if (Math.hypot(xs[0] - x, ys[0] - y) < 2 * ON || Math.hypot(xs[last] - x, ys[last] - y) < 2 * ON) return false;
  for (let i = 0; i < last; i++) {
    const [dx, dy] = [xs[i + 1] - xs[i], ys[i + 1] - ys[i]];
    const square = dx * dx + dy * dy || 1;
    const share = Math.min(Math.max(((x - xs[i]) * dx + (y - ys[i]) * dy) / square, 0), 1);
    if (Math.hypot(xs[i] + share * dx - x, ys[i] + share * dy - y) < ON) return true;
  }
  return false;
}

/** A written digit as MNIST's are drawn, with its true strokes where they are on the picture, and what is found in it. */
export function truthOf({ drawing }: WrittenDigit): {
  readonly image: Uint8Array;
  readonly drawing: Drawing;
  readonly beside: Drawing;
} {
  const placed = placeDigit(drawing);
  const image = renderPen(placed);
  return { image, drawing: new Vectorizer({ width: SIDE, height: SIDE }).vectorize(image), beside: placed };
}
