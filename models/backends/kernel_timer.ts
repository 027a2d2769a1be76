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
  /** Of the float32 values that it read and wrote, how many there were; 0 where nobody asked for them. */
  readonly values: number;
  /** How many of those were subnormal: not 0, but nearer to it than 2^-126. */
  readonly subnormals: number;
}

/** Is told what happens, while it happens. */
export interface KernelWatcher {
  /** Whether subnormal values are counted, outside of the times; on backends whose values can be read at once, not webgpu. */
  readonly countsSubnormals?: boolean;
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
      let outputs: tf.TensorInfo | tf.TensorInfo[] = [];
      const began = performance.now();
      try {
        return outputs = kernelFunc(call);
      } finally {
        const took = performance.now() - began;
        running.pop();
        const made = Array.isArray(outputs) ? outputs : [outputs];
        const counts = watcher.countsSubnormals
          ? countSubnormals([...Object.values(call.inputs).filter((input) => input !== undefined), ...made])
          : { values: 0, subnormals: 0 };
        const outer = running.at(-1);
        if (outer) outer.inner += performance.now() - began;
        else clock?.read(false);
        const bytes = newBytes(call.inputs, made);
        watcher.onCall({ kernel: kernel.kernelName, milliseconds: took - frame.inner, bytes, ...counts });
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

/** The smallest positive float32 that is normal. */
const SMALLEST_NORMAL = 2 ** -126;

function countSubnormals(tensors: readonly tf.TensorInfo[]): Pick<KernelCall, "values" | "subnormals"> {
  let values = 0, subnormals = 0;
  for (const tensor of tensors) {
    if (tensor.dtype !== "float32") continue;
    const data = tf.backend().readSync(tensor.dataId) as Float32Array;
    values += data.length;
    for (const value of data) subnormals += Number(value !== 0 && Math.abs(value) < SMALLEST_NORMAL);
  }
  return { values, subnormals };
}

function newBytes(inputs: tf.NamedTensorInfoMap, outputs: readonly tf.TensorInfo[]): number {
  const shared = Object.values(inputs).map((input) => input?.dataId);
  let bytes = 0;
  for (const { dataId, shape, dtype } of outputs) {
    if (!shared.includes(dataId)) bytes += tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype);
  }
  return bytes;
}
