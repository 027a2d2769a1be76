/**
 * Sums by segment (the gradient of `tf.gather`) on webgpu. tfjs's own kernel adds atomically, in another order at every
 * run, and so with other rounding.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WebgpuKernel } from "../context.ts";
import { elementwise, overElements } from "../elementwise/elementwise.ts";

const GROUP = 64;
/** Rows of a segment that are looked up one by one; of a longer one all rows are looked through. */
const LISTED = 1024;
/** Where segments have more rows than this on average, all rows are looked through from the start. */
const MOST_LINKED = 32;

// A workgroup makes GROUP neighbouring values of one segment at a time; the segment numbers of GROUP rows are fetched
// together.
const LOOK_THROUGH = `
var<workgroup> segments: array<i32, GROUP>;
fn sumOfAll(segment: u32, i: u32, thread: u32) -> f32 {
  var sum = 0.0;
  for (var first = 0u; first < uniforms.rows; first += GROUP) {
    segments[thread] = segmentIds[min(first + thread, uniforms.rows - 1u)];
    workgroupBarrier();
    if (i < uniforms.inner) {
      for (var row = 0u; row < min(GROUP, uniforms.rows - first); row++) {
        if (segments[row] == i32(segment)) { sum += x[(first + row) * uniforms.inner + i]; }
      }
    }
    workgroupBarrier();
  }
  return sum;
}`;

const MAIN = `
@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = flatWorkgroup(workgroup, workgroups);`;

const FEW = `
${LOOK_THROUGH}
${MAIN}
  let segment = index / uniforms.blocks;
  let i = index % uniforms.blocks * GROUP + thread;
  let sum = sumOfAll(segment, i, thread);
  if (segment < uniforms.count && i < uniforms.inner) { sums[segment * uniforms.inner + i] = sum; }
}`;

const EMPTY = elementwise("heads[i] = -1;");

const LINK = elementwise(`
  let segment = segmentIds[i];
  if (segment < 0 || u32(segment) >= uniforms.count) { return; }
  next[i] = atomicExchange(&heads[segment], i32(i));`);

// The rows of the segment are put in their order, whichever order they were linked in.
const MANY = `
${LOOK_THROUGH}
var<workgroup> linked: array<u32, LISTED>;
var<workgroup> listed: array<u32, LISTED>;
var<workgroup> length: u32;
${MAIN}
  let segment = index;
  if (thread == 0u) {
    var count = 0u;
    if (segment < uniforms.count) {
      for (var row = heads[segment]; row >= 0 && count <= LISTED; row = next[row]) {
        if (count < LISTED) { linked[count] = u32(row); }
        count++;
      }
    }
    length = count;
  }
  let rows = workgroupUniformLoad(&length);
  if (rows <= LISTED) {
    for (var n = thread; n < rows; n += GROUP) {
      var place = 0u;
      for (var other = 0u; other < rows; other++) { place += select(0u, 1u, linked[other] < linked[n]); }
      listed[place] = linked[n];
    }
  }
  workgroupBarrier();
  for (var first = 0u; first < uniforms.inner; first += GROUP) {
    let i = first + thread;
    var sum = 0.0;
    if (rows > LISTED) {
      sum = sumOfAll(segment, i, thread);
    } else if (i < uniforms.inner) {
      for (var n = 0u; n < rows; n++) { sum += x[listed[n] * uniforms.inner + i]; }
    }
    if (segment < uniforms.count && i < uniforms.inner) { sums[segment * uniforms.inner + i] = sum; }
  }
}`;

/**
 * x [R, ...inner], segmentIds int32 [R] -> the sums of the rows of each segment, [numSegments, ...inner], each in the
 * order of the rows. All rows are looked through for each segment, but where there are many of both: then those of each
 * segment are linked first.
 */
export function segmentSum(): WebgpuKernel {
  const stock = tf.getKernel("UnsortedSegmentSum", "webgpu").kernelFunc;
  return ({ backend, output, run, release }, inputs, attributes) => {
    const { x, segmentIds } = inputs;
    const { numSegments } = attributes;
    if (x.dtype !== "float32") return stock({ inputs, backend, attrs: attributes }); // whole numbers have no rounding
    const rank = segmentIds.shape.length;
    const sums = output([numSegments, ...x.shape.slice(rank)]);
    const rows = tf.util.sizeFromShape(segmentIds.shape), inner = tf.util.sizeFromShape(x.shape.slice(rank));
    const constants = { GROUP };
    const sizes = { rows, inner, count: numSegments };
    if (rows > MOST_LINKED * numSegments || rows * numSegments < 2 ** 16) {
      const blocks = Math.ceil(inner / GROUP);
      run({
        name: "SegmentSum",
        source: FEW,
        constants,
        sizes: { ...sizes, blocks },
        reads: { x, segmentIds },
        writes: { sums },
        workgroups: numSegments * blocks,
      });
      return sums;
    }
    const heads = output([numSegments], "int32"), next = output([rows], "int32");
    run({ name: "SegmentHeads", source: EMPTY, ...overElements(numSegments), reads: {}, writes: { heads } });
    run({
      name: "SegmentLinks",
      source: LINK,
      ...overElements(rows, { count: numSegments }),
      reads: { segmentIds },
      writes: { heads, next },
      elements: { heads: "atomic<i32>" },
    });
    run({
      name: "SegmentSumOfLinked",
      source: MANY,
      constants: { ...constants, LISTED },
      sizes,
      reads: { x, segmentIds, heads, next },
      writes: { sums },
      workgroups: numSegments,
    });
    release(heads);
    release(next);
    return sums;
  };
}
