// Layer normalization of rows, and back; see ops/layer_norm.ts for what it is. `stats` keeps the mean of each row and 1 /
// its standard deviation.

import { four, put } from "./floats";
import { sum4 } from "./math";

const EPSILON: f32 = 1e-5;

// x [rows, width], gamma and beta [width] -> y [rows, width], stats [rows, 2].
export function layerNormForward(
  rows: i32, width: i32, x: usize, gamma: usize, beta: usize, y: usize, stats: usize,
): void {
  const row = <usize>width << 2, share: f32 = 1 / <f32>width;
  for (let i = 0; i < rows; i++) {
    let sum = f32x4.splat(0);
    for (let j: usize = 0; j < row;) {
      const whole = j + 16 <= row;
      sum = f32x4.add(sum, four(x + j, whole));
      j += whole ? 16 : 4;
    }
    const mean = sum4(sum) * share, means = f32x4.splat(mean);
    let squares: f32 = 0;
    for (let j: usize = 0; j < row;) {
      const whole = j + 16 <= row;
      const d = f32x4.sub(four(x + j, whole), means), d2 = f32x4.mul(d, d);
      squares += whole ? sum4(d2) : f32x4.extract_lane(d2, 0);
      j += whole ? 16 : 4;
    }
    const sharpness: f32 = 1 / sqrt<f32>(squares * share + EPSILON), sharp = f32x4.splat(sharpness);
    for (let j: usize = 0; j < row;) {
      const whole = j + 16 <= row;
      const n = f32x4.mul(f32x4.sub(four(x + j, whole), means), sharp);
      put(y + j, f32x4.relaxed_madd(four(gamma + j, whole), n, four(beta + j, whole)), whole);
      j += whole ? 16 : 4;
    }
    store<f32>(stats, mean);
    store<f32>(stats, sharpness, 4);
    x += row;
    y += row;
    stats += 8;
  }
}

// The gradients of x, gamma and beta.
export function layerNormBackward(
  rows: i32, width: i32, dy: usize, x: usize, gamma: usize, stats: usize, dx: usize, dGamma: usize, dBeta: usize,
): void {
  const row = <usize>width << 2, share: f32 = 1 / <f32>width;
  memory.fill(dGamma, 0, row);
  memory.fill(dBeta, 0, row);
  for (let i = 0; i < rows; i++) {
    const mean = f32x4.splat(load<f32>(stats)), sharp = f32x4.splat(load<f32>(stats, 4));
    let first = f32x4.splat(0), second = first; // sums of the gradient, and of it times what is normalized
    for (let j: usize = 0; j < row;) {
      const whole = j + 16 <= row;
      const d = four(dy + j, whole);
      let n = f32x4.mul(f32x4.sub(four(x + j, whole), mean), sharp);
      put(dGamma + j, f32x4.relaxed_madd(d, n, four(dGamma + j, whole)), whole);
      put(dBeta + j, f32x4.add(d, four(dBeta + j, whole)), whole);
      const g = f32x4.mul(d, four(gamma + j, whole)); // zeros where there are no four, which no sum counts
      first = f32x4.add(first, g);
      second = f32x4.relaxed_madd(g, n, second);
      j += whole ? 16 : 4;
    }
    const m1 = f32x4.splat(sum4(first) * share), m2 = f32x4.splat(sum4(second) * share);
    for (let j: usize = 0; j < row;) {
      const whole = j + 16 <= row;
      const n = f32x4.mul(f32x4.sub(four(x + j, whole), mean), sharp);
      const g = f32x4.mul(four(dy + j, whole), four(gamma + j, whole));
      put(dx + j, f32x4.mul(sharp, f32x4.sub(f32x4.sub(g, m1), f32x4.mul(n, m2))), whole);
      j += whole ? 16 : 4;
    }
    dy += row;
    x += row;
    dx += row;
    stats += 8;
  }
}
