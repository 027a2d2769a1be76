// Negative log densities of points under mixtures of bivariate normals and three pen states, and their slopes; see
// ops/mixture_density.ts for what they are. B, T and the batch are one axis here, N.

import { four, put } from "./floats";
import { exp4, flush4, log4, sum4 } from "./math";

const BOUND: f32 = 15; // as in ops/mixture_density.ts
const LN_2: f32 = 0.6931471805599453;
const LN_2PI: f32 = 1.8378770664093453;

@inline
function max4(x: v128): f32 {
  return max<f32>(
    max<f32>(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max<f32>(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  );
}

@inline
function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

@inline
function log1(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}

// e^x, 0 where it is too small to matter beside 1.
@inline
function share4(x: v128): v128 {
  return flush4(exp4(x));
}

@inline
function clamp4(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(BOUND)), f32x4.splat(-BOUND)); // a NaN stays one
}

// x where it counted as itself.
@inline
function within4(x: v128, given: v128): v128 {
  return v128.and(x, f32x4.le(f32x4.abs(given), f32x4.splat(BOUND)));
}

// outputs [N, 3 + 6M], targets [N, 5] -> offsets, pen [N], and the slope of each with respect to its columns of the
// outputs, slopes [N, 3 + 6M].
export function mixtureDensity(
  points: i32, mixtures: i32, outputs: usize, targets: usize, offsets: usize, pen: usize, slopes: usize,
): void {
  const part = <usize>mixtures << 2;
  for (let n = 0; n < points; n++) {
    store<f32>(pen, penState(outputs, targets + 8, slopes));
    store<f32>(offsets, offset(part, load<f32>(targets), load<f32>(targets, 4), outputs + 12, slopes + 12));
    outputs += 12 + 6 * part;
    slopes += 12 + 6 * part;
    targets += 20;
    offsets += 4;
    pen += 4;
  }
}

@inline
function penState(logits: usize, states: usize, slopes: usize): f32 {
  const a = load<f32>(logits), b = load<f32>(logits, 4), c = load<f32>(logits, 8);
  const p = load<f32>(states), q = load<f32>(states, 4), r = load<f32>(states, 8);
  const largest = max<f32>(a, max<f32>(b, c));
  const e = share4(f32x4.sub(f32x4(a, b, c, -Infinity), f32x4.splat(largest)));
  const total = sum4(e), all = p + q + r;
  const s = f32x4.mul(e, f32x4.splat(all / total));
  store<f32>(slopes, f32x4.extract_lane(s, 0) - p);
  store<f32>(slopes, f32x4.extract_lane(s, 1) - q, 4);
  store<f32>(slopes, f32x4.extract_lane(s, 2) - r, 8);
  return all * log1(total) + p * (largest - a) + q * (largest - b) + r * (largest - c);
}

// Passes over the components: logarithms of their parts in the density; exponentials; slopes. In between, a slope's
// place holds what is needed for it.
@inline
function offset(part: usize, x: f32, y: f32, pi: usize, dPi: usize): f32 {
  const muX = pi + part, muY = pi + 2 * part, logX = pi + 3 * part, logY = pi + 4 * part, rho = pi + 5 * part;
  const dMuX = dPi + part, dMuY = dPi + 2 * part, dLogX = dPi + 3 * part, dLogY = dPi + 4 * part, dRho = dPi + 5 * part;
  const one = f32x4.splat(1);
  let topPi = f32x4.splat(-Infinity), top = topPi;
  for (let j: usize = 0; j < part;) {
    const whole = j + 16 <= part;
    const logit = four(pi + j, whole);
    const sx = clamp4(four(logX + j, whole)), sy = clamp4(four(logY + j, whole)), r = clamp4(four(rho + j, whole));
    const ix = exp4(f32x4.neg(sx)), iy = exp4(f32x4.neg(sy));
    const zx = f32x4.mul(f32x4.sub(f32x4.splat(x), four(muX + j, whole)), ix);
    const zy = f32x4.mul(f32x4.sub(f32x4.splat(y), four(muY + j, whole)), iy);
    const away = f32x4.abs(r);
    const small = exp4(f32x4.mul(away, f32x4.splat(-2))), large = f32x4.div(one, small); // e^-2|r|, e^2|r|
    const up = v128.bitselect(small, large, f32x4.lt(r, f32x4.splat(0))); // e^2r
    const down = v128.bitselect(large, small, f32x4.lt(r, f32x4.splat(0))); // e^-2r
    const along = f32x4.add(zx, zy), across = f32x4.sub(zx, zy);
    const a = f32x4.relaxed_madd(along, down, along), d = f32x4.relaxed_madd(across, up, across);
    const exponent = f32x4.mul(f32x4.relaxed_madd(a, along, f32x4.mul(d, across)), f32x4.splat(0.125));
    const logCosh = f32x4.add(f32x4.sub(away, f32x4.splat(LN_2)), log4(f32x4.add(one, small)));
    const logNormal = f32x4.sub(f32x4.sub(logCosh, f32x4.splat(LN_2PI)), f32x4.add(f32x4.add(sx, sy), exponent));
    const log = f32x4.add(logit, logNormal);
    topPi = f32x4.max(topPi, whole ? logit : first(logit));
    top = f32x4.max(top, whole ? log : first(log));
    // The slopes of minus log N, for a density that is this component's alone.
    const gx = f32x4.mul(f32x4.add(a, d), f32x4.splat(0.25)), gy = f32x4.mul(f32x4.sub(a, d), f32x4.splat(0.25));
    const tanh = f32x4.div(f32x4.sub(up, one), f32x4.add(up, one));
    const bend = f32x4.sub(f32x4.mul(f32x4.mul(across, across), up), f32x4.mul(f32x4.mul(along, along), down));
    put(dPi + j, log, whole);
    put(dMuX + j, f32x4.neg(f32x4.mul(gx, ix)), whole);
    put(dMuY + j, f32x4.neg(f32x4.mul(gy, iy)), whole);
    put(dLogX + j, within4(f32x4.sub(one, f32x4.mul(gx, zx)), four(logX + j, whole)), whole);
    put(dLogY + j, within4(f32x4.sub(one, f32x4.mul(gy, zy)), four(logY + j, whole)), whole);
    const slope = f32x4.sub(f32x4.mul(bend, f32x4.splat(0.25)), tanh);
    put(dRho + j, within4(slope, four(rho + j, whole)), whole);
    j += whole ? 16 : 4;
  }
  const largestPi = max4(topPi), largest = max4(top);
  const lessPi = f32x4.splat(largestPi), less = f32x4.splat(largest);
  let totalPi = f32x4.splat(0), total = totalPi;
  for (let j: usize = 0; j < part;) {
    const whole = j + 16 <= part;
    const e = share4(f32x4.sub(four(dPi + j, whole), less)), p = share4(f32x4.sub(four(pi + j, whole), lessPi));
    total = f32x4.add(total, whole ? e : only(e));
    totalPi = f32x4.add(totalPi, whole ? p : only(p));
    put(dPi + j, e, whole);
    j += whole ? 16 : 4;
  }
  const sum = sum4(total), sumPi = sum4(totalPi);
  const share = f32x4.splat(1 / sum), sharePi = f32x4.splat(1 / sumPi);
  for (let j: usize = 0; j < part;) {
    const whole = j + 16 <= part;
    const gamma = f32x4.mul(four(dPi + j, whole), share);
    const p = f32x4.mul(share4(f32x4.sub(four(pi + j, whole), lessPi)), sharePi);
    put(dPi + j, f32x4.sub(p, gamma), whole);
    scale(dMuX + j, gamma, whole);
    scale(dMuY + j, gamma, whole);
    scale(dLogX + j, gamma, whole);
    scale(dLogY + j, gamma, whole);
    scale(dRho + j, gamma, whole);
    j += whole ? 16 : 4;
  }
  return largestPi - largest + log1(sumPi) - log1(sum);
}

// A component's share of a slope; 0 where it has none of the density, however steep it is there.
@inline
function scale(at: usize, gamma: v128, whole: bool): void {
  const slope = f32x4.mul(four(at, whole), gamma);
  put(at, flush4(v128.and(slope, f32x4.ne(gamma, f32x4.splat(0)))), whole);
}

// Where a row has no four left: nothing but the first of four, for a maximum and for a sum.
@inline
function first(x: v128): v128 {
  return v128.shuffle<f32>(x, x, 0, 0, 0, 0);
}

@inline
function only(x: v128): v128 {
  return v128.and(x, i32x4(-1, 0, 0, 0));
}

// slopes [N, 3 + 6M]: each part times the gradient of what it is the slope of, in place.
export function mixtureDensityGrad(points: i32, mixtures: i32, dOffsets: usize, dPen: usize, slopes: usize): void {
  const columns = <usize>mixtures * 24;
  for (let n = 0; n < points; n++) {
    const p = load<f32>(dPen), d = f32x4.splat(load<f32>(dOffsets));
    store<f32>(slopes, load<f32>(slopes) * p);
    store<f32>(slopes, load<f32>(slopes, 4) * p, 4);
    store<f32>(slopes, load<f32>(slopes, 8) * p, 8);
    slopes += 12;
    for (let j: usize = 0; j < columns;) {
      const whole = j + 16 <= columns;
      put(slopes + j, flush4(f32x4.mul(four(slopes + j, whole), d)), whole);
      j += whole ? 16 : 4;
    }
    slopes += columns;
    dOffsets += 4;
    dPen += 4;
  }
}
