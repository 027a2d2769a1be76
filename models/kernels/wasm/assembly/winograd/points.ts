// Winograd's way (Lavin and Gray 2016, arXiv:1509.09308) through convolutions of stride 2 with 3 or 4 taps a side.
//
// Every second cell of an image, beginning with the first or the second, makes two images a side, of which every tap pair
// (w[0], w[2]) or (w[1], w[3]) is a convolution of stride 1. Four results of such a pair need five products, not eight:
// what the pair is at the points 0, 1, -1, 2 and infinity, as a polynomial, times what five cells become. A side of
// results of 3 or 4 taps takes 9 or 10 products in place of 12 or 16; an area their squares. All pairs go into the same
// results: they are further channels of one product of matrices for each point of both sides, of `phases` times as many.

// Points a side, and results.
export const POINTS: i32 = 5;
export const TILE: i32 = 4;
export const ALL_POINTS: i32 = 25;

// Cells of an image that four results reach, and by which the next four are further on.
export const REACH: i32 = 10;
export const STEP: i32 = 8;

// The second tap of a pair counts at infinity alone: of three taps, the pair (w[1], 0) is nothing there.
@inline
export function phases(taps: i32, point: i32): i32 {
  return taps == 3 && point == 4 ? 1 : 2;
}

// Five cells, and what they become: the interpolation of degree four, transposed.
@inline
export function cellsToPoints(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, to: usize, step: usize): void {
  const two = f32x4.splat(2), u = f32x4.sub(d3, d1);
  const v = f32x4.sub(d2, d3);
  v128.store(to, f32x4.relaxed_madd(two, f32x4.sub(d0, d2), u));
  v128.store(to + step, f32x4.relaxed_madd(two, d1, v));
  v128.store(to + 2 * step, f32x4.relaxed_madd(two, f32x4.sub(d2, d1), v));
  v128.store(to + 3 * step, u);
  v128.store(to + 4 * step, f32x4.sub(f32x4.sub(d4, d2), f32x4.add(u, u)));
}

// The gradients of five cells from those of their points.
@inline
export function pointsToCells(e0: v128, e1: v128, e2: v128, e3: v128, e4: v128, to: usize, step: usize): void {
  const two = f32x4.splat(2), u = f32x4.sub(f32x4.add(e0, e3), f32x4.add(e4, e4)), v = f32x4.sub(e1, e2);
  v128.store(to, f32x4.add(e0, e0));
  v128.store(to + step, f32x4.relaxed_madd(two, v, f32x4.neg(u)));
  v128.store(to + 2 * step, f32x4.sub(f32x4.add(e1, f32x4.mul(f32x4.splat(3), e2)), f32x4.add(f32x4.add(e0, e0), e4)));
  v128.store(to + 3 * step, f32x4.sub(u, f32x4.add(e1, e2)));
  v128.store(to + 4 * step, e4);
}

// Four results of the products at five points.
@inline
export function pointsToResults(e0: v128, e1: v128, e2: v128, e3: v128, e4: v128, to: usize, step: usize): void {
  const sum = f32x4.add(e1, e2), difference = f32x4.sub(e1, e2);
  v128.store(to, f32x4.add(f32x4.add(e0, e3), sum));
  v128.store(to + step, f32x4.relaxed_madd(f32x4.splat(2), e3, difference));
  v128.store(to + 2 * step, f32x4.relaxed_madd(f32x4.splat(4), e3, sum));
  v128.store(to + 3 * step, f32x4.add(f32x4.relaxed_madd(f32x4.splat(8), e3, difference), e4));
}

// The gradients of the products from those of four results.
@inline
export function resultsToPoints(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, step: usize): void {
  const even = f32x4.add(y0, y2), odd = f32x4.add(y1, y3);
  v128.store(to, y0);
  v128.store(to + step, f32x4.add(even, odd));
  v128.store(to + 2 * step, f32x4.sub(even, odd));
  const far = f32x4.relaxed_madd(f32x4.splat(8), y3, f32x4.mul(f32x4.splat(4), y2));
  v128.store(to + 3 * step, f32x4.add(f32x4.relaxed_madd(f32x4.splat(2), y1, y0), far));
  v128.store(to + 4 * step, y3);
}

// A pair of taps at the points, with the divisors of the interpolation.
@inline
export function tapsToPoints(w0: v128, w1: v128, to: usize, step: usize): void {
  const half = f32x4.splat(0.5), sixth = f32x4.splat(1.0 / 6);
  v128.store(to, f32x4.mul(half, w0));
  v128.store(to + step, f32x4.mul(half, f32x4.add(w0, w1)));
  v128.store(to + 2 * step, f32x4.mul(sixth, f32x4.sub(w0, w1)));
  v128.store(to + 3 * step, f32x4.mul(sixth, f32x4.add(w0, f32x4.add(w1, w1))));
  v128.store(to + 4 * step, w1);
}

// The gradients of a pair of taps from those of its points.
@inline
export function pointsToTaps(g0: v128, g1: v128, g2: v128, g3: v128, g4: v128, to: usize, step: usize): void {
  const half = f32x4.splat(0.5), sixth = f32x4.splat(1.0 / 6);
  const b = f32x4.mul(half, g1), c = f32x4.mul(sixth, g2), d = f32x4.mul(sixth, g3);
  v128.store(to, f32x4.add(f32x4.add(f32x4.mul(half, g0), b), f32x4.add(c, d)));
  v128.store(to + step, f32x4.add(f32x4.add(f32x4.sub(b, c), f32x4.add(d, d)), g4));
}
