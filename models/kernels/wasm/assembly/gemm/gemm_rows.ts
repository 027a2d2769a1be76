// Products of so few rows that packing the other operand would take longer than the product.

import { sum4 } from "../math";

export const FEW_ROWS: i32 = 3;

// dst [n] = src + a [k] B [k, n], the rows of B contiguous; a src of 0 counts as zeros.
export function rowProduct(
  n: i32, k: i32, a: usize, aStep: usize, b: usize, bRow: usize, src: usize, dst: usize,
): void {
  let j = 0;
  for (; j + 32 <= n; j += 32) {
    let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
    if (src) {
      c0 = v128.load(src), c1 = v128.load(src, 16), c2 = v128.load(src, 32), c3 = v128.load(src, 48);
      c4 = v128.load(src, 64), c5 = v128.load(src, 80), c6 = v128.load(src, 96), c7 = v128.load(src, 112);
      src += 128;
    }
    for (let p = 0, x = a, y = b; p < k; p++) {
      const v = v128.load32_splat(x);
      c0 = f32x4.relaxed_madd(v, v128.load(y), c0);
      c1 = f32x4.relaxed_madd(v, v128.load(y, 16), c1);
      c2 = f32x4.relaxed_madd(v, v128.load(y, 32), c2);
      c3 = f32x4.relaxed_madd(v, v128.load(y, 48), c3);
      c4 = f32x4.relaxed_madd(v, v128.load(y, 64), c4);
      c5 = f32x4.relaxed_madd(v, v128.load(y, 80), c5);
      c6 = f32x4.relaxed_madd(v, v128.load(y, 96), c6);
      c7 = f32x4.relaxed_madd(v, v128.load(y, 112), c7);
      x += aStep;
      y += bRow;
    }
    v128.store(dst, c0);
    v128.store(dst, c1, 16);
    v128.store(dst, c2, 32);
    v128.store(dst, c3, 48);
    v128.store(dst, c4, 64);
    v128.store(dst, c5, 80);
    v128.store(dst, c6, 96);
    v128.store(dst, c7, 112);
    b += 128;
    dst += 128;
  }
  for (; j + 4 <= n; j += 4) {
    let c = src ? v128.load(src) : f32x4.splat(0);
    for (let p = 0, x = a, y = b; p < k; p++) {
      c = f32x4.relaxed_madd(v128.load32_splat(x), v128.load(y), c);
      x += aStep;
      y += bRow;
    }
    v128.store(dst, c);
    if (src) src += 16;
    b += 16;
    dst += 16;
  }
  for (; j < n; j++) {
    let c: f32 = src ? load<f32>(src) : 0;
    for (let p = 0, x = a, y = b; p < k; p++) {
      c += load<f32>(x) * load<f32>(y);
      x += aStep;
      y += bRow;
    }
    store<f32>(dst, c);
    if (src) src += 4;
    b += 4;
    dst += 4;
  }
}

// dst [n] = src + a [k] B [k, n], both a and the columns of B contiguous, those `bColumn` bytes apart.
export function dotProducts(n: i32, k: i32, a: usize, b: usize, bColumn: usize, src: usize, dst: usize): void {
  const whole = <usize>(k & ~3) << 2, end = <usize>k << 2;
  for (let j = 0; j < n; j += 4) {
    const count = min(4, n - j);
    // Columns that are not there are the last one again.
    const b1 = b + (count > 1 ? bColumn : 0), b2 = b1 + (count > 2 ? bColumn : 0), b3 = b2 + (count > 3 ? bColumn : 0);
    let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
    let p: usize = 0;
    for (; p < whole; p += 16) {
      const v = v128.load(a + p);
      c0 = f32x4.relaxed_madd(v, v128.load(b + p), c0);
      c1 = f32x4.relaxed_madd(v, v128.load(b1 + p), c1);
      c2 = f32x4.relaxed_madd(v, v128.load(b2 + p), c2);
      c3 = f32x4.relaxed_madd(v, v128.load(b3 + p), c3);
    }
    let s0 = sum4(c0), s1 = sum4(c1), s2 = sum4(c2), s3 = sum4(c3);
    for (; p < end; p += 4) {
      const v = load<f32>(a + p);
      s0 += v * load<f32>(b + p);
      s1 += v * load<f32>(b1 + p);
      s2 += v * load<f32>(b2 + p);
      s3 += v * load<f32>(b3 + p);
    }
    put(dst, src, s0);
    if (count > 1) put(dst + 4, src ? src + 4 : 0, s1);
    if (count > 2) put(dst + 8, src ? src + 8 : 0, s2);
    if (count > 3) put(dst + 12, src ? src + 12 : 0, s3);
    b = b3 + bColumn;
    dst += 16;
    if (src) src += 16;
  }
}

@inline
function put(to: usize, src: usize, value: f32): void {
  store<f32>(to, src ? load<f32>(src) + value : value);
}
