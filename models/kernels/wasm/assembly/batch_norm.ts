// Batch normalization of the columns of a matrix, and what follows it; and its gradient.

import { activateFloats, activationSlope } from "./activation";

// Numbers at a time, which stay in the first-level cache.
const BLOCK: i32 = 4096;

@inline
function rowsAtOnce(columns: i32): i32 {
  return max(1, BLOCK / columns);
}

@inline
function load4(from: usize, count: usize): v128 {
  return count >= 16 ? v128.load(from) : v128.load32_zero(from);
}

@inline
function store4(to: usize, value: v128, count: usize): void {
  if (count >= 16) v128.store(to, value);
  else v128.store32_lane(to, value, 0);
}

// Four columns at a time, of the last few one.
@inline
function wide(left: usize): usize {
  return left >= 16 ? 16 : 4;
}

// x [rows, columns] -> mean and mean squared distance from it, [columns] each. Blocks of rows have theirs, of which those
// of all are made: no square is of a number that is not a distance, so that a large mean leaves the variance its digits.
export function batchNormMoments(rows: i32, columns: i32, x: usize, mean: usize, variance: usize): void {
  const step = <usize>columns << 2, some = rowsAtOnce(columns);
  memory.fill(mean, 0, step);
  memory.fill(variance, 0, step);
  for (let first = 0; first < rows; first += some) {
    const count = min(some, rows - first);
    const share = f32x4.splat(<f32>count / <f32>(first + count)), each = f32x4.splat(<f32>1 / <f32>count);
    for (let c: usize = 0; c < step;) {
      const width = wide(step - c), from = x + c;
      let sum = f32x4.splat(0);
      for (let i = 0, at = from; i < count; i++, at += step) sum = f32x4.add(sum, load4(at, width));
      const centre = f32x4.mul(sum, each);
      let squares = f32x4.splat(0);
      for (let i = 0, at = from; i < count; i++, at += step) {
        const distance = f32x4.sub(load4(at, width), centre);
        squares = f32x4.relaxed_madd(distance, distance, squares);
      }
      const before = load4(mean + c, width), move = f32x4.sub(centre, before), spread = load4(variance + c, width);
      // Of n rows before and m here: (n V + m v) / (n + m) + n m / (n + m)^2 (centre - mean)^2.
      const far = f32x4.mul(f32x4.mul(move, move), f32x4.sub(f32x4.splat(1), share));
      const change = f32x4.add(f32x4.sub(f32x4.mul(squares, each), spread), far);
      store4(mean + c, f32x4.relaxed_madd(move, share, before), width);
      store4(variance + c, f32x4.relaxed_madd(change, share, spread), width);
      c += width;
    }
    x += <usize>count * step;
  }
}

// x [rows, columns] and the moments of each column -> y; `kind` and `slope` are the activation's.
export function batchNormForward(
  rows: i32, columns: i32, epsilon: f32, kind: i32, slope: f32,
  x: usize, gamma: usize, beta: usize, y: usize, mean: usize, variance: usize,
): void {
  const step = <usize>columns << 2, some = rowsAtOnce(columns);
  for (let first = 0; first < rows; first += some) {
    const count = min(some, rows - first);
    for (let c: usize = 0; c < step;) {
      const width = wide(step - c), centre = load4(mean + c, width), shift = load4(beta + c, width);
      const root = f32x4.sqrt(f32x4.add(load4(variance + c, width), f32x4.splat(epsilon)));
      const scale = f32x4.div(load4(gamma + c, width), root);
      for (let i = 0, at = c; i < count; i++, at += step) {
        store4(y + at, f32x4.relaxed_madd(f32x4.sub(load4(x + at, width), centre), scale, shift), width);
      }
      c += width;
    }
    activateFloats(y, <usize>(count * columns), kind, slope);
    x += <usize>count * step;
    y += <usize>count * step;
  }
}

// The gradients of what the activation was given, and their sums: with each row's distance from the mean, and as they are.
export function batchNormSums(
  rows: i32, columns: i32, kind: i32, slope: f32,
  dy: usize, x: usize, y: usize, mean: usize, dx: usize, products: usize, sums: usize,
): void {
  const step = <usize>columns << 2, some = rowsAtOnce(columns);
  memory.fill(products, 0, step);
  memory.fill(sums, 0, step);
  for (let first = 0; first < rows; first += some) {
    const count = min(some, rows - first), block = <usize>first * step;
    activationSlope(dx + block, dy + block, y + block, <usize>(count * columns), kind, slope);
    for (let c: usize = 0; c < step;) {
      const width = wide(step - c), centre = load4(mean + c, width);
      let sum = f32x4.splat(0), product = sum;
      for (let i = 0, at = block + c; i < count; i++, at += step) {
        const g = load4(dx + at, width);
        sum = f32x4.add(sum, g);
        product = f32x4.relaxed_madd(g, f32x4.sub(load4(x + at, width), centre), product);
      }
      store4(sums + c, f32x4.add(load4(sums + c, width), sum), width);
      store4(products + c, f32x4.add(load4(products + c, width), product), width);
      c += width;
    }
  }
}

// The gradient of x, over what batchNormSums has put there, and that of gamma, over `products`; dMean and dVariance are those
// of what the forward pass found.
export function batchNormBackward(
  rows: i32, columns: i32, epsilon: f32, x: usize, gamma: usize, mean: usize, variance: usize,
  dMean: usize, dVariance: usize, dx: usize, products: usize, sums: usize,
): void {
  const step = <usize>columns << 2, some = rowsAtOnce(columns);
  const each = f32x4.splat(<f32>1 / <f32>rows);
  for (let first = 0; first < rows; first += some) {
    const count = min(some, rows - first), block = <usize>first * step;
    for (let c: usize = 0; c < step;) {
      const width = wide(step - c), centre = load4(mean + c, width);
      const spread = f32x4.add(load4(variance + c, width), f32x4.splat(epsilon));
      const scale = f32x4.div(load4(gamma + c, width), f32x4.sqrt(spread));
      // dx = scale (g - mean g - (x - centre) mean g (x - centre) / spread) + (dMean + 2 (x - centre) dVariance) / rows
      const moved = f32x4.mul(each, f32x4.sub(load4(dMean + c, width), f32x4.mul(scale, load4(sums + c, width))));
      const along = f32x4.div(f32x4.mul(scale, load4(products + c, width)), spread), twice = load4(dVariance + c, width);
      const pulled = f32x4.mul(each, f32x4.sub(f32x4.add(twice, twice), along));
      for (let i = 0, at = block + c; i < count; i++, at += step) {
        const far = f32x4.relaxed_madd(f32x4.sub(load4(x + at, width), centre), pulled, moved);
        store4(dx + at, f32x4.relaxed_madd(load4(dx + at, width), scale, far), width);
      }
      c += width;
    }
  }
  for (let c: usize = 0; c < step; c += 4) {
    store<f32>(products + c, load<f32>(products + c) / sqrt<f32>(load<f32>(variance + c) + epsilon));
  }
}
