/**
 * Reading and writing through attention windows, and back, on webgpu: many small products, of which one thread makes all
 * that it needs. See `ops/attention_window.ts` for what they are.
 *
 * A picture X and a glimpse or patch G meet in the sum over all i, j, r, c of G_ij F_Y,ir X_rc F_X,jc. A read is its
 * derivative by G, a write the one by X, and the gradients of both are derivatives of it again.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { WebgpuContext, WebgpuKernel } from "../context.ts";
import { BEND } from "../math.ts";
import { runFilters, runFiltersGrad } from "./window_filters.ts";

const GROUP = 64;

/** Floats that a workgroup shares, about. */
const SHARED = 1024;

/** Rows of a picture that a thread writes, of one column. */
const ROWS = 8;

/** The filters and the intensity, to the power that the results are multiplied by. */
const COMMON = `
${BEND}
fn columnFilter(b: u32, j: u32, c: u32) -> f32 { return banks[(b * N + j) * S + c]; } // F_X
fn rowFilter(b: u32, i: u32, r: u32) -> f32 { return banks[((uniforms.batch + b) * N + i) * S + r]; } // F_Y
fn factorOf(b: u32) -> f32 { return exp(uniforms.power * bend(raw[b * 5u + 4u])); }
`;

/** Names of tensors, one for each picture, and a function that reads the one of a number. */
const namesOf = (name: string, count: number) => Array.from({ length: count }, (_, k) => `${name}${k}`);
const pictureAt = (count: number) => `
fn pictureAt(k: u32, i: u32) -> f32 {
  ${count > 1 ? "if (k == 1u) { return picture1[i]; }" : ""}
  return picture0[i];
}`;

// A workgroup has one picture of an example. Its threads share out V = X F_X^T, [TILE, N], of some rows at a time, and
// then the sums over those rows of F_Y V, [N, N], each thread up to OWN of them.
const glimpse = (pictures: number) => `
${COMMON}
${pictureAt(pictures)}
const K = ${pictures}u;
var<workgroup> v: array<f32, TILE * N>;
@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = min(flatWorkgroup(workgroup, workgroups), uniforms.batch * K - 1u);
  let b = index / K;
  let k = index % K;
  var sums: array<f32, OWN>;
  for (var first = 0u; first < S; first += TILE) {
    let rows = min(TILE, S - first);
    for (var i = thread; i < rows * N; i += GROUP) {
      let row = (b * S + first + i / N) * S;
      var sum = 0.0;
      for (var c = 0u; c < S; c++) { sum += pictureAt(k, row + c) * columnFilter(b, i % N, c); }
      v[i] = sum;
    }
    workgroupBarrier();
    for (var own = 0u; own < OWN; own++) {
      let i = thread + own * GROUP;
      if (i < N * N) {
        for (var r = 0u; r < rows; r++) { sums[own] += rowFilter(b, i / N, first + r) * v[r * N + i % N]; }
      }
    }
    workgroupBarrier();
  }
  for (var own = 0u; own < OWN; own++) {
    let i = thread + own * GROUP;
    if (i < N * N) { glimpses[index * N * N + i] = factorOf(b) * sums[own]; }
  }
}`;

// A thread has ROWS rows of a column c: the sums over i of F_Y U, U = G F_X in that column.
const PICTURE = `
${COMMON}
const ROWS = ${ROWS}u;
@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = flatWorkgroup(workgroup, workgroups) * GROUP + thread;
  let c = index % S;
  let b = index / S % uniforms.batch;
  let first = index / S / uniforms.batch * ROWS;
  if (first >= S) { return; }
  var u: array<f32, N>;
  for (var i = 0u; i < N; i++) {
    for (var j = 0u; j < N; j++) { u[i] += patches[(b * N + i) * N + j] * columnFilter(b, j, c); }
  }
  let factor = factorOf(b);
  for (var r = first; r < min(first + ROWS, S); r++) {
    var sum = 0.0;
    for (var i = 0u; i < N; i++) { sum += rowFilter(b, i, r) * u[i]; }
    pictures[(b * S + r) * S + c] = factor * sum;
  }
}`;

/**
 * A thread has a column of an example, and makes the gradients of F_X and of the pictures there, or else a row, and makes
 * those of F_Y there: the sums over j of G V, V = X F_X^T in that row.
 */
const productsGrad = (pictures: number, ofPictures: boolean) => `
${COMMON}
${pictureAt(pictures)}
const K = ${pictures}u;
fn patchAt(b: u32, k: u32, i: u32) -> f32 { return factorOf(b) * patches[(b * K + k) * N * N + i]; }
@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = flatWorkgroup(workgroup, workgroups) * GROUP + thread;
  let own = index % S;
  let b = index / S % uniforms.batch;
  var gradients: array<f32, N>;
  if (index < uniforms.batch * S) {
    for (var k = 0u; k < K; k++) {
      var w: array<f32, N>; // F_Y X
      var u: array<f32, N>; // G F_X
      for (var i = 0u; i < N; i++) { w[i] = 0.0; u[i] = 0.0; }
      for (var r = 0u; r < S; r++) {
        let x = pictureAt(k, (b * S + r) * S + own);
        for (var i = 0u; i < N; i++) { w[i] += rowFilter(b, i, r) * x; }
      }
      for (var i = 0u; i < N; i++) {
        for (var j = 0u; j < N; j++) {
          let g = patchAt(b, k, i * N + j);
          u[i] += g * columnFilter(b, j, own);
          gradients[j] += g * w[i];
        }
      }
      ${
  ofPictures
    ? `for (var r = 0u; r < S; r++) {
        let at = (b * S + r) * S + own;
        var sum = 0.0;
        for (var i = 0u; i < N; i++) { sum += rowFilter(b, i, r) * u[i]; }
        ${namesOf("dPicture", pictures).map((name, k) => `if (k == ${k}u) { ${name}[at] = sum; }`).join(" ")}
      }`
    : ""
}
    }
    for (var j = 0u; j < N; j++) { dBanks[(b * N + j) * S + own] = gradients[j]; }
  } else if (index < 2u * uniforms.batch * S) {
    for (var k = 0u; k < K; k++) {
      for (var j = 0u; j < N; j++) {
        var v = 0.0;
        for (var c = 0u; c < S; c++) { v += pictureAt(k, (b * S + own) * S + c) * columnFilter(b, j, c); }
        for (var i = 0u; i < N; i++) { gradients[i] += patchAt(b, k, i * N + j) * v; }
      }
    }
    for (var i = 0u; i < N; i++) { dBanks[((uniforms.batch + b) * N + i) * S + own] = gradients[i]; }
  }
}`;

type Tensors = Readonly<Record<string, tf.TensorInfo>>;

/** What all three programs are given; TILE and OWN are for that of glimpses. */
function sharedBy(banks: tf.TensorInfo, power: -1 | 1) {
  const [, batch, filters, side] = banks.shape;
  const TILE = Math.min(side, Math.max(1, Math.floor(SHARED / filters))), OWN = Math.ceil(filters ** 2 / GROUP);
  return { constants: { GROUP, N: filters, S: side, TILE, OWN }, sizes: { batch }, numbers: { power } };
}

function runGlimpses(
  { output, run }: WebgpuContext,
  { raw, banks, ...pictures }: Tensors,
  power: -1 | 1,
): tf.TensorInfo {
  const [, batch, filters] = banks.shape;
  const count = Object.keys(pictures).length;
  const glimpses = output([batch, count * filters ** 2]);
  run({
    name: `WindowGlimpse${count}`,
    source: glimpse(count),
    ...sharedBy(banks, power),
    reads: { raw, banks, ...pictures },
    writes: { glimpses },
    workgroups: batch * count,
  });
  return glimpses;
}

/** The gradients of raw and, where they are asked for, of the pictures. */
function runProductsGrad(
  context: WebgpuContext,
  { raw, banks, patches, ...pictures }: Tensors,
  { power, ofPictures }: { readonly power: -1 | 1; readonly ofPictures: boolean },
): tf.TensorInfo[] {
  const [, batch, , side] = banks.shape;
  const given = Object.values(pictures);
  const dBanks = context.output(banks.shape);
  const dPictures = ofPictures ? given.map(({ shape }) => context.output(shape)) : [];
  const names = namesOf("dPicture", given.length);
  context.run({
    name: `WindowProductsGrad${given.length}${ofPictures ? "Pictures" : ""}`,
    source: productsGrad(given.length, ofPictures),
    ...sharedBy(banks, power),
    reads: { raw, banks, patches, ...pictures },
    writes: { dBanks, ...Object.fromEntries(dPictures.map((dPicture, k) => [names[k], dPicture])) },
    workgroups: Math.ceil(2 * batch * side / GROUP),
  });
  const dRaw = runFiltersGrad(context, { raw, banks, dBanks, power });
  context.release(dBanks);
  return [dRaw, ...dPictures];
}

/** raw [B, 5], one picture or two [B, S S], `picture0` and `picture1` -> what is read [B, K N N], filters [2, B, N, S]. */
export const windowRead: WebgpuKernel = (context, { raw, ...pictures }, { filters, side }) => {
  const banks = runFilters(context, { raw, filters, side });
  return [runGlimpses(context, { raw, banks, ...pictures }, 1), banks];
};

/** -> the gradients of raw and of the pictures. */
export const windowReadGrad: WebgpuKernel = (context, { dy, ...given }) =>
  runProductsGrad(context, { ...given, patches: dy }, { power: 1, ofPictures: true });

/** raw [B, 5], patches [B, N N] -> what is written [B, S S], filters [2, B, N, S]. */
export const windowWrite: WebgpuKernel = (context, { raw, patches }, { filters, side }) => {
  const [batch] = raw.shape;
  const banks = runFilters(context, { raw, filters, side });
  const pictures = context.output([batch, side * side]);
  context.run({
    name: "WindowPicture",
    source: PICTURE,
    ...sharedBy(banks, -1),
    reads: { raw, banks, patches },
    writes: { pictures },
    workgroups: Math.ceil(batch * side * Math.ceil(side / ROWS) / GROUP),
  });
  return [pictures, banks];
};

/** -> the gradients of raw and of the patches. */
export const windowWriteGrad: WebgpuKernel = (context, { dy, raw, banks, patches }) => {
  const given = { raw, banks, picture0: dy };
  const [dRaw] = runProductsGrad(context, { ...given, patches }, { power: -1, ofPictures: false });
  return [dRaw, runGlimpses(context, given, -1)];
};
