import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import type { WebgpuBackend } from "../../../models/kernels/webgpu/backend.ts";
import { warmUp } from "../../../models/backends/warm_up.ts";
import { webgpuTest } from "../backends.ts";
import { composedConvReluPool, convReluPool } from "../../../models/ops/conv_relu_pool.ts";

/** Counts the programs that a device compiles, until the end of the scope. */
function countCompiled(device: GPUDevice): Disposable & { programs: number } {
  const { createComputePipeline } = device;
  const count = { programs: 0, [Symbol.dispose]: () => void (device.createComputePipeline = createComputePipeline) };
  device.createComputePipeline = (descriptor) => {
    count.programs++;
    return createComputePipeline.call(device, descriptor);
  };
  return count;
}

webgpuTest("warmUp leaves no program to compile, neither tfjs's nor this project's, and no tensor", async () => {
  const x = tf.variable(tf.ones<tf.Rank.R4>([1, 24, 24, 11]));
  const step = (op: typeof convReluPool) => {
    const filter = tf.ones<tf.Rank.R4>([3, 3, 11, 7]);
    return tf.grad((filter) => tf.atanh(tf.mul(1e-4, op(x, filter as tf.Tensor4D, tf.zeros([7])))))(filter);
  };
  using compiled = countCompiled((tf.backend() as unknown as WebgpuBackend).device);
  const tensors = tf.memory().numTensors;
  const found: number[] = [];
  for (const op of [convReluPool, composedConvReluPool]) {
    await warmUp(() => Promise.resolve(tf.tidy(() => void step(op))));
    found.push(compiled.programs);
  }
  assertEquals(tf.memory().numTensors, tensors);
  const [ours, all] = found;
  assert(0 < ours && ours < all, `${ours} programs, then ${all}`);

  for (const op of [convReluPool, composedConvReluPool]) tf.tidy(() => void step(op));
  assertEquals(compiled.programs, all, "programs left to compile");
  assertEquals(new Set(await x.data()), new Set([1]));
  x.dispose();
});

Deno.test("warmUp does not run its work on other backends", async () => {
  await startBackend("cpu");
  let ran = false;
  await warmUp(() => {
    ran = true;
    return Promise.resolve();
  });
  assertEquals(ran, false);
});
