// Many products of small matrices, such as those of attention windows: no blocks, and only B is packed, since a general
// product would spend its time on packing.

import { copyFloats, storeFirst } from "../floats";

// Bytes of scratch that gemmSmall needs.
export function gemmSmallScratch(n: i32, k: i32): i32 {
  return k * padded(n) * 4;
}

@inline
function padded(n: i32): i32 {
  return (n + 7) & ~7;
}

// dst[i] [m, n] = a[i] [m, k] b[i] [k, n] for each i; all steps in bytes.
export function gemmSmall(
  count: i32, m: i32, n: i32, k: i32,
  a: usize, aMatrix: usize, aRow: usize, aColumn: usize,
  b: usize, bMatrix: usize, bRow: usize, bColumn: usize,
  dst: usize, scratch: usize,
): void {
  const width = padded(n);
  const packedRow = <usize>width << 2;
  memory.fill(scratch, 0, <usize>k * packedRow);
  for (let i = 0; i < count; i++) {
    for (let p = 0; p < k; p++) {
      const from = b + <usize>p * bRow, to = scratch + <usize>p * packedRow;
      if (bColumn == 4) copyFloats(to, from, <usize>n << 2);
      else for (let j = 0; j < n; j++) store<f32>(to + (<usize>j << 2), load<f32>(from + <usize>j * bColumn));
    }
    let row = 0;
    for (; row + 4 <= m; row += 4) rows4(n, k, a + <usize>row * aRow, aRow, aColumn, scratch, packedRow, dst + (<usize>(row * n) << 2));
    for (; row < m; row++) rows1(n, k, a + <usize>row * aRow, aColumn, scratch, packedRow, dst + (<usize>(row * n) << 2));
    a += aMatrix;
    b += bMatrix;
    dst += <usize>(m * n) << 2;
  }
}

@inline
function rows4(n: i32, k: i32, a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, dst: usize): void {
  const dstRow = <usize>n << 2;
  for (let j = 0; j < n; j += 8) {
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    let x = a, y = b + (<usize>j << 2);
    for (let p = 0; p < k; p++) {
      const low = v128.load(y), high = v128.load(y, 16);
      let value = v128.load32_splat(x);
      c00 = f32x4.relaxed_madd(value, low, c00);
      c01 = f32x4.relaxed_madd(value, high, c01);
      value = v128.load32_splat(x + aRow);
      c10 = f32x4.relaxed_madd(value, low, c10);
      c11 = f32x4.relaxed_madd(value, high, c11);
      value = v128.load32_splat(x + 2 * aRow);
      c20 = f32x4.relaxed_madd(value, low, c20);
      c21 = f32x4.relaxed_madd(value, high, c21);
      value = v128.load32_splat(x + 3 * aRow);
      c30 = f32x4.relaxed_madd(value, low, c30);
      c31 = f32x4.relaxed_madd(value, high, c31);
      x += aColumn;
      y += bRow;
    }
    const to = dst + (<usize>j << 2);
    storeFirst(to, c00, c01, n - j);
    storeFirst(to + dstRow, c10, c11, n - j);
    storeFirst(to + 2 * dstRow, c20, c21, n - j);
    storeFirst(to + 3 * dstRow, c30, c31, n - j);
  }
}

@inline
function rows1(n: i32, k: i32, a: usize, aColumn: usize, b: usize, bRow: usize, dst: usize): void {
  for (let j = 0; j < n; j += 8) {
    let low = f32x4.splat(0), high = low;
    let x = a, y = b + (<usize>j << 2);
    for (let p = 0; p < k; p++) {
      const value = v128.load32_splat(x);
      low = f32x4.relaxed_madd(value, v128.load(y), low);
      high = f32x4.relaxed_madd(value, v128.load(y, 16), high);
      x += aColumn;
      y += bRow;
    }
    storeFirst(dst + (<usize>j << 2), low, high, n - j);
  }
}
