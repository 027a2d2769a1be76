// What holds for every model of the registry.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { startBackend } from "../models/backends/backend.ts";
import { differentiate } from "../models/gradients/differentiate.ts";
import { clipByGlobalNorm } from "../models/optimizers/optimizer.ts";
import { Prng } from "../pipelines/base/prng.ts";
import { CAN } from "./models/backends.ts";
import { describeDrawings, randomBatch } from "../tasks/bench/random_drawings.ts";
import { MODELS } from "../models/zoo/registry.ts";
import { adam } from "../models/optimizers/adam.ts";

const DATA = describeDrawings({ side: 16, frames: 4, classes: 3 });

/** Trains a tiny model on one batch; the losses of all steps. */
function losses(name: string, steps: number): number[] {
  const spec = MODELS[name];
  const batch = randomBatch(spec.fields, { size: 6, side: 16, frames: 4, classes: 3 }, new Prng(4));
  const model = spec.build(spec.tiny, DATA, new Prng(1));
  const optimizer = adam({ learningRate: 0.02 });
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    tf.tidy(() => {
      const { loss, gradients } = differentiate(model, model.objectives[0], { batch, prng: new Prng(2, step) });
      found.push(loss.dataSync()[0]);
      optimizer.apply(model.variables, gradients, clipByGlobalNorm(gradients, 5).scale);
    });
  }
  model.dispose();
  optimizer.dispose();
  return found;
}

for (const [name, spec] of Object.entries(MODELS)) {
  for (const backend of ["cpu", "wasm"] as const) {
    Deno.test({
      name: `${name} on ${backend}: the loss falls, the same seed gives the same losses, no tensor is left behind`,
      ignore: !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const before = tf.memory().numTensors;
        const found = losses(name, 40);
        assert(found[39] < 0.5 * found[0], `from ${found[0]} to ${found[39]}`);
        assertEquals(losses(name, 5), found.slice(0, 5));
        assertEquals(tf.memory().numTensors, before);
      },
    });
  }

  Deno.test(`${name}: names, options and variables fit together`, () => {
    assertEquals(spec.name, name);
    for (const option of Object.keys(spec.tiny)) assert(option in spec.options, option);
    const model = spec.build(spec.tiny, DATA, new Prng(1));
    for (const { trains } of model.objectives) {
      for (const variable of trains) assert(variable in model.variables, variable);
    }
    tf.tidy(() => {
      if (model.classify === undefined) return;
      const batch = randomBatch(spec.fields, { size: 2, side: 16, frames: 4, classes: 3 }, new Prng(4));
      const sums = tf.sum(tf.exp(model.classify(batch)), 1).dataSync();
      for (const sum of sums) assert(Math.abs(sum - 1) < 1e-5, `probabilities add up to ${sum}`);
    });
    model.dispose();
  });
}
