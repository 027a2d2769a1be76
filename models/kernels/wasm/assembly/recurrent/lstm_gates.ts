// One step of an LSTM cell from the inputs of its gates, and back. The gates are in the order i, f, g, o.

import { flush4, sigmoid4, tanh4, writeTanhTable } from "../math";

// z [B, 4H], cell [B, H] -> hidden, next [B, H]; the gates after their non-linearities take the place of z in `gates`.
export function lstmGatesForward(
  batch: i32, units: i32, z: usize, cell: usize, hidden: usize, next: usize, gates: usize, table: usize,
): void {
  writeTanhTable(table);
  const row = <usize>units << 2;
  for (let b = 0; b < batch; b++) {
    for (let j: usize = 0; j < row;) {
      const whole = j + 16 <= row;
      const i = sigmoid4(four(z + j, whole), table), f = sigmoid4(four(z + row + j, whole), table);
      const g = tanh4(four(z + 2 * row + j, whole), table), o = sigmoid4(four(z + 3 * row + j, whole), table);
      const c = flush4(f32x4.relaxed_madd(f, four(cell + j, whole), f32x4.mul(i, g)));
      put(gates + j, i, whole);
      put(gates + row + j, f, whole);
      put(gates + 2 * row + j, g, whole);
      put(gates + 3 * row + j, o, whole);
      put(next + j, c, whole);
      put(hidden + j, flush4(f32x4.mul(o, tanh4(c, table))), whole);
      j += whole ? 16 : 4;
    }
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
  table: usize,
): void {
  writeTanhTable(table);
  const row = <usize>units << 2;
  const one = f32x4.splat(1);
  for (let b = 0; b < batch; b++) {
    for (let j: usize = 0; j < row;) {
      const whole = j + 16 <= row;
      const i = four(gates + j, whole), f = four(gates + row + j, whole);
      const g = four(gates + 2 * row + j, whole), o = four(gates + 3 * row + j, whole);
      const tc = tanh4(four(next + j, whole), table), dh = flush4(four(dHidden + j, whole));
      const dc = f32x4.add(four(dNext + j, whole), f32x4.mul(f32x4.mul(dh, o), f32x4.sub(one, f32x4.mul(tc, tc))));
      put(dz + j, flush4(f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i)))), whole);
      const df = f32x4.mul(f32x4.mul(dc, four(cell + j, whole)), f32x4.mul(f, f32x4.sub(one, f)));
      put(dz + row + j, flush4(df), whole);
      put(dz + 2 * row + j, flush4(f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g)))), whole);
      put(dz + 3 * row + j, flush4(f32x4.mul(f32x4.mul(dh, tc), f32x4.mul(o, f32x4.sub(one, o)))), whole);
      put(dCell + j, flush4(f32x4.mul(dc, f)), whole);
      j += whole ? 16 : 4;
    }
    gates += 4 * row;
    dz += 4 * row;
    cell += row;
    next += row;
    dHidden += row;
    dNext += row;
    dCell += row;
  }
}

// Four floats, or one where a row has no four left.
@inline
function four(from: usize, whole: bool): v128 {
  return whole ? v128.load(from) : v128.load32_splat(from);
}

@inline
function put(to: usize, values: v128, whole: bool): void {
  if (whole) v128.store(to, values);
  else v128.store32_lane(to, values, 0);
}
