/**
 * Has the programs of the graphics device compiled before they are timed.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WebgpuBackend } from "../kernels/webgpu/backend.ts";

/**
 * On webgpu, runs `work` and waits for it, so that later runs find every program compiled; elsewhere it does nothing.
 *
 * tfjs's compile-only mode would not do: Deno compiles nothing in parallel, and some drivers finish a program only when
 * it first runs.
 *
 * @param work What to run once, such as a training step of a model that is thrown away; it frees its tensors itself.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { warmUp } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const before = tf.memory().numTensors;
 * await warmUp(() => Promise.resolve(tf.tidy(() => void tf.matMul(tf.ones([20, 30]), tf.ones([30, 40])))));
 * assertEquals(tf.memory().numTensors, before);
 * ```
 */
export async function warmUp(work: () => Promise<void>): Promise<void> {
  if (tf.getBackend() !== "webgpu") return;
  await work();
  const backend = tf.backend() as unknown as WebgpuBackend;
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.device.queue.onSubmittedWorkDone();
}
