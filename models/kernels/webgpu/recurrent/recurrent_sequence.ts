/**
 * A recurrent layer on webgpu where each workgroup runs the whole sequence of two examples: one dispatch for all steps.
 *
 * @module
 */
import { NON_LINEARITIES } from "../math.ts";
import { type RecurrentCell, TYPES } from "./recurrent_cell.ts";

// A thread owns a unit and one of SPLITS parts of the sum over h. In `state` and the like the example comes last. Where
// the batch is odd, the last workgroup's second example is made of zeros.
const COMMON = `
${TYPES}
${NON_LINEARITIES}
const ROW = 4u * H; // gates of an example
`;

/** What the cell reads and hidden0 -> hidden, gates and what the cell keeps. */
export const sequenceForward = ({ forward }: RecurrentCell): string => `
${COMMON}
${forward}
var<workgroup> state: array<f32, 2u * SPLITS * CHUNK>; // h of the step before, zeros beyond H
var<workgroup> memory: array<f32, 2u * H>;
var<workgroup> parts: array<vec4<f32>, 2u * SPLITS * H>;

fn inputAt(t: u32, example: u32, unit: u32) -> vec4<f32> {
  if (example >= uniforms.batch) { return vec4<f32>(); }
  return inputOf(t * uniforms.batch + example, unit, H);
}

fn finish(t: u32, workgroup: u32, e: u32, unit: u32, inputs: vec4<f32>) {
  var z = inputs;
  for (var part = 0u; part < SPLITS; part++) { z += parts[(part * 2u + e) * H + unit]; }
  let example = workgroup * 2u + e;
  let row = t * uniforms.batch + min(example, uniforms.batch - 1u);
  let after = advance(z, memory[unit * 2u + e], row * H + unit);
  memory[unit * 2u + e] = after.memory;
  state[unit * 2u + e] = after.h;
  if (example < uniforms.batch) {
    for (var gate = 0u; gate < 4u; gate++) { gates[row * ROW + gate * H + unit] = after.gates[gate]; }
    hidden[row * H + unit] = after.h;
    keep(row * H + unit, after);
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let workgroup = id.x;
  let unit = thread % H;
  let split = thread / H;
  for (var i = thread; i < 2u * SPLITS * CHUNK; i += THREADS) {
    let k = i / 2u;
    let example = workgroup * 2u + i % 2u;
    let isReal = k < H && example < uniforms.batch;
    state[i] = 0.0;
    if (isReal) { state[i] = hidden0[example * H + k]; }
    if (k < H) { memory[i] = 0.0; }
    if (isReal) { memory[i] = firstMemory(example * H + k); }
  }
  workgroupBarrier();
  for (var t = 0u; t < uniforms.steps; t++) {
    let inputs = inputAt(t, workgroup * 2u + split, unit); // read early, so that the product hides the wait
    var a = vec4<f32>();
    var b = vec4<f32>();
    for (var k = split * CHUNK; k < (split + 1u) * CHUNK; k += 4u) {
      let w0 = recurrentOf(min(k, H - 1u), unit, H);
      let w1 = recurrentOf(min(k + 1u, H - 1u), unit, H);
      let w2 = recurrentOf(min(k + 2u, H - 1u), unit, H);
      let w3 = recurrentOf(min(k + 3u, H - 1u), unit, H);
      a += state[2u * k] * w0 + state[2u * k + 2u] * w1 + state[2u * k + 4u] * w2 + state[2u * k + 6u] * w3;
      b += state[2u * k + 1u] * w0 + state[2u * k + 3u] * w1 + state[2u * k + 5u] * w2 + state[2u * k + 7u] * w3;
    }
    parts[split * 2u * H + unit] = a;
    parts[(split * 2u + 1u) * H + unit] = b;
    workgroupBarrier();
    if (split < 2u) { finish(t, workgroup, split, unit, inputs); }
    if (SPLITS == 1u) { finish(t, workgroup, 1u, unit, inputAt(t, workgroup * 2u + 1u, unit)); }
    workgroupBarrier();
  }
}`;

/**
 * dy, transposedKernel, the recurrent kernel's columns as rows, and what the cell reads -> the gradients of the states
 * before the first step; gates become the gradients of the sums.
 */
export const sequenceBackward = ({ backward, blocks }: RecurrentCell): string => `
${COMMON}
${backward}
const ROWS = ${blocks}u * H; // of transposedKernel
const PADDED = (ROWS + 3u) / 4u * 4u;
var<workgroup> dz: array<f32, 2u * PADDED>; // of the step after, by row
var<workgroup> dMemory: array<f32, 2u * H>;
var<workgroup> parts: array<f32, 2u * SPLITS * H>;

fn savedAt(t: u32, example: u32, unit: u32) -> Saved {
  if (example >= uniforms.batch) { return Saved(); }
  let row = t * uniforms.batch + example;
  let at = row * ROW + unit;
  var s = savedOf(row, example * H + unit, row * H + unit);
  s.gates = vec4(gates[at], gates[at + H], gates[at + 2u * H], gates[at + 3u * H]);
  s.dy = dy[row * H + unit];
  return s;
}

fn gradientOfHidden(e: u32, unit: u32) -> f32 {
  var sum = 0.0;
  for (var part = 0u; part < SPLITS; part++) { sum += parts[(part * 2u + e) * H + unit]; }
  return sum;
}

fn finish(t: u32, workgroup: u32, e: u32, unit: u32, s: Saved) {
  let back = retreat(s, s.dy + gradientOfHidden(e, unit), dMemory[unit * 2u + e]);
  dMemory[unit * 2u + e] = back.dMemory;
  for (var n = 0u; n < ${blocks}u; n++) { dz[(n * H + unit) * 2u + e] = back.d[gateOf(n)]; }
  let example = workgroup * 2u + e;
  if (example < uniforms.batch) {
    let at = (t * uniforms.batch + example) * ROW + unit;
    for (var gate = 0u; gate < 4u; gate++) { gates[at + gate * H] = back.d[gate]; }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let workgroup = id.x;
  let unit = thread % H;
  let split = thread / H;
  for (var i = thread; i < 2u * PADDED; i += THREADS) { dz[i] = 0.0; }
  for (var i = thread; i < 2u * H; i += THREADS) { dMemory[i] = 0.0; }
  workgroupBarrier();
  for (var left = uniforms.steps; ; left--) {
    let t = max(left, 1u) - 1u;
    let s = savedAt(t, workgroup * 2u + split, unit); // read early, so that the product hides the wait
    var a = 0.0;
    var b = 0.0;
    for (var m = ${blocks}u * split * CHUNK; m < min(${blocks}u * (split + 1u) * CHUNK, PADDED); m += 4u) {
      let w = vec4(
        transposedKernel[m * H + unit], transposedKernel[min(m + 1u, ROWS - 1u) * H + unit],
        transposedKernel[min(m + 2u, ROWS - 1u) * H + unit], transposedKernel[min(m + 3u, ROWS - 1u) * H + unit],
      );
      a += dot(w, vec4(dz[2u * m], dz[2u * m + 2u], dz[2u * m + 4u], dz[2u * m + 6u]));
      b += dot(w, vec4(dz[2u * m + 1u], dz[2u * m + 3u], dz[2u * m + 5u], dz[2u * m + 7u]));
    }
    parts[split * 2u * H + unit] = a;
    parts[(split * 2u + 1u) * H + unit] = b;
    workgroupBarrier();
    if (left == 0u) { break; }
    if (split < 2u) { finish(t, workgroup, split, unit, s); }
    if (SPLITS == 1u) { finish(t, workgroup, 1u, unit, savedAt(t, workgroup * 2u + 1u, unit)); }
    workgroupBarrier();
  }
  for (var e = split; e < 2u; e += SPLITS) {
    let example = workgroup * 2u + e;
    if (example < uniforms.batch) { end(example * H + unit, gradientOfHidden(e, unit), dMemory[unit * 2u + e]); }
  }
}`;
