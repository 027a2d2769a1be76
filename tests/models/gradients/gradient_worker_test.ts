import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../models/backends/backend.ts";
import { differentiate, type Gradients } from "../../../models/gradients/differentiate.ts";
import { gradientSource } from "../../../models/gradients/gradient_source.ts";
import { wholeOf } from "../../../models/gradients/shares.ts";
import { adam } from "../../../models/optimizers/adam.ts";
import { STEP_OPTIONS } from "../../../models/step_options.ts";
import { draw } from "../../../models/zoo/draw/draw.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { addressOf } from "../../../pipelines/base/spec_module.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";
import { randomBatch } from "../../random_batch.ts";
import { assertNear, CAN } from "../backends.ts";

const KIND = { side: 16, frames: 4, classes: 3 };

/** Reads everything and disposes of it. */
function readAll(pass: Gradients): number[][] {
  const tensors = [pass.loss, ...Object.values(pass.metrics), ...Object.values(pass.gradients)];
  const values = tensors.map((tensor) => [...tensor.dataSync()]);
  tf.dispose(pass);
  return values;
}

Deno.test({
  name: "a Worker's convolutions are those of the weights after each step, its labels as smooth and weighty as asked",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const data = describeDrawings(KIND);
    const options = { ...draw.tiny, convolution: "supervised", channels: [3] } as const;
    const model = draw.build(options, data, new Prng(1));
    const replica = { model: await addressOf(draw, "model"), options, data, seed: 9 };
    using source = gradientSource(model, { workers: 2, replica });
    const [objective] = model.objectives;
    const optimizer = adam({ learningRate: 0.1 });
    const batch = randomBatch(["image", "label"], { size: 6, ...KIND }, new Prng(4));
    for (const [labelSmoothing, labelWeights] of [[0, undefined], [0.2, undefined], [0.2, [3, 0.5, 1]]] as const) {
      const input = { batch, step: { ...defaultsOf(STEP_OPTIONS), labelSmoothing, labelWeights } };
      const expected = readAll(differentiate(model, objective, { ...input, prng: new Prng(2) }));
      const pass = await source.gradients(objective, { ...input, parts: [wholeOf(batch)], prng: new Prng(2) });
      optimizer.apply(model.variables, pass.gradients);
      assertNear(readAll(pass), expected, 1e-5);
    }
    optimizer.dispose();
    model.dispose();
  },
});
