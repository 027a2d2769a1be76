/** How many programs operations send to the device: what a small model's step on a graphics card is made of. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { dispatchCount } from "../../../../models/kernels/webgpu/dispatches.ts";
import { draw } from "../../../../models/zoo/draw/draw.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { GPU_CASES } from "../../../../tasks/bench/bench_gpu_cases.ts";
import { describeDrawings } from "../../../../tasks/bench/random_drawings.ts";
import { testAgainstCpu, webgpuTest } from "../../backends.ts";

/** With gradients; made of stock operations they send 108, 100, 35, 18, 1229, 1345, 10, 10 and 42. */
const DISPATCHES: Readonly<Record<string, number>> = {
  "two pictures read through a window": 4,
  "a patch written through a window": 5,
  "LSTM cell's gates": 2,
  "latents drawn from Gaussians": 2,
  "LSTM": 4,
  "GRU": 11,
  "strided convolution": 6,
  "transposed convolution": 7,
  "batch normalization": 7,
};

for (const { what, prepare } of GPU_CASES) {
  testAgainstCpu(`${what}, as it is benchmarked`, () => prepare(new Prng(1), 2)(), {
    tolerance: 3e-5,
    backends: ["webgpu"],
  });

  webgpuTest(`${what} and its gradients send ${DISPATCHES[what]} programs`, () => {
    tf.tidy(() => {
      const work = prepare(new Prng(1), 2);
      const before = dispatchCount();
      work();
      assertEquals(dispatchCount() - before, DISPATCHES[what]);
    });
    return Promise.resolve();
  });
}

webgpuTest("each further step of DRAW sends 52 programs at most", async () => {
  const counts: number[] = [];
  for (const steps of [3, 4]) {
    const model = draw.build(
      { ...draw.tiny, steps },
      describeDrawings({ side: 6, frames: 1, classes: 2 }),
      new Prng(1),
    );
    const batch = {
      size: 2,
      fields: { image: Uint8Array.from({ length: 72 }, (_, i) => 37 * i % 256), label: new Uint8Array(2) },
    };
    const before = dispatchCount();
    const pass = await differentiate(model, model.objectives[0], { batch, prng: new Prng(1) });
    counts.push(dispatchCount() - before);
    tf.dispose(pass);
    model.dispose();
  }
  assert(counts[1] - counts[0] <= 52, `${counts[1] - counts[0]}`); // of stock operations it is made of 330
});
