/**
 * tfjs's wasm backend as it comes, for comparison: the two kernels that it lacks for training are lent by the cpu
 * backend, by way of copies. It must be started before `startBackend` puts this project's kernels in their place.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./context.ts";

/** The part of tfjs's cpu backend in use here. */
interface CpuBackend {
  makeTensorInfo(shape: readonly number[], dtype: string, values: ArrayLike<number>): tf.TensorInfo;
  readSync(dataId: object): ArrayLike<number>;
  disposeData(dataId: object): void;
}

/** Makes stock tfjs on wasm the current backend, with what it lacks for training computed on cpu. */
export async function startStockWasm(): Promise<void> {
  await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("cpu");
  const cpu = tf.backend() as unknown as CpuBackend;
  Object.assign(cpu, { firstUse: false }); // or it prints an advertisement for tfjs-node
  await tf.setBackend("wasm");
  for (const kernelName of ["Conv2DBackpropFilter", "UnsortedSegmentSum"]) {
    if (!tf.getKernel(kernelName, "wasm")) lend(kernelName, cpu);
  }
  takeMatrices();
}

/** tfjs's fused product takes stacks of matrices alone; its own caller makes one of a matrix, this project's does not. */
function takeMatrices(): void {
  const kernel = tf.getKernel("_FusedMatMul", "wasm");
  tf.unregisterKernel("_FusedMatMul", "wasm");
  tf.registerKernel({
    ...kernel,
    kernelFunc: (call) => {
      const { a, b, ...others } = call.inputs as Record<string, tf.TensorInfo>;
      if (a.shape.length > 2) return kernel.kernelFunc(call);
      const [stackA, stackB] = [a, b].map((matrix) => ({ ...matrix, shape: [1, ...matrix.shape] }));
      const result = kernel.kernelFunc({ ...call, inputs: { ...others, a: stackA, b: stackB } }) as tf.TensorInfo;
      return { ...result, shape: result.shape.slice(1) };
    },
  });
}

function lend(kernelName: string, cpu: CpuBackend): void {
  const { kernelFunc } = tf.getKernel(kernelName, "cpu");
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, backend, attrs }) => {
      const wasm = backend as unknown as WasmBackend & CpuBackend;
      const copies = Object.fromEntries(
        Object.entries(inputs as Record<string, tf.TensorInfo>).map(([name, { dataId, shape, dtype }]) => [
          name,
          cpu.makeTensorInfo(shape, dtype, wasm.readSync(dataId)),
        ]),
      );
      const result = kernelFunc({ inputs: copies, backend: cpu, attrs: attrs ?? {} }) as tf.TensorInfo;
      const values = cpu.readSync(result.dataId) as Float32Array;
      for (const { dataId } of [...Object.values(copies), result]) cpu.disposeData(dataId);
      return wasm.makeOutput(result.shape, result.dtype, undefined, values);
    },
  });
}
