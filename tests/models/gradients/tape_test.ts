import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { differentiate } from "../../../models/gradients/differentiate.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";
import { randomBatch } from "../../random_batch.ts";
import { CAN } from "../backends.ts";

const DATA = describeDrawings({ side: 16, frames: 4, classes: 3 });

for (const [name, spec] of Object.entries(MODELS)) {
  Deno.test({
    name: `${name}: gradients that are told of on the way are those at the end, those of the last layers first`,
    ignore: !CAN.wasm,
    fn: async () => {
      await startBackend("wasm");
      const batch = randomBatch(spec.fields, { size: 4, side: 16, frames: 4, classes: 3 }, new Prng(4));
      const model = spec.build(spec.tiny, DATA, new Prng(1));
      const before = tf.memory().numTensors;
      for (const objective of model.objectives) {
        const told = new Map<string, number[]>();
        const onGradient = (name: string, gradient: tf.Tensor) => {
          assert(!told.has(name), `${name} is told of twice`);
          told.set(name, [...gradient.dataSync()]);
        };
        const pass = differentiate(model, objective, { batch, prng: new Prng(2), onGradient });
        for (const [name, values] of told) assertEquals([...pass.gradients[name].dataSync()], values, name);
        if (["cnn", "cnn-lstm", "vae", "sketch-rnn"].includes(name)) {
          assert(told.size > objective.trains.length / 2, `${told.size} of ${objective.trains.length}`);
          const places = [...told.keys()].map((name) => objective.trains.indexOf(name));
          assert(places[0] > places[places.length - 1], `first ${places[0]}, last ${places[places.length - 1]}`);
        }
        tf.dispose(pass);
      }
      assertEquals(tf.memory().numTensors, before);
      model.dispose();
    },
  });
}
