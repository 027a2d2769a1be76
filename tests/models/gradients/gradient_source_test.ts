import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { differentiate, type Gradients } from "../../../models/gradients/differentiate.ts";
import { type GradientSource, gradientSource } from "../../../models/gradients/gradient_source.ts";
import { wholeOf } from "../../../models/gradients/shares.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { describeDrawings, randomDrawings } from "../../../tasks/bench/random_drawings.ts";
import { assertNear, CAN, webgpuTest } from "../backends.ts";
import { rivals } from "../rivals.ts";
import { FAST, may } from "../../helpers.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import type { DataDescription } from "../../../pipelines/dataset.ts";
import type { OptionTable, OptionValues } from "../../../pipelines/base/option_table.ts";
import { addressOf } from "../../../pipelines/base/spec_module.ts";

const DATA = describeDrawings({ side: 16, frames: 4, classes: 3 });

const drawings = (size: number) => randomDrawings({ size, side: 16, frames: 4, classes: 3 }, new Prng(4));

/** A tiny model at weights of its own, and its sources for so many Workers; its replicas begin at other weights. */
async function build(name: string, ...workers: number[]) {
  const options = { ...MODELS[name].tiny, dropoutRate: 0.3 } as OptionValues<OptionTable>;
  const model = MODELS[name].build(options, DATA, new Prng(1));
  const replica = { model: await addressOf(MODELS[name], "model"), options, data: DATA, seed: 9 };
  return { model, sources: workers.map((workers) => gradientSource(model, { workers, replica })) };
}

function end(model: { dispose(): void }, sources: readonly GradientSource[]): void {
  for (const source of sources) source[Symbol.dispose]();
  model.dispose();
}

/** Reads everything and disposes of it. */
function readAll(pass: Gradients): Record<string, number[]> {
  const all = { loss: pass.loss, ...pass.metrics, ...pass.gradients };
  const read = Object.fromEntries(Object.entries(all).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
  tf.dispose(pass);
  return read;
}

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `${backend}: the shares of a batch add up to the whole, the same bits each time, and leave no tensor behind`,
    ignore: FAST || !CAN[backend] || !may("read"), // a Worker is a file
    fn: async () => {
      await startBackend(backend);
      for (const name of backend === "wasm" ? ["cnn", "cnn-lstm"] : ["cnn-lstm"]) {
        const before = tf.memory().numTensors;
        const { model, sources } = await build(name, 1, 2, 3);
        const [objective] = model.objectives;
        for (const size of backend === "wasm" ? [7, 6, 2, 1] : [7, 2]) {
          const batch = drawings(size);
          const prng = new Prng(2);
          const expected = readAll(differentiate(model, objective, { batch, prng }));
          assert(expected["conv1/filter"].some((value) => value !== 0));
          for (const source of sources) {
            const own = new Prng(2);
            const found = readAll(await source.gradients(objective, { parts: [wholeOf(batch)], prng: own }));
            assertEquals(own.state, prng.state);
            assertEquals(Object.keys(found), Object.keys(expected));
            assertNear(Object.values(found), Object.values(expected), 5e-5);
            assertEquals(
              readAll(await source.gradients(objective, { parts: [wholeOf(batch)], prng: new Prng(2) })),
              found,
            );
          }
          tf.tidy(() => {
            for (const variable of Object.values(model.variables)) variable.assign(tf.mul(variable, 0.9));
          });
        }
        end(model, sources);
        assertEquals(tf.memory().numTensors, before);
      }
    },
  });
}

/** Models some of whose operations are over the whole of a batch. */
const WHOLE = {
  gan: { generatorNorm: "batch", discriminatorNorm: "batch", gradientPenalty: 1, penaltyEvery: 1 },
  vae: { freeBits: 0.05 },
};

for (const backend of ["cpu", "wasm"] as const) {
  for (const [name, changed] of Object.entries(WHOLE)) {
    Deno.test({
      name: `${backend}: the shares of a batch of ${name} add up to the whole, in what is of the batch as a whole too`,
      ignore: FAST || !CAN[backend] || !may("read"),
      fn: async () => {
        await startBackend(backend);
        const data: DataDescription = { fields: { image: { dtype: "uint8", shape: [16, 16, 3] } }, classes: ["a"] };
        const options = { ...MODELS[name].tiny, ...changed } as OptionValues<OptionTable>;
        const model = MODELS[name].build(options, data, new Prng(1));
        const replica = { model: await addressOf(MODELS[name], "model"), options, data, seed: 9 };
        const sources = [2, 3].map((workers) => gradientSource(model, { workers, replica }));
        const before = tf.memory().numTensors;
        for (const size of [7, 2]) {
          const pixels = new Prng(size);
          const image = Uint8Array.from({ length: size * 768 }, () => pixels.integer(256));
          const batch = { size, fields: { image } };
          for (const objective of model.objectives) {
            const expected = readAll(differentiate(model, objective, { batch, prng: new Prng(2) }));
            for (const source of sources) {
              const found = async () =>
                readAll(await source.gradients(objective, { parts: [wholeOf(batch)], prng: new Prng(2) }));
              const first = await found();
              assertEquals(Object.keys(first), Object.keys(expected));
              assertNear(Object.values(first), Object.values(expected), 1e-4);
              assertEquals(await found(), first);
            }
          }
        }
        assertEquals(tf.memory().numTensors, before);
        end(model, sources);
      },
    });
  }
}

Deno.test({
  name: "what is wrong with a share in a Worker is told in one line",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const { model, sources } = await build("cnn", 2);
    const batch = drawings(4);
    const [objective] = model.objectives;
    const before = tf.memory().numTensors;
    // A copy of the objective is none of the model's, so the Worker finds none in its place.
    await assertRejects(
      () => sources[0].gradients({ ...objective }, { parts: [wholeOf(batch)], prng: new Prng(2) }),
      InputError,
      "training in Workers: TypeError: ",
    );
    assertEquals(tf.memory().numTensors, before);
    end(model, sources);
  },
});

/** Sources, for one Worker and for more, of a model that this project does not have, rivals. */
async function buildRivals(...counts: number[]) {
  const model = rivals.build({}, DATA, new Prng(1));
  const replica = { model: await addressOf(rivals, "model"), options: {}, data: DATA, seed: 1 };
  const sources = counts.map((workers) => gradientSource(model, { workers, replica }));
  return { model, sources };
}

Deno.test({
  name: "each of several objectives gets the gradients of its own variables, at the weights that the others left",
  ignore: !CAN.wasm,
  fn: async () => {
    for (const backend of ["cpu", "wasm"] as const) {
      await startBackend(backend);
      const before = tf.memory().numTensors;
      const batch = { size: 5, fields: { x: Float32Array.of(1, 2, 4, 8, 16) } };
      const steps: Record<string, number[]>[][] = [];
      const { model, sources } = await buildRivals(1, 2);
      for (const source of sources) {
        for (const variable of Object.values(model.variables)) tf.tidy(() => variable.assign(tf.ones(variable.shape)));
        const found = [];
        for (const objective of model.objectives.slice(0, 2)) {
          found.push(readAll(await source.gradients(objective, { parts: [wholeOf(batch)], prng: new Prng(2) })));
          tf.tidy(() => model.variables.a.assign(tf.add(model.variables.a, 1)));
        }
        steps.push(found);
      }
      // d/da mean (x + a + b)^2 = 2 (mean x + a + b), at a = b = 1; then d/dc mean (x c - a)^2 = 2 (mean x^2 c - mean x a), at a = 2.
      const expected = [{ a: [16.4, 16.4], b: [16.4, 16.4] }, { c: [2 * (68.2 - 12.4)] }];
      for (const found of steps) {
        expected.forEach((gradients, i) => {
          assertEquals(Object.keys(found[i]), ["loss", ...Object.keys(gradients)]);
          const names = Object.keys(gradients) as (keyof typeof gradients)[];
          assertNear(names.map((name) => found[i][name]), Object.values(gradients), 1e-6);
        });
        assertAlmostEquals(found[0].loss[0], 2 * (9 + 16 + 36 + 100 + 324) / 5, 1e-4);
      }
      const drawing = sources[1].gradients(model.objectives[2], { parts: [wholeOf(batch)], prng: new Prng(2) });
      await assertRejects(() => drawing, Error, "the shares of a batch draw different numbers in objective draws");
      end(model, sources);
      assertEquals(tf.memory().numTensors, before);
    }
  },
});

Deno.test({
  name: "the moments of a batch that is shared out are those of the whole, and a loss of them has its slopes",
  ignore: !CAN.wasm,
  fn: async () => {
    for (const backend of ["cpu", "wasm"] as const) {
      await startBackend(backend);
      const { model, sources } = await buildRivals(1, 2, 3);
      const batch = { size: 5, fields: { x: Float32Array.of(1, 2, 4, 8, 16) } };
      for (const source of sources) {
        const { loss, c } = readAll(
          await source.gradients(model.objectives[4], { parts: [wholeOf(batch)], prng: new Prng(2) }),
        );
        // mean x (mean c x + variance c x), at c = 1; the variance of x is 68.2 - 6.2^2.
        assertNear([loss, c], [[6.2 * (6.2 + 29.76)], [6.2 * (6.2 + 2 * 29.76)]], 1e-6);
      }
      end(model, sources);
    }
  },
});

Deno.test({
  name: "threads that wait in the middle of a pass for one that has failed give up, and it is told why that one did",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    for (const [first, told] of [[0, RangeError], [2, InputError], [4, InputError]] as const) {
      const { model, sources } = await buildRivals(1, 3);
      const batch = { size: 6, fields: { x: Float32Array.of(first, 9, first, 9, first, 9) } };
      const gradients = () => sources[1].gradients(model.objectives[3], { parts: [wholeOf(batch)], prng: new Prng(2) });
      await assertRejects(gradients, told, `example ${first} has failed`);
      end(model, sources);
    }
  },
});

webgpuTest("it computes in one thread", async () => {
  await assertRejects(() => build("cnn", 2), RangeError, "the webgpu backend computes in one thread only");
});
