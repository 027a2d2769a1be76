// One step of an LSTM cell from the inputs of its gates, and back. The gates are in the order i, f, g, o.

import { four, put } from "../floats";
import { flush4, sigmoid4, TANH_TABLE, tanh4, writeTanhTable } from "../math";

// What stands for g in the saved gates where it was dropped: no tanh is so large.
const DROPPED: f32 = 2;

export function lstmGatesScratch(units: i32): i32 {
  return TANH_TABLE + 4 * units;
}

// z [B, 4H], cell [B, H] -> hidden, next [B, H]; the gates after their non-linearities take the place of z in `gates`.
export function lstmGatesForward(
  batch: i32, units: i32, z: usize, cell: usize, hidden: usize, next: usize, gates: usize, scratch: usize,
): void {
  const row = <usize>units << 2;
  const table = scratch, zeros = table + TANH_TABLE;
  writeTanhTable(table);
  memory.fill(zeros, 0, row);
  for (let b = 0; b < batch; b++) {
    gatesForward(row, z, cell, zeros, 0, gates, next, hidden, table);
    z += 4 * row;
    gates += 4 * row;
    cell += row;
    next += row;
    hidden += row;
  }
}

// The gradients of z and cell from those of hidden and next.
export function lstmGatesBackward(
  batch: i32, units: i32, dHidden: usize, dNext: usize, gates: usize, cell: usize, next: usize, dz: usize, dCell: usize,
  scratch: usize,
): void {
  const row = <usize>units << 2;
  const table = scratch, zeros = table + TANH_TABLE;
  writeTanhTable(table);
  memory.fill(zeros, 0, row);
  for (let b = 0; b < batch; b++) {
    gatesBackward(row, gates, next, cell, dHidden, zeros, dNext, 0, dz, dCell, table);
    gates += 4 * row;
    dz += 4 * row;
    cell += row;
    next += row;
    dHidden += row;
    dNext += row;
    dCell += row;
  }
}

// One example. `uniforms` [H]: where one is below `rate`, the candidate g is dropped, elsewhere divided by what is kept.
// `gates` may be `z`.
export function gatesForward(
  row: usize, z: usize, cell: usize, uniforms: usize, rate: f32, gates: usize, next: usize, hidden: usize, table: usize,
): void {
  const rates = f32x4.splat(rate), scale = f32x4.splat(1 / (1 - rate)), dropped = f32x4.splat(DROPPED);
  for (let j: usize = 0; j < row;) {
    const whole = j + 16 <= row;
    const i = sigmoid4(four(z + j, whole), table), f = sigmoid4(four(z + row + j, whole), table);
    const g = tanh4(four(z + 2 * row + j, whole), table), o = sigmoid4(four(z + 3 * row + j, whole), table);
    const drop = f32x4.lt(four(uniforms + j, whole), rates);
    const kept = v128.andnot(f32x4.mul(g, scale), drop);
    const c = flush4(f32x4.relaxed_madd(f, four(cell + j, whole), f32x4.mul(i, kept)));
    put(gates + j, i, whole);
    put(gates + row + j, f, whole);
    put(gates + 2 * row + j, v128.bitselect(dropped, g, drop), whole);
    put(gates + 3 * row + j, o, whole);
    put(next + j, c, whole);
    put(hidden + j, flush4(f32x4.mul(o, tanh4(c, table))), whole);
    j += whole ? 16 : 4;
  }
}

// One example: the gradient of h is dy + dHidden, that of c' is dNext. `dz` may be `gates`, `dCell` may be `dNext`.
export function gatesBackward(
  row: usize, gates: usize, next: usize, cell: usize, dy: usize, dHidden: usize, dNext: usize, rate: f32,
  dz: usize, dCell: usize, table: usize,
): void {
  const one = f32x4.splat(1), scale = f32x4.splat(1 / (1 - rate)), dropped = f32x4.splat(DROPPED);
  for (let j: usize = 0; j < row;) {
    const whole = j + 16 <= row;
    const i = four(gates + j, whole), f = four(gates + row + j, whole);
    const g = four(gates + 2 * row + j, whole), o = four(gates + 3 * row + j, whole);
    const tc = tanh4(four(next + j, whole), table);
    const dh = flush4(f32x4.add(four(dy + j, whole), four(dHidden + j, whole)));
    const dc = f32x4.add(four(dNext + j, whole), f32x4.mul(f32x4.mul(dh, o), f32x4.sub(one, f32x4.mul(tc, tc))));
    const dcKept = v128.andnot(f32x4.mul(dc, scale), f32x4.eq(g, dropped)); // of i times what was kept of g
    put(dz + j, flush4(f32x4.mul(f32x4.mul(dcKept, g), f32x4.mul(i, f32x4.sub(one, i)))), whole);
    const df = f32x4.mul(f32x4.mul(dc, four(cell + j, whole)), f32x4.mul(f, f32x4.sub(one, f)));
    put(dz + row + j, flush4(df), whole);
    put(dz + 2 * row + j, flush4(f32x4.mul(f32x4.mul(dcKept, i), f32x4.sub(one, f32x4.mul(g, g)))), whole);
    put(dz + 3 * row + j, flush4(f32x4.mul(f32x4.mul(dh, tc), f32x4.mul(o, f32x4.sub(one, o)))), whole);
    put(dCell + j, flush4(f32x4.mul(dc, f)), whole);
    j += whole ? 16 : 4;
  }
}
