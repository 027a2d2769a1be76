/**
 * One step of an LSTM cell with layer normalization, and its gradient, on webgpu: a workgroup an example.
 *
 * @module
 */
import type { WebgpuKernel } from "../context.ts";
import { elementwise, overElements } from "../elementwise/elementwise.ts";
import { NON_LINEARITIES } from "../math.ts";

/** Threads of a workgroup: each has every GROUP-th unit. */
const GROUP = 64;

/** Floats of each example's statistics. */
const STATS = 8;

const ENTRY = `
@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let b = flatWorkgroup(workgroup, workgroups);
  if (b >= uniforms.batch) { return; }
  let H = uniforms.units;
  let share = 1.0 / f32(H);
  let own = b * H;
  let row = 4u * own;
`;

/** Sums over a workgroup of four numbers at once. */
const SUMS = `
var<workgroup> sums: array<vec4<f32>, GROUP>;

fn sumOf(x: vec4<f32>, thread: u32) -> vec4<f32> {
  workgroupBarrier();
  sums[thread] = x;
  for (var half = GROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  workgroupBarrier();
  return sums[0];
}
`;

/** Four gates' numbers of a unit. */
const four = (x: string, at: string) => `vec4(${[0, 1, 2, 3].map((k) => `${x}[${at} + ${k}u * H]`).join(", ")})`;

const FORWARD = `${NON_LINEARITIES}${SUMS}${ENTRY}
  var sum = vec4<f32>();
  for (var j = thread; j < H; j += GROUP) { sum += ${four("z", "row + j")}; }
  let mean = sumOf(sum, thread) * share;
  sum = vec4<f32>();
  for (var j = thread; j < H; j += GROUP) {
    let d = ${four("z", "row + j")} - mean;
    sum += d * d;
  }
  let sharpness = inverseSqrt(sumOf(sum, thread) * share + 1e-3);
  var cells = 0.0;
  for (var j = thread; j < H; j += GROUP) {
    let n = (${four("z", "row + j")} - mean) * sharpness;
    let a = ${four("norms", "j")} * n + ${four("norms", "4u * H + j")};
    var g = tanhOf(a.z);
    if (DROPS == 1u) { g *= factors[own + j]; }
    let c = flushed(sigmoidOf(a.y) * cell[own + j] + sigmoidOf(a.x) * g);
    for (var k = 0u; k < 4u; k++) { normalized[row + j + k * H] = n[k]; }
    next[own + j] = c;
    hidden[own + j] = sigmoidOf(a.w);
    cells += c;
  }
  let meanC = sumOf(vec4(cells), thread).x * share;
  var squares = 0.0;
  for (var j = thread; j < H; j += GROUP) {
    let d = next[own + j] - meanC;
    squares += d * d;
  }
  let sharpnessC = inverseSqrt(sumOf(vec4(squares), thread).x * share + 1e-3);
  for (var j = thread; j < H; j += GROUP) {
    let n = (next[own + j] - meanC) * sharpnessC;
    hidden[own + j] = flushed(hidden[own + j] * tanhOf(norms[8u * H + j] * n + norms[9u * H + j]));
  }
  if (thread == 0u) {
    for (var k = 0u; k < 4u; k++) { stats[STATS * b + k] = sharpness[k]; }
    stats[STATS * b + 4u] = meanC;
    stats[STATS * b + 5u] = sharpnessC;
  }
}`;

/**
 * z [B, 4H], cell [B, H], norms [10H] and perhaps factors [B, H] -> hidden, next [B, H], the gates' inputs after
 * normalization [B, 4H] and statistics.
 */
export const layerNormGates: WebgpuKernel = ({ output, run }, { z, cell, norms, factors }) => {
  const [batch, units] = cell.shape;
  const [hidden, next, normalized] = [output(cell.shape), output(cell.shape), output(z.shape)];
  const stats = output([batch, STATS]);
  run({
    name: "LayerNormGates",
    source: FORWARD,
    constants: { GROUP, STATS, DROPS: factors ? 1 : 0 },
    sizes: { batch, units },
    reads: { z, cell, norms, factors: factors ?? cell },
    writes: { hidden, next, normalized, stats },
    workgroups: batch,
  });
  return [hidden, next, normalized, stats];
};

// Backward is three programs, so that none needs more than the eight buffers that every device allows: through the output,
// through the gates, and the sums over the batch for the norms.

/** The gradient of c', and in `d` [B, 5H] those of the output gate's and of tanh's inputs, the fourth and fifth of its rows. */
const THROUGH_OUTPUT = `${NON_LINEARITIES}${SUMS}${ENTRY}
  let meanC = stats[STATS * b + 4u];
  let sharpnessC = stats[STATS * b + 5u];
  var sum = vec4<f32>();
  for (var j = thread; j < H; j += GROUP) {
    let o = sigmoidOf(norms[3u * H + j] * normalized[row + 3u * H + j] + norms[7u * H + j]);
    let n = (next[own + j] - meanC) * sharpnessC;
    let t = tanhOf(norms[8u * H + j] * n + norms[9u * H + j]);
    let dh = dHidden[own + j];
    let dt = flushed(dh * o * (1.0 - t * t));
    d[5u * own + 3u * H + j] = flushed(dh * t * o * (1.0 - o));
    d[5u * own + 4u * H + j] = dt;
    let e = dt * norms[8u * H + j];
    sum += vec4(e, e * n, 0.0, 0.0);
  }
  let means = sumOf(sum, thread) * share;
  for (var j = thread; j < H; j += GROUP) {
    let n = (next[own + j] - meanC) * sharpnessC;
    let e = d[5u * own + 4u * H + j] * norms[8u * H + j];
    dCell[own + j] = flushed(dNext[own + j] + sharpnessC * (e - means.x - n * means.y));
  }
}`;

const THROUGH_GATES = `${NON_LINEARITIES}${SUMS}${ENTRY}
  var sum = vec4<f32>();
  var along = vec4<f32>();
  for (var j = thread; j < H; j += GROUP) {
    let gamma = ${four("norms", "j")};
    let n = ${four("normalized", "row + j")};
    let a = gamma * n + ${four("norms", "4u * H + j")};
    let i = sigmoidOf(a.x);
    let f = sigmoidOf(a.y);
    let g = tanhOf(a.z);
    let dc = dCell[own + j];
    var kept = dc;
    if (DROPS == 1u) { kept *= factors[own + j]; }
    let da = vec4(
      flushed(kept * g * i * (1.0 - i)),
      flushed(dc * cell[own + j] * f * (1.0 - f)),
      flushed(kept * i * (1.0 - g * g)),
      d[5u * own + 3u * H + j],
    );
    for (var k = 0u; k < 3u; k++) { d[5u * own + k * H + j] = da[k]; }
    dCell[own + j] = flushed(dc * f);
    sum += da * gamma;
    along += da * gamma * n;
  }
  let mean = sumOf(sum, thread) * share;
  let meanAlong = sumOf(along, thread) * share;
  for (var j = thread; j < H; j += GROUP) {
    let n = ${four("normalized", "row + j")};
    let q = ${four("d", "5u * own + j")} * ${four("norms", "j")};
    for (var k = 0u; k < 4u; k++) {
      dz[row + k * H + j] = flushed(stats[STATS * b + k] * (q[k] - mean[k] - n[k] * meanAlong[k]));
    }
  }
}`;

/** A thread for each of the five gammas and betas of a unit. */
const OF_NORMS = elementwise(`
  let H = uniforms.units;
  let ofCell = i >= 4u * H;
  var gamma = 0.0;
  var beta = 0.0;
  for (var b = 0u; b < uniforms.batch; b++) {
    let own = d[5u * b * H + i];
    var n = 0.0;
    if (ofCell) {
      n = (next[b * H + i - 4u * H] - stats[STATS * b + 4u]) * stats[STATS * b + 5u];
    } else {
      n = normalized[4u * b * H + i];
    }
    gamma += own * n;
    beta += own;
  }
  let at = select(i, i + 4u * H, ofCell);
  dNorms[at] = gamma;
  dNorms[at + select(4u * H, H, ofCell)] = beta;`);

/** -> the gradients of z, cell and norms. */
export const layerNormGatesGrad: WebgpuKernel = ({ output, run, release }, inputs) => {
  const { dHidden, dNext, normalized, cell, next, norms, factors, stats } = inputs;
  const [batch, units] = cell.shape;
  const [dz, dCell, dNorms] = [output(normalized.shape), output(cell.shape), output(norms.shape)];
  const d = output([batch, 5 * units]);
  const shared = { sizes: { batch, units }, workgroups: batch };
  run({
    ...{ name: "LayerNormGatesOutputGrad", source: THROUGH_OUTPUT, constants: { GROUP, STATS }, ...shared },
    reads: { dHidden, dNext, normalized, next, norms, stats },
    writes: { d, dCell },
  });
  run({
    ...{ name: "LayerNormGatesGrad", source: THROUGH_GATES, ...shared },
    constants: { GROUP, STATS, DROPS: factors ? 1 : 0 },
    reads: { normalized, cell, norms, stats, factors: factors ?? cell },
    writes: { d, dCell, dz },
  });
  const ofNorms = overElements(5 * units, shared.sizes);
  run({
    ...{ name: "LayerNormGatesNormsGrad", source: OF_NORMS, ...ofNorms },
    constants: { ...ofNorms.constants, STATS },
    reads: { d, normalized, next, stats },
    writes: { dNorms },
  });
  release(d);
  return [dz, dCell, dNorms];
};
