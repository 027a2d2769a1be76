// General matrix product on row-major float32, in tiles of 5x8 and 4x8 held in registers. Packed operands let the
// innermost loop read two short contiguous streams (Goto and van de Geijn 2008).

import { fives, KC, NR, packA, packedRows, packPanelB } from "./gemm_pack";

const MC: i32 = 768; // rows of A at a time: a block of them stays in the second-level cache

// Bytes of scratch that gemm needs.
export function gemmScratch(m: i32): i32 {
  return (packedRows(min(m, MC)) * KC + KC * NR + 5 * NR) * 4;
}

// Bytes of scratch that gemmPacked needs: it takes all rows at once.
export function packedGemmScratch(m: i32): i32 {
  return (packedRows(m) * KC + 5 * NR) * 4;
}

@inline
function put(dst: usize, src: usize, low: v128, high: v128): void {
  if (src) {
    low = f32x4.add(low, v128.load(src));
    high = f32x4.add(high, v128.load(src, 16));
  }
  v128.store(dst, low);
  v128.store(dst, high, 16);
}

// A tile is as fast as its loop has few instructions, not as its arithmetic. Without signal handlers, as under Deno, the
// engine checks the bounds of every load, which is four instructions: so four numbers of A are loaded at once and spread,
// and ten sums leave registers for that; with twelve some would go to memory and back in every round. In the middle of a
// round of two the loop can end: without that, the engine moves the sums of both behind the loads of both, and out of
// registers too.

function tile5(k: i32, a: usize, b: usize, src: usize, srcStep: usize, dst: usize, dstStep: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00;
  let b0 = c00, b1 = c00, v = c00, x = c00;
  while (true) {
    b0 = v128.load(b), b1 = v128.load(b, 16), v = v128.load(a);
    x = v128.shuffle<f32>(v, v, 0, 0, 0, 0);
    c00 = f32x4.relaxed_madd(x, b0, c00);
    c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.shuffle<f32>(v, v, 1, 1, 1, 1);
    c10 = f32x4.relaxed_madd(x, b0, c10);
    c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
    c20 = f32x4.relaxed_madd(x, b0, c20);
    c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
    c30 = f32x4.relaxed_madd(x, b0, c30);
    c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a, 16);
    c40 = f32x4.relaxed_madd(x, b0, c40);
    c41 = f32x4.relaxed_madd(x, b1, c41);
    if (--k == 0) break;
    b0 = v128.load(b, 32), b1 = v128.load(b, 48), v = v128.load(a, 20);
    x = v128.shuffle<f32>(v, v, 0, 0, 0, 0);
    c00 = f32x4.relaxed_madd(x, b0, c00);
    c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.shuffle<f32>(v, v, 1, 1, 1, 1);
    c10 = f32x4.relaxed_madd(x, b0, c10);
    c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
    c20 = f32x4.relaxed_madd(x, b0, c20);
    c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
    c30 = f32x4.relaxed_madd(x, b0, c30);
    c31 = f32x4.relaxed_madd(x, b1, c31);
    x = v128.load32_splat(a, 36);
    c40 = f32x4.relaxed_madd(x, b0, c40);
    c41 = f32x4.relaxed_madd(x, b1, c41);
    if (--k == 0) break;
    a += 40;
    b += 64;
  }
  put(dst, src, c00, c01);
  put(dst + dstStep, src ? src + srcStep : 0, c10, c11);
  put(dst + 2 * dstStep, src ? src + 2 * srcStep : 0, c20, c21);
  put(dst + 3 * dstStep, src ? src + 3 * srcStep : 0, c30, c31);
  put(dst + 4 * dstStep, src ? src + 4 * srcStep : 0, c40, c41);
}

function tile4(k: i32, a: usize, b: usize, src: usize, srcStep: usize, dst: usize, dstStep: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00;
  let b0 = c00, b1 = c00, v = c00, x = c00;
  while (true) {
    b0 = v128.load(b), b1 = v128.load(b, 16), v = v128.load(a);
    x = v128.shuffle<f32>(v, v, 0, 0, 0, 0);
    c00 = f32x4.relaxed_madd(x, b0, c00);
    c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.shuffle<f32>(v, v, 1, 1, 1, 1);
    c10 = f32x4.relaxed_madd(x, b0, c10);
    c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
    c20 = f32x4.relaxed_madd(x, b0, c20);
    c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
    c30 = f32x4.relaxed_madd(x, b0, c30);
    c31 = f32x4.relaxed_madd(x, b1, c31);
    if (--k == 0) break;
    b0 = v128.load(b, 32), b1 = v128.load(b, 48), v = v128.load(a, 16);
    x = v128.shuffle<f32>(v, v, 0, 0, 0, 0);
    c00 = f32x4.relaxed_madd(x, b0, c00);
    c01 = f32x4.relaxed_madd(x, b1, c01);
    x = v128.shuffle<f32>(v, v, 1, 1, 1, 1);
    c10 = f32x4.relaxed_madd(x, b0, c10);
    c11 = f32x4.relaxed_madd(x, b1, c11);
    x = v128.shuffle<f32>(v, v, 2, 2, 2, 2);
    c20 = f32x4.relaxed_madd(x, b0, c20);
    c21 = f32x4.relaxed_madd(x, b1, c21);
    x = v128.shuffle<f32>(v, v, 3, 3, 3, 3);
    c30 = f32x4.relaxed_madd(x, b0, c30);
    c31 = f32x4.relaxed_madd(x, b1, c31);
    if (--k == 0) break;
    a += 32;
    b += 64;
  }
  put(dst, src, c00, c01);
  put(dst + dstStep, src ? src + srcStep : 0, c10, c11);
  put(dst + 2 * dstStep, src ? src + 2 * srcStep : 0, c20, c21);
  put(dst + 3 * dstStep, src ? src + 3 * srcStep : 0, c30, c31);
}

// One packed panel of B, eight columns or fewer, against all packed rows of A.
function panel(
  m: i32, cols: i32, k: i32, a: usize, b: usize,
  src: usize, srcStep: usize, dst: usize, dstStep: usize, edge: usize,
): void {
  const five = fives(m);
  let row = 0;
  while (row < m) {
    const width = row < 5 * five ? 5 : 4;
    const rows = min(width, m - row);
    const to = dst + <usize>row * dstStep;
    const from = src ? src + <usize>row * srcStep : 0;
    const whole = rows == width && cols == NR;
    if (width == 5) {
      if (whole) tile5(k, a, b, from, srcStep, to, dstStep);
      else tile5(k, a, b, 0, 0, edge, 32);
    } else {
      if (whole) tile4(k, a, b, from, srcStep, to, dstStep);
      else tile4(k, a, b, 0, 0, edge, 32);
    }
    if (!whole) {
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < cols; c++) {
          const at = <usize>c << 2;
          let value = load<f32>(edge + (<usize>r << 5) + at);
          if (from) value += load<f32>(from + <usize>r * srcStep + at);
          store<f32>(to + <usize>r * dstStep + at, value);
        }
      }
    }
    a += <usize>(width * k) << 2;
    row += width;
  }
}

// dst = src + A B. Steps are in bytes; a src of 0 counts as zeros, a srcStep of 0 repeats one row (a bias).
export function gemm(
  m: i32, n: i32, k: i32,
  a: usize, aRow: usize, aCol: usize,
  b: usize, bRow: usize, bCol: usize,
  src: usize, srcStep: usize, dst: usize, dstStep: usize, scratch: usize,
): void {
  for (let row = 0; row < m; row += MC) {
    const at = <usize>row;
    rowBlock(
      min(MC, m - row), n, k, a + at * aRow, aRow, aCol, b, bRow, bCol,
      src ? src + at * srcStep : 0, srcStep, dst + at * dstStep, dstStep, scratch,
    );
  }
}

function rowBlock(
  m: i32, n: i32, k: i32,
  a: usize, aRow: usize, aCol: usize,
  b: usize, bRow: usize, bCol: usize,
  src: usize, srcStep: usize, dst: usize, dstStep: usize, scratch: usize,
): void {
  const packedB = scratch;
  const edge = packedB + <usize>(KC * NR) * 4;
  const packedA = edge + 5 * NR * 4;
  for (let from = 0; from < k; from += KC) {
    const depth = min(KC, k - from);
    packA(packedA, a + <usize>from * aCol, m, depth, aRow, aCol);
    for (let col = 0; col < n; col += NR) {
      const cols = min(NR, n - col);
      const at = <usize>col << 2;
      packPanelB(packedB, b + <usize>from * bRow + <usize>col * bCol, cols, depth, bRow, bCol);
      panel(m, cols, depth, packedA, packedB, src ? src + at : 0, srcStep, dst + at, dstStep, edge);
    }
    src = dst; // the next blocks add to what is there
    srcStep = dstStep;
  }
}

// gemm with a B that packB has packed; its scratch is packedGemmScratch(m).
export function gemmPacked(
  m: i32, n: i32, k: i32,
  a: usize, aRow: usize, aCol: usize, packed: usize,
  src: usize, srcStep: usize, dst: usize, dstStep: usize, scratch: usize,
): void {
  const edge = scratch;
  const packedA = edge + 5 * NR * 4;
  for (let from = 0; from < k; from += KC) {
    const depth = min(KC, k - from);
    packA(packedA, a + <usize>from * aCol, m, depth, aRow, aCol);
    for (let col = 0; col < n; col += NR) {
      const at = <usize>col << 2;
      panel(m, min(NR, n - col), depth, packedA, packed, src ? src + at : 0, srcStep, dst + at, dstStep, edge);
      packed += <usize>(depth * NR) << 2;
    }
    src = dst;
    srcStep = dstStep;
  }
}
