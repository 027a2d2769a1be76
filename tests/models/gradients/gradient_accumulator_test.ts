import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { differentiate, type Gradients } from "../../../models/gradients/differentiate.ts";
import { gradientAccumulator } from "../../../models/gradients/gradient_accumulator.ts";
import { sharesOf } from "../../../models/gradients/shares.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";
import { randomBatch } from "../../random_batch.ts";
import { CAN } from "../backends.ts";
import { FAST } from "../../helpers.ts";

const DATA = describeDrawings({ side: 16, frames: 4, classes: 3 });

/** Reads everything and disposes of it. */
function readAll(pass: Gradients): Record<string, number[]> {
  const all = { loss: pass.loss, ...pass.metrics, ...pass.gradients };
  const read = Object.fromEntries(Object.entries(all).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
  tf.dispose(pass);
  return read;
}

for (const backend of ["cpu", "wasm"] as const) {
  for (const [name, spec] of Object.entries(MODELS)) {
    Deno.test({
      name: `${name} on ${backend}: parts of a batch, even or not, add up to the whole and leave no tensor behind`,
      ignore: FAST && backend === "cpu" || !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const batch = randomBatch(spec.fields, { size: 10, side: 16, frames: 4, classes: 3 }, new Prng(4));
        const options = "dropoutRate" in spec.options ? { ...spec.tiny, dropoutRate: 0 } : spec.tiny;
        const model = spec.build(options, DATA, new Prng(1));
        const before = tf.memory().numTensors;
        const [objective] = model.objectives;
        const whole = readAll(differentiate(model, objective, { batch, prng: new Prng(2) }));
        const parts = gradientAccumulator();
        for (const count of [5, 3, 1]) { // 2 each; 3, 3 and 4; one
          for (const { batch: part, firstExample } of sharesOf(batch, count)) {
            parts.add(differentiate(model, objective, { batch: part, firstExample, prng: new Prng(2) }), part.size);
          }
          const sum = readAll(parts.take());
          assertEquals(Object.keys(sum), Object.keys(whole));
          for (const [key, values] of Object.entries(whole)) {
            const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
            values.forEach((value, i) => {
              const error = Math.abs(sum[key][i] - value);
              assert(count === 1 ? error === 0 : error < 1e-6 * largest, `${count} parts, ${key}: ${error}`);
            });
          }
        }
        assertEquals(tf.memory().numTensors, before);
        model.dispose();
      },
    });
  }
}

Deno.test({
  name: "gradients that share their values are added up apart",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const before = tf.memory().numTensors;
    const parts = gradientAccumulator();
    for (const [value, examples] of [[4, 1], [8, 3]]) {
      const x = tf.scalar(value);
      parts.add({ loss: tf.scalar(0), metrics: {}, gradients: { x, y: x.clone() } }, examples);
    }
    assertEquals(readAll(parts.take()), { loss: [0], x: [7], y: [7] });
    assertThrows(() => parts.take(), RangeError, "no part");
    assertEquals(tf.memory().numTensors, before);
  },
});
