// A GRU over a whole sequence, and backward through it. The gates are in the order r, z, n.
//
// As in lstm.ts, rows [x_t, 1, h_{t-1}] of width K = F + 1 + H are multiplied by matrices of weights: by RZ [K, 2H] for
// the first two gates; for the third, [x_t, 1] by NX [F + 1, H] and [1, h_{t-1}] by NH [1 + H, H], because r comes
// between the two.

import { gemmPacked, gemmScratch, packedGemmScratch } from "../gemm/gemm";
import { packB, packedBytes } from "../gemm/gemm_pack";
import { joinRows } from "./lstm";
import { flush1, flush4, sigmoid1, sigmoid4, TANH_TABLE, tanh1, tanh4, writeTanhTable } from "../math";
import { biasGrad, inputGrad, stateGrad } from "./sequence_grad";

export function gruScratch(batch: i32, inputs: i32, units: i32): i32 {
  const rows = inputs + 1 + units;
  const forward = packedBytes(rows, 2 * units) + packedBytes(inputs + 1, units) + packedBytes(units + 1, units);
  const backward = packedBytes(2 * units, units) + packedBytes(units, units);
  const gemms = max(packedGemmScratch(batch), gemmScratch(rows));
  return TANH_TABLE + max(forward, backward) + gemms + 4 * batch * (rows + 4 * units) + 64;
}

// gates[t] = r, z, n and the part of n that r weighs, U_n h + b_hn [B, 4H]; hidden[t] = h_t.
export function gruForward(
  steps: i32, batch: i32, inputs: i32, units: i32,
  x: usize, weightsRZ: usize, weightsNX: usize, weightsNH: usize, hidden0: usize,
  hidden: usize, gates: usize, scratch: usize,
): void {
  const rows = inputs + 1 + units;
  const row = <usize>units << 2, xRow = <usize>inputs << 2, joinedRow = <usize>rows << 2;
  const state = <usize>batch * row;
  const table = scratch;
  const joined = table + TANH_TABLE;
  const products = joined + <usize>batch * joinedRow; // [B, 4H]
  const packedRZ = products + 4 * state;
  const packedNX = packedRZ + <usize>packedBytes(rows, 2 * units);
  const packedNH = packedNX + <usize>packedBytes(inputs + 1, units);
  const work = packedNH + <usize>packedBytes(units + 1, units);
  writeTanhTable(table);
  packB(packedRZ, weightsRZ, rows, 2 * units, 2 * row, 4);
  packB(packedNX, weightsNX, inputs + 1, units, row, 4);
  packB(packedNH, weightsNH, units + 1, units, row, 4);
  let before = hidden0;
  for (let t = 0; t < steps; t++) {
    joinRows(joined, x, xRow, before, row, false, 0, 0, batch);
    gemmPacked(batch, 2 * units, rows, joined, joinedRow, 4, packedRZ, 0, 0, products, 4 * row, work);
    gemmPacked(batch, units, inputs + 1, joined, joinedRow, 4, packedNX, 0, 0, products + 2 * row, 4 * row, work);
    gemmPacked(batch, units, units + 1, joined + xRow, joinedRow, 4, packedNH, 0, 0, products + 3 * row, 4 * row, work);
    for (let b = 0; b < batch; b++) {
      const at = <usize>b * row;
      const z = products + 4 * at, a = gates + 4 * at;
      let j: usize = 0;
      for (; j + 16 <= row; j += 16) {
        const r = sigmoid4(v128.load(z + j), table);
        const u = sigmoid4(v128.load(z + row + j), table);
        const m = v128.load(z + 3 * row + j);
        const n = tanh4(f32x4.relaxed_madd(r, m, v128.load(z + 2 * row + j)), table);
        v128.store(a + j, r);
        v128.store(a + row + j, u);
        v128.store(a + 2 * row + j, n);
        v128.store(a + 3 * row + j, m);
        const h = f32x4.relaxed_madd(u, f32x4.sub(v128.load(before + at + j), n), n);
        v128.store(hidden + at + j, flush4(h));
      }
      for (; j < row; j += 4) {
        const r = sigmoid1(load<f32>(z + j), table);
        const u = sigmoid1(load<f32>(z + row + j), table);
        const m = load<f32>(z + 3 * row + j);
        const n = tanh1(load<f32>(z + 2 * row + j) + r * m, table);
        store<f32>(a + j, r);
        store<f32>(a + row + j, u);
        store<f32>(a + 2 * row + j, n);
        store<f32>(a + 3 * row + j, m);
        store<f32>(hidden + at + j, flush1(n + u * (load<f32>(before + at + j) - n)));
      }
    }
    before = hidden;
    x += <usize>batch * xRow;
    gates += 4 * state;
    hidden += state;
  }
}

// The gradients of r's, z's and n's sums and of U_n h + b_hn take the place of the gates. dHidden carries the gradient of
// h from step to step and ends as that of h_0.
export function gruBackward(
  steps: i32, batch: i32, inputs: i32, units: i32,
  dy: usize, x: usize, weightsRZ: usize, weightsNH: usize, hidden0: usize, hidden: usize, gates: usize,
  dRZ: usize, dNX: usize, dNH: usize, dHidden: usize, scratch: usize,
): void {
  const row = <usize>units << 2;
  const state = <usize>batch * row;
  const packedRZ = scratch;
  const packedNH = packedRZ + <usize>packedBytes(2 * units, units);
  const work = packedNH + <usize>packedBytes(units, units);
  packB(packedRZ, weightsRZ + <usize>(inputs + 1) * 2 * row, 2 * units, units, 4, 2 * row); // transposed
  packB(packedNH, weightsNH + row, units, units, 4, row); // transposed
  memory.fill(dHidden, 0, state);
  for (let t = steps - 1; t >= 0; t--) {
    const at = <usize>t * state;
    const dz = gates + 4 * at;
    const before = t > 0 ? hidden + at - state : hidden0;
    for (let b = 0; b < batch; b++) {
      const own = <usize>b * row; // this example's row of a state
      const z = dz + 4 * own, h = before + own, dh = dy + at + own, kept = dHidden + own;
      let j: usize = 0;
      for (; j + 16 <= row; j += 16) backwardFour(z + j, row, h + j, dh + j, kept + j);
      for (; j < row; j += 4) backwardOne(z + j, row, h + j, dh + j, kept + j);
    }
    const dNHt = dz + 3 * row;
    gemmPacked(batch, units, 2 * units, dz, 4 * row, 4, packedRZ, dHidden, row, dHidden, row, work);
    gemmPacked(batch, units, units, dNHt, 4 * row, 4, packedNH, dHidden, row, dHidden, row, work);
  }
  const all = steps * batch;
  const dN = gates + 2 * row, dM = gates + 3 * row;
  inputGrad(all, inputs, x, 2 * units, gates, 4 * row, dRZ, work);
  dRZ += <usize>inputs * 2 * row;
  biasGrad(all, 2 * units, gates, 4 * row, dRZ);
  stateGrad(steps, batch, units, hidden0, hidden, 2 * units, gates, 4 * row, dRZ + 2 * row, work);
  inputGrad(all, inputs, x, units, dN, 4 * row, dNX, work);
  biasGrad(all, units, dN, 4 * row, dNX + <usize>inputs * row);
  biasGrad(all, units, dM, 4 * row, dNH);
  stateGrad(steps, batch, units, hidden0, hidden, units, dM, 4 * row, dNH + row, work);
}

@inline
function backwardFour(z: usize, row: usize, before: usize, dy: usize, dHidden: usize): void {
  const one = f32x4.splat(1);
  const r = v128.load(z), u = v128.load(z + row), n = v128.load(z + 2 * row), m = v128.load(z + 3 * row);
  const dh = flush4(f32x4.add(v128.load(dy), v128.load(dHidden)));
  const dn = flush4(f32x4.mul(f32x4.mul(dh, f32x4.sub(one, u)), f32x4.sub(one, f32x4.mul(n, n))));
  const du = f32x4.mul(f32x4.mul(dh, f32x4.sub(v128.load(before), n)), f32x4.mul(u, f32x4.sub(one, u)));
  v128.store(z, flush4(f32x4.mul(f32x4.mul(dn, m), f32x4.mul(r, f32x4.sub(one, r)))));
  v128.store(z + row, flush4(du));
  v128.store(z + 2 * row, dn);
  v128.store(z + 3 * row, flush4(f32x4.mul(dn, r)));
  v128.store(dHidden, flush4(f32x4.mul(dh, u)));
}

@inline
function backwardOne(z: usize, row: usize, before: usize, dy: usize, dHidden: usize): void {
  const r = load<f32>(z), u = load<f32>(z + row), n = load<f32>(z + 2 * row), m = load<f32>(z + 3 * row);
  const dh = flush1(load<f32>(dy) + load<f32>(dHidden));
  const dn = flush1(dh * (1 - u) * (1 - n * n));
  store<f32>(z, flush1(dn * m * r * (1 - r)));
  store<f32>(z + row, flush1(dh * (load<f32>(before) - n) * u * (1 - u)));
  store<f32>(z + 2 * row, dn);
  store<f32>(z + 3 * row, flush1(dn * r));
  store<f32>(dHidden, flush1(dh * u));
}
