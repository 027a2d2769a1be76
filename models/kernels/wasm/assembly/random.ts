// Uniform and normal numbers from Threefry-2x32; see kernels/random.ts for what they are.

import { log4 } from "./math";

@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

// Words 0 of the counters (row, pair) to (row, pair + 3) go to `words`, words 1 behind them. No table of rotations:
// a table would be a data segment, which has no place of its own in tfjs's memory.
function threefry4(words: usize, row: i32, pair: i32, key0: i32, key1: i32): void {
  const k0 = i32x4.splat(key0), k1 = i32x4.splat(key1), k2 = i32x4.splat(0x1bd11bda ^ key0 ^ key1);
  let a = i32x4.add(i32x4.splat(row), k0);
  let b = i32x4.add(i32x4.add(i32x4.splat(pair), i32x4(0, 1, 2, 3)), k1);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 13), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 15), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 26), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 6), a);
  a = i32x4.add(a, k1); b = i32x4.add(b, i32x4.add(k2, i32x4.splat(1)));
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 17), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 29), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 16), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 24), a);
  a = i32x4.add(a, k2); b = i32x4.add(b, i32x4.add(k0, i32x4.splat(2)));
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 13), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 15), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 26), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 6), a);
  a = i32x4.add(a, k0); b = i32x4.add(b, i32x4.add(k1, i32x4.splat(3)));
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 17), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 29), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 16), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 24), a);
  a = i32x4.add(a, k1); b = i32x4.add(b, i32x4.add(k2, i32x4.splat(4)));
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 13), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 15), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 26), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 6), a);
  v128.store(words, i32x4.add(a, k2));
  v128.store(words, i32x4.add(b, i32x4.add(k0, i32x4.splat(5))), 16);
}

// out[0], out[2], … = a; out[1], out[3], … = b.
@inline
function storePairs(out: usize, a: v128, b: v128): void {
  v128.store(out, v128.shuffle<f32>(a, b, 0, 4, 1, 5));
  v128.store(out, v128.shuffle<f32>(a, b, 2, 6, 3, 7), 16);
}

@inline
function uniforms4(words: usize, out: usize): void {
  const unit = f32x4.splat(5.9604644775390625e-8); // 2^-24
  const a = f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(v128.load(words), 8)), unit);
  const b = f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(v128.load(words, 16), 8)), unit);
  storePairs(out, a, b);
}

@inline
function normals4(words: usize, out: usize): void {
  const u = i32x4.add(i32x4.shr_u(v128.load(words), 8), i32x4.splat(1));
  const log = log4(f32x4.mul(f32x4.convert_i32x4_u(u), f32x4.splat(5.9604644775390625e-8)));
  const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), log));
  // The nearest quarter of a turn and what remains, both exact; x in [-pi / 4, pi / 4].
  const w = i32x4.shr_u(v128.load(words, 16), 8);
  const quarter = i32x4.shr_u(i32x4.add(w, i32x4.splat(1 << 21)), 22);
  const rest = i32x4.sub(w, i32x4.shl(quarter, 22));
  const x = f32x4.mul(f32x4.convert_i32x4_s(rest), f32x4.splat(3.7450702829239286e-7)); // 2 pi 2^-24
  const x2 = f32x4.mul(x, x);
  // The Taylor series; what is left out is below 2e-9.
  let s = f32x4.relaxed_madd(x2, f32x4.splat(1.0 / 362880), f32x4.splat(-1.0 / 5040));
  s = f32x4.relaxed_madd(x2, s, f32x4.splat(1.0 / 120));
  s = f32x4.relaxed_madd(x2, s, f32x4.splat(-1.0 / 6));
  const sine = f32x4.relaxed_madd(f32x4.mul(x2, x), s, x);
  let c = f32x4.relaxed_madd(x2, f32x4.splat(-1.0 / 3628800), f32x4.splat(1.0 / 40320));
  c = f32x4.relaxed_madd(x2, c, f32x4.splat(-1.0 / 720));
  c = f32x4.relaxed_madd(x2, c, f32x4.splat(1.0 / 24));
  c = f32x4.relaxed_madd(x2, c, f32x4.splat(-0.5));
  const cosine = f32x4.relaxed_madd(x2, c, f32x4.splat(1));
  // cos(x + q pi / 2) is cos x, -sin x, -cos x, sin x; sin(x + q pi / 2) is sin x, cos x, -sin x, -cos x.
  const odd = i32x4.ne(v128.and(quarter, i32x4.splat(1)), i32x4.splat(0));
  const sign = i32x4.splat(0x80000000);
  const cosSign = v128.and(i32x4.shl(i32x4.add(quarter, i32x4.splat(1)), 30), sign);
  const sinSign = v128.and(i32x4.shl(quarter, 30), sign);
  const cos = v128.xor(v128.bitselect(sine, cosine, odd), cosSign);
  const sin = v128.xor(v128.bitselect(cosine, sine, odd), sinSign);
  storePairs(out, f32x4.mul(radius, cos), f32x4.mul(radius, sin));
}

@inline
function fill(
  rows: i32, columns: i32, key0: i32, key1: i32, ids: usize, out: usize, scratch: usize, normal: bool,
): void {
  const words = scratch + 32;
  for (let r = 0; r < rows; r++) {
    const id = load<i32>(ids + (<usize>r << 2));
    for (let j = 0; j < columns; j += 8) {
      const left = columns - j;
      const to = left >= 8 ? out : scratch;
      threefry4(words, id, j >> 1, key0, key1);
      if (normal) normals4(words, to);
      else uniforms4(words, to);
      if (left < 8) memory.copy(out, scratch, <usize>left << 2);
      out += <usize>min(left, 8) << 2;
    }
  }
}

// Columns `first`, a multiple of 8, and on of the row with this id, up to eight too many. The scratch is 32 bytes.
export function uniformRow(
  id: i32, first: i32, columns: i32, key0: i32, key1: i32, out: usize, scratch: usize,
): void {
  for (let j = 0; j < columns; j += 8) {
    threefry4(scratch, id, (first + j) >> 1, key0, key1);
    uniforms4(scratch, out + (<usize>j << 2));
  }
}

// The scratch is 64 bytes.
export function randomUniform(
  rows: i32, columns: i32, key0: i32, key1: i32, ids: usize, out: usize, scratch: usize,
): void {
  fill(rows, columns, key0, key1, ids, out, scratch, false);
}

export function randomNormal(
  rows: i32, columns: i32, key0: i32, key1: i32, ids: usize, out: usize, scratch: usize,
): void {
  fill(rows, columns, key0, key1, ids, out, scratch, true);
}
