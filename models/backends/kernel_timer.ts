/**
 * Times every kernel that tfjs runs: how long each call keeps this thread, and on webgpu how long the graphics
 * device takes for what the call dispatched.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { kernelSetOf, useKernelSet } from "../kernels/kernel_set.ts";
import type { WebgpuBackend } from "../kernels/webgpu/backend.ts";
import { DispatchClock } from "../kernels/webgpu/dispatch_clock.ts";
import { observeDispatches } from "../kernels/webgpu/dispatches.ts";

/** One call of a kernel. */
export interface KernelCall {
  /** The name under which tfjs has it, such as `BatchMatMul`. */
  readonly kernel: string;
  /** What it kept this thread busy, without the kernels that it called itself. */
  readonly milliseconds: number;
  /** The size of its new output tensors; one that shares its input's values, as `Reshape`'s does, has none. */
  readonly bytes: number;
}

/** Is told what happens, while it happens. */
export interface KernelWatcher {
  /** A call has ended. */
  onCall(call: KernelCall): void;
  /**
   * A program is recorded for the graphics device; webgpu only.
   *
   * @param kernel The innermost kernel that is running; empty where tfjs does it by itself.
   * @returns Is told later what the program took, in milliseconds; never where the device has no clock.
   */
  onDispatch(kernel: string): (milliseconds: number) => void;
}

const webgpu = () => tf.backend() as unknown as WebgpuBackend;

/** Whether the backend in use can say how long its device takes. */
export function hasDeviceClock(): boolean {
  return tf.getBackend() === "webgpu" && DispatchClock.isIn(webgpu());
}

/**
 * Times the kernels of the backend in use.
 *
 * @returns Ends it: the kernels are as before at once, and every time is told when its promise is kept.
 */
export function timeKernels(watcher: KernelWatcher): () => Promise<void> {
  const backendName = tf.getBackend();
  const kernels = kernelSetOf(backendName);
  const running: { kernel: string; inner: number }[] = [];
  const clock = hasDeviceClock() ? new DispatchClock(webgpu()) : undefined;

  const timed = ({ kernelFunc, ...kernel }: tf.KernelConfig): tf.KernelConfig => ({
    ...kernel,
    kernelFunc(call) {
      const frame = { kernel: kernel.kernelName, inner: 0 };
      running.push(frame);
      let bytes = 0;
      const began = performance.now();
      try {
        const outputs = kernelFunc(call);
        bytes = newBytes(call.inputs, outputs);
        return outputs;
      } finally {
        const took = performance.now() - began;
        running.pop();
        const outer = running.at(-1);
        if (outer) outer.inner += took;
        else clock?.read(false);
        watcher.onCall({ kernel: kernel.kernelName, milliseconds: took - frame.inner, bytes });
      }
    },
  });
  useKernelSet(backendName, kernels.map(timed));
  if (backendName === "webgpu") {
    observeDispatches(() => {
      const tell = watcher.onDispatch(running.at(-1)?.kernel ?? "");
      return clock?.measure(tell);
    });
  }
  return async () => {
    useKernelSet(backendName, kernels);
    if (backendName === "webgpu") observeDispatches(undefined);
    clock?.read(true);
    await clock?.settled();
  };
}

function newBytes(inputs: tf.NamedTensorInfoMap, outputs: tf.TensorInfo | tf.TensorInfo[]): number {
  const shared = Object.values(inputs).map((input) => input?.dataId);
  let bytes = 0;
  for (const { dataId, shape, dtype } of Array.isArray(outputs) ? outputs : [outputs]) {
    if (!shared.includes(dataId)) bytes += tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype);
  }
  return bytes;
}
