import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertGreater } from "@std/assert";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import type { WebgpuBackend } from "../../../../models/kernels/webgpu/backend.ts";
import { runProgram } from "../../../../models/kernels/webgpu/program.ts";
import { adam } from "../../../../models/optimizers/adam.ts";
import { draw } from "../../../../models/zoo/draw/draw.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { describeDrawings } from "../../../../tasks/bench/random_drawings.ts";
import { webgpuTest } from "../../backends.ts";

const backendOf = () => tf.backend() as unknown as WebgpuBackend;

webgpuTest("what one training step was recorded with serves the next", async () => {
  const { device } = backendOf();
  const model = draw.build(
    { ...draw.tiny, steps: 3 },
    describeDrawings({ side: 6, frames: 1, classes: 2 }),
    new Prng(1),
  );
  const fields = { image: Uint8Array.from({ length: 72 }, (_, i) => 37 * i % 256), label: new Uint8Array(2) };
  const optimizer = adam();
  const made: number[] = [];
  const createBindGroup = device.createBindGroup;
  device.createBindGroup = function (descriptor) {
    made[made.length - 1]++;
    return createBindGroup.call(device, descriptor);
  };
  try {
    for (let step = 0; step < 5; step++) {
      made.push(0);
      const pass = differentiate(model, model.objectives[0], { batch: { size: 2, fields }, prng: new Prng(step) });
      optimizer.apply(model.variables, pass.gradients);
      await pass.loss.data();
      tf.dispose(pass);
    }
  } finally {
    device.createBindGroup = createBindGroup;
    model.dispose();
    optimizer.dispose();
  }
  assertGreater(made[0], 50);
  assertEquals(made.slice(3), [0, 0]);
});

webgpuTest("more sets of numbers than are kept all arrive", async () => {
  const backend = backendOf();
  const add = (x: tf.Tensor, amount: number) =>
    runProgram(backend, {
      name: "AddForTest",
      source: `@compute @workgroup_size(1) fn main() { x[0] += f32(uniforms.amount % 7u) * uniforms.half; }`,
      sizes: { amount },
      numbers: { half: 0.5 },
      reads: {},
      writes: { x },
      workgroups: 1,
    });
  const x = tf.variable(tf.tensor1d([0])), rounds = 2, amounts = 7 * 700;
  for (let round = 0; round < rounds; round++) for (let amount = 0; amount < amounts; amount++) add(x, amount);
  assertEquals([...await x.data()], [rounds * amounts * 3 / 2]);
  x.dispose();
});
