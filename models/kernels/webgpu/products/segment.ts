/**
 * Sums by segment (the gradient of `tf.gather`) on webgpu. tfjs's own kernel adds atomically, in another order at every
 * run, and so with other rounding.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WebgpuKernel } from "../context.ts";

const GROUP = 64;

// A workgroup makes GROUP neighbouring values of one segment; the segment numbers of GROUP rows are fetched together.
const SOURCE = `
var<workgroup> segments: array<i32, GROUP>;
@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = flatWorkgroup(workgroup, workgroups);
  let segment = index / uniforms.blocks;
  let i = index % uniforms.blocks * GROUP + thread;
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
  if (segment < uniforms.count && i < uniforms.inner) { sums[segment * uniforms.inner + i] = sum; }
}`;

/** x [R, ...inner], segmentIds int32 [R] -> the sums of the rows of each segment, [numSegments, ...inner]. */
export function segmentSum(): WebgpuKernel {
  const stock = tf.getKernel("UnsortedSegmentSum", "webgpu").kernelFunc;
  return ({ backend, output, run }, inputs, attributes) => {
    const { x, segmentIds } = inputs;
    const { numSegments } = attributes;
    if (x.dtype !== "float32") return stock({ inputs, backend, attrs: attributes }); // whole numbers have no rounding
    const rank = segmentIds.shape.length;
    const sums = output([numSegments, ...x.shape.slice(rank)]);
    const rows = tf.util.sizeFromShape(segmentIds.shape), inner = tf.util.sizeFromShape(x.shape.slice(rank));
    const blocks = Math.ceil(inner / GROUP);
    run({
      name: "SegmentSum",
      source: SOURCE,
      constants: { GROUP },
      sizes: { rows, inner, count: numSegments, blocks },
      reads: { x, segmentIds },
      writes: { sums },
      workgroups: numSegments * blocks,
    });
    return sums;
  };
}
