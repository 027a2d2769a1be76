/**
 * A matrix product with a long inner dimension and a small result, as gradients of filters are: the inner dimension is
 * split over workgroups, which write sums of their parts, and a second program adds these up. The order of all
 * additions depends on the sizes alone, so that the same inputs give the same bits; sums by atomic addition do not.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { WebgpuContext } from "../context.ts";
import type { ElementType } from "../program.ts";

const THREADS = 64;
/** Terms of the inner dimension that a workgroup brings to shared memory at a time. */
const DEPTH = 32;
/** A graphics card of a hundred processors or more is then kept busy. */
const WORKGROUPS = 1024;

/** A product of A [M, K] and B [K, N], and how to read their values. */
export interface SplitProduct {
  readonly name: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly reads: Readonly<Record<string, tf.TensorInfo>>;
  readonly elements?: Readonly<Record<string, ElementType>>;
  readonly constants?: Readonly<Record<string, number>>;
  readonly sizes?: Readonly<Record<string, number>>;
  /**
   * WGSL: `fn rowOf(m: u32) -> vec4<i32>` and `fn termOf(k: u32) -> vec4<i32>` prepare a row of A and a term of the inner
   * dimension, `fn leftAt(row: vec4<i32>, term: vec4<i32>) -> f32` and `fn rightAt(term: vec4<i32>, n: u32) -> f32` read
   * A and B there. They are called within the bounds only.
   */
  readonly source: string;
  /** The tensors that the rows of the product [M, N] go to, one after the other; their sizes add up to M N. */
  readonly writes: readonly tf.TensorInfo[];
  /** Added to every row of the product, float32 [N]. */
  readonly bias?: tf.TensorInfo | undefined;
  /** Terms of the inner dimension that a workgroup takes at least; 128 when left out. */
  readonly leastDepth?: number;
}

/** Computes the product. */
export function splitProduct({ run, output, release }: WebgpuContext, product: SplitProduct): void {
  const { name, m, n, k, writes, bias, leastDepth = 4 * DEPTH } = product;
  const blockRows = Math.ceil(m / 32), blockCols = Math.ceil(n / 32);
  // A block is ROWS x COLS threads of 4x4 results each; where it needs few, LANES of them share the terms.
  const ROWS = Math.ceil(m / blockRows / 4), COLS = Math.ceil(n / blockCols / 4);
  const LANES = Math.floor(THREADS / (ROWS * COLS));
  const blocks = blockRows * blockCols;
  const atMost = Math.min(Math.ceil(WORKGROUPS / blocks), Math.ceil(k / leastDepth));
  const depth = DEPTH * Math.ceil(k / atMost / DEPTH);
  const parts = Math.ceil(k / depth);
  const isWhole = parts === 1 && writes.length === 1;
  const sums = isWhole ? writes[0] : output([parts, m, n]);
  const added = isWhole ? bias : undefined;
  run({
    name: name + (added ? "Bias" : ""),
    source: product.source + PRODUCT + biasAt(added !== undefined),
    constants: { THREADS, DEPTH, ROWS, COLS, LANES, ...product.constants },
    sizes: { m, n, k, depth, blockCols, blocks, parts, ...product.sizes },
    reads: added ? { ...product.reads, bias: added } : product.reads,
    writes: { sums },
    ...(product.elements && { elements: product.elements }),
    workgroups: blocks * parts,
  });
  if (isWhole) return;
  addParts({ run }, { sums, parts, writes, bias });
  release(sums);
}

const PRODUCT = `
var<workgroup> left: array<vec4<f32>, DEPTH * ROWS>;
var<workgroup> right: array<vec4<f32>, DEPTH * COLS>;
var<workgroup> terms: array<vec4<i32>, DEPTH>;
var<workgroup> lanes: array<vec4<f32>, 4u * ROWS * COLS * LANES>;
fn checkedLeftAt(m: u32, row: vec4<i32>, term: vec4<i32>) -> f32 {
  if (m >= uniforms.m) { return 0.0; }
  return leftAt(row, term);
}
fn checkedRightAt(term: vec4<i32>, n: u32) -> f32 {
  if (n >= uniforms.n) { return 0.0; }
  return rightAt(term, n);
}
@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = flatWorkgroup(workgroup, workgroups);
  let part = index / uniforms.blocks;
  if (part >= uniforms.parts) { return; }
  let block = index % uniforms.blocks;
  let firstM = block / uniforms.blockCols * 4u * ROWS;
  let firstN = block % uniforms.blockCols * 4u * COLS;
  let end = min(uniforms.k, (part + 1u) * uniforms.depth);

  // Each thread brings the same four rows of A, and columns of B, for term after term.
  const LEFT_STEP = THREADS / ROWS;
  const RIGHT_STEP = THREADS / COLS;
  let m = firstM + thread % ROWS * 4u;
  let n = firstN + thread % COLS * 4u;
  let row0 = rowOf(m); let row1 = rowOf(m + 1u); let row2 = rowOf(m + 2u); let row3 = rowOf(m + 3u);

  let lane = thread / (ROWS * COLS);
  let r = thread / COLS % ROWS;
  let c = thread % COLS;
  var acc0 = vec4<f32>(); var acc1 = vec4<f32>(); var acc2 = vec4<f32>(); var acc3 = vec4<f32>();

  for (var first = part * uniforms.depth; first < end; first += DEPTH) {
    if (thread < DEPTH && first + thread < end) { terms[thread] = termOf(first + thread); }
    workgroupBarrier();
    let count = min(DEPTH, end - first);
    if (thread < LEFT_STEP * ROWS) {
      for (var i = thread / ROWS; i < count; i += LEFT_STEP) {
        let term = terms[i];
        left[i * ROWS + thread % ROWS] = vec4<f32>(checkedLeftAt(m, row0, term), checkedLeftAt(m + 1u, row1, term),
          checkedLeftAt(m + 2u, row2, term), checkedLeftAt(m + 3u, row3, term));
      }
    }
    if (thread < RIGHT_STEP * COLS) {
      for (var i = thread / COLS; i < count; i += RIGHT_STEP) {
        let term = terms[i];
        right[i * COLS + thread % COLS] = vec4<f32>(checkedRightAt(term, n), checkedRightAt(term, n + 1u),
          checkedRightAt(term, n + 2u), checkedRightAt(term, n + 3u));
      }
    }
    workgroupBarrier();
    if (lane < LANES) {
      for (var i = lane; i < count; i += LANES) {
        let a = left[i * ROWS + r];
        let b = right[i * COLS + c];
        acc0 += a.x * b; acc1 += a.y * b; acc2 += a.z * b; acc3 += a.w * b;
      }
    }
  }
  if (lane < LANES) {
    let place = 4u * thread;
    lanes[place] = acc0; lanes[place + 1u] = acc1; lanes[place + 2u] = acc2; lanes[place + 3u] = acc3;
  }
  workgroupBarrier();
  for (var i = thread; i < 4u * ROWS * COLS; i += THREADS) {
    var sum = lanes[i];
    for (var other = 1u; other < LANES; other++) { sum += lanes[i + other * 4u * ROWS * COLS]; }
    let y = firstM + i / 4u / COLS * 4u + i % 4u;
    let x = firstN + i / 4u % COLS * 4u;
    if (y < uniforms.m) {
      let place = (part * uniforms.m + y) * uniforms.n + x;
      if (x < uniforms.n) { sums[place] = sum.x + biasAt(x); }
      if (x + 1u < uniforms.n) { sums[place + 1u] = sum.y + biasAt(x + 1u); }
      if (x + 2u < uniforms.n) { sums[place + 2u] = sum.z + biasAt(x + 2u); }
      if (x + 3u < uniforms.n) { sums[place + 3u] = sum.w + biasAt(x + 3u); }
    }
  }
}`;

const biasAt = (isGiven: boolean) => `
fn biasAt(n: u32) -> f32 { return ${isGiven ? "bias[n]" : "0.0"}; }`;

interface Parts {
  /** [parts, …]. */
  readonly sums: tf.TensorInfo;
  readonly parts: number;
  readonly writes: readonly tf.TensorInfo[];
  readonly bias: tf.TensorInfo | undefined;
}

/** Adds up the first dimension: 16 columns and 16 threads to each in a workgroup. */
function addParts({ run }: Pick<WebgpuContext, "run">, { sums, parts, writes, bias }: Parts): void {
  const total = sums.shape.slice(1).reduce((product, size) => product * size, 1);
  const names = writes.map((_, i) => `part${i}`);
  let start = 0;
  const stores = writes.map(({ shape }, i) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const store = `if (i >= uniforms.start${i} && i < uniforms.end${i}) { ${names[i]}[i - uniforms.start${i}] = sum; }`;
    const range = [[`start${i}`, start], [`end${i}`, start + size]] as const;
    start += size;
    return { store, range };
  });
  run({
    name: `AddParts${writes.length}${bias ? "Bias" : ""}`,
    source: `
      var<workgroup> lanes: array<f32, 256>;
      @compute @workgroup_size(16, 16)
      fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_id) thread: vec3<u32>) {
        let i = flatWorkgroup(workgroup, workgroups) * 16u + thread.x;
        var sum = 0.0;
        if (i < uniforms.total) {
          for (var part = thread.y; part < uniforms.parts; part += 16u) { sum += sums[part * uniforms.total + i]; }
        }
        lanes[thread.y * 16u + thread.x] = sum;
        workgroupBarrier();
        if (thread.y != 0u || i >= uniforms.total) { return; }
        for (var lane = 1u; lane < 16u; lane++) { sum += lanes[lane * 16u + thread.x]; }
        ${bias ? "sum += bias[i % arrayLength(&bias)];" : ""}
        ${stores.map(({ store }) => store).join("\n        ")}
      }`,
    sizes: { total, parts, ...Object.fromEntries(stores.flatMap(({ range }) => range)) },
    reads: bias ? { sums, bias } : { sums },
    writes: Object.fromEntries(writes.map((tensor, i) => [names[i], tensor])),
    workgroups: Math.ceil(total / 16),
  });
}
