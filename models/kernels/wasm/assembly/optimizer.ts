// One step of an optimizer, one of a moving average, and the sum of squares. Where `decay` is 0, 0 x + step is the step
// bit for bit.
//
// What decays towards 0, step after step where a gradient is 0, must not become subnormal. Moments, velocities and averages
// are flushed. A mean of squares has a floor added, which comes to the square of a gradient of 1e-18: beside an epsilon of
// 1e-8 it moves no weight, and one multiplication and addition in one never makes a subnormal number on its way.

import { flush1, flush4 } from "./math";

const FLOOR: f32 = 1e-36;

export function adamUpdate(
  size: i32, variable: usize, m: usize, v: usize, gradient: usize, scale: usize,
  rate: f32, vScale: f32, beta1: f32, beta2: f32, rest1: f32, rest2: f32, epsilon: f32, decay: f32,
): void {
  const bytes = <usize>size << 2;
  const factor = v128.load32_splat(scale), rates = f32x4.splat(rate), decays = f32x4.splat(decay);
  const keep1 = f32x4.splat(beta1), take1 = f32x4.splat(rest1), keep2 = f32x4.splat(beta2), take2 = f32x4.splat(rest2);
  const vScales = f32x4.splat(vScale), epsilons = f32x4.splat(epsilon);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const g = f32x4.mul(v128.load(gradient + i), factor);
    const mean = flush4(f32x4.relaxed_madd(keep1, v128.load(m + i), f32x4.mul(take1, g)));
    const new2 = f32x4.relaxed_madd(f32x4.mul(take2, g), g, f32x4.splat(FLOOR));
    const square = f32x4.relaxed_madd(keep2, v128.load(v + i), new2);
    const root = f32x4.relaxed_madd(f32x4.sqrt(square), vScales, epsilons);
    v128.store(m + i, mean);
    v128.store(v + i, square);
    const x = v128.load(variable + i), step = f32x4.div(f32x4.mul(rates, mean), root);
    v128.store(variable + i, f32x4.sub(x, f32x4.relaxed_madd(decays, x, step)));
  }
  for (; i < bytes; i += 4) {
    const g = load<f32>(gradient + i) * load<f32>(scale);
    const mean = flush1(beta1 * load<f32>(m + i) + rest1 * g);
    const square = beta2 * load<f32>(v + i) + (rest2 * g * g + FLOOR);
    store<f32>(m + i, mean);
    store<f32>(v + i, square);
    const x = load<f32>(variable + i);
    store<f32>(variable + i, x - (decay * x + rate * mean / (sqrt<f32>(square) * vScale + epsilon)));
  }
}

// Without momentum the address of `velocity` is 0.
export function rmspropUpdate(
  size: i32, variable: usize, meanSquare: usize, velocity: usize, gradient: usize, scale: usize,
  rate: f32, rho: f32, rest: f32, momentum: f32, epsilon: f32, decay: f32,
): void {
  const bytes = <usize>size << 2;
  const factor = v128.load32_splat(scale), rates = f32x4.splat(rate), decays = f32x4.splat(decay);
  const keep = f32x4.splat(rho), take = f32x4.splat(rest), momenta = f32x4.splat(momentum);
  const epsilons = f32x4.splat(epsilon);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const g = f32x4.mul(v128.load(gradient + i), factor);
    const new2 = f32x4.relaxed_madd(f32x4.mul(take, g), g, f32x4.splat(FLOOR));
    const square = f32x4.relaxed_madd(keep, v128.load(meanSquare + i), new2);
    let step = f32x4.div(g, f32x4.add(f32x4.sqrt(square), epsilons));
    v128.store(meanSquare + i, square);
    if (velocity) {
      step = flush4(f32x4.relaxed_madd(momenta, v128.load(velocity + i), step));
      v128.store(velocity + i, step);
    }
    const x = v128.load(variable + i);
    v128.store(variable + i, f32x4.sub(x, f32x4.relaxed_madd(decays, x, f32x4.mul(rates, step))));
  }
  for (; i < bytes; i += 4) {
    const g = load<f32>(gradient + i) * load<f32>(scale);
    const square = rho * load<f32>(meanSquare + i) + (rest * g * g + FLOOR);
    let step = g / (sqrt<f32>(square) + epsilon);
    store<f32>(meanSquare + i, square);
    if (velocity) {
      step = flush1(momentum * load<f32>(velocity + i) + step);
      store<f32>(velocity + i, step);
    }
    const x = load<f32>(variable + i);
    store<f32>(variable + i, x - (decay * x + rate * step));
  }
}

// Without momentum the address of `velocity` is 0; `nesterov` is 0 or 1.
export function sgdUpdate(
  size: i32, variable: usize, velocity: usize, gradient: usize, scale: usize,
  rate: f32, momentum: f32, nesterov: i32, decay: f32,
): void {
  const bytes = <usize>size << 2;
  const factor = v128.load32_splat(scale), rates = f32x4.splat(rate), decays = f32x4.splat(decay);
  const momenta = f32x4.splat(momentum);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const g = f32x4.mul(v128.load(gradient + i), factor);
    let step = g;
    if (velocity) {
      step = flush4(f32x4.relaxed_madd(momenta, v128.load(velocity + i), g));
      v128.store(velocity + i, step);
      if (nesterov) step = f32x4.relaxed_madd(momenta, step, g);
    }
    const x = v128.load(variable + i);
    v128.store(variable + i, f32x4.sub(x, f32x4.relaxed_madd(decays, x, f32x4.mul(rates, step))));
  }
  for (; i < bytes; i += 4) {
    const g = load<f32>(gradient + i) * load<f32>(scale);
    let step = g;
    if (velocity) {
      step = flush1(momentum * load<f32>(velocity + i) + g);
      store<f32>(velocity + i, step);
      if (nesterov) step = momentum * step + g;
    }
    const x = load<f32>(variable + i);
    store<f32>(variable + i, x - (decay * x + rate * step));
  }
}

export function moveTowards(size: i32, x: usize, goal: usize, weight: f32): void {
  const bytes = <usize>size << 2;
  const weights = f32x4.splat(weight);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const now = v128.load(x + i);
    v128.store(x + i, flush4(f32x4.relaxed_madd(weights, f32x4.sub(v128.load(goal + i), now), now)));
  }
  for (; i < bytes; i += 4) {
    const now = load<f32>(x + i);
    store<f32>(x + i, flush1(now + weight * (load<f32>(goal + i) - now)));
  }
}

// In double precision: single sums of a million squares are off in the fifth digit.
export function squaredSum(size: i32, x: usize, sum: usize): void {
  let a = f64x2.splat(0), b = a, c = a, d = a;
  const end = x + (<usize>(size & ~7) << 2);
  while (x < end) {
    const p = f64x2.promote_low_f32x4(v128.load64_zero(x)), q = f64x2.promote_low_f32x4(v128.load64_zero(x, 8));
    const r = f64x2.promote_low_f32x4(v128.load64_zero(x, 16)), s = f64x2.promote_low_f32x4(v128.load64_zero(x, 24));
    a = f64x2.relaxed_madd(p, p, a);
    b = f64x2.relaxed_madd(q, q, b);
    c = f64x2.relaxed_madd(r, r, c);
    d = f64x2.relaxed_madd(s, s, d);
    x += 32;
  }
  const all = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let total = f64x2.extract_lane(all, 0) + f64x2.extract_lane(all, 1);
  const last = x + (<usize>(size & 7) << 2);
  for (; x < last; x += 4) {
    const value = <f64>load<f32>(x);
    total += value * value;
  }
  store<f32>(sum, <f32>total);
}
