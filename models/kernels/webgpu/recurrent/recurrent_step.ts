/**
 * A recurrent layer on webgpu in one dispatch a step, each workgroup with 32 examples by 16 units: for many units or
 * examples.
 *
 * @module
 */
import { NON_LINEARITIES } from "../math.ts";
import { type RecurrentCell, TYPES } from "./recurrent_cell.ts";

/** Examples and units of a workgroup; a thread has one of the units and four of the examples. */
export const STEP_TILE = { examples: 32, units: 16 } as const;

const COMMON = `
${TYPES}
${NON_LINEARITIES}
const EXAMPLES = ${STEP_TILE.examples}u;
const UNITS = ${STEP_TILE.units}u;
const THREADS = EXAMPLES / 4u * UNITS;
`;

/** What the cell reads and hidden0 -> hidden, gates and what the cell keeps; `step` is t. */
export const stepForward = ({ forward }: RecurrentCell): string => `
${COMMON}
${forward}
const DEPTH = 8u; // fours of k in a tile
const ROW = DEPTH + 1u; // against bank conflicts
var<workgroup> states: array<vec4<f32>, EXAMPLES * ROW>; // [example][k / 4]
var<workgroup> kernelTile: array<vec4<f32>, 4u * DEPTH * UNITS>; // [k][unit], the four sums in one

fn before(example: u32, k: u32) -> f32 {
  if (example >= uniforms.batch || k >= uniforms.units) { return 0.0; }
  if (step == 0u) { return hidden0[example * uniforms.units + k]; }
  return hidden[((step - 1u) * uniforms.batch + example) * uniforms.units + k];
}

fn recurrentAt(k: u32, unit: u32) -> vec4<f32> {
  if (k >= uniforms.units || unit >= uniforms.units) { return vec4<f32>(); }
  return recurrentOf(k, unit, uniforms.units);
}

fn finish(example: u32, unit: u32, sum: vec4<f32>) {
  let H = uniforms.units;
  if (example >= uniforms.batch || unit >= H) { return; }
  let row = step * uniforms.batch + example;
  var memory: f32;
  if (step == 0u) { memory = firstMemory(example * H + unit); } else { memory = memoryOf((row - uniforms.batch) * H + unit); }
  let after = advance(sum + inputOf(row, unit, H), memory, row * H + unit);
  for (var gate = 0u; gate < 4u; gate++) { gates[(row * 4u + gate) * H + unit] = after.gates[gate]; }
  hidden[row * H + unit] = after.h;
  keep(row * H + unit, after);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let firstUnit = workgroup.x * UNITS;
  let firstExample = workgroup.y * EXAMPLES;
  let u = thread % UNITS;
  let e = thread / UNITS * 4u;
  var a = vec4<f32>();
  var b = vec4<f32>();
  var c = vec4<f32>();
  var d = vec4<f32>();
  for (var start = 0u; start < uniforms.units; start += 4u * DEPTH) {
    for (var i = thread; i < EXAMPLES * DEPTH; i += THREADS) {
      let example = firstExample + i / DEPTH;
      let k = start + i % DEPTH * 4u;
      states[i / DEPTH * ROW + i % DEPTH] =
        vec4(before(example, k), before(example, k + 1u), before(example, k + 2u), before(example, k + 3u));
    }
    for (var i = thread; i < 4u * DEPTH * UNITS; i += THREADS) {
      kernelTile[i] = recurrentAt(start + i / UNITS, firstUnit + i % UNITS);
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let w0 = kernelTile[4u * k * UNITS + u];
      let w1 = kernelTile[(4u * k + 1u) * UNITS + u];
      let w2 = kernelTile[(4u * k + 2u) * UNITS + u];
      let w3 = kernelTile[(4u * k + 3u) * UNITS + u];
      let h0 = states[e * ROW + k];
      let h1 = states[(e + 1u) * ROW + k];
      let h2 = states[(e + 2u) * ROW + k];
      let h3 = states[(e + 3u) * ROW + k];
      a += h0.x * w0 + h0.y * w1 + h0.z * w2 + h0.w * w3;
      b += h1.x * w0 + h1.y * w1 + h1.z * w2 + h1.w * w3;
      c += h2.x * w0 + h2.y * w1 + h2.z * w2 + h2.w * w3;
      d += h3.x * w0 + h3.y * w1 + h3.z * w2 + h3.w * w3;
    }
    workgroupBarrier();
  }
  finish(firstExample + e, firstUnit + u, a);
  finish(firstExample + e + 1u, firstUnit + u, b);
  finish(firstExample + e + 2u, firstUnit + u, c);
  finish(firstExample + e + 3u, firstUnit + u, d);
}`;

/**
 * dy, the recurrent kernel and what the cell reads -> the gradients of the states before the first step; gates become the
 * gradients of the sums. `step` is T - 1 - t, and in one more step the gradient goes on into those states.
 */
export const stepBackward = ({ backward, column, blocks, carried }: RecurrentCell): string => `
${COMMON}
${backward}
${column}
const DEPTH = 16u; // fours of the recurrent kernel's columns in a tile
const ROW = DEPTH + 1u; // against bank conflicts
var<workgroup> gradients: array<vec4<f32>, EXAMPLES * ROW>; // dz of the step after, [example][column / 4]
var<workgroup> kernelTile: array<vec4<f32>, UNITS * ROW>; // [unit][column / 4]

fn after(example: u32, c: u32) -> f32 {
  let H = uniforms.units;
  if (example >= uniforms.batch || c >= ${blocks}u * H) { return 0.0; }
  return gates[(((uniforms.steps - step) * uniforms.batch + example) * 4u + gateOf(c / H)) * H + c % H];
}

fn columnAt(unit: u32, c: u32) -> f32 {
  if (unit >= uniforms.units || c >= ${blocks}u * uniforms.units) { return 0.0; }
  return recurrentColumn(unit, c);
}

fn finish(example: u32, unit: u32, sum: f32) {
  let H = uniforms.units;
  if (example >= uniforms.batch || unit >= H) { return; }
  let own = example * H + unit;
  if (step == uniforms.steps) { end(own, sum, ${carried}[own]); return; }
  let row = (uniforms.steps - 1u - step) * uniforms.batch + example;
  let at = row * 4u * H + unit;
  var s = savedOf(row, own, row * H + unit);
  s.gates = vec4(gates[at], gates[at + H], gates[at + 2u * H], gates[at + 3u * H]);
  var dMemory = 0.0;
  if (step > 0u) { dMemory = ${carried}[own]; }
  let back = retreat(s, dy[row * H + unit] + sum, dMemory);
  ${carried}[own] = back.dMemory;
  for (var gate = 0u; gate < 4u; gate++) { gates[at + gate * H] = back.d[gate]; }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let firstUnit = workgroup.x * UNITS;
  let firstExample = workgroup.y * EXAMPLES;
  let u = thread % UNITS;
  let e = thread / UNITS * 4u;
  var sums = vec4<f32>(); // of four examples
  let columns = select(${blocks}u * uniforms.units, 0u, step == 0u); // nothing comes after the last step
  for (var start = 0u; start < columns; start += 4u * DEPTH) {
    for (var i = thread; i < EXAMPLES * DEPTH; i += THREADS) {
      let example = firstExample + i / DEPTH;
      let c = start + i % DEPTH * 4u;
      gradients[i / DEPTH * ROW + i % DEPTH] =
        vec4(after(example, c), after(example, c + 1u), after(example, c + 2u), after(example, c + 3u));
    }
    for (var i = thread; i < UNITS * DEPTH; i += THREADS) {
      let unit = firstUnit + i / DEPTH;
      let c = start + i % DEPTH * 4u;
      kernelTile[i / DEPTH * ROW + i % DEPTH] =
        vec4(columnAt(unit, c), columnAt(unit, c + 1u), columnAt(unit, c + 2u), columnAt(unit, c + 3u));
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let w = kernelTile[u * ROW + k];
      sums += vec4(
        dot(w, gradients[e * ROW + k]), dot(w, gradients[(e + 1u) * ROW + k]),
        dot(w, gradients[(e + 2u) * ROW + k]), dot(w, gradients[(e + 3u) * ROW + k]),
      );
    }
    workgroupBarrier();
  }
  for (var n = 0u; n < 4u; n++) { finish(firstExample + e + n, firstUnit + u, sums[n]); }
}`;
