// How gemm packs its operands: A in panels of five (at the end four) rows, B in panels of eight columns, both padded with
// zeros, in blocks of KC along the inner dimension.

export const KC: i32 = 256;
export const NR: i32 = 8;

// How m rows are cut: so many fives first, then fours, wasting nothing from 12 rows on.
@inline
export function fives(m: i32): i32 {
  const most = (m + 4) / 5;
  return max(most - (5 * most - m), 0);
}

@inline
export function packedRows(m: i32): i32 {
  const five = fives(m);
  return 5 * five + ((m - 5 * five + 3) & ~3);
}

// Bytes of a whole packed B.
export function packedBytes(k: i32, n: i32): i32 {
  return ((n + NR - 1) / NR) * NR * k * 4;
}

// Four by four, transposed: rows `from` bytes apart into rows `to` bytes apart.
@inline
function transpose4(dst: usize, src: usize, from: usize, to: usize): void {
  const a = v128.load(src), b = v128.load(src + from), c = v128.load(src + 2 * from), d = v128.load(src + 3 * from);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  v128.store(dst, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(dst + to, v128.shuffle<i64>(ab, cd, 1, 3));
  const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(dst + 2 * to, v128.shuffle<i64>(ef, gh, 0, 2));
  v128.store(dst + 3 * to, v128.shuffle<i64>(ef, gh, 1, 3));
}

@inline
function packPanelA(dst: usize, a: usize, rows: i32, width: i32, k: i32, rowStep: usize, colStep: usize): void {
  if (rowStep == 4 && rows == width) { // A is transposed: its rows lie side by side
    for (let p = 0; p < k; p++) {
      v128.store(dst, v128.load(a));
      if (width == 5) store<f32>(dst, load<f32>(a, 16), 16);
      dst += <usize>width << 2;
      a += colStep;
    }
    return;
  }
  if (colStep == 4 && rows == width) { // its rows are apart: four columns at a time through the registers
    packRows(dst, a, width, k, rowStep);
    return;
  }
  for (let r = 0; r < width; r++) {
    let to = dst + (<usize>r << 2);
    const step = <usize>width << 2;
    if (r < rows) {
      let from = a + <usize>r * rowStep;
      for (let p = 0; p < k; p++) {
        store<f32>(to, load<f32>(from));
        to += step;
        from += colStep;
      }
    } else {
      for (let p = 0; p < k; p++) {
        store<f32>(to, 0);
        to += step;
      }
    }
  }
}

@inline
function packRows(dst: usize, a: usize, width: i32, k: i32, rowStep: usize): void {
  const step = <usize>width << 2;
  const fifth = a + 4 * rowStep;
  let p: usize = 0;
  for (const end = <usize>(k & ~3) << 2; p < end; p += 16) {
    transpose4(dst, a + p, rowStep, step);
    if (width == 5) {
      const x = v128.load(fifth + p);
      v128.store32_lane(dst, x, 0, 16);
      v128.store32_lane(dst, x, 1, 36);
      v128.store32_lane(dst, x, 2, 56);
      v128.store32_lane(dst, x, 3, 76);
    }
    dst += 4 * step;
  }
  for (const end = <usize>k << 2; p < end; p += 4) {
    for (let r = 0; r < width; r++) store<f32>(dst + (<usize>r << 2), load<f32>(a + p + <usize>r * rowStep));
    dst += step;
  }
}

export function packA(dst: usize, a: usize, m: i32, k: i32, rowStep: usize, colStep: usize): void {
  const five = fives(m);
  let row = 0;
  while (row < m) {
    const width = row < 5 * five ? 5 : 4;
    packPanelA(dst, a + <usize>row * rowStep, min(width, m - row), width, k, rowStep, colStep);
    dst += <usize>(width * k) << 2;
    row += width;
  }
}

export function packPanelB(dst: usize, b: usize, cols: i32, k: i32, rowStep: usize, colStep: usize): void {
  if (cols == NR && colStep == 4) {
    for (let p = 0; p < k; p++) {
      v128.store(dst, v128.load(b));
      v128.store(dst, v128.load(b, 16), 16);
      dst += 32;
      b += rowStep;
    }
    return;
  }
  if (cols == NR && rowStep == 4) { // B is transposed: four by four through the registers
    let p = 0;
    for (; p + 4 <= k; p += 4) {
      transpose4(dst, b, colStep, 32);
      transpose4(dst + 16, b + 4 * colStep, colStep, 32);
      dst += 128;
      b += 16;
    }
    for (; p < k; p++) {
      for (let c = 0; c < NR; c++) store<f32>(dst + (<usize>c << 2), load<f32>(b + <usize>c * colStep));
      dst += 32;
      b += 4;
    }
    return;
  }
  for (let c = 0; c < NR; c++) {
    let to = dst + (<usize>c << 2);
    if (c < cols) {
      let from = b + <usize>c * colStep;
      for (let p = 0; p < k; p++) {
        store<f32>(to, load<f32>(from));
        to += 32;
        from += rowStep;
      }
    } else {
      for (let p = 0; p < k; p++) {
        store<f32>(to, 0);
        to += 32;
      }
    }
  }
}

// Packs a whole B: block after block of KC rows, in each panel after panel.
export function packB(dst: usize, b: usize, k: i32, n: i32, rowStep: usize, colStep: usize): void {
  for (let from = 0; from < k; from += KC) {
    const depth = min(KC, k - from);
    for (let col = 0; col < n; col += NR) {
      packPanelB(dst, b + <usize>from * rowStep + <usize>col * colStep, min(NR, n - col), depth, rowStep, colStep);
      dst += <usize>(depth * NR) << 2;
    }
  }
}
