/**
 * The filters of attention windows, and their gradient, on webgpu; see `ops/window_filters.ts` for what they are.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { WebgpuContext, WebgpuKernel } from "../context.ts";
import { BEND } from "../math.ts";

const GROUP = 64;

/** Where windows are; `raw` and `uniforms.side` are read. */
const PLACE = `
${BEND}
fn centreOf(b: u32, axis: u32) -> f32 { return f32(uniforms.side + 1u) / 2.0 * (raw[b * 5u + axis] + 1.0) - 1.0; }
fn sharpnessOf(bentVar: f32) -> f32 { return exp(-bentVar) / 2.0; } // 1 / (2 sigma^2)
fn strideOf(bentDelta: f32) -> f32 { return exp(bentDelta) * f32(uniforms.side - 1u) / f32(max(N, 2u) - 1u); }
fn offsetOf(i: u32) -> f32 { return f32(i) - f32(N - 1u) / 2.0; }
fn nearestTo(mean: f32) -> f32 { return clamp(round(mean), 0.0, f32(uniforms.side - 1u)); }
// (nearest - mean)^2 - (a - mean)^2 with all its digits where the mean is far outside the image, and never above 0, even
// if a device contracts a multiplication with an addition: the difference of the squares might be, and its exponential
// overflow.
fn nearnessOf(a: f32, nearest: f32, mean: f32) -> f32 { return (nearest - a) * (nearest + a - 2.0 * mean); }
`;

// A thread makes a filter: exp(-(a - mean)^2 sharpness) for each cell a, divided by their sum. The cell nearest to the
// mean comes to 1 before that division, so that no filter vanishes; a weight below FAINTEST becomes 0: beside that sum it
// is nothing, and the product of two that stay is no subnormal number. The wasm kernel does the same.
const FORWARD = `
${PLACE}
const FAINTEST = 1e-18;
@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let row = flatWorkgroup(workgroup, workgroups) * GROUP + thread;
  if (row >= 2u * uniforms.batch * N) { return; }
  let b = row / N % uniforms.batch;
  let stride = strideOf(bend(raw[b * 5u + 3u]));
  let mean = centreOf(b, row / (N * uniforms.batch)) + offsetOf(row % N) * stride;
  let sharpness = sharpnessOf(bend(raw[b * 5u + 2u]));
  let nearest = nearestTo(mean);
  let first = row * uniforms.side;
  var sum = 0.0;
  for (var a = 0u; a < uniforms.side; a++) {
    let weight = exp(nearnessOf(f32(a), nearest, mean) * sharpness);
    let kept = select(weight, 0.0, weight < FAINTEST);
    banks[first + a] = kept;
    sum += kept;
  }
  for (var a = 0u; a < uniforms.side; a++) { banks[first + a] /= sum; }
}`;

// A workgroup has a window, a thread one filter of it or several: the gradient of a softmax, then of its exponents. The
// softmax's gradients add up to 0, so that distances may be measured from the nearest cell instead of the mean. Where
// filters were used with the intensity to a POWER, its logarithm's gradient is that many times the sum of dw w over one
// axis, because the result is linear in those filters.
const BACKWARD = `
${PLACE}
var<workgroup> parts: array<vec4<f32>, GROUP>; // of the centres, log sigma^2 and log delta
var<workgroup> intensities: array<f32, GROUP>;
@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let b = min(flatWorkgroup(workgroup, workgroups), uniforms.batch - 1u);
  let bentVar = bend(raw[b * 5u + 2u]);
  let bentDelta = bend(raw[b * 5u + 3u]);
  let sharpness = sharpnessOf(bentVar);
  let stride = strideOf(bentDelta);
  var part = vec4<f32>();
  var intensity = 0.0;
  for (var i = thread; i < 2u * N; i += GROUP) {
    let axis = i / N;
    let offset = offsetOf(i % N);
    let mean = centreOf(b, axis) + offset * stride;
    let first = ((axis * uniforms.batch + b) * N + i % N) * uniforms.side;
    var mixed = 0.0;
    for (var a = first; a < first + uniforms.side; a++) { mixed += banks[a] * dBanks[a]; }
    let nearest = nearestTo(mean);
    var moments = vec2<f32>();
    for (var a = 0u; a < uniforms.side; a++) {
      let de = banks[first + a] * (dBanks[first + a] - mixed);
      moments += de * vec2(f32(a) - nearest, -nearnessOf(f32(a), nearest, mean));
    }
    let dMean = 2.0 * sharpness * moments.x;
    part += vec4(select(dMean, 0.0, axis == 1u), select(0.0, dMean, axis == 1u), sharpness * moments.y, dMean * offset);
    intensity += select(0.0, mixed, axis == 1u);
  }
  parts[thread] = part;
  intensities[thread] = intensity;
  for (var half = GROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) {
      parts[thread] += parts[thread + half];
      intensities[thread] += intensities[thread + half];
    }
  }
  if (thread != 0u) { return; }
  let cells = f32(uniforms.side + 1u) / 2.0;
  dRaw[b * 5u] = parts[0].x * cells;
  dRaw[b * 5u + 1u] = parts[0].y * cells;
  dRaw[b * 5u + 2u] = parts[0].z * slopeOf(bentVar);
  dRaw[b * 5u + 3u] = parts[0].w * stride * slopeOf(bentDelta);
  dRaw[b * 5u + 4u] = uniforms.power * intensities[0] * slopeOf(bend(raw[b * 5u + 4u]));
}`;

/** A window's parameters and how large it is. */
export interface Windows {
  /** float32 [B, 5]. */
  readonly raw: tf.TensorInfo;
  /** N. */
  readonly filters: number;
  /** S. */
  readonly side: number;
}

/** A new tensor of filters, [2, B, N, S]. */
export function runFilters({ output, run }: WebgpuContext, { raw, filters, side }: Windows): tf.TensorInfo {
  const [batch] = raw.shape;
  const banks = output([2, batch, filters, side]);
  run({
    name: "WindowFilters",
    source: FORWARD,
    constants: { GROUP, N: filters },
    sizes: { batch, side },
    reads: { raw },
    writes: { banks },
    workgroups: Math.ceil(2 * batch * filters / GROUP),
  });
  return banks;
}

/**
 * The gradient of raw [B, 5], a new tensor.
 *
 * @param power The power of the intensity by which what was made with the filters is multiplied.
 */
export function runFiltersGrad(
  { output, run }: WebgpuContext,
  { raw, banks, dBanks, power }: Record<"raw" | "banks" | "dBanks", tf.TensorInfo> & { readonly power: -1 | 0 | 1 },
): tf.TensorInfo {
  const [, batch, filters, side] = banks.shape;
  const dRaw = output(raw.shape);
  run({
    name: "WindowFiltersGrad",
    source: BACKWARD,
    constants: { GROUP, N: filters },
    sizes: { batch, side },
    numbers: { power },
    reads: { raw, banks, dBanks },
    writes: { dRaw },
    workgroups: batch,
  });
  return dRaw;
}

/** raw [B, 5] -> [2, B, N, S]. */
export const windowFilters: WebgpuKernel = (context, { raw }, { filters, side }) =>
  runFilters(context, { raw, filters, side });

/** -> the gradient of raw [B, 5]; that of the intensity is 0. */
export const windowFiltersGrad: WebgpuKernel = (context, { dy, banks, raw }) =>
  runFiltersGrad(context, { raw, banks, dBanks: dy, power: 0 });
