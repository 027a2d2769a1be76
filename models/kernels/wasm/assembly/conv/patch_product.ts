// Products of patches and a packed matrix: patches are read where they lie, in runs, and never copied.

import { storeFirst } from "../floats";

// Pixels at a time, so that what their patches cover stays in the first-level cache from one panel to the next.
const BLOCK: i32 = 64;

// Bytes of a matrix [depth, columns] in panels of eight columns.
@inline
export function panelBytes(depth: i32, columns: i32): usize {
  return <usize>(depth * ((columns + 7) & ~7)) << 2;
}

// A matrix [depth, columns] into panels of eight columns, zeros behind its last.
export function packPanels(to: usize, matrix: usize, depth: i32, columns: i32): void {
  for (let column = 0; column < columns; column += 8) {
    const count = min(8, columns - column);
    let from = matrix + (<usize>column << 2);
    for (let i = 0; i < depth; i++) {
      if (count == 8) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else {
        for (let c = 0; c < 8; c++) store<f32>(to + (<usize>c << 2), c < count ? load<f32>(from + (<usize>c << 2)) : 0);
      }
      to += 32;
      from += <usize>columns << 2;
    }
  }
}

// For each pixel of a table, dst = bias + the `runs` runs of its patch against the packed matrix [runs * run, columns].
// The table has two numbers a pixel: where in `frames` the patch begins, and where in `dst` the result goes, in bytes.
// The bias is padded to whole panels. A patch may be empty.
export function patchProduct(
  pixels: i32, table: usize, frames: usize, runs: i32, run: i32, runStep: usize,
  packed: usize, bias: usize, dst: usize, columns: i32,
): void {
  const panel = <usize>(runs * run) << 5;
  if (run == 0) runs = 0;
  for (let first = 0; first < pixels; first += BLOCK) {
    const end = min(first + BLOCK, pixels);
    for (let column = 0, taps = packed; column < columns; column += 8, taps += panel) {
      const at = <usize>column << 2;
      for (let pixel = first; pixel < end; pixel += 4) {
        tile(end - pixel, table + (<usize>pixel << 3), frames, runs, run, runStep, taps, bias + at, dst + at, columns - column);
      }
    }
  }
}

// Four pixels, eight columns. Where fewer pixels are left the last one is computed again: the same values go to the same
// place. Each pixel's four numbers are loaded at once; the round of four can end in between, as in gemm's tiles.
function tile(
  pixels: i32, table: usize, frames: usize, runs: i32, run: i32, runStep: usize,
  taps: usize, bias: usize, dst: usize, columns: i32,
): void {
  const second = table + (pixels > 1 ? 8 : 0), third = second + (pixels > 2 ? 8 : 0), fourth = third + (pixels > 3 ? 8 : 0);
  let p = frames + <usize>load<u32>(table), q = frames + <usize>load<u32>(second);
  let r = frames + <usize>load<u32>(third), t = frames + <usize>load<u32>(fourth);
  let a0 = v128.load(bias), a1 = v128.load(bias, 16);
  let e0 = a0, e1 = a1, f0 = a0, f1 = a1, g0 = a0, g1 = a1;
  for (; runs > 0; runs--) {
    let left = run;
    let at: usize = 0;
    while (true) {
      const a = v128.load(p + at), e = v128.load(q + at), f = v128.load(r + at), g = v128.load(t + at);
      let w0 = v128.load(taps), w1 = v128.load(taps, 16);
      let v = v128.shuffle<f32>(a, a, 0, 0, 0, 0);
      a0 = f32x4.relaxed_madd(v, w0, a0);
      a1 = f32x4.relaxed_madd(v, w1, a1);
      v = v128.shuffle<f32>(e, e, 0, 0, 0, 0);
      e0 = f32x4.relaxed_madd(v, w0, e0);
      e1 = f32x4.relaxed_madd(v, w1, e1);
      v = v128.shuffle<f32>(f, f, 0, 0, 0, 0);
      f0 = f32x4.relaxed_madd(v, w0, f0);
      f1 = f32x4.relaxed_madd(v, w1, f1);
      v = v128.shuffle<f32>(g, g, 0, 0, 0, 0);
      g0 = f32x4.relaxed_madd(v, w0, g0);
      g1 = f32x4.relaxed_madd(v, w1, g1);
      if (left == 1) { taps += 32; break; }
      w0 = v128.load(taps, 32), w1 = v128.load(taps, 48);
      v = v128.shuffle<f32>(a, a, 1, 1, 1, 1);
      a0 = f32x4.relaxed_madd(v, w0, a0);
      a1 = f32x4.relaxed_madd(v, w1, a1);
      v = v128.shuffle<f32>(e, e, 1, 1, 1, 1);
      e0 = f32x4.relaxed_madd(v, w0, e0);
      e1 = f32x4.relaxed_madd(v, w1, e1);
      v = v128.shuffle<f32>(f, f, 1, 1, 1, 1);
      f0 = f32x4.relaxed_madd(v, w0, f0);
      f1 = f32x4.relaxed_madd(v, w1, f1);
      v = v128.shuffle<f32>(g, g, 1, 1, 1, 1);
      g0 = f32x4.relaxed_madd(v, w0, g0);
      g1 = f32x4.relaxed_madd(v, w1, g1);
      if (left == 2) { taps += 64; break; }
      w0 = v128.load(taps, 64), w1 = v128.load(taps, 80);
      v = v128.shuffle<f32>(a, a, 2, 2, 2, 2);
      a0 = f32x4.relaxed_madd(v, w0, a0);
      a1 = f32x4.relaxed_madd(v, w1, a1);
      v = v128.shuffle<f32>(e, e, 2, 2, 2, 2);
      e0 = f32x4.relaxed_madd(v, w0, e0);
      e1 = f32x4.relaxed_madd(v, w1, e1);
      v = v128.shuffle<f32>(f, f, 2, 2, 2, 2);
      f0 = f32x4.relaxed_madd(v, w0, f0);
      f1 = f32x4.relaxed_madd(v, w1, f1);
      v = v128.shuffle<f32>(g, g, 2, 2, 2, 2);
      g0 = f32x4.relaxed_madd(v, w0, g0);
      g1 = f32x4.relaxed_madd(v, w1, g1);
      if (left == 3) { taps += 96; break; }
      w0 = v128.load(taps, 96), w1 = v128.load(taps, 112);
      v = v128.shuffle<f32>(a, a, 3, 3, 3, 3);
      a0 = f32x4.relaxed_madd(v, w0, a0);
      a1 = f32x4.relaxed_madd(v, w1, a1);
      v = v128.shuffle<f32>(e, e, 3, 3, 3, 3);
      e0 = f32x4.relaxed_madd(v, w0, e0);
      e1 = f32x4.relaxed_madd(v, w1, e1);
      v = v128.shuffle<f32>(f, f, 3, 3, 3, 3);
      f0 = f32x4.relaxed_madd(v, w0, f0);
      f1 = f32x4.relaxed_madd(v, w1, f1);
      v = v128.shuffle<f32>(g, g, 3, 3, 3, 3);
      g0 = f32x4.relaxed_madd(v, w0, g0);
      g1 = f32x4.relaxed_madd(v, w1, g1);
      taps += 128;
      at += 16;
      left -= 4;
      if (left == 0) break;
    }
    p += runStep, q += runStep, r += runStep, t += runStep;
  }
  storeFirst(dst + <usize>load<u32>(table, 4), a0, a1, columns);
  storeFirst(dst + <usize>load<u32>(second, 4), e0, e1, columns);
  storeFirst(dst + <usize>load<u32>(third, 4), f0, f1, columns);
  storeFirst(dst + <usize>load<u32>(fourth, 4), g0, g1, columns);
}
