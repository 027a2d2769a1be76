/**
 * The LSTM cell in WGSL; the gates are in the order i, f, g, o.
 *
 * @module
 */
import type { RecurrentCell } from "./recurrent_cell.ts";

/** A step of the cell, in which the candidate counts `factor` times. */
export const LSTM_ADVANCE = `
fn advanceBy(z: vec4<f32>, memory: f32, factor: f32) -> After {
  let i = sigmoidOf(z.x);
  let f = sigmoidOf(z.y);
  let g = tanhOf(z.z);
  let o = sigmoidOf(z.w);
  let c = flushed(f * memory + i * (factor * g));
  return After(vec4(i, f, g, o), flushed(o * tanhOf(c)), c);
}`;

/** A step backwards: `retreat` of {@linkcode RecurrentCell}. */
export const LSTM_RETREAT = `
fn retreat(s: Saved, dhOfAll: f32, dMemory: f32) -> Back {
  let dh = flushed(dhOfAll);
  let i = s.gates.x;
  let f = s.gates.y;
  let g = s.gates.z;
  let o = s.gates.w;
  let squashed = tanhOf(s.c);
  let dc = dMemory + dh * o * (1.0 - squashed * squashed);
  let d = vec4(
    dc * (s.factor * g) * i * (1.0 - i), dc * s.before * f * (1.0 - f),
    s.factor * (dc * i * (1.0 - g * g)), dh * squashed * o * (1.0 - o),
  );
  return Back(flushed4(d), flushed(dc * f));
}`;

/** With dropout of the candidates: what each of [T, B, H] is multiplied by is in `factors`. */
const DROPPED = `
fn factorOf(i: u32) -> f32 { return factors[i]; }`;

const WHOLE = `
fn factorOf(i: u32) -> f32 { return 1.0; }`;

/**
 * With `uniforms.inputs` F above 0, x is [T, B, F] and weights [F + 1 + H, 4H], the bias one row of them; with F = 0, x
 * holds projected inputs [T, B, 4H] and weights is the recurrent kernel. `uniforms.firstRow` is where that begins.
 */
export const lstmCell = ({ drops }: { readonly drops: boolean }): RecurrentCell => ({
  blocks: 4,
  carried: "dCell0",
  forward: `
${drops ? DROPPED : WHOLE}
fn weightsAt(row: u32, unit: u32, H: u32) -> vec4<f32> {
  let at = row * 4u * H + unit;
  return vec4(weights[at], weights[at + H], weights[at + 2u * H], weights[at + 3u * H]);
}
fn recurrentOf(k: u32, unit: u32, H: u32) -> vec4<f32> { return weightsAt(uniforms.firstRow + k, unit, H); }
fn inputOf(row: u32, unit: u32, H: u32) -> vec4<f32> {
  let F = uniforms.inputs;
  if (F == 0u) {
    let at = row * 4u * H + unit;
    return vec4(x[at], x[at + H], x[at + 2u * H], x[at + 3u * H]);
  }
  var z = weightsAt(F, unit, H);
  for (var i = 0u; i < F; i++) { z += x[row * F + i] * weightsAt(i, unit, H); }
  return z;
}
fn firstMemory(own: u32) -> f32 { return cell0[own]; }
fn memoryOf(i: u32) -> f32 { return cells[i]; }
${LSTM_ADVANCE}
fn advance(z: vec4<f32>, memory: f32, i: u32) -> After { return advanceBy(z, memory, factorOf(i)); }
fn keep(i: u32, after: After) { cells[i] = after.memory; }`,
  backward: `
${drops ? DROPPED : WHOLE}
fn savedOf(row: u32, own: u32, i: u32) -> Saved {
  var before: f32;
  if (row < uniforms.batch) { before = cell0[own]; } else { before = cells[i - uniforms.batch * uniforms.units]; }
  return Saved(vec4<f32>(), cells[i], before, 0.0, factorOf(i));
}
${LSTM_RETREAT}
fn end(own: u32, dh: f32, dMemory: f32) {
  dHidden0[own] = dh;
  dCell0[own] = dMemory;
}
fn gateOf(n: u32) -> u32 { return n; }`,
  column: `
fn recurrentColumn(unit: u32, c: u32) -> f32 { return weights[(uniforms.firstRow + unit) * 4u * uniforms.units + c]; }`,
});
