/**
 * Random tensors on webgpu.
 *
 * @module
 */
import type { WebgpuKernel } from "../context.ts";

const GROUP = 256;

// Table 2 of doi:10.1145/2063384.2063405, as in `kernels/random.ts`.
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];

const ROUNDS = Array.from({ length: 20 }, (_, round) => {
  const left = ROTATIONS[round % 8], injection = (round + 1) / 4;
  const mix = `a += b; b = ((b << ${left}u) | (b >> ${32 - left}u)) ^ a;`;
  return Number.isInteger(injection)
    ? `${mix} a += k${injection % 3}; b += k${(injection + 1) % 3} + ${injection}u;`
    : mix;
}).join("\n  ");

// A thread makes the two numbers of a counter.
const COMMON = `
fn threefry2x32(counter: vec2<u32>) -> vec2<u32> {
  let k0 = uniforms.key0;
  let k1 = uniforms.key1;
  let k2 = 0x1bd11bdau ^ k0 ^ k1;
  var a = counter.x + k0;
  var b = counter.y + k1;
  ${ROUNDS}
  return vec2(a, b);
}

@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let i = flatWorkgroup(workgroup, workgroups) * GROUP + thread;
  let row = i / uniforms.pairs;
  let pair = i % uniforms.pairs;
  if (row >= uniforms.count) { return; }
  let numbers = numbersOf(threefry2x32(vec2(u32(rows[row]), pair)) >> vec2(8u));
  let at = row * uniforms.columns + 2u * pair;
  values[at] = numbers.x;
  if (2u * pair + 1u < uniforms.columns) { values[at + 1u] = numbers.y; }
}
`;

const UNIFORM = `
${COMMON}
fn numbersOf(words: vec2<u32>) -> vec2<f32> { return vec2<f32>(words) * 5.9604644775390625e-8; }
`;

// WGSL lets cos be off by 2^-11 and log by 2^-21 near 1; these are the series of `wasm/assembly/random.ts` instead.
const NORMAL = `
${COMMON}
/** x = m 2^e with m in [sqrt(1/2), sqrt(2)), and ln m = 2 artanh(s) with s = (m - 1) / (m + 1). */
fn logOf(x: f32) -> f32 {
  let e = (bitcast<i32>(x) - 0x3f3504f3) >> 23u; // the bits of sqrt(1/2)
  let m = bitcast<f32>(bitcast<i32>(x) - (e << 23u));
  let s = (m - 1.0) / (m + 1.0);
  let s2 = s * s;
  let p = ((s2 * (2.0 / 9.0) + 2.0 / 7.0) * s2 + 2.0 / 5.0) * s2 + 2.0 / 3.0;
  return f32(e) * 0.6931471805599453 + (s2 * p * s + (s + s));
}

fn numbersOf(words: vec2<u32>) -> vec2<f32> {
  let radius = sqrt(-2.0 * logOf(f32(words.x + 1u) * 5.9604644775390625e-8));
  // The nearest quarter of a turn and what remains, both exact; x in [-pi / 4, pi / 4].
  let quarter = (words.y + (1u << 21u)) >> 22u;
  let x = f32(i32(words.y) - i32(quarter << 22u)) * 3.7450702829239286e-7; // 2 pi 2^-24
  let x2 = x * x;
  let s = ((x2 * (1.0 / 362880.0) - 1.0 / 5040.0) * x2 + 1.0 / 120.0) * x2 - 1.0 / 6.0;
  let c = (((x2 * (-1.0 / 3628800.0) + 1.0 / 40320.0) * x2 - 1.0 / 720.0) * x2 + 1.0 / 24.0) * x2 - 0.5;
  let turned = vec2(x2 * c + 1.0, x2 * x * s + x); // cos and sin of x
  // cos(x + q pi / 2) is cos x, -sin x, -cos x, sin x; sin(x + q pi / 2) is sin x, cos x, -sin x, -cos x.
  let sides = select(turned, turned.yx, (quarter & 1u) == 1u);
  let negative = vec2(((quarter + 1u) & 2u) == 2u, (quarter & 2u) == 2u);
  return radius * select(sides, -sides, negative);
}
`;

/** Row ids int32 [N] -> uniform or normal numbers, [N, columns]. */
export function random(name: "randomUniform" | "randomNormal"): WebgpuKernel {
  return ({ output, run }, { rows }, { key0, key1, columns }) => {
    const [count] = rows.shape;
    const values = output([count, columns]);
    const pairs = Math.ceil(columns / 2);
    run({
      name,
      source: name === "randomUniform" ? UNIFORM : NORMAL,
      constants: { GROUP },
      sizes: { key0, key1, count, columns, pairs },
      changing: true,
      reads: { rows },
      writes: { values },
      workgroups: Math.ceil(count * pairs / GROUP),
    });
    return values;
  };
}
