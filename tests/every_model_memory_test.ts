// What a training step leaves behind: nothing, on any backend, for every model of the registry.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { startBackend } from "../models/backends/backend.ts";
import { differentiate } from "../models/gradients/differentiate.ts";
import type { WasmBackend } from "../models/kernels/wasm/context.ts";
import { clipByGlobalNorm } from "../models/optimizers/optimizer.ts";
import { boundFreeBuffers, type BufferManager } from "../models/backends/webgpu_memory.ts";
import type { Batch } from "../pipelines/dataset.ts";
import { Prng } from "../pipelines/base/prng.ts";
import { describeDrawings, randomDrawings } from "../tasks/bench/random_drawings.ts";
import { CAN } from "./models/backends.ts";
import { MODELS } from "../models/zoo/registry.ts";
import { adam } from "../models/optimizers/adam.ts";
import { FAST } from "./helpers.ts";

const [SIDE, FRAMES] = [16, 4];
const DATA = describeDrawings({ side: SIDE, frames: FRAMES, classes: 3 });

/** Batches whose drawings have other numbers of strokes each, and with them the frames in use; one uses every frame. */
const BATCHES: readonly Batch[] = Array.from({ length: 20 }, (_, i) => {
  const batch = randomDrawings({ size: 6, side: SIDE, frames: FRAMES, classes: 3 }, new Prng(7, i));
  const image = Uint8Array.from({ length: 6 * SIDE ** 2 }, (_, cell) => (cell * (i + 1)) % 256); // [6, 16, 16]
  const stroke_count = i === 0 ? new Uint8Array(6).fill(FRAMES) : batch.fields.stroke_count;
  return { ...batch, fields: { ...batch.fields, image, stroke_count } };
});

/** Trains a tiny model as the loop does; after each step the losses are disposed of, and `look` is called. */
async function trainSteps(name: string, steps: number, look: (step: number, loss: number) => void): Promise<void> {
  const model = MODELS[name].build(MODELS[name].tiny, DATA, new Prng(1));
  const optimizers = model.objectives.map(() => adam());
  for (let step = 1; step <= steps; step++) {
    const batch = BATCHES[step % BATCHES.length];
    let last = 0;
    for (const [i, objective] of model.objectives.entries()) {
      const prng = new Prng(2, step % BATCHES.length); // the same steps again and again, random lengths included
      const { loss, metrics, gradients } = differentiate(model, objective, { batch, prng });
      const { scale, norm } = clipByGlobalNorm(gradients, 1);
      optimizers[i].apply(model.variables, gradients, scale);
      [last] = await loss.data();
      tf.dispose([loss, metrics, gradients, scale, norm]);
    }
    look(step, last);
  }
  model.dispose();
  for (const optimizer of optimizers) optimizer.dispose();
}

/** Counts what is taken from a wasm backend's heap and how far up, until it is told to stop. */
function watchHeap({ wasm }: WasmBackend) {
  const { _malloc, _free } = wasm;
  const sizes = new Map<number, number>();
  const heap = { bytes: 0, top: 0, stop: () => void Object.assign(wasm, { _malloc, _free }) };
  wasm._malloc = (bytes) => {
    const address = _malloc(bytes) >>> 0;
    sizes.set(address, bytes);
    heap.bytes += bytes;
    heap.top = Math.max(heap.top, address + bytes);
    return address;
  };
  wasm._free = (address) => {
    heap.bytes -= sizes.get(address >>> 0) ?? 0;
    sizes.delete(address >>> 0);
    _free(address);
  };
  return heap;
}

for (const name of Object.keys(MODELS)) {
  for (const backend of ["cpu", "wasm"] as const) {
    Deno.test({
      name: `${name} on ${backend}: as many tensors and bytes after every step`,
      ignore: FAST && backend === "cpu" || !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const found: number[][] = [];
        await trainSteps(name, 6, () => found.push([tf.memory().numTensors, tf.memory().numBytes]));
        assertEquals(found, Array(6).fill(found[0]));
      },
    });
  }

  Deno.test({
    name: `${name} on wasm: the heap is the same after 120 steps as after 20`,
    ignore: FAST || !CAN.wasm,
    fn: async () => {
      await startBackend("wasm");
      const backend = tf.backend() as unknown as WasmBackend;
      const heap = watchHeap(backend);
      const found: number[][] = [];
      let early = 0;
      await trainSteps(name, 120, (step) => {
        if (step === 40) [early, heap.top] = [heap.top, 0];
        if (step === 20 || step === 120) found.push([heap.bytes, backend.wasm.asm.memory.buffer.byteLength]);
      });
      heap.stop();
      // Where blocks lie may differ by their alignment; the smallest tensor left by a step would take 1,280 bytes.
      const more = heap.top - early;
      assert(early > 0 && more < 512, `${more} bytes higher up than in the first 40 steps`);
      assertEquals(found[1], found[0]);
    },
  });

  Deno.test({
    name: `${name} on webgpu: as many tensors, few free buffers, and none is destroyed that is in use`,
    ignore: !CAN.webgpu,
    sanitizeOps: false, // a WebGPU device stays open
    sanitizeResources: false,
    fn: async () => {
      const [steps, limit] = [4, 300_000];
      await startBackend("cpu");
      const expected: number[] = [];
      await trainSteps(name, steps, (_, loss) => expected.push(loss));
      await startBackend("webgpu");
      const { bufferManager } = tf.backend() as unknown as { bufferManager: BufferManager };
      const { acquireBuffer } = bufferManager;
      boundFreeBuffers(bufferManager, limit);
      const bound = bufferManager.acquireBuffer;
      let [most, acquired] = [0, 0];
      bufferManager.acquireBuffer = (...request) => {
        const buffer = bound(...request);
        acquired++;
        most = Math.max(most, bufferManager.numBytesAllocated - bufferManager.numBytesUsed);
        return buffer;
      };
      const found: number[][] = [];
      await trainSteps(name, steps, (step, loss) => {
        found.push([tf.memory().numTensors, tf.memory().numBytes, bufferManager.numBytesUsed]);
        assert(Math.abs(loss / expected[step - 1] - 1) < 1e-3, `step ${step}: ${loss}, on cpu ${expected[step - 1]}`);
      });
      bufferManager.acquireBuffer = acquireBuffer;
      assertEquals(found, Array(steps).fill(found[0]));
      assert(acquired > 100 && most <= limit, `${most} bytes free at most, in ${acquired} buffers`);
    },
  });
}
