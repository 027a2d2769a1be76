// One step of an LSTM cell with layer normalization, from the inputs of its gates, and back; see
// ops/layer_norm_gates.ts for what it is. The gates are in the order i, f, g, o.
//
// `norms` [10H] are gamma and beta of the gates, 4H each, and gamma and beta of the cell, H each. For each example
// `stats` keeps 1 / the standard deviation of the four gates' inputs, and mean and 1 / the standard deviation of the cell.

import { four, put } from "../floats";
import { flush4, sigmoid4, sum4, TANH_TABLE, tanh4, writeTanhTable } from "../math";

export const STATS: usize = 32; // bytes an example; eight floats, of which six are in use
const EPSILON: f32 = 1e-3;

// Bytes of working memory for one example backwards.
export function normWork(units: i32): i32 {
  return 4 * 5 * units;
}

export function normGatesScratch(units: i32): i32 {
  return TANH_TABLE + normWork(units);
}

// z [B, 4H], cell [B, H], factors [B, H] or 0 -> hidden, next [B, H], the normalized inputs of the gates [B, 4H], stats.
export function layerNormGatesForward(
  batch: i32, units: i32, z: usize, cell: usize, norms: usize, factors: usize,
  hidden: usize, next: usize, normalized: usize, stats: usize, scratch: usize,
): void {
  const row = <usize>units << 2;
  writeTanhTable(scratch);
  for (let b = 0; b < batch; b++) {
    normGatesForward(row, z, cell, factors, norms, normalized, next, hidden, stats, scratch);
    z += 4 * row;
    normalized += 4 * row;
    cell += row;
    if (factors) factors += row;
    next += row;
    hidden += row;
    stats += STATS;
  }
}

// The gradients of z, cell and norms from those of hidden and next.
export function layerNormGatesBackward(
  batch: i32, units: i32, dHidden: usize, dNext: usize, normalized: usize, cell: usize, next: usize,
  norms: usize, factors: usize, stats: usize, dz: usize, dCell: usize, dNorms: usize, scratch: usize,
): void {
  const row = <usize>units << 2;
  writeTanhTable(scratch);
  memory.fill(dNorms, 0, 10 * row);
  for (let b = 0; b < batch; b++) {
    normGatesBackward(
      row, normalized, next, cell, dHidden, 0, dNext, factors, norms, stats, dz, dCell, dNorms, scratch + TANH_TABLE,
      scratch,
    );
    normalized += 4 * row;
    dz += 4 * row;
    cell += row;
    if (factors) factors += row;
    next += row;
    dHidden += row;
    dNext += row;
    dCell += row;
    stats += STATS;
  }
}

@inline
function add(to: usize, values: v128, whole: bool): void {
  put(to, f32x4.add(four(to, whole), values), whole);
}

// The sum goes on by four values, or by the first of them.
@inline
function more(sum: v128, values: v128, whole: bool): v128 {
  return f32x4.add(sum, whole ? values : v128.and(values, i32x4(-1, 0, 0, 0)));
}

@inline
function meanOf(x: usize, row: usize, share: f32): f32 {
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < row;) {
    const whole = j + 16 <= row;
    sum = more(sum, four(x + j, whole), whole);
    j += whole ? 16 : 4;
  }
  return sum4(sum) * share;
}

// 1 / the standard deviation, of the whole population.
@inline
function sharpnessOf(x: usize, row: usize, mean: f32, share: f32): f32 {
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < row;) {
    const whole = j + 16 <= row;
    const d = f32x4.sub(four(x + j, whole), f32x4.splat(mean));
    sum = more(sum, f32x4.mul(d, d), whole);
    j += whole ? 16 : 4;
  }
  return 1 / sqrt<f32>(sum4(sum) * share + EPSILON);
}

// A gate's input after normalization, stored, and with its gamma and beta.
@inline
function normalize(z: usize, to: usize, mean: f32, sharpness: f32, gamma: usize, row: usize, whole: bool): v128 {
  const n = f32x4.mul(f32x4.sub(four(z, whole), f32x4.splat(mean)), f32x4.splat(sharpness));
  put(to, n, whole);
  return f32x4.relaxed_madd(four(gamma, whole), n, four(gamma + 4 * row, whole));
}

// Random numbers [H] become factors in place: 0 where one is below `rate`, elsewhere 1 / (1 - rate).
export function toFactors(row: usize, uniforms: usize, rate: f32): void {
  const rates = f32x4.splat(rate), scale = f32x4.splat(1 / (1 - rate));
  for (let j: usize = 0; j < row; j += 16) {
    v128.store(uniforms + j, v128.andnot(scale, f32x4.lt(v128.load(uniforms + j), rates)));
  }
}

// Which candidates were dropped is kept in the last bit of their normalized inputs.
export function markDropped(row: usize, normalized: usize, factors: usize): void {
  for (let j: usize = 0; j < row; j += 4) {
    const at = normalized + 2 * row + j;
    store<i32>(at, (load<i32>(at) & ~1) | <i32>(load<f32>(factors + j) == 0));
  }
}

export function factorsOf(row: usize, normalized: usize, rate: f32, factors: usize): void {
  const scale: f32 = 1 / (1 - rate);
  for (let j: usize = 0; j < row; j += 4) {
    store<f32>(factors + j, load<i32>(normalized + 2 * row + j) & 1 ? 0 : scale);
  }
}

// One example. `factors` [H] multiply the candidate; an address of 0 for none. `normalized` may be `z`.
export function normGatesForward(
  row: usize, z: usize, cell: usize, factors: usize, norms: usize,
  normalized: usize, next: usize, hidden: usize, stats: usize, table: usize,
): void {
  const share: f32 = 4 / <f32>row;
  const meanI = meanOf(z, row, share), meanF = meanOf(z + row, row, share);
  const meanG = meanOf(z + 2 * row, row, share), meanO = meanOf(z + 3 * row, row, share);
  const sharpI = sharpnessOf(z, row, meanI, share), sharpF = sharpnessOf(z + row, row, meanF, share);
  const sharpG = sharpnessOf(z + 2 * row, row, meanG, share), sharpO = sharpnessOf(z + 3 * row, row, meanO, share);
  for (let j: usize = 0; j < row;) {
    const whole = j + 16 <= row;
    const i = sigmoid4(normalize(z + j, normalized + j, meanI, sharpI, norms + j, row, whole), table);
    const f = sigmoid4(
      normalize(z + row + j, normalized + row + j, meanF, sharpF, norms + row + j, row, whole), table,
    );
    let g = tanh4(
      normalize(z + 2 * row + j, normalized + 2 * row + j, meanG, sharpG, norms + 2 * row + j, row, whole), table,
    );
    const o = sigmoid4(
      normalize(z + 3 * row + j, normalized + 3 * row + j, meanO, sharpO, norms + 3 * row + j, row, whole), table,
    );
    if (factors) g = f32x4.mul(g, four(factors + j, whole));
    put(next + j, flush4(f32x4.relaxed_madd(f, four(cell + j, whole), f32x4.mul(i, g))), whole);
    put(hidden + j, o, whole);
    j += whole ? 16 : 4;
  }
  const meanC = meanOf(next, row, share), sharpC = sharpnessOf(next, row, meanC, share);
  const gammaC = norms + 8 * row, betaC = norms + 9 * row;
  for (let j: usize = 0; j < row;) {
    const whole = j + 16 <= row;
    const n = f32x4.mul(f32x4.sub(four(next + j, whole), f32x4.splat(meanC)), f32x4.splat(sharpC));
    const tc = tanh4(f32x4.relaxed_madd(four(gammaC + j, whole), n, four(betaC + j, whole)), table);
    put(hidden + j, flush4(f32x4.mul(four(hidden + j, whole), tc)), whole);
    j += whole ? 16 : 4;
  }
  v128.store(stats, f32x4(sharpI, sharpF, sharpG, sharpO));
  store<f32>(stats, meanC, 16);
  store<f32>(stats, sharpC, 20);
}

// One example: the gradient of h is dy + dHidden (0 for none), that of c' is dNext. `dz` may be `normalized`, `dCell` may
// be `dNext`. Those of the norms are added to dNorms. `work` [5H].
export function normGatesBackward(
  row: usize, normalized: usize, next: usize, cell: usize, dy: usize, dHidden: usize, dNext: usize,
  factors: usize, norms: usize, stats: usize, dz: usize, dCell: usize, dNorms: usize, work: usize,
  table: usize,
): void {
  const zero = f32x4.splat(0), one = f32x4.splat(1);
  const share: f32 = 4 / <f32>row;
  const meanC = f32x4.splat(load<f32>(stats, 16)), sharpC = f32x4.splat(load<f32>(stats, 20));
  const nI = normalized, nF = nI + row, nG = nF + row, nO = nG + row;
  const gI = norms, gF = gI + row, gG = gF + row, gO = gG + row, gammaC = gO + 5 * row, betaC = gammaC + row;
  const dI = dNorms, dF = dI + row, dG = dF + row, dO = dG + row, dGammaC = dO + 5 * row, dBetaC = dGammaC + row;
  const wI = work, wF = wI + row, wG = wF + row, wO = wG + row, wC = wO + row;
  let c1 = zero, c2 = zero, o1 = zero, o2 = zero; // sums of a gradient, and of it times what it is the gradient of
  for (let j: usize = 0; j < row;) {
    const whole = j + 16 <= row;
    const n = four(nO + j, whole), gamma = four(gO + j, whole);
    const o = sigmoid4(f32x4.relaxed_madd(gamma, n, four(gO + 4 * row + j, whole)), table);
    const nC = f32x4.mul(f32x4.sub(four(next + j, whole), meanC), sharpC);
    const tc = tanh4(f32x4.relaxed_madd(four(gammaC + j, whole), nC, four(betaC + j, whole)), table);
    let dh = four(dy + j, whole);
    if (dHidden) dh = f32x4.add(dh, four(dHidden + j, whole));
    dh = flush4(dh);
    const da = flush4(f32x4.mul(f32x4.mul(dh, tc), f32x4.mul(o, f32x4.sub(one, o))));
    const da_n = f32x4.mul(da, n), q = f32x4.mul(da, gamma);
    add(dO + j, da_n, whole);
    add(dO + 4 * row + j, da, whole);
    put(wO + j, q, whole);
    o1 = more(o1, q, whole);
    o2 = more(o2, f32x4.mul(q, n), whole);
    const dt = flush4(f32x4.mul(f32x4.mul(dh, o), f32x4.sub(one, f32x4.mul(tc, tc))));
    const e = f32x4.mul(dt, four(gammaC + j, whole));
    add(dGammaC + j, f32x4.mul(dt, nC), whole);
    add(dBetaC + j, dt, whole);
    put(wC + j, e, whole);
    c1 = more(c1, e, whole);
    c2 = more(c2, f32x4.mul(e, nC), whole);
    j += whole ? 16 : 4;
  }
  const meanE = f32x4.splat(sum4(c1) * share), meanEN = f32x4.splat(sum4(c2) * share);
  let i1 = zero, i2 = zero, f1 = zero, f2 = zero, g1 = zero, g2 = zero;
  for (let j: usize = 0; j < row;) {
    const whole = j + 16 <= row;
    const nC = f32x4.mul(f32x4.sub(four(next + j, whole), meanC), sharpC);
    const less = f32x4.sub(f32x4.sub(four(wC + j, whole), meanE), f32x4.mul(nC, meanEN));
    const dc = flush4(f32x4.relaxed_madd(sharpC, less, four(dNext + j, whole)));
    const n0 = four(nI + j, whole), n1 = four(nF + j, whole), n2 = four(nG + j, whole);
    const gamma0 = four(gI + j, whole), gamma1 = four(gF + j, whole), gamma2 = four(gG + j, whole);
    const i = sigmoid4(f32x4.relaxed_madd(gamma0, n0, four(gI + 4 * row + j, whole)), table);
    const f = sigmoid4(f32x4.relaxed_madd(gamma1, n1, four(gF + 4 * row + j, whole)), table);
    const g = tanh4(f32x4.relaxed_madd(gamma2, n2, four(gG + 4 * row + j, whole)), table);
    const kept = factors ? f32x4.mul(dc, four(factors + j, whole)) : dc; // of i tanh(g)
    const di = flush4(f32x4.mul(f32x4.mul(kept, g), f32x4.mul(i, f32x4.sub(one, i))));
    const df = flush4(f32x4.mul(f32x4.mul(dc, four(cell + j, whole)), f32x4.mul(f, f32x4.sub(one, f))));
    const dg = flush4(f32x4.mul(f32x4.mul(kept, i), f32x4.sub(one, f32x4.mul(g, g))));
    put(dCell + j, flush4(f32x4.mul(dc, f)), whole);
    add(dI + j, f32x4.mul(di, n0), whole);
    add(dF + j, f32x4.mul(df, n1), whole);
    add(dG + j, f32x4.mul(dg, n2), whole);
    add(dI + 4 * row + j, di, whole);
    add(dF + 4 * row + j, df, whole);
    add(dG + 4 * row + j, dg, whole);
    const qI = f32x4.mul(di, gamma0), qF = f32x4.mul(df, gamma1), qG = f32x4.mul(dg, gamma2);
    put(wI + j, qI, whole);
    put(wF + j, qF, whole);
    put(wG + j, qG, whole);
    i1 = more(i1, qI, whole);
    i2 = more(i2, f32x4.mul(qI, n0), whole);
    f1 = more(f1, qF, whole);
    f2 = more(f2, f32x4.mul(qF, n1), whole);
    g1 = more(g1, qG, whole);
    g2 = more(g2, f32x4.mul(qG, n2), whole);
    j += whole ? 16 : 4;
  }
  through(row, wI, nI, dz, load<f32>(stats), sum4(i1) * share, sum4(i2) * share);
  through(row, wF, nF, dz + row, load<f32>(stats, 4), sum4(f1) * share, sum4(f2) * share);
  through(row, wG, nG, dz + 2 * row, load<f32>(stats, 8), sum4(g1) * share, sum4(g2) * share);
  through(row, wO, nO, dz + 3 * row, load<f32>(stats, 12), sum4(o1) * share, sum4(o2) * share);
}

// The gradient of what was normalized from that of the result, `d`; `mean` is the mean of d, `meanN` that of d times n.
@inline
function through(row: usize, d: usize, n: usize, dst: usize, sharpness: f32, mean: f32, meanN: f32): void {
  for (let j: usize = 0; j < row;) {
    const whole = j + 16 <= row;
    const less = f32x4.sub(f32x4.sub(four(d + j, whole), f32x4.splat(mean)), f32x4.mul(four(n + j, whole), f32x4.splat(meanN)));
    put(dst + j, flush4(f32x4.mul(less, f32x4.splat(sharpness))), whole);
    j += whole ? 16 : 4;
  }
}
