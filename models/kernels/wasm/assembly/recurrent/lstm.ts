// An LSTM over a whole sequence, and backward through it. The gates are in the order i, f, g, o.
//
// `weights` are the rows of one matrix W [K, 4H] by which [x_t, 1, h_{t-1}] is multiplied: the input kernel, the bias
// and the recurrent kernel, K = F + 1 + H, so that one product gives all and another all of their gradients. Where K is
// H there is no input kernel: x holds x_t W + b itself, [T, B, 4H].
//
// With layer normalization (`norms` is not 0, see layer_norm_gates.ts) what backward needs of the gates is their inputs after
// normalization, and `stats`, packed like the cells.
//
// The gates and cells that backward needs are packed, as the plan says: a step's rows lie in the plan's order, which is the
// same in every step but for examples at the end that take no part. So are the gradients of a state.

import { addFloats, copyFloats } from "../floats";
import { gemm, gemmPacked, gemmScratch, packedGemmScratch } from "../gemm/gemm";
import { KC, packB, packedBytes } from "../gemm/gemm_pack";
import { TANH_TABLE, writeTanhTable } from "../math";
import { uniformRow } from "../random";
import {
  factorsOf, markDropped, normGatesBackward, normGatesForward, normWork, STATS, toFactors,
} from "./layer_norm_gates";
import { gatesBackward, gatesForward } from "./lstm_gates";
import { exampleAt, firstRow, gatherExamples, scatterExamples, takingPart } from "./sequence_plan";

const WORDS: usize = 32; // scratch of uniformRow

export function lstmScratch(batch: i32, rows: i32, units: i32): i32 {
  const packed = max(packedBytes(rows, 4 * units), packedBytes(4 * units, units));
  const gemms = max(packedGemmScratch(batch), gemmScratch(rows));
  const one = <i32>WORDS + 4 * drawn(units) + normWork(units);
  return TANH_TABLE + one + packed + gemms + 4 * max(batch, KC) * max(rows, 4 * units) + 64;
}

// Random numbers a unit and step: of an example and step t they are those from t times so many on.
@inline
function drawn(units: i32): i32 {
  return (units + 7) & ~7;
}

// Rows [x, 1, h] of the plan's examples `from` to `to`, or h alone.
export function joinRows(
  dst: usize, x: usize, xBytes: usize, h: usize, hBytes: usize, projected: bool, plan: usize, from: i32, to: i32,
): void {
  if (projected) {
    gatherExamples(dst, h, hBytes, plan, from, to);
    return;
  }
  for (let i = from; i < to; i++) {
    const b = exampleAt(plan, i);
    copyFloats(dst, x + b * xBytes, xBytes);
    store<f32>(dst + xBytes, 1);
    copyFloats(dst + xBytes + 4, h + b * hBytes, hBytes);
    dst += xBytes + 4 + hBytes;
  }
}

// gates = the gates after their non-linearities, packed [N, 4H], cells = c_t, packed [N, H]; hidden[t] = h_t, which stays
// where an example takes no part. `context` [B, 4H] is added to the gates' inputs, 0 for none; `ids` are those of the
// examples' random numbers, 0 where nothing is dropped.
export function lstmForward(
  steps: i32, batch: i32, rows: i32, units: i32, reversed: i32, key0: i32, key1: i32, rate: f32,
  x: usize, weights: usize, hidden0: usize, cell0: usize, context: usize, plan: usize, ids: usize, norms: usize,
  hidden: usize, gates: usize, cells: usize, stats: usize, scratch: usize,
): void {
  const row = <usize>units << 2;
  const state = <usize>batch * row;
  const projected = rows == units;
  const xRow = projected ? 4 * row : <usize>(rows - 1 - units) << 2, kRow = <usize>rows << 2;
  const table = scratch;
  const words = table + TANH_TABLE;
  const uniforms = words + WORDS;
  const packed = uniforms + (<usize>drawn(units) << 2);
  const joined = packed + <usize>packedBytes(rows, 4 * units);
  const work = joined + <usize>batch * kRow;
  writeTanhTable(table);
  memory.fill(uniforms, 0, row);
  packB(packed, weights, rows, 4 * units, 4 * row, 4);
  let before = hidden0, cellsBefore: usize = 0, countBefore = 0;
  for (let s = 0; s < steps; s++) {
    const t = reversed ? steps - 1 - s : s;
    const first = <usize>firstRow(plan, batch, t), count = takingPart(plan, batch, t);
    const xt = x + <usize>(t * batch) * xRow, h = hidden + <usize>t * state;
    const z = gates + first * 4 * row, c = cells + first * row;
    let src = projected ? xt : context, srcRow = 4 * row;
    if (src && (plan || (projected && context))) {
      gatherExamples(z, src, 4 * row, plan, 0, count);
      if (projected && context) {
        for (let i = 0; i < count; i++) addFloats(z + <usize>i * 4 * row, context + exampleAt(plan, i) * 4 * row, 4 * row);
      }
      src = z;
    }
    joinRows(joined, xt, xRow, before, row, projected, plan, 0, count);
    gemmPacked(count, 4 * units, rows, joined, kRow, 4, packed, src, srcRow, z, 4 * row, work);
    for (let i = 0; i < count; i++) {
      const b = exampleAt(plan, i), own = <usize>i * row;
      if (ids) uniformRow(load<i32>(ids + (b << 2)), t * drawn(units), units, key0, key1, uniforms, words);
      const cellBefore = i < countBefore ? cellsBefore + own : cell0 + b * row;
      const own4 = z + 4 * own;
      if (norms) {
        if (ids) toFactors(row, uniforms, rate);
        const factors = ids ? uniforms : 0, stat = stats + (first + <usize>i) * STATS;
        normGatesForward(row, own4, cellBefore, factors, norms, own4, c + own, h + b * row, stat, table);
        if (ids) markDropped(row, own4, factors);
      } else {
        gatesForward(row, own4, cellBefore, uniforms, rate, own4, c + own, h + b * row, table);
      }
    }
    for (let i = count; i < batch; i++) {
      const b = exampleAt(plan, i);
      copyFloats(h + b * row, before + b * row, row);
    }
    before = h;
    cellsBefore = c;
    countBefore = count;
  }
}

// The gradients of z_t take the place of the gates. dHidden and dCell carry the gradients of h and c from step to step
// and end as those of h_0, c_0; dContext [B, 4H], 0 for none, becomes the sum of those of z_t.
export function lstmBackward(
  steps: i32, batch: i32, rows: i32, units: i32, reversed: i32, rate: f32,
  dy: usize, x: usize, weights: usize, hidden0: usize, cell0: usize, plan: usize, norms: usize,
  hidden: usize, gates: usize, cells: usize, stats: usize,
  dWeights: usize, dHidden: usize, dCell: usize, dContext: usize, dNorms: usize, scratch: usize,
): void {
  const row = <usize>units << 2;
  const state = <usize>batch * row;
  const table = scratch;
  const factors = table + TANH_TABLE;
  const normed = factors + row; // working memory for one example
  const packed = normed + <usize>normWork(units);
  const work = packed + <usize>packedBytes(4 * units, units);
  writeTanhTable(table);
  packB(packed, weights + <usize>(rows - units) * 4 * row, 4 * units, units, 4, 4 * row); // transposed
  memory.fill(dHidden, 0, state);
  memory.fill(dCell, 0, state);
  if (dContext) memory.fill(dContext, 0, 4 * state);
  if (norms) memory.fill(dNorms, 0, 10 * row);
  for (let s = steps - 1; s >= 0; s--) {
    const t = reversed ? steps - 1 - s : s, before = reversed ? t + 1 : t - 1;
    const first = <usize>firstRow(plan, batch, t), count = takingPart(plan, batch, t);
    const countBefore = s > 0 ? takingPart(plan, batch, before) : 0;
    const cellsBefore = s > 0 ? cells + <usize>firstRow(plan, batch, before) * row : 0;
    const dz = gates + first * 4 * row, c = cells + first * row, dyt = dy + <usize>t * state;
    for (let i = 0; i < batch; i++) {
      const b = exampleAt(plan, i), own = <usize>i * row;
      if (i >= count) {
        addFloats(dHidden + own, dyt + b * row, row);
        continue;
      }
      const cell = i < countBefore ? cellsBefore + own : cell0 + b * row;
      const own4 = dz + 4 * own, dy = dyt + b * row, dC = dCell + own;
      if (norms) {
        if (rate > 0) factorsOf(row, own4, rate, factors);
        normGatesBackward(
          row, own4, c + own, cell, dy, dHidden + own, dC, rate > 0 ? factors : 0, norms, stats + (first + <usize>i) * STATS,
          own4, dC, dNorms, normed, table,
        );
      } else {
        gatesBackward(row, own4, c + own, cell, dy, dHidden + own, dC, rate, own4, dC, table);
      }
    }
    if (dContext) addFloats(dContext, dz, <usize>count * 4 * row);
    gemmPacked(count, units, 4 * units, dz, 4 * row, 4, packed, 0, 0, dHidden, row, work);
  }
  weightsGrad(steps, batch, rows, units, reversed, x, hidden0, plan, hidden, gates, dWeights, scratch);
  scatterExamples(dHidden, row, plan, batch, scratch);
  scatterExamples(dCell, row, plan, batch, scratch);
  if (dContext) scatterExamples(dContext, 4 * row, plan, batch, scratch);
}

// dWeights = the sum of [x_t, 1, h_{t-1}]^T dz_t, the rows of all steps joined KC at a time, as deep as gemm's own blocks.
function weightsGrad(
  steps: i32, batch: i32, rows: i32, units: i32, reversed: i32,
  x: usize, hidden0: usize, plan: usize, hidden: usize, dz: usize, dWeights: usize, scratch: usize,
): void {
  const row = <usize>units << 2, kRow = <usize>rows << 2;
  const projected = rows == units;
  const xRow = projected ? 4 * row : <usize>(rows - 1 - units) << 2;
  const joined = scratch, work = joined + <usize>KC * kRow;
  let depth = 0, src: usize = 0;
  for (let t = 0; t < steps; t++) {
    const count = takingPart(plan, batch, t);
    const isFirst = reversed ? t == steps - 1 : t == 0;
    const before = isFirst ? hidden0 : hidden + <usize>((reversed ? t + 1 : t - 1) * batch) * row;
    for (let from = 0; from < count;) {
      const to = min(count, from + KC - depth);
      joinRows(joined + <usize>depth * kRow, x + <usize>(t * batch) * xRow, xRow, before, row, projected, plan, from, to);
      depth += to - from;
      from = to;
      if (depth < KC) break;
      gemm(rows, 4 * units, KC, joined, 4, kRow, dz, 4 * row, 4, src, 4 * row, dWeights, 4 * row, work);
      dz += <usize>(KC * 4) * row;
      depth = 0;
      src = dWeights;
    }
  }
  if (depth) gemm(rows, 4 * units, depth, joined, 4, kRow, dz, 4 * row, 4, src, 4 * row, dWeights, 4 * row, work);
  else if (src == 0) memory.fill(dWeights, 0, <usize>rows * 4 * row);
}
