/**
 * The sum of squares on webgpu.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { WebgpuKernel } from "./context.ts";

const GROUP = 256;

/** What a workgroup sums up at least where there are several: fewer would cost less than a second dispatch. */
const SHARE = 8192;

// Each thread adds up its elements in their order, and the workgroup its threads in pairs: the same sum in every run.
const SUM = `
var<workgroup> sums: array<f32, GROUP>;

@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  var sum = 0.0;
  for (var i = workgroup.x * GROUP + thread; i < uniforms.size; i += workgroups.x * GROUP) {
    sum += select(x[i], x[i] * x[i], SQUARES == 1u);
  }
  sums[thread] = sum;
  for (var half = GROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  if (thread == 0u) { total[workgroup.x] = sums[0]; }
}`;

/** x of any shape -> the sum of its squares, a scalar. */
export const squaredSum: WebgpuKernel = ({ output, run, release }, { x }) => {
  const sum = (x: tf.TensorInfo, total: tf.TensorInfo, squares: boolean) =>
    run({
      name: "SquaredSum",
      source: SUM,
      constants: { GROUP, SQUARES: Number(squares) },
      sizes: { size: tf.util.sizeFromShape(x.shape) },
      reads: { x },
      writes: { total },
      workgroups: Math.max(1, tf.util.sizeFromShape(total.shape)),
    });
  const total = output([]);
  const shares = Math.min(256, Math.ceil(tf.util.sizeFromShape(x.shape) / SHARE));
  if (shares <= 1) sum(x, total, true);
  else {
    const parts = output([shares]);
    sum(x, parts, true);
    sum(parts, total, false);
    release(parts);
  }
  return total;
};
