// The Gaussian filters of attention windows, and back; see kernels/window_filters.ts for what they are.

import { exp4, flush1, flush4, sum4, tanh1, writeTanhTable } from "./math";

// A weight below this becomes 0: beside the sum of a filter, 1 or more, it is nothing, and the product of two that stay is
// no subnormal number.
const FAINTEST: f32 = 1e-18;

@inline
function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

// 10 tanh(x / 10).
@inline
function bend(x: f32, table: usize): f32 {
  return 10 * tanh1(x / 10, table);
}

@inline
function unstride(filters: i32, side: i32): f32 {
  return <f32>(side - 1) / <f32>max(filters - 1, 1);
}

// raw [B, 5] -> banks [2, B, N, S], the columns' filters first.
export function windowFilters(
  batch: i32, filters: i32, side: i32, raw: usize, banks: usize, table: usize,
): void {
  writeTanhTable(table);
  for (let axis = 0; axis < 2; axis++) {
    for (let b = 0; b < batch; b++) {
      const at = raw + <usize>(b * 20);
      const centre = <f32>(side + 1) / 2 * (load<f32>(at + (<usize>axis << 2)) + 1) - 1;
      const sharpness = exp1(-bend(load<f32>(at, 8), table)) / 2; // 1 / (2 sigma^2)
      const delta = exp1(bend(load<f32>(at, 12), table)) * unstride(filters, side);
      for (let i = 0; i < filters; i++) {
        filter(side, centre + (<f32>i - <f32>(filters - 1) / 2) * delta, sharpness, banks);
        banks += <usize>side << 2;
      }
    }
  }
}

// exp(-(a - mean)^2 sharpness) for each cell a, divided by their sum. The cell nearest to the mean comes to 1 before that
// division, so that no filter vanishes.
@inline
function filter(side: i32, mean: f32, sharpness: f32, out: usize): void {
  const nearest = max<f32>(0, min<f32>(<f32>(side - 1), nearestInt(mean)));
  const least = (nearest - mean) * (nearest - mean);
  let total = f32x4.splat(0);
  let a = 0;
  for (; a + 4 <= side; a += 4) {
    const d = f32x4.sub(f32x4.add(f32x4.splat(<f32>a), f32x4(0, 1, 2, 3)), f32x4.splat(mean));
    const exponent = f32x4.mul(f32x4.sub(f32x4.splat(least), f32x4.mul(d, d)), f32x4.splat(sharpness));
    const weight = flush4(exp4(exponent), FAINTEST);
    v128.store(out + (<usize>a << 2), weight);
    total = f32x4.add(total, weight);
  }
  let sum = sum4(total);
  for (; a < side; a++) {
    const d = <f32>a - mean;
    const weight = flush1(exp1((least - d * d) * sharpness), FAINTEST);
    store<f32>(out + (<usize>a << 2), weight);
    sum += weight;
  }
  const share = f32x4.splat(1 / sum);
  for (a = 0; a + 4 <= side; a += 4) {
    const at = out + (<usize>a << 2);
    v128.store(at, f32x4.mul(v128.load(at), share));
  }
  for (; a < side; a++) {
    const at = out + (<usize>a << 2);
    store<f32>(at, load<f32>(at) / sum);
  }
}

@inline
function nearestInt(x: f32): f32 {
  return f32x4.extract_lane(f32x4.nearest(f32x4.splat(x)), 0);
}

// The gradient of raw [B, 5] from those of the banks; its last column, the intensity's, is 0.
export function windowFiltersGrad(
  batch: i32, filters: i32, side: i32, dBanks: usize, banks: usize, raw: usize, dRaw: usize, table: usize,
): void {
  writeTanhTable(table);
  const bank = <usize>(filters * side) << 2;
  for (let b = 0; b < batch; b++) {
    const at = raw + <usize>(b * 20);
    const bentVar = bend(load<f32>(at, 8), table), bentDelta = bend(load<f32>(at, 12), table);
    const sharpness = exp1(-bentVar) / 2;
    const delta = exp1(bentDelta) * unstride(filters, side);
    let dLogVar: f32 = 0, dDelta: f32 = 0;
    for (let axis = 0; axis < 2; axis++) {
      const centre = <f32>(side + 1) / 2 * (load<f32>(at + (<usize>axis << 2)) + 1) - 1;
      let dCentre: f32 = 0;
      for (let i = 0; i < filters; i++) {
        const offset = <f32>i - <f32>(filters - 1) / 2;
        const mean = centre + offset * delta;
        const row = (<usize>axis * <usize>batch + <usize>b) * bank + (<usize>(i * side) << 2);
        const w = banks + row, dw = dBanks + row;
        let mixed: f32 = 0; // sum of dw w: a softmax's gradient is w (dw - that)
        for (let a: usize = 0; a < <usize>side << 2; a += 4) mixed += load<f32>(w + a) * load<f32>(dw + a);
        let first: f32 = 0, second: f32 = 0; // of the distances
        for (let a = 0; a < side; a++) {
          const de = load<f32>(w + (<usize>a << 2)) * (load<f32>(dw + (<usize>a << 2)) - mixed);
          const d = <f32>a - mean;
          first += de * d;
          second += de * d * d;
        }
        const dMean = (sharpness + sharpness) * first;
        dCentre += dMean;
        dDelta += dMean * offset;
        dLogVar += sharpness * second;
      }
      store<f32>(dRaw + (<usize>axis << 2), dCentre * <f32>(side + 1) / 2);
    }
    // The slope of 10 tanh(x / 10) is 1 - (tanh(x / 10))^2.
    store<f32>(dRaw, dLogVar * (1 - bentVar * bentVar / 100), 8);
    store<f32>(dRaw, dDelta * delta * (1 - bentDelta * bentDelta / 100), 12);
    store<f32>(dRaw, 0, 16);
    dRaw += 20;
  }
}
