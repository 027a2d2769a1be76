/**
 * How this project's WGSL kernels are registered with tfjs, and what they are given to work with.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WebgpuBackend } from "./backend.ts";
import { elementwise, overElements } from "./elementwise/elementwise.ts";
import { type ProgramRun, runProgram } from "./program.ts";

/** What a kernel is given to work with. */
export interface WebgpuContext {
  readonly backend: WebgpuBackend;
  /** A new tensor, its values not yet written. */
  output(shape: readonly number[], dtype?: tf.DataType): tf.TensorInfo;
  /** Records a run of a program. */
  run(run: ProgramRun): void;
  /** Frees a tensor once the programs recorded so far are done with it. */
  release(tensor: tf.TensorInfo): void;
}

/** A kernel: tensors and attributes in, a new tensor or several out. */
export type WebgpuKernel = (
  context: WebgpuContext,
  inputs: Record<string, tf.TensorInfo>,
  // deno-lint-ignore no-explicit-any -- tfjs's own kernels take attributes of any type
  attributes: Record<string, any>,
) => tf.TensorInfo | tf.TensorInfo[];

/** Registers a kernel for the webgpu backend under tfjs's name or this project's, in place of a stock one. */
export function registerWebgpuKernel(kernelName: string, kernel: WebgpuKernel): void {
  if (tf.getKernel(kernelName, "webgpu")) tf.unregisterKernel(kernelName, "webgpu");
  tf.registerKernel({
    kernelName,
    backendName: "webgpu",
    kernelFunc: ({ inputs, backend, attrs }) =>
      withFloats(
        contextOf(backend as WebgpuBackend),
        inputs as Record<string, tf.TensorInfo>,
        (context, floats) => kernel(context, floats, attrs ?? {}),
      ),
  });
}

/** Calls a kernel with inputs whose buffers hold what their types say. */
function withFloats<T>(
  context: WebgpuContext,
  inputs: Record<string, tf.TensorInfo>,
  call: (context: WebgpuContext, floats: Record<string, tf.TensorInfo>) => T,
): T {
  const floats = Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, input && toFloats(context.backend, input)]),
  );
  const results = call(context, floats);
  for (const name of Object.keys(inputs)) if (floats[name] !== inputs[name]) context.release(floats[name]);
  return results;
}

function contextOf(backend: WebgpuBackend): WebgpuContext {
  return {
    backend,
    output: (shape, dtype = "float32") => backend.makeTensorInfo(shape, dtype),
    run: (run) => runProgram(backend, run),
    release: ({ dataId }) => void backend.disposeData(dataId),
  };
}

const SOURCE = elementwise("floats[i] = f32(whole[i]);");

/**
 * The tensor itself, or a new one of real floats.
 *
 * @returns A tensor that the caller frees where it is another one.
 */
function toFloats(backend: WebgpuBackend, tensor: tf.TensorInfo): tf.TensorInfo {
  if (tensor.dtype !== "float32" || backend.tensorMap.get(tensor.dataId).dtype === "float32") return tensor;
  const floats = backend.makeTensorInfo(tensor.shape, "float32");
  const size = tf.util.sizeFromShape(tensor.shape);
  runProgram(backend, {
    name: "ToFloats",
    source: SOURCE,
    ...overElements(size),
    reads: { whole: tensor },
    elements: { whole: "i32" },
    writes: { floats },
  });
  return floats;
}
