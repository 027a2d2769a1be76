// Elementary functions on four floats.

// tanh by a rational approximation, as in Eigen's generic packet math: odd polynomial of degree 13 over an even one of
// degree 6, exact to a few units in the last place; it is 1 beyond 7.9.
//
// The coefficients are loaded from memory: as constants in the code, each one goes through a general register every
// time, which takes longer than all of the arithmetic.

// Bytes of the table that tanh4 and sigmoid4 read.
export const TANH_TABLE: i32 = 64;

export function writeTanhTable(table: usize): void {
  store<f32>(table, 7.90531110763549805);
  store<f32>(table, -2.76076847742355e-16, 4);
  store<f32>(table, 2.00018790482477e-13, 8);
  store<f32>(table, -8.60467152213735e-11, 12);
  store<f32>(table, 5.12229709037114e-08, 16);
  store<f32>(table, 1.48572235717979e-05, 20);
  store<f32>(table, 6.37261928875436e-04, 24);
  store<f32>(table, 4.89352455891786e-03, 28);
  store<f32>(table, 1.19825839466702e-06, 32);
  store<f32>(table, 1.18534705686654e-04, 36);
  store<f32>(table, 2.26843463243900e-03, 40);
  store<f32>(table, 4.89352518554385e-03, 44);
  store<f32>(table, -7.90531110763549805, 48);
}

@inline
export function tanh4(x: v128, table: usize): v128 {
  x = f32x4.pmax(f32x4.pmin(x, v128.load32_splat(table)), v128.load32_splat(table, 48)); // a NaN stays one
  const x2 = f32x4.mul(x, x);
  let p = f32x4.relaxed_madd(x2, v128.load32_splat(table, 4), v128.load32_splat(table, 8));
  p = f32x4.relaxed_madd(x2, p, v128.load32_splat(table, 12));
  p = f32x4.relaxed_madd(x2, p, v128.load32_splat(table, 16));
  p = f32x4.relaxed_madd(x2, p, v128.load32_splat(table, 20));
  p = f32x4.relaxed_madd(x2, p, v128.load32_splat(table, 24));
  p = f32x4.relaxed_madd(x2, p, v128.load32_splat(table, 28));
  let q = f32x4.relaxed_madd(x2, v128.load32_splat(table, 32), v128.load32_splat(table, 36));
  q = f32x4.relaxed_madd(x2, q, v128.load32_splat(table, 40));
  q = f32x4.relaxed_madd(x2, q, v128.load32_splat(table, 44));
  return f32x4.div(f32x4.mul(x, p), q);
}

@inline
export function sigmoid4(x: v128, table: usize): v128 {
  const half = f32x4.splat(0.5);
  return f32x4.relaxed_madd(tanh4(f32x4.mul(x, half), table), half, half);
}

@inline
export function sigmoid1(x: f32, table: usize): f32 {
  return f32x4.extract_lane(sigmoid4(f32x4.splat(x), table), 0);
}

@inline
export function tanh1(x: f32, table: usize): f32 {
  return f32x4.extract_lane(tanh4(f32x4.splat(x), table), 0);
}

// What is nearer to 0 than this becomes 0: numbers on their way to the subnormal ones, below 1.2e-38, each of which costs
// a processor over a hundred cycles. WebAssembly has no switch for it. A product of one that stays with a weight or a
// learning rate is still a normal number.
const LEAST: f32 = 1e-30;

@inline
export function flush4(x: v128, least: f32 = LEAST): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(least))); // a NaN stays one
}

@inline
export function flush1(x: f32, least: f32 = LEAST): f32 {
  return abs<f32>(x) < least ? 0 : x;
}

@inline
export function sum4(x: v128): f32 {
  return (f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1)) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

// The natural logarithm of normal numbers above 0: x = m 2^e with m in [sqrt(1/2), sqrt(2)), and ln m = 2 artanh(s) with
// s = (m - 1) / (m + 1), by its Taylor series; what is left out is below 3e-9 of the result.
@inline
export function log4(x: v128): v128 {
  const e = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23); // the bits of sqrt(1/2)
  const m = i32x4.sub(x, i32x4.shl(e, 23));
  const s = f32x4.div(f32x4.sub(m, f32x4.splat(1)), f32x4.add(m, f32x4.splat(1)));
  const s2 = f32x4.mul(s, s);
  let p = f32x4.relaxed_madd(s2, f32x4.splat(2.0 / 9), f32x4.splat(2.0 / 7));
  p = f32x4.relaxed_madd(s2, p, f32x4.splat(2.0 / 5));
  p = f32x4.relaxed_madd(s2, p, f32x4.splat(2.0 / 3));
  p = f32x4.relaxed_madd(f32x4.mul(s2, p), s, f32x4.add(s, s));
  return f32x4.relaxed_madd(f32x4.convert_i32x4_s(e), f32x4.splat(0.6931471805599453), p);
}

// e^x: 2^k times e^r with r in [-ln 2 / 2, ln 2 / 2], by its Taylor series, whose rest is below 2e-8 of the result. Below
// -87 it is 2e-38, the smallest normal number nearly, above 88 the largest power of 2.
@inline
export function exp4(x: v128): v128 {
  x = f32x4.max(f32x4.splat(-87), f32x4.min(f32x4.splat(88), x));
  const k = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.4426950408889634)));
  let r = f32x4.sub(x, f32x4.mul(k, f32x4.splat(0.693359375))); // ln 2 in two parts
  r = f32x4.add(r, f32x4.mul(k, f32x4.splat(2.12194440e-4)));
  let p = f32x4.relaxed_madd(r, f32x4.splat(1.0 / 5040), f32x4.splat(1.0 / 720));
  p = f32x4.relaxed_madd(r, p, f32x4.splat(1.0 / 120));
  p = f32x4.relaxed_madd(r, p, f32x4.splat(1.0 / 24));
  p = f32x4.relaxed_madd(r, p, f32x4.splat(1.0 / 6));
  p = f32x4.relaxed_madd(r, p, f32x4.splat(0.5));
  p = f32x4.relaxed_madd(r, p, f32x4.splat(1));
  p = f32x4.relaxed_madd(r, p, f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(k), i32x4.splat(127)), 23);
  return f32x4.mul(p, power);
}
