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
/**
 * Terms that a workgroup takes at least where a step has many small products: a further program, to add up the parts, keeps
 * the processor longer than the card saves by splitting shorter ones.
 */
export const LEAST_DEPTH = 512;
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
  readonly numbers?: Readonly<Record<string, number>>;
  /**
   * WGSL: `fn rowOf(m: u32) -> vec4<i32>` and `fn termOf(k: u32) -> vec4<i32>` prepare a row of A and a term of the inner
   * dimension, `fn leftAt(row: vec4<i32>, term: vec4<i32>) -> f32` and `fn rightAt(term: vec4<i32>, n: u32) -> f32` read
   * A and B there. They are called within the bounds only.
   */
  readonly source: string;
  /**
   * WGSL that reads four values at once in place of one, where they lie together, which takes a quarter of the reads:
   * `fn leftQuadAt(row: vec4<i32>, term: vec4<i32>) -> vec4<f32>`, from `row` on, where M is a multiple of 4;
   * `fn rightQuadAt(term: vec4<i32>, n: u32) -> vec4<f32>`, from `n` on, where N is. Each in place of the function of one.
   */
  readonly quads?: { readonly left?: string | undefined; readonly right?: string | undefined };
  /** The tensors that the rows of the product [M, N] go to, one after the other; their sizes add up to M N. */
  readonly writes: readonly tf.TensorInfo[];
  /** Added to every row of the product, float32 [N]. */
  readonly bias?: tf.TensorInfo | undefined;
  /** Terms of the inner dimension that a workgroup takes at least; 128 when left out. */
  readonly leastDepth?: number;
}

/** Computes the product. */
export function splitProduct({ run, output, release }: WebgpuContext, product: SplitProduct): void {
  const { name, m, n, k, writes, bias, quads = {}, leastDepth = 4 * DEPTH } = product;
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
    name: [name, quads.left && "Left", quads.right && "Right", added && "Bias"].filter(Boolean).join(""),
    source: product.source + PRODUCT + left(quads.left) + right(quads.right) + biasAt(added !== undefined),
    constants: { THREADS, DEPTH, ROWS, COLS, LANES, ...product.constants },
    sizes: { m, n, k, depth, blockCols, blocks, parts, ...product.sizes },
    reads: added ? { ...product.reads, bias: added } : product.reads,
    writes: { sums },
    ...(product.numbers && { numbers: product.numbers }),
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
  let rows = array<vec4<i32>, 4>(rowOf(m), rowOf(m + 1u), rowOf(m + 2u), rowOf(m + 3u));

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
        left[i * ROWS + thread % ROWS] = leftFourAt(m, rows, term);
      }
    }
    if (thread < RIGHT_STEP * COLS) {
      for (var i = thread / COLS; i < count; i += RIGHT_STEP) {
        let term = terms[i];
        right[i * COLS + thread % COLS] = rightFourAt(term, n);
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

const left = (quad: string | undefined) =>
  quad
    ? `
${quad}
fn leftFourAt(m: u32, rows: array<vec4<i32>, 4>, term: vec4<i32>) -> vec4<f32> {
  if (m >= uniforms.m) { return vec4<f32>(); }
  return leftQuadAt(rows[0], term);
}`
    : `
fn leftOneAt(m: u32, row: vec4<i32>, term: vec4<i32>) -> f32 {
  if (m >= uniforms.m) { return 0.0; }
  return leftAt(row, term);
}
fn leftFourAt(m: u32, rows: array<vec4<i32>, 4>, term: vec4<i32>) -> vec4<f32> {
  return vec4<f32>(leftOneAt(m, rows[0], term), leftOneAt(m + 1u, rows[1], term),
    leftOneAt(m + 2u, rows[2], term), leftOneAt(m + 3u, rows[3], term));
}`;

const right = (quad: string | undefined) =>
  quad
    ? `
${quad}
fn rightFourAt(term: vec4<i32>, n: u32) -> vec4<f32> {
  if (n >= uniforms.n) { return vec4<f32>(); }
  return rightQuadAt(term, n);
}`
    : `
fn rightOneAt(term: vec4<i32>, n: u32) -> f32 {
  if (n >= uniforms.n) { return 0.0; }
  return rightAt(term, n);
}
fn rightFourAt(term: vec4<i32>, n: u32) -> vec4<f32> {
  return vec4<f32>(rightOneAt(term, n), rightOneAt(term, n + 1u), rightOneAt(term, n + 2u), rightOneAt(term, n + 3u));
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
