// One step of Adam or RMSProp, and the sum of squares.

import { sum4 } from "./math";

export function adamUpdate(
  size: i32, variable: usize, m: usize, v: usize, gradient: usize, scale: usize,
  rate: f32, vScale: f32, beta1: f32, beta2: f32, rest1: f32, rest2: f32, epsilon: f32,
): void {
  const end = variable + (<usize>(size & ~3) << 2);
  const factor = v128.load32_splat(scale);
  while (variable < end) {
    const g = f32x4.mul(v128.load(gradient), factor);
    const mean = f32x4.relaxed_madd(f32x4.splat(beta1), v128.load(m), f32x4.mul(f32x4.splat(rest1), g));
    const square = f32x4.relaxed_madd(f32x4.splat(beta2), v128.load(v), f32x4.mul(f32x4.splat(rest2), f32x4.mul(g, g)));
    const root = f32x4.relaxed_madd(f32x4.sqrt(square), f32x4.splat(vScale), f32x4.splat(epsilon));
    v128.store(m, mean);
    v128.store(v, square);
    v128.store(variable, f32x4.sub(v128.load(variable), f32x4.div(f32x4.mul(f32x4.splat(rate), mean), root)));
    variable += 16;
    m += 16;
    v += 16;
    gradient += 16;
  }
  const last = variable + (<usize>(size & 3) << 2);
  while (variable < last) {
    const g = load<f32>(gradient) * load<f32>(scale);
    const mean = beta1 * load<f32>(m) + rest1 * g;
    const square = beta2 * load<f32>(v) + rest2 * (g * g);
    store<f32>(m, mean);
    store<f32>(v, square);
    store<f32>(variable, load<f32>(variable) - rate * mean / (sqrt<f32>(square) * vScale + epsilon));
    variable += 4;
    m += 4;
    v += 4;
    gradient += 4;
  }
}

// Without momentum the address of `velocity` is 0.
export function rmspropUpdate(
  size: i32, variable: usize, meanSquare: usize, velocity: usize, gradient: usize, scale: usize,
  rate: f32, rho: f32, rest: f32, momentum: f32, epsilon: f32,
): void {
  const bytes = <usize>size << 2;
  const factor = v128.load32_splat(scale);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const g = f32x4.mul(v128.load(gradient + i), factor);
    const squares = f32x4.mul(f32x4.splat(rest), f32x4.mul(g, g));
    const square = f32x4.relaxed_madd(f32x4.splat(rho), v128.load(meanSquare + i), squares);
    let step = f32x4.div(g, f32x4.add(f32x4.sqrt(square), f32x4.splat(epsilon)));
    v128.store(meanSquare + i, square);
    if (velocity) {
      step = f32x4.relaxed_madd(f32x4.splat(momentum), v128.load(velocity + i), step);
      v128.store(velocity + i, step);
    }
    v128.store(variable + i, f32x4.sub(v128.load(variable + i), f32x4.mul(f32x4.splat(rate), step)));
  }
  for (; i < bytes; i += 4) {
    const g = load<f32>(gradient + i) * load<f32>(scale);
    const square = rho * load<f32>(meanSquare + i) + rest * (g * g);
    let step = g / (sqrt<f32>(square) + epsilon);
    store<f32>(meanSquare + i, square);
    if (velocity) {
      step = momentum * load<f32>(velocity + i) + step;
      store<f32>(velocity + i, step);
    }
    store<f32>(variable + i, load<f32>(variable + i) - rate * step);
  }
}

export function squaredSum(size: i32, x: usize, sum: usize): void {
  let a = f32x4.splat(0), b = a;
  const end = x + (<usize>(size & ~7) << 2);
  while (x < end) {
    const p = v128.load(x), q = v128.load(x, 16);
    a = f32x4.relaxed_madd(p, p, a);
    b = f32x4.relaxed_madd(q, q, b);
    x += 32;
  }
  let total = sum4(f32x4.add(a, b));
  const last = x + (<usize>(size & 7) << 2);
  for (; x < last; x += 4) total += load<f32>(x) * load<f32>(x);
  store<f32>(sum, total);
}
