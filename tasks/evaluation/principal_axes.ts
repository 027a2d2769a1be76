/**
 * The plane in which points of a space of many dimensions differ most: principal components (Pearson 1901), by Jacobi's
 * method for the eigenvectors of a symmetric matrix (1846), which needs no luck and loses no digits.
 *
 * N points, Z dimensions.
 *
 * @module
 */

/** Eigenvalues from the greatest to the least, and their eigenvectors, of length 1, one after another. */
export interface Eigen {
  /** [Z]. */
  readonly values: Float64Array;
  /** [Z, Z]; a row an eigenvector, its greatest element positive. */
  readonly vectors: Float64Array;
}

/** Sweeps over all pairs of dimensions; after ten of them nothing is left even of large matrices. */
const MOST_SWEEPS = 60;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix.
 *
 * @param matrix Float64 [Z, Z], symmetric.
 *
 * @example
 * ```ts
 * import { eigenOf } from "./principal_axes.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { values, vectors } = eigenOf(Float64Array.of(2, 1, 1, 2), 2);
 * [3, 1].forEach((value, i) => assertAlmostEquals(values[i], value, 1e-12));
 * [Math.SQRT1_2, Math.SQRT1_2].forEach((value, i) => assertAlmostEquals(vectors[i], value, 1e-12));
 * ```
 */
export function eigenOf(matrix: Float64Array, size: number): Eigen {
  const a = matrix.slice();
  const v = new Float64Array(size * size); // columns become eigenvectors
  for (let i = 0; i < size; i++) v[i * size + i] = 1;
  const total = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) off += a[p * size + q] ** 2;
    if (off <= 1e-30 * total) break;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, v, { size, p, q });
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => a[j * size + j] - a[i * size + i]);
  const vectors = new Float64Array(size * size);
  order.forEach((column, row) => {
    const vector = Float64Array.from({ length: size }, (_, i) => v[i * size + column]);
    const greatest = vector.reduce((most, value) => Math.abs(value) > Math.abs(most) ? value : most, 0);
    vectors.set(greatest < 0 ? vector.map((value) => -value) : vector, row * size);
  });
  return { values: Float64Array.from(order, (i) => a[i * size + i]), vectors };
}

/** Turns dimensions p and q so that nothing is left between them (Golub and Van Loan, Matrix Computations, 8.5.2). */
function rotate(
  a: Float64Array,
  v: Float64Array,
  { size, p, q }: { readonly size: number; readonly p: number; readonly q: number },
): void {
  const between = a[p * size + q];
  if (between === 0) return;
  const tau = (a[q * size + q] - a[p * size + p]) / (2 * between);
  const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.hypot(1, tau));
  const c = 1 / Math.hypot(1, t), s = t * c;
  for (let k = 0; k < size; k++) turn(a, k * size + p, k * size + q);
  for (let k = 0; k < size; k++) turn(a, p * size + k, q * size + k);
  for (let k = 0; k < size; k++) turn(v, k * size + p, k * size + q);

  function turn(values: Float64Array, i: number, j: number): void {
    const [x, y] = [values[i], values[j]];
    values[i] = c * x - s * y;
    values[j] = s * x + c * y;
  }
}

/** Points in their plane. */
export interface PrincipalPlane {
  /** Where each lies, [N, 2]; the middle of all is at (0, 0). */
  readonly places: Float64Array;
  /** The share of all variance that lies along each of the two axes, 0 to 1. */
  readonly shares: readonly [number, number];
}

/**
 * The plane in which points differ most.
 *
 * @param points Numbers [N, Z], N and Z 1 or more.
 *
 * @example Points on a line
 * ```ts
 * import { principalPlane } from "./principal_axes.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { places, shares } = principalPlane([0, 0, 3, 4], 2);
 * assertAlmostEquals(places[2] - places[0], 5);
 * assertAlmostEquals(shares[0], 1);
 * ```
 */
export function principalPlane(points: ArrayLike<number>, size: number): PrincipalPlane {
  const count = points.length / size;
  const mean = new Float64Array(size);
  for (let i = 0; i < points.length; i++) mean[i % size] += points[i] / count;
  const covariance = new Float64Array(size * size);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < size; i++) {
      const off = points[n * size + i] - mean[i];
      for (let j = 0; j < size; j++) covariance[i * size + j] += off * (points[n * size + j] - mean[j]) / count;
    }
  }
  const { values, vectors } = eigenOf(covariance, size);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const places = new Float64Array(2 * count); // [N, 2]
  for (let n = 0; n < count; n++) {
    for (let axis = 0; axis < Math.min(2, size); axis++) {
      for (let i = 0; i < size; i++) {
        places[2 * n + axis] += vectors[axis * size + i] * (points[n * size + i] - mean[i]);
      }
    }
  }
  const share = (axis: number) => total > 0 ? Math.max(0, values[axis] ?? 0) / total : 0;
  return { places, shares: [share(0), share(1)] };
}
