/**
 * A class's clean shape fitted to a drawing's place, size and angle. Browser safe: quick enough for after each stroke.
 *
 * @module
 */
import { boundsOf, type Drawing } from "../stroke.ts";
import { Alignment, type Apart } from "./alignment.ts";
import { hasSize, lengthOf, middleOf, type Outline, outlineOf, spreadOf } from "./outline.ts";
import { movedDrawing, scaleOf, type Similarity, turnAbout } from "./similarity.ts";
import { type Symmetry, symmetryOf } from "./symmetry.ts";
import { SHORT } from "./tidied.ts";

/** A shape, ready to be fitted. */
export interface PrototypeShape {
  /** The shape itself. */
  readonly drawing: Drawing;
  /** What it looks the same after. */
  readonly symmetry: Symmetry;
  /** Its width, in its own units. */
  readonly width: number;
  /** Its height, in its own units. */
  readonly height: number;
  /** Few places, for a first look, and many. */
  readonly outlines: readonly Outline[];
}

/** Where a shape lies over a drawing. */
export interface PrototypeFit {
  /** The fitted shape, in the drawing's units; not whole numbers. */
  readonly drawing: [number[], number[]][];
  /** How much larger than the shape as it is, above 0. */
  readonly scale: number;
  /**
   * How far it was turned, in degrees: clockwise above 0 (y points down). Of angles that look the same the one nearest to 0,
   * so no more than half the symmetry's turn either way; 0 for what has no angle, such as a circle.
   */
  readonly angle: number;
  /** Whether left and right changed places before it was turned; never for what looks the same in a mirror. */
  readonly mirrored: boolean;
  /** Where the shape's (0, 0) lies, in the drawing's units. */
  readonly move: readonly [x: number, y: number];
  /** The shape's own width, in the drawing's units: before it was turned. */
  readonly width: number;
  /** The shape's own height, in the drawing's units: before it was turned. */
  readonly height: number;
  /**
   * How far the shape and the drawing are apart, as a share of the fitted shape's larger side: the mean of the mean distances
   * of the drawing's lines from the shape, and of the shape's from the drawing.
   */
  readonly residual: number;
  /** The share of the shape that is drawn, 0 to 1: the lines that the drawing has nearby. */
  readonly drawn: number;
  /** The share of the drawing that the shape explains, 0 to 1: the lines that the shape has nearby. */
  readonly explained: number;
}

/** Places on the outlines of a first look, and of a close one. */
const PLACES = [40, 96] as const;
/** How far an outline's pieces may be from the drawn line, as a share of the drawing's larger side. */
const FINENESS = [1 / 50, 1 / 400] as const;
/** Degrees between the angles at which a fit may begin. */
const STEP = 15;
/** Sizes at which it may begin, as shares of the one that it has if all is drawn. */
const SIZES = [1, 1.7];

/** Looks, one after another, at ever fewer fits. */
const LOOKS = [
  { fine: 0, tolerance: 0.3, steps: 5, keep: 16 },
  { fine: 0, tolerance: 0.12, steps: 8, keep: 4 },
  { fine: 1, tolerance: 0.12, steps: 8, keep: 4 },
  { fine: 1, tolerance: 0.06, steps: 16, keep: 4 },
] as const;

/** Up to how much worse a fit may be that turns or mirrors the shape less than the best one. */
const TIE = 1.1;
/** The best of a perfect fit is 0, and any other would be worse than nothing. */
const TIE_COST = 0.002;

/**
 * Makes a shape ready to be fitted, and measures its symmetry.
 *
 * @param drawing Of any units.
 * @param symmetry What it looks the same after, where that is known; it is measured when left out.
 * @throws {RangeError} When all its points are one, a coordinate is not finite, or the lines are longer than 1e70.
 */
export function prototypeShape(drawing: Drawing, symmetry: Symmetry = symmetryOf(drawing)): PrototypeShape {
  if (lengthOf(drawing) === 0) {
    throw new RangeError("cannot fit a shape without a line: expected two different points or more");
  }
  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  const [width, height] = [maxX - minX, maxY - minY];
  return { drawing, symmetry, width, height, outlines: outlinesOf(drawing) };
}

/** The outlines of a first look and of a close one. */
function outlinesOf(drawing: Drawing): Outline[] {
  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  const side = Math.max(maxX - minX, maxY - minY);
  return PLACES.map((count, i) => outlineOf(drawing, count, FINENESS[i] * side));
}

/** Whether a drawing has a size, and more than dots, and specks that are dots beside it. */
export function hasOutline(drawing: Drawing): boolean {
  return linesOf(drawing) !== undefined;
}

/** The outlines of a drawing that has more than dots and specks, and a size; undefined of others. */
function linesOf(drawing: Drawing): Outline[] | undefined {
  if (!hasSize(lengthOf(drawing))) return undefined;
  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  const least = SHORT * Math.max(maxX - minX, maxY - minY);
  const hasLine = drawing.some((stroke) => lengthOf([stroke]) > least);
  const outlines = hasLine ? outlinesOf(drawing) : [];
  return hasLine && outlines.every((outline) => radiusOf(outline) > 0) ? outlines : undefined; // NaN: there is no piece
}

/** The square root of the mean square distance from the middle. */
function radiusOf(outline: Outline): number {
  const { xx, yy } = spreadOf(outline, middleOf(outline));
  return Math.sqrt(xx + yy);
}

/**
 * Fits a shape to a drawing: the scale, angle and place, and where that helps the mirror, with which they are closest to
 * each other, whatever strokes either was drawn in. Parts that are not drawn yet and strokes that do not belong there count
 * for little.
 *
 * @param shape Of {@linkcode prototypeShape}.
 * @param drawing Of any units.
 * @param options `mirror`: whether the shape may be mirrored; true when left out. `within`: from how far either way it may be
 * turned at first, in degrees, 0 or more; 180 when left out.
 * @returns Undefined where the drawing, or the shape, has no line, only dots and specks; and where one of the drawing's
 * coordinates is not finite, or its lines are longer than 1e70.
 * @throws {RangeError} When `within` is not 0 or more.
 *
 * @example
 * ```ts
 * import { fitPrototype, prototypeShape } from "@strokewise/strokewise/pipelines";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const square = prototypeShape([[[0, 1, 1, 0, 0], [0, 0, 1, 1, 0]]]);
 * const drawn = [[[0, 30], [10, 50]], [[-40, -10], [40, 80]], [[-10, 30], [80, 50]], [[-40, 0], [40, 10]]]; // by sides
 * const { scale, angle, residual } = fitPrototype(square, drawn as [number[], number[]][])!;
 * assertAlmostEquals(scale, 50, 0.5);
 * assertAlmostEquals(angle, -36.87, 0.5); // 3, 4, 5: 53.13 clockwise look the same
 * assertEquals(residual < 0.01, true);
 * ```
 */
export function fitPrototype(
  shape: PrototypeShape,
  drawing: Drawing,
  { mirror = true, within = 180 }: { readonly mirror?: boolean; readonly within?: number } = {},
): PrototypeFit | undefined {
  if (!(within >= 0)) throw new RangeError(`cannot fit a shape within ${within} degrees: expected 0 or more`);
  const outlines = linesOf(drawing);
  if (outlines === undefined) return undefined;
  const size = 2 * radiusOf(outlines[1]);
  const alignments = outlines.map((outline, i) => new Alignment(shape.outlines[i], outline));
  let fits = startsOf(shape, outlines[0], { mirror, within }).map((similarity): Candidate => ({ similarity }));
  for (const { fine, tolerance, steps, keep } of LOOKS) {
    const alignment = alignments[fine];
    fits = fits.map(({ similarity }) => {
      const better = alignment.improve(similarity, tolerance * size, steps);
      return { similarity: better, apart: alignment.measure(better, tolerance * size) };
    }).sort((a, b) => a.apart.cost - b.apart.cost).slice(0, keep);
  }
  const limit = TIE * fits[0].apart!.cost + TIE_COST;
  const plainness = ({ similarity }: Candidate) =>
    (similarity.mirrored ? 360 : 0) + STEP * Math.round(Math.abs(angleOf(similarity, shape.symmetry)) / STEP);
  const good = fits.filter(({ apart }) => apart!.cost <= limit).sort((a, b) => plainness(a) - plainness(b));
  if (good.length === 0) return undefined; // no distance is a number: the shape has nothing but specks
  return described(shape, good[0].similarity, good[0].apart!);
}

/** The angle of a similarity, of those that look the same the one nearest to 0. */
function angleOf({ cos, sin }: Similarity, { turn }: Symmetry): number {
  const angle = Math.atan2(sin, cos) * 180 / Math.PI;
  return turn === 0 ? 0 : angle - turn * Math.round(angle / turn);
}

/** A fit, and how good it is once it was looked at. */
interface Candidate {
  readonly similarity: Similarity;
  readonly apart?: Apart;
}

function startsOf(
  shape: PrototypeShape,
  drawing: Outline,
  { mirror, within }: { readonly mirror: boolean; readonly within: number },
): Similarity[] {
  const [outline] = shape.outlines;
  const [from, to] = [middleOf(outline), middleOf(drawing)];
  const scale = radiusOf(drawing) / radiusOf(outline);
  const { turn, mirror: own } = shape.symmetry;
  const count = Math.max(1, Math.round(turn / STEP));
  const angles = Array.from({ length: count }, (_, i) => i * turn / count - (2 * i > count ? turn : 0))
    .filter((angle) => Math.abs(angle) <= within);
  const sides = mirror && own === undefined ? [false, true] : [false];
  return sides.flatMap((mirrored) =>
    angles.flatMap((angle) => SIZES.map((size) => turnAbout(from, to, { angle, scale: size * scale, mirrored })))
  );
}

function described(shape: PrototypeShape, similarity: Similarity, apart: Apart): PrototypeFit {
  const scale = scaleOf(similarity);
  const angle = angleOf(similarity, shape.symmetry);
  const side = scale * Math.max(shape.width, shape.height);
  return {
    drawing: movedDrawing(similarity, shape.drawing),
    ...{ scale, angle, mirrored: similarity.mirrored, move: [similarity.moveX, similarity.moveY] },
    ...{ width: scale * shape.width, height: scale * shape.height },
    residual: (apart.drawingToShape + apart.shapeToDrawing) / 2 / side,
    ...{ drawn: apart.drawn, explained: apart.meant },
  };
}
