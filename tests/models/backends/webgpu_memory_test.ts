import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { differentiate } from "../../../models/gradients/differentiate.ts";
import { clipByGlobalNorm } from "../../../models/optimizers/optimizer.ts";
import { cnnLstm } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { describeDrawings, randomDrawings } from "../../../tasks/bench/random_drawings.ts";
import { webgpuTest } from "../backends.ts";
import { adam } from "../../../models/optimizers/adam.ts";
import { type BufferManager, orderFreeBuffers } from "../../../models/backends/webgpu_memory.ts";

webgpuTest("thirty training steps use no more memory than the third", async () => {
  const data = describeDrawings({ side: 12, frames: 4, classes: 3 });
  const model = cnnLstm.build(cnnLstm.tiny, data, new Prng(1));
  const optimizer = adam();
  // One batch: the backend keeps a pool of buffers for each size it has seen.
  const batch = randomDrawings({ size: 5, side: 12, frames: 4, classes: 3 }, new Prng(2));
  const seen: Record<string, number>[] = [];
  for (let step = 0; step < 30; step++) {
    const pass = differentiate(model, model.objectives[0], { batch, prng: new Prng(step) });
    const clipped = clipByGlobalNorm(pass.gradients, 1);
    optimizer.apply(model.variables, pass.gradients, clipped.scale);
    await pass.loss.data(); // what was disposed of is free once it is submitted
    tf.dispose([pass, clipped]);
    const { numTensors, numDataBuffers, ...rest } = tf.memory();
    const { numBytesInGPU, numBytesAllocatedInGPU } = rest as unknown as Record<string, number>;
    seen.push({ numTensors, numDataBuffers, numBytesInGPU, numBytesAllocatedInGPU });
  }
  assert(seen[2].numBytesInGPU > 0);
  assertEquals(seen.slice(3), Array(27).fill(seen[2]));
  model.dispose();
  optimizer.dispose();
});

Deno.test("the oldest free buffer of a size is taken first, in whatever order they were freed", () => {
  let made = 0;
  const manager = {
    freeBuffers: new Map<string, GPUBuffer[]>([["4_1", []]]),
    acquireBuffer(size: number, usage: number) {
      return manager.freeBuffers.get("4_1")!.pop() ?? { size, usage, made: made++ } as unknown as GPUBuffer;
    },
    releaseBuffer(buffer: GPUBuffer, reuse = true) {
      if (reuse) manager.freeBuffers.get("4_1")!.push(buffer);
    },
  };
  orderFreeBuffers(manager as unknown as BufferManager);
  const all = Array.from({ length: 5 }, () => manager.acquireBuffer(4, 1));
  for (const i of [3, 0, 4, 2]) manager.releaseBuffer(all[i]);
  manager.releaseBuffer(all[1], false);
  assertEquals(Array.from({ length: 5 }, () => manager.acquireBuffer(4, 1)).map((buffer) => all.indexOf(buffer)), [
    ...[0, 2, 3, 4],
    -1,
  ]);
});
