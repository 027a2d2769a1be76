// What holds for every model of the registry.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { startBackend } from "../models/backends/backend.ts";
import { differentiate } from "../models/gradients/differentiate.ts";
import { clipByGlobalNorm } from "../models/optimizers/optimizer.ts";
import { Prng } from "../pipelines/base/prng.ts";
import { assertNear, CAN } from "./models/backends.ts";
import { describeDrawings } from "../tasks/bench/random_drawings.ts";
import { randomBatch } from "./random_batch.ts";
import { MODELS } from "../models/zoo/registry.ts";
import { adam } from "../models/optimizers/adam.ts";
import type { Model, Objective } from "../models/model.ts";
import { accepts } from "../pipelines/base/option_table.ts";
import { FAST } from "./helpers.ts";

const DATA = describeDrawings({ side: 16, frames: 4, classes: 3 });

const IN_EVALUATION = { prng: new Prng(5), training: undefined, firstExample: 0 };

/** Steps within which a loss falls to less than half, and those that are taken at least. */
const [MOST_STEPS, LEAST_STEPS] = [40, 3];

/**
 * Trains a tiny model on one batch by one of its objectives, until its loss is less than half of the first.
 *
 * @returns The losses of all steps, and the variables that moved.
 */
function overfit(name: string, objective: number, steps = MOST_STEPS): { losses: number[]; moved: string[] } {
  const spec = MODELS[name];
  const batch = randomBatch(spec.fields, { size: 6, side: 16, frames: 4, classes: 3 }, new Prng(4));
  const model = spec.build(spec.tiny, DATA, new Prng(1));
  const valuesOf = () =>
    Object.entries(model.variables).map(([name, variable]) => [name, variable.dataSync()] as const);
  const before = new Map(valuesOf());
  const optimizer = adam({ learningRate: 0.02 });
  const losses: number[] = [];
  const isHalved = () => losses.length >= LEAST_STEPS && losses.at(-1)! < 0.5 * losses[0];
  for (let step = 0; step < steps && !isHalved(); step++) {
    tf.tidy(() => {
      const given = { batch, prng: new Prng(2, step) };
      const { loss, gradients } = differentiate(model, model.objectives[objective], given);
      losses.push(loss.dataSync()[0]);
      optimizer.apply(model.variables, gradients, clipByGlobalNorm(gradients, 5).scale);
    });
  }
  const moved = valuesOf().filter(([name, values]) => values.some((value, i) => value !== before.get(name)![i]));
  model.dispose();
  optimizer.dispose();
  return { losses, moved: moved.map(([name]) => name) };
}

/** The objectives of a model, which do not depend on how it is built, by name. */
function objectivesOf(name: string): readonly Pick<Objective, "name" | "trains">[] {
  const spec = MODELS[name];
  const model = spec.build(spec.tiny, DATA, new Prng(1));
  const objectives = model.objectives.map(({ name, trains }) => ({ name, trains }));
  model.dispose();
  return objectives;
}

for (const [name, spec] of Object.entries(MODELS)) {
  for (const backend of ["cpu", "wasm"] as const) {
    Deno.test({
      name: `${name} on ${backend}: each loss falls, the same seed gives the same losses, no tensor is left behind`,
      ignore: FAST && backend === "cpu" || !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const before = tf.memory().numTensors;
        for (const [i, { name: objective, trains }] of objectivesOf(name).entries()) {
          const { losses, moved } = overfit(name, i);
          const last = losses.at(-1)!;
          assert(last < 0.5 * losses[0], `${objective}: from ${losses[0]} to ${last} in ${losses.length} steps`);
          assertEquals(moved.toSorted(), trains.toSorted(), objective);
          assertEquals(overfit(name, i, LEAST_STEPS).losses, losses.slice(0, LEAST_STEPS));
        }
        assertEquals(tf.memory().numTensors, before);
      },
    });
  }

  Deno.test({
    name: `${name}: options that are read in training alone change nothing that a model with the same weights finds`,
    ignore: !CAN.wasm,
    fn: async () => {
      await startBackend("wasm");
      const given = { ...spec.tiny, ...name === "mnist-lstm" ? { input: "pixels" } : {} };
      const batch = randomBatch(spec.fields, { size: 4, side: 16, frames: 4, classes: 3 }, new Prng(4));
      const model = spec.build(given, DATA, new Prng(1));
      const found = ({ objectives }: Model) =>
        tf.tidy(() =>
          objectives.map(({ loss }) => {
            const { loss: whole, metrics } = loss(batch, { ...IN_EVALUATION, prng: new Prng(5) });
            return Object.entries({ whole, ...metrics }).map(([name, scalar]) => [name, scalar.dataSync()[0]]);
          })
        );
      const expected = found(model);
      for (const [option, entry] of Object.entries(spec.options)) {
        if (!entry.inTraining) continue;
        const other = [0.25, 0.5, 3].find((value) => accepts(entry, value) && value !== entry.value)!;
        const changed = spec.build({ ...given, [option]: other }, DATA, new Prng(2));
        for (const [name, variable] of Object.entries(changed.variables)) variable.assign(model.variables[name]);
        assertEquals(found(changed), expected, option);
        changed.dispose();
      }
      model.dispose();
    },
  });

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
      const logProbs = model.classify(batch);
      for (const { loss, lossOfAnswers } of model.objectives) {
        if (lossOfAnswers === undefined) continue;
        const [passed, told] = [loss(batch, IN_EVALUATION), lossOfAnswers(logProbs, batch)];
        const valuesOf = ({ loss, metrics }: typeof passed) =>
          Object.entries({ loss, ...metrics }).map(([name, scalar]) => [name, scalar.dataSync()[0]]);
        assertEquals(valuesOf(told), valuesOf(passed));
      }
      if (model.classifyPrefixes === undefined) return;
      const prefixes = model.classifyPrefixes(batch).arraySync();
      const one = [1, 2, 3, undefined].map((strokes) => model.classify!(batch, strokes).arraySync());
      assertNear(prefixes.flat(), one.flat(), 1e-5);
    });
    model.dispose();
  });
}
