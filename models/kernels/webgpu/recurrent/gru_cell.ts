/**
 * The GRU cell in WGSL. Its four sums are those of r, z and n but for the part of n that r weighs, and that part.
 *
 * @module
 */
import type { RecurrentCell } from "./recurrent_cell.ts";

/** projected [T, B, 3H], recurrentKernel [H, 3H] and recurrentBias [H]; what a unit keeps is its own hidden state. */
export const GRU_CELL: RecurrentCell = {
  blocks: 3,
  carried: "dHidden0",
  forward: `
fn recurrentOf(k: u32, unit: u32, H: u32) -> vec4<f32> {
  let at = k * 3u * H + unit;
  return vec4(recurrentKernel[at], recurrentKernel[at + H], 0.0, recurrentKernel[at + 2u * H]);
}
fn inputOf(row: u32, unit: u32, H: u32) -> vec4<f32> {
  let at = row * 3u * H + unit;
  return vec4(projected[at], projected[at + H], projected[at + 2u * H], recurrentBias[unit]);
}
fn firstMemory(own: u32) -> f32 { return hidden0[own]; }
fn memoryOf(i: u32) -> f32 { return hidden[i]; }
fn advance(sums: vec4<f32>, memory: f32, i: u32) -> After {
  let r = sigmoidOf(sums.x);
  let z = sigmoidOf(sums.y);
  let n = tanhOf(sums.z + r * sums.w);
  let h = flushed(n + z * (memory - n));
  return After(vec4(r, z, n, sums.w), h, h);
}
fn keep(i: u32, after: After) {}`,
  backward: `
fn savedOf(row: u32, own: u32, i: u32) -> Saved {
  var before: f32;
  if (row < uniforms.batch) { before = hidden0[own]; } else { before = hidden[i - uniforms.batch * uniforms.units]; }
  return Saved(vec4<f32>(), 0.0, before, 0.0, 1.0);
}
fn retreat(s: Saved, dhOfProducts: f32, dMemory: f32) -> Back {
  let r = s.gates.x;
  let z = s.gates.y;
  let n = s.gates.z;
  let dh = flushed(dhOfProducts + dMemory);
  let dn = flushed(dh * (1.0 - z) * (1.0 - n * n));
  let d = vec4(dn * s.gates.w * r * (1.0 - r), dh * (s.before - n) * z * (1.0 - z), dn, dn * r);
  return Back(flushed4(d), flushed(dh * z));
}
fn end(own: u32, dh: f32, dMemory: f32) { dHidden0[own] = dh + dMemory; }
fn gateOf(n: u32) -> u32 { return select(n, 3u, n == 2u); }`,
  column: `
fn recurrentColumn(unit: u32, c: u32) -> f32 { return recurrentKernel[unit * 3u * uniforms.units + c]; }`,
};
