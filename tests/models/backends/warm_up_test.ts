import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertGreater } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import type { WebgpuBackend } from "../../../models/kernels/webgpu/backend.ts";
import { warmUp } from "../../../models/backends/warm_up.ts";
import { CAN } from "../backends.ts";
import { composedConvReluPool, convReluPool } from "../../../models/ops/conv_relu_pool.ts";

Deno.test({
  name: "warmUp leaves no program to compile, neither tfjs's nor this project's, and no tensor",
  ignore: !CAN.webgpu,
  sanitizeOps: false, // a WebGPU device stays open
  sanitizeResources: false,
  fn: async () => {
    await startBackend("webgpu");
    const { pipelineCache } = tf.backend() as unknown as WebgpuBackend;
    const programs = () => Object.keys(pipelineCache).length;
    const x = tf.variable(tf.ones<tf.Rank.R4>([1, 24, 24, 11]));
    const step = (op: typeof convReluPool) => {
      const filter = tf.ones<tf.Rank.R4>([3, 3, 11, 7]);
      return tf.grad((filter) => tf.atanh(tf.mul(1e-4, op(x, filter as tf.Tensor4D, tf.zeros([7])))))(filter);
    };
    const [tensors, before] = [tf.memory().numTensors, programs()];
    await warmUp(() => Promise.resolve(tf.tidy(() => [convReluPool, composedConvReluPool].forEach(step))));
    assertEquals(tf.memory().numTensors, tensors);
    const warm = programs();
    assertGreater(warm, before + 6);

    for (const op of [convReluPool, composedConvReluPool]) tf.tidy(() => void step(op));
    assertEquals(programs(), warm, "programs left to compile");
    assertEquals(new Set(await x.data()), new Set([1]));
    x.dispose();
  },
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
