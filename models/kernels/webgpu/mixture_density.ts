/**
 * Mixtures of bivariate normal densities and pen states, and their gradient, on webgpu.
 *
 * @module
 */
import type { WebgpuKernel } from "./context.ts";
import { elementwise, overElements } from "./elementwise/elementwise.ts";

/** Threads of a workgroup, which takes a point: each has every GROUP-th component. */
const GROUP = 32;

/** Beyond it log sigma and rho's logit count as the bound itself, as in ops/mixture_density.ts. */
const BOUND = 15;

const SOURCE = `
const LN_2 = 0.6931471805599453;
const LN_2PI = 1.8378770664093453;
const LOWEST = -3.0e38;

var<workgroup> partial: array<f32, GROUP>;

fn largestOf(x: f32, thread: u32) -> f32 {
  workgroupBarrier();
  partial[thread] = x;
  for (var half = GROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { partial[thread] = max(partial[thread], partial[thread + half]); }
  }
  workgroupBarrier();
  return partial[0];
}

fn sumOf(x: f32, thread: u32) -> f32 {
  workgroupBarrier();
  partial[thread] = x;
  for (var half = GROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { partial[thread] += partial[thread + half]; }
  }
  workgroupBarrier();
  return partial[0];
}

fn bounded(x: f32) -> f32 { return clamp(x, -f32(BOUND), f32(BOUND)); }

fn within(slope: f32, given: f32) -> f32 { return select(0.0, slope, abs(given) <= f32(BOUND)); }

@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let n = flatWorkgroup(workgroup, workgroups);
  if (n >= uniforms.points) { return; }
  let M = uniforms.mixtures;
  let row = n * (3u + 6u * M);
  let pi = row + 3u;
  if (thread == 0u) {
    let logits = vec3(outputs[row], outputs[row + 1u], outputs[row + 2u]);
    let states = vec3(targets[5u * n + 2u], targets[5u * n + 3u], targets[5u * n + 4u]);
    let less = logits - max(logits.x, max(logits.y, logits.z));
    let e = exp(less);
    let total = e.x + e.y + e.z;
    let all = states.x + states.y + states.z;
    pen[n] = all * log(total) - dot(states, less);
    let slope = e * (all / total) - states;
    slopes[row] = slope.x;
    slopes[row + 1u] = slope.y;
    slopes[row + 2u] = slope.z;
  }
  let x = targets[5u * n];
  let y = targets[5u * n + 1u];
  var topPi = LOWEST;
  var top = LOWEST;
  for (var m = thread; m < M; m += GROUP) { // a slope's place holds that of a component alone
    let at = pi + m;
    let sx = bounded(outputs[at + 3u * M]);
    let sy = bounded(outputs[at + 4u * M]);
    let r = bounded(outputs[at + 5u * M]);
    let ix = exp(-sx);
    let iy = exp(-sy);
    let zx = (x - outputs[at + M]) * ix;
    let zy = (y - outputs[at + 2u * M]) * iy;
    let along = zx + zy;
    let across = zx - zy;
    let up = exp(2.0 * r);
    let down = exp(-2.0 * r);
    let a = along * (1.0 + down);
    let d = across * (1.0 + up);
    let logCosh = abs(r) - LN_2 + log(1.0 + min(up, down));
    let logNormal = logCosh - LN_2PI - (sx + sy + (a * along + d * across) / 8.0);
    let gx = (a + d) / 4.0;
    let gy = (a - d) / 4.0;
    topPi = max(topPi, outputs[at]);
    top = max(top, outputs[at] + logNormal);
    slopes[at] = outputs[at] + logNormal;
    slopes[at + M] = -gx * ix;
    slopes[at + 2u * M] = -gy * iy;
    slopes[at + 3u * M] = within(1.0 - gx * zx, outputs[at + 3u * M]);
    slopes[at + 4u * M] = within(1.0 - gy * zy, outputs[at + 4u * M]);
    let tanhR = (up - 1.0) / (up + 1.0);
    slopes[at + 5u * M] = within((across * across * up - along * along * down) / 4.0 - tanhR, outputs[at + 5u * M]);
  }
  let largestPi = largestOf(topPi, thread);
  let largest = largestOf(top, thread);
  var partPi = 0.0;
  var part = 0.0;
  for (var m = thread; m < M; m += GROUP) {
    partPi += exp(outputs[pi + m] - largestPi);
    part += exp(slopes[pi + m] - largest);
  }
  let totalPi = sumOf(partPi, thread);
  let total = sumOf(part, thread);
  for (var m = thread; m < M; m += GROUP) {
    let at = pi + m;
    let gamma = exp(slopes[at] - largest) / total;
    slopes[at] = exp(outputs[at] - largestPi) / totalPi - gamma;
    for (var k = 1u; k < 6u; k++) { // 0 where it has none of the density, however steep it is there
      slopes[at + k * M] = select(flushed(slopes[at + k * M] * gamma), 0.0, gamma == 0.0);
    }
  }
  if (thread == 0u) { offsets[n] = largestPi - largest + log(totalPi) - log(total); }
}`;

/** outputs [N, 3 + 6M], targets [N, 5] -> offsets, pen [N], and the slopes of both, [N, 3 + 6M]. */
export const mixtureDensity: WebgpuKernel = ({ output, run }, { outputs, targets }) => {
  const [points, columns] = outputs.shape;
  const [offsets, pen, slopes] = [output([points]), output([points]), output([points, columns])];
  run({
    name: "MixtureDensity",
    source: SOURCE,
    constants: { GROUP, BOUND },
    sizes: { points, mixtures: (columns - 3) / 6 },
    reads: { outputs, targets },
    writes: { offsets, pen, slopes },
    workgroups: points,
  });
  return [offsets, pen, slopes];
};

const GRAD_SOURCE = elementwise(`
  let n = i / uniforms.columns;
  slopes[i] = flushed(slopes[i] * select(dOffsets[n], dPen[n], i % uniforms.columns < 3u));`);

/** The slopes are overwritten: what becomes of them is the gradient of the outputs. */
export const mixtureDensityGrad: WebgpuKernel = ({ run }, { dOffsets, dPen, slopes }) => {
  const [points, columns] = slopes.shape;
  run({
    name: "MixtureDensityGrad",
    source: GRAD_SOURCE,
    ...overElements(points * columns, { columns }),
    reads: { dOffsets, dPen },
    writes: { slopes },
  });
  return [];
};
