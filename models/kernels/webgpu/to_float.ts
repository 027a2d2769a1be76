/**
 * Floats from tensors that only claim to hold them: a cast of whole numbers or booleans shares the buffer of its origin
 * in tfjs's webgpu backend, whose own programs look the element type up for each buffer.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { WebgpuBackend } from "./backend.ts";
import { runProgram } from "./program.ts";

const SOURCE = `
@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32) {
  let i = flatWorkgroup(workgroup, workgroups) * GROUP + thread;
  if (i < uniforms.size) { floats[i] = f32(whole[i]); }
}`;

/**
 * The tensor itself, or a new one of real floats.
 *
 * @returns A tensor that the caller frees where it is another one.
 */
export function toFloats(backend: WebgpuBackend, tensor: tf.TensorInfo): tf.TensorInfo {
  if (tensor.dtype !== "float32" || backend.tensorMap.get(tensor.dataId).dtype === "float32") return tensor;
  const floats = backend.makeTensorInfo(tensor.shape, "float32");
  const size = tf.util.sizeFromShape(tensor.shape);
  runProgram(backend, {
    name: "ToFloats",
    source: SOURCE,
    constants: { GROUP: 256 },
    sizes: { size },
    reads: { whole: tensor },
    elements: { whole: "i32" },
    writes: { floats },
    workgroups: Math.ceil(size / 256),
  });
  return floats;
}
