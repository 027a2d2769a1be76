/**
 * The kernels that tfjs has for a backend, as a set that can be taken, changed and put back.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Every kernel of one backend; of each, what was registered with tfjs. */
export type KernelSet = readonly tf.KernelConfig[];

/** The kernels that a backend has now; the backend's package must have been imported. */
export function kernelSetOf(backendName: string): KernelSet {
  return tf.getKernelsForBackend(backendName);
}

/** Gives a backend the kernels of a set and no others. */
export function useKernelSet(backendName: string, kernels: KernelSet): void {
  for (const { kernelName } of kernelSetOf(backendName)) tf.unregisterKernel(kernelName, backendName);
  for (const kernel of kernels) tf.registerKernel(kernel);
}
