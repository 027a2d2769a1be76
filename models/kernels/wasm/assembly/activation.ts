// What follows a linear function, number by number; and its slope, which all of them tell from the value itself.

import { exp4 } from "./math";
import { addRows, folded, sumFolds } from "./sum_rows";

// The numbers by which kernels name activations; `slope` is LEAKY_RELU's below 0.
export const LINEAR: i32 = 0;
const RELU: i32 = 1;
const LEAKY_RELU: i32 = 2;
const ELU: i32 = 3;

@inline
function activate4(x: v128, kind: i32, slope: v128): v128 {
  const zero = f32x4.splat(0);
  if (kind == RELU) return f32x4.pmax(x, zero); // a NaN stays one
  const below = f32x4.lt(x, zero);
  if (kind == LEAKY_RELU) return v128.bitselect(f32x4.mul(x, slope), x, below);
  return v128.any_true(below) ? v128.bitselect(expMinusOne4(x), x, below) : x;
}

// e^x - 1 of numbers below 0: near 0 by its Taylor series, as a difference would leave few digits.
@inline
function expMinusOne4(x: v128): v128 {
  let p = f32x4.relaxed_madd(x, f32x4.splat(1.0 / 5040), f32x4.splat(1.0 / 720));
  p = f32x4.relaxed_madd(x, p, f32x4.splat(1.0 / 120));
  p = f32x4.relaxed_madd(x, p, f32x4.splat(1.0 / 24));
  p = f32x4.relaxed_madd(x, p, f32x4.splat(1.0 / 6));
  p = f32x4.relaxed_madd(x, p, f32x4.splat(0.5));
  p = f32x4.relaxed_madd(f32x4.mul(x, x), p, x);
  const far = f32x4.sub(exp4(x), f32x4.splat(1));
  return v128.bitselect(far, p, f32x4.lt(x, f32x4.splat(-0.5)));
}

// dy times the slope where the value is y.
@inline
function slope4(dy: v128, y: v128, kind: i32, slope: v128): v128 {
  const zero = f32x4.splat(0);
  if (kind == RELU) return v128.and(dy, f32x4.gt(y, zero));
  if (kind == LEAKY_RELU) return v128.bitselect(dy, f32x4.mul(dy, slope), f32x4.gt(y, zero));
  return f32x4.relaxed_madd(dy, f32x4.min(y, zero), dy);
}

// In place. Each kind has a loop of its own, in which nothing asks for it.
export function activateFloats(values: usize, count: usize, kind: i32, slope: f32): void {
  if (kind == LINEAR) return;
  if (kind == RELU) activateAll(values, count, RELU, slope);
  else if (kind == LEAKY_RELU) activateAll(values, count, LEAKY_RELU, slope);
  else activateAll(values, count, ELU, slope);
}

@inline
function activateAll(values: usize, count: usize, kind: i32, slope: f32): void {
  const slopes = f32x4.splat(slope), end = values + (count << 2);
  for (; values + 16 <= end; values += 16) v128.store(values, activate4(v128.load(values), kind, slopes));
  for (; values < end; values += 4) v128.store32_lane(values, activate4(v128.load32_zero(values), kind, slopes), 0);
}

@inline
function slopeAll(to: usize, dy: usize, y: usize, count: usize, kind: i32, slope: f32): void {
  const slopes = f32x4.splat(slope), end = to + (count << 2);
  for (; to + 16 <= end; to += 16, dy += 16, y += 16) {
    v128.store(to, slope4(v128.load(dy), v128.load(y), kind, slopes));
  }
  for (; to < end; to += 4, dy += 4, y += 4) {
    v128.store32_lane(to, slope4(v128.load32_zero(dy), v128.load32_zero(y), kind, slopes), 0);
  }
}

// dx = dy times the slope where the value is y.
export function activationSlope(to: usize, dy: usize, y: usize, count: usize, kind: i32, slope: f32): void {
  if (kind == LINEAR) memory.copy(to, dy, count << 2);
  else if (kind == RELU) slopeAll(to, dy, y, count, RELU, slope);
  else if (kind == LEAKY_RELU) slopeAll(to, dy, y, count, LEAKY_RELU, slope);
  else slopeAll(to, dy, y, count, ELU, slope);
}

// Numbers at a time, which stay in the first-level cache.
const BLOCK: i32 = 4096;

// dx [rows, columns] = dy times the slope where the value is y, and its sums over rows, the gradient of a bias. Of what is
// linear, dx is not written: it is dy.
export function activationGrad(
  rows: i32, columns: i32, kind: i32, slope: f32, dy: usize, y: usize, dx: usize, sums: usize, scratch: usize,
): void {
  const many = folded(columns), width = many * columns, whole = rows / many;
  const step = <usize>width << 2, from = kind == LINEAR ? dy : dx;
  memory.fill(scratch, 0, step);
  const block = max(1, BLOCK / width);
  for (let first = 0; first < whole; first += block) {
    const count = min(block, whole - first), at = <usize>first * step;
    if (kind != LINEAR) activationSlope(dx + at, dy + at, y + at, <usize>(count * width), kind, slope);
    addRows(count, width, from + at, scratch);
  }
  const rest = <usize>whole * step;
  if (kind != LINEAR) {
    activationSlope(dx + rest, dy + rest, y + rest, <usize>((rows - whole * many) * columns), kind, slope);
  }
  sumFolds(rows, columns, 1, from, sums, scratch);
}
