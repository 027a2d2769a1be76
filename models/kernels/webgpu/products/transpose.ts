/**
 * The transpose of a matrix on webgpu, for kernels that need one on the way.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { WebgpuContext } from "../context.ts";

const SIDE = 16;

const SOURCE = `
var<workgroup> tile: array<f32, SIDE * (SIDE + 1u)>; // a gap against bank conflicts

@compute @workgroup_size(SIDE, SIDE)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let column = workgroup.x * SIDE + local.x;
  let row = workgroup.y * SIDE + local.y;
  if (row < uniforms.rows && column < uniforms.columns) {
    tile[local.y * (SIDE + 1u) + local.x] = matrix[(uniforms.firstRow + row) * uniforms.columns + column];
  }
  workgroupBarrier();
  let newColumn = workgroup.y * SIDE + local.x;
  let newRow = workgroup.x * SIDE + local.y;
  if (newRow < uniforms.columns && newColumn < uniforms.rows) {
    transposed[newRow * uniforms.rows + newColumn] = tile[local.x * (SIDE + 1u) + local.y];
  }
}`;

/** The last `rows` rows of a matrix, float32 [N, M] -> a new tensor [M, rows]. */
export function transposeLast(
  { output, run }: WebgpuContext,
  { matrix, rows }: { readonly matrix: tf.TensorInfo; readonly rows: number },
): tf.TensorInfo {
  const [all, columns] = matrix.shape;
  const transposed = output([columns, rows]);
  run({
    name: "Transpose",
    source: SOURCE,
    constants: { SIDE },
    sizes: { rows, columns, firstRow: all - rows },
    reads: { matrix },
    writes: { transposed },
    workgroups: [Math.ceil(columns / SIDE), Math.ceil(rows / SIDE), 1],
  });
  return transposed;
}
