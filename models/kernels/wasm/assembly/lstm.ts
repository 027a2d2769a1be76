// An LSTM over a whole sequence, and backward through it. The gates are in the order i, f, g, o.

import { gemmPacked, packedGemmScratch } from "./gemm";
import { packB, packedBytes } from "./gemm_pack";
import { sigmoid4, tanh4 } from "./math";

@inline
function sigmoid1(x: f32): f32 {
  return f32x4.extract_lane(sigmoid4(f32x4.splat(x)), 0);
}

@inline
function tanh1(x: f32): f32 {
  return f32x4.extract_lane(tanh4(f32x4.splat(x)), 0);
}

export function lstmScratch(batch: i32, units: i32): i32 {
  return max(packedBytes(units, 4 * units), packedBytes(4 * units, units)) + packedGemmScratch(batch) + 64;
}

// gates[t] = the gates after their non-linearities [B, 4H], cells[t] = c_t, hidden[t] = h_t.
export function lstmForward(
  steps: i32, batch: i32, units: i32,
  projected: usize, kernel: usize, hidden0: usize, cell0: usize,
  hidden: usize, gates: usize, cells: usize, scratch: usize,
): void {
  const row = <usize>units << 2;
  const state = <usize>batch * row;
  const packed = scratch + <usize>packedGemmScratch(batch);
  packB(packed, kernel, units, 4 * units, 4 * row, 4);
  let before = hidden0, cellBefore = cell0;
  for (let t = 0; t < steps; t++) {
    gemmPacked(batch, 4 * units, units, before, row, 4, packed, projected, 4 * row, gates, 4 * row, scratch);
    for (let b = 0; b < batch; b++) {
      const z = gates + <usize>b * 4 * row;
      const at = <usize>b * row;
      let j: usize = 0;
      for (; j + 16 <= row; j += 16) {
        const i = sigmoid4(v128.load(z + j));
        const f = sigmoid4(v128.load(z + row + j));
        const g = tanh4(v128.load(z + 2 * row + j));
        const o = sigmoid4(v128.load(z + 3 * row + j));
        const c = f32x4.relaxed_madd(f, v128.load(cellBefore + at + j), f32x4.mul(i, g));
        v128.store(z + j, i);
        v128.store(z + row + j, f);
        v128.store(z + 2 * row + j, g);
        v128.store(z + 3 * row + j, o);
        v128.store(cells + at + j, c);
        v128.store(hidden + at + j, f32x4.mul(o, tanh4(c)));
      }
      for (; j < row; j += 4) {
        const i = sigmoid1(load<f32>(z + j));
        const f = sigmoid1(load<f32>(z + row + j));
        const g = tanh1(load<f32>(z + 2 * row + j));
        const o = sigmoid1(load<f32>(z + 3 * row + j));
        const c = f * load<f32>(cellBefore + at + j) + i * g;
        store<f32>(z + j, i);
        store<f32>(z + row + j, f);
        store<f32>(z + 2 * row + j, g);
        store<f32>(z + 3 * row + j, o);
        store<f32>(cells + at + j, c);
        store<f32>(hidden + at + j, o * tanh1(c));
      }
    }
    before = hidden;
    cellBefore = cells;
    projected += 4 * state;
    gates += 4 * state;
    hidden += state;
    cells += state;
  }
}

// dProjected[t] = dz_t; dHidden and dCell carry the gradients of h and c from step to step and end as those of h_0,
// c_0.
export function lstmBackward(
  steps: i32, batch: i32, units: i32,
  dy: usize, kernel: usize, cell0: usize, gates: usize, cells: usize,
  dProjected: usize, dHidden: usize, dCell: usize, scratch: usize,
): void {
  const row = <usize>units << 2;
  const state = <usize>batch * row;
  const packed = scratch + <usize>packedGemmScratch(batch);
  packB(packed, kernel, 4 * units, units, 4, 4 * row); // the transposed kernel
  memory.fill(dHidden, 0, state);
  memory.fill(dCell, 0, state);
  for (let t = steps - 1; t >= 0; t--) {
    const at = <usize>t * state;
    const before = t > 0 ? cells + at - state : cell0;
    for (let b = 0; b < batch; b++) {
      const z = gates + 4 * at + <usize>b * 4 * row;
      const dz = dProjected + 4 * at + <usize>b * 4 * row;
      const own = <usize>b * row; // this example's row of a state
      const c = cells + at + own, cOld = before + own, dh = dy + at + own;
      const keptH = dHidden + own, keptC = dCell + own; // from the step after this one
      let j: usize = 0;
      for (; j + 16 <= row; j += 16) backwardFour(z + j, dz + j, row, c + j, cOld + j, dh + j, keptH + j, keptC + j);
      for (; j < row; j += 4) backwardOne(z + j, dz + j, row, c + j, cOld + j, dh + j, keptH + j, keptC + j);
    }
    gemmPacked(batch, units, 4 * units, dProjected + 4 * at, 4 * row, 4, packed, 0, 0, dHidden, row, scratch);
  }
}

@inline
function backwardFour(
  z: usize, dz: usize, row: usize, cell: usize, before: usize, dy: usize, dHidden: usize, dCell: usize,
): void {
  const one = f32x4.splat(1);
  const i = v128.load(z), f = v128.load(z + row), g = v128.load(z + 2 * row), o = v128.load(z + 3 * row);
  const tc = tanh4(v128.load(cell));
  const dh = f32x4.add(v128.load(dy), v128.load(dHidden));
  const dc = f32x4.add(v128.load(dCell), f32x4.mul(f32x4.mul(dh, o), f32x4.sub(one, f32x4.mul(tc, tc))));
  const di = f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i)));
  const df = f32x4.mul(f32x4.mul(dc, v128.load(before)), f32x4.mul(f, f32x4.sub(one, f)));
  const dg = f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g)));
  const dO = f32x4.mul(f32x4.mul(dh, tc), f32x4.mul(o, f32x4.sub(one, o)));
  v128.store(dz, di);
  v128.store(dz + row, df);
  v128.store(dz + 2 * row, dg);
  v128.store(dz + 3 * row, dO);
  v128.store(dCell, f32x4.mul(dc, f));
}

@inline
function backwardOne(
  z: usize, dz: usize, row: usize, cell: usize, before: usize, dy: usize, dHidden: usize, dCell: usize,
): void {
  const i = load<f32>(z), f = load<f32>(z + row), g = load<f32>(z + 2 * row), o = load<f32>(z + 3 * row);
  const tc = tanh1(load<f32>(cell));
  const dh = load<f32>(dy) + load<f32>(dHidden);
  const dc = load<f32>(dCell) + dh * o * (1 - tc * tc);
  store<f32>(dz, dc * g * i * (1 - i));
  store<f32>(dz + row, dc * load<f32>(before) * f * (1 - f));
  store<f32>(dz + 2 * row, dc * i * (1 - g * g));
  store<f32>(dz + 3 * row, dh * tc * o * (1 - o));
  store<f32>(dCell, dc * f);
}
