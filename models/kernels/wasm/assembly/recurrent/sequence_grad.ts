// The gradients of a recurrent layer's weights from those of its gates at every step, in one product each: the steps are
// the inner dimension, so that a tile of the result is loaded and stored once for KC rows instead of once a step.

import { gemm } from "../gemm/gemm";

// dst [F, N] = sum over steps of x_t^T dz_t; x [T B, F], dz [T B, N] with rows dzStep bytes apart.
export function inputGrad(
  rows: i32, inputs: i32, x: usize, columns: i32, dz: usize, dzStep: usize, dst: usize, work: usize,
): void {
  gemm(inputs, columns, rows, x, 4, <usize>inputs << 2, dz, dzStep, 4, 0, 0, dst, <usize>columns << 2, work);
}

// dst [H, N] = sum over steps of h_{t-1}^T dz_t, the first of which is hidden0.
export function stateGrad(
  steps: i32, batch: i32, units: i32, hidden0: usize, hidden: usize,
  columns: i32, dz: usize, dzStep: usize, dst: usize, work: usize,
): void {
  const row = <usize>units << 2, dstStep = <usize>columns << 2;
  gemm(units, columns, batch, hidden0, 4, row, dz, dzStep, 4, 0, 0, dst, dstStep, work);
  if (steps == 1) return;
  const later = dz + <usize>batch * dzStep;
  gemm(units, columns, (steps - 1) * batch, hidden, 4, row, later, dzStep, 4, dst, dstStep, dst, dstStep, work);
}

// dst [N] = the sum of all rows of dz.
export function biasGrad(rows: i32, columns: i32, dz: usize, dzStep: usize, dst: usize): void {
  let c = 0;
  for (; c + 16 <= columns; c += 16) { // a cache line of each row
    let a = f32x4.splat(0), b = a, d = a, e = a;
    for (let from = dz, end = dz + <usize>rows * dzStep; from != end; from += dzStep) {
      a = f32x4.add(a, v128.load(from));
      b = f32x4.add(b, v128.load(from, 16));
      d = f32x4.add(d, v128.load(from, 32));
      e = f32x4.add(e, v128.load(from, 48));
    }
    v128.store(dst, a);
    v128.store(dst, b, 16);
    v128.store(dst, d, 32);
    v128.store(dst, e, 48);
    dz += 64;
    dst += 64;
  }
  for (; c < columns; c++) {
    let sum: f32 = 0;
    for (let r = 0; r < rows; r++) sum += load<f32>(dz + <usize>r * dzStep);
    store<f32>(dst, sum);
    dz += 4;
    dst += 4;
  }
}
