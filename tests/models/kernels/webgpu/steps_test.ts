import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import type { WebgpuBackend } from "../../../../models/kernels/webgpu/backend.ts";
import { runProgram } from "../../../../models/kernels/webgpu/program.ts";
import { squaredSum } from "../../../../models/optimizers/optimizer.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { normalTensor, valuesOn, webgpuTest } from "../../backends.ts";

webgpuTest("a program with steps runs them in order, each with its number", async () => {
  for (const steps of [3, 784, 65]) {
    const x = tf.tensor1d([1, 2], "int32");
    runProgram(tf.backend() as unknown as WebgpuBackend, {
      name: "HornerForTest",
      source: `
        @compute @workgroup_size(2)
        fn main(@builtin(local_invocation_index) thread: u32) { x[thread] = 3 * x[thread] + i32(step); }`,
      reads: {},
      writes: { x },
      workgroups: 1,
      steps,
    });
    const expected = Int32Array.of(1, 2).map((value) => {
      for (let step = 0; step < steps; step++) value = (Math.imul(3, value) + step) | 0;
      return value;
    });
    assertEquals([...await x.data()], [...expected]);
    x.dispose();
  }
});

webgpuTest("a sum of squares has the same bits at every run", async () => {
  const compute = () => [squaredSum(normalTensor(new Prng(1), [90_000]))];
  assertEquals(await valuesOn("webgpu", compute), await valuesOn("webgpu", compute));
});
