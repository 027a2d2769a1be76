// An LSTM over a whole sequence, and backward through it. The gates are in the order i, f, g, o.
//
// `weights` are the rows of one matrix W [K, 4H] by which [x_t, 1, h_{t-1}] is multiplied: the input kernel, the bias
// and the recurrent kernel, K = F + 1 + H, so that one product gives all and another all of their gradients. Where K is
// H there is no input kernel: x holds x_t W + b itself, [T, B, 4H].

import { copyFloats } from "../floats";
import { gemmPacked, gemmScratch, packedGemmScratch } from "../gemm/gemm";
import { packB, packedBytes } from "../gemm/gemm_pack";
import { flush1, flush4, sigmoid1, sigmoid4, TANH_TABLE, tanh1, tanh4, writeTanhTable } from "../math";
import { biasGrad, inputGrad, stateGrad } from "./sequence_grad";

export function lstmScratch(batch: i32, rows: i32, units: i32): i32 {
  const packed = max(packedBytes(rows, 4 * units), packedBytes(4 * units, units));
  const gemms = max(packedGemmScratch(batch), gemmScratch(rows));
  return TANH_TABLE + packed + gemms + 4 * batch * (rows + 4 * units) + 64;
}

// Rows [x, 1, h].
export function joinRows(dst: usize, batch: i32, x: usize, xBytes: usize, h: usize, hBytes: usize): void {
  for (let b = 0; b < batch; b++) {
    copyFloats(dst, x, xBytes);
    store<f32>(dst + xBytes, 1);
    copyFloats(dst + xBytes + 4, h, hBytes);
    dst += xBytes + 4 + hBytes;
    x += xBytes;
    h += hBytes;
  }
}

// gates[t] = the gates after their non-linearities [B, 4H], cells[t] = c_t, hidden[t] = h_t.
export function lstmForward(
  steps: i32, batch: i32, rows: i32, units: i32,
  x: usize, weights: usize, hidden0: usize, cell0: usize,
  hidden: usize, gates: usize, cells: usize, scratch: usize,
): void {
  const row = <usize>units << 2;
  const state = <usize>batch * row;
  const xRow = rows == units ? 4 * row : <usize>(rows - 1 - units) << 2;
  const table = scratch;
  const packed = table + TANH_TABLE;
  const joined = packed + <usize>packedBytes(rows, 4 * units);
  const products = joined + (<usize>(batch * rows) << 2);
  const work = products + 4 * state;
  writeTanhTable(table);
  packB(packed, weights, rows, 4 * units, 4 * row, 4);
  let before = hidden0, cellBefore = cell0;
  for (let t = 0; t < steps; t++) {
    if (rows == units) {
      gemmPacked(batch, 4 * units, units, before, row, 4, packed, x, 4 * row, products, 4 * row, work);
    } else {
      joinRows(joined, batch, x, xRow, before, row);
      gemmPacked(batch, 4 * units, rows, joined, <usize>rows << 2, 4, packed, 0, 0, products, 4 * row, work);
    }
    for (let b = 0; b < batch; b++) {
      const at = <usize>b * row;
      const z = products + 4 * at, a = gates + 4 * at;
      let j: usize = 0;
      for (; j + 16 <= row; j += 16) {
        const i = sigmoid4(v128.load(z + j), table);
        const f = sigmoid4(v128.load(z + row + j), table);
        const g = tanh4(v128.load(z + 2 * row + j), table);
        const o = sigmoid4(v128.load(z + 3 * row + j), table);
        const c = flush4(f32x4.relaxed_madd(f, v128.load(cellBefore + at + j), f32x4.mul(i, g)));
        v128.store(a + j, i);
        v128.store(a + row + j, f);
        v128.store(a + 2 * row + j, g);
        v128.store(a + 3 * row + j, o);
        v128.store(cells + at + j, c);
        v128.store(hidden + at + j, flush4(f32x4.mul(o, tanh4(c, table))));
      }
      for (; j < row; j += 4) {
        const i = sigmoid1(load<f32>(z + j), table);
        const f = sigmoid1(load<f32>(z + row + j), table);
        const g = tanh1(load<f32>(z + 2 * row + j), table);
        const o = sigmoid1(load<f32>(z + 3 * row + j), table);
        const c = flush1(f * load<f32>(cellBefore + at + j) + i * g);
        store<f32>(a + j, i);
        store<f32>(a + row + j, f);
        store<f32>(a + 2 * row + j, g);
        store<f32>(a + 3 * row + j, o);
        store<f32>(cells + at + j, c);
        store<f32>(hidden + at + j, flush1(o * tanh1(c, table)));
      }
    }
    before = hidden;
    cellBefore = cells;
    x += <usize>batch * xRow;
    gates += 4 * state;
    hidden += state;
    cells += state;
  }
}

// The gradients of z_t take the place of the gates. dHidden and dCell carry the gradients of h and c from step to step
// and end as those of h_0, c_0.
export function lstmBackward(
  steps: i32, batch: i32, rows: i32, units: i32,
  dy: usize, x: usize, weights: usize, hidden0: usize, cell0: usize,
  hidden: usize, gates: usize, cells: usize,
  dWeights: usize, dHidden: usize, dCell: usize, scratch: usize,
): void {
  const row = <usize>units << 2;
  const state = <usize>batch * row;
  const table = scratch;
  const packed = table + TANH_TABLE;
  const work = packed + <usize>packedBytes(4 * units, units);
  writeTanhTable(table);
  packB(packed, weights + <usize>(rows - units) * 4 * row, 4 * units, units, 4, 4 * row); // transposed
  memory.fill(dHidden, 0, state);
  memory.fill(dCell, 0, state);
  for (let t = steps - 1; t >= 0; t--) {
    const at = <usize>t * state;
    const dz = gates + 4 * at;
    const cellBefore = t > 0 ? cells + at - state : cell0;
    for (let b = 0; b < batch; b++) {
      const own = <usize>b * row; // this example's row of a state
      const z = dz + 4 * own, c = cells + at + own, cOld = cellBefore + own, dh = dy + at + own;
      const keptH = dHidden + own, keptC = dCell + own; // from the step after this one
      let j: usize = 0;
      for (; j + 16 <= row; j += 16) backwardFour(z + j, row, c + j, cOld + j, dh + j, keptH + j, keptC + j, table);
      for (; j < row; j += 4) backwardOne(z + j, row, c + j, cOld + j, dh + j, keptH + j, keptC + j, table);
    }
    gemmPacked(batch, units, 4 * units, dz, 4 * row, 4, packed, 0, 0, dHidden, row, work);
  }
  if (rows != units) {
    const inputs = rows - 1 - units, all = steps * batch;
    inputGrad(all, inputs, x, 4 * units, gates, 4 * row, dWeights, work);
    dWeights += <usize>inputs * 4 * row;
    biasGrad(all, 4 * units, gates, 4 * row, dWeights);
    dWeights += 4 * row;
  }
  stateGrad(steps, batch, units, hidden0, hidden, 4 * units, gates, 4 * row, dWeights, work);
}

@inline
function backwardFour(
  z: usize, row: usize, cell: usize, before: usize, dy: usize, dHidden: usize, dCell: usize, table: usize,
): void {
  const one = f32x4.splat(1);
  const i = v128.load(z), f = v128.load(z + row), g = v128.load(z + 2 * row), o = v128.load(z + 3 * row);
  const tc = tanh4(v128.load(cell), table);
  const dh = flush4(f32x4.add(v128.load(dy), v128.load(dHidden)));
  const dc = f32x4.add(v128.load(dCell), f32x4.mul(f32x4.mul(dh, o), f32x4.sub(one, f32x4.mul(tc, tc))));
  const di = f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i)));
  const df = f32x4.mul(f32x4.mul(dc, v128.load(before)), f32x4.mul(f, f32x4.sub(one, f)));
  const dg = f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g)));
  const dO = f32x4.mul(f32x4.mul(dh, tc), f32x4.mul(o, f32x4.sub(one, o)));
  v128.store(z, flush4(di));
  v128.store(z + row, flush4(df));
  v128.store(z + 2 * row, flush4(dg));
  v128.store(z + 3 * row, flush4(dO));
  v128.store(dCell, flush4(f32x4.mul(dc, f)));
}

@inline
function backwardOne(
  z: usize, row: usize, cell: usize, before: usize, dy: usize, dHidden: usize, dCell: usize, table: usize,
): void {
  const i = load<f32>(z), f = load<f32>(z + row), g = load<f32>(z + 2 * row), o = load<f32>(z + 3 * row);
  const tc = tanh1(load<f32>(cell), table);
  const dh = flush1(load<f32>(dy) + load<f32>(dHidden));
  const dc = load<f32>(dCell) + dh * o * (1 - tc * tc);
  store<f32>(z, flush1(dc * g * i * (1 - i)));
  store<f32>(z + row, flush1(dc * load<f32>(before) * f * (1 - f)));
  store<f32>(z + 2 * row, flush1(dc * i * (1 - g * g)));
  store<f32>(z + 3 * row, flush1(dh * tc * o * (1 - o)));
  store<f32>(dCell, flush1(dc * f));
}
