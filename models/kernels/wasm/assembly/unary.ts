// Functions of single numbers that losses of images take of every pixel; x and y may be the same.

import { exp4, log4, tanh4, writeTanhTable } from "./math";

// 1 / (1 + e^-x), to a few units in the last place on both sides.
@inline
function logistic4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

// ln(1 + e^x) = max(x, 0) + ln(1 + e), e = e^-|x|. What 1 + e rounds away is put back, as a share of the sum.
@inline
function softplus4(x: v128): v128 {
  const one = f32x4.splat(1), e = exp4(f32x4.neg(f32x4.abs(x)));
  const sum = f32x4.add(one, e), lost = f32x4.sub(e, f32x4.sub(sum, one));
  const log = f32x4.add(log4(sum), f32x4.div(lost, sum));
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), log);
}

export function sigmoidFloats(count: i32, x: usize, y: usize): void {
  const end = y + (<usize>count << 2);
  for (; y + 16 <= end; x += 16, y += 16) v128.store(y, logistic4(v128.load(x)));
  for (; y < end; x += 4, y += 4) v128.store32_lane(y, logistic4(v128.load32_zero(x)), 0);
}

export function softplusFloats(count: i32, x: usize, y: usize): void {
  const end = y + (<usize>count << 2);
  for (; y + 16 <= end; x += 16, y += 16) v128.store(y, softplus4(v128.load(x)));
  for (; y < end; x += 4, y += 4) v128.store32_lane(y, softplus4(v128.load32_zero(x)), 0);
}

export function tanhFloats(count: i32, x: usize, y: usize, table: usize): void {
  const end = y + (<usize>count << 2);
  writeTanhTable(table);
  for (; y + 16 <= end; x += 16, y += 16) v128.store(y, tanh4(v128.load(x), table));
  for (; y < end; x += 4, y += 4) v128.store32_lane(y, tanh4(v128.load32_zero(x), table), 0);
}
