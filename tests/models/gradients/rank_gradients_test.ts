import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import type { Gradients } from "../../../models/gradients/differentiate.ts";
import { evaluateObjectives } from "../../../models/gradients/evaluate_objective.ts";
import { ownGradients } from "../../../models/gradients/gradient_source.ts";
import { rankGradients } from "../../../models/gradients/rank_gradients.ts";
import { evaluateOnRanks } from "../../../models/gradients/rank_means.ts";
import { shareOfRank } from "../../../models/gradients/ranks.ts";
import { wholeOf } from "../../../models/gradients/shares.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";
import { randomBatch } from "../../random_batch.ts";
import { CAN } from "../backends.ts";
import { ranksOfOne } from "../ranks_of_one.ts";
import { FAST } from "../../helpers.ts";

const DATA = describeDrawings({ side: 16, frames: 4, classes: 3 });

const batchOf = (name: string, size: number): Batch =>
  randomBatch(MODELS[name].fields, { size, side: 16, frames: 4, classes: 3 }, new Prng(size));

/** Reads everything and disposes of it. */
function readAll(pass: Gradients): Record<string, Float32Array> {
  const all = { loss: pass.loss, ...pass.metrics, ...pass.gradients };
  const values = (tensor: tf.Tensor) => Float32Array.from(tensor.dataSync());
  const read = Object.fromEntries(Object.entries(all).map(([name, tensor]) => [name, values(tensor)]));
  tf.dispose(pass);
  return read;
}

/** The bits of values, by name. */
const bitsOf = (read: Readonly<Record<string, Float32Array>>) =>
  Object.entries(read).map(([name, { buffer }]) => [name, new Uint8Array(buffer).toHex()] as const);

/** A small model, one with layers large enough for several buckets. */
function build(name: string) {
  const options = name === "cnn" ? { ...MODELS.cnn.tiny, denseUnits: 4500 } : MODELS[name].tiny;
  return MODELS[name].build(options, DATA, new Prng(1));
}

for (const backend of ["wasm", "cpu"] as const) {
  const models = [["cnn", 2], ["vae", 3], ["cnn-lstm", 3]] as const;
  for (const [name, sizes] of models.filter(([name]) => backend === "wasm" || name !== "cnn")) {
    Deno.test({
      name: `${backend}: ${sizes} ranks of ${name} have one thread's gradients up to rounding, and one another's bits`,
      ignore: FAST && name === "cnn" || !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const model = build(name);
        const before = tf.memory().numTensors;
        const [objective] = model.objectives;
        const ranks = ranksOfOne(sizes).map((ranks) => rankGradients(model, { ranks, own: ownGradients(model) }));
        for (const parts of [[7], [1], [6, 5], [1, 1, 4]]) { // of one example: the others count for nothing
          const input = { parts: parts.map((size) => wholeOf(batchOf(name, size))) };
          const prng = new Prng(2);
          const expected = readAll(await ownGradients(model).gradients(objective, { ...input, prng }));
          const prngs = ranks.map(() => new Prng(2));
          const passes = ranks.map((source, i) => source.gradients(objective, { ...input, prng: prngs[i] }));
          const found = (await Promise.all(passes)).map(readAll);
          for (const [i, values] of found.entries()) {
            for (const [k, [name, bits]] of bitsOf(values).entries()) assert(bits === bitsOf(found[0])[k][1], name);
            assertEquals(prngs[i].state, prng.state);
          }
          // Sent ahead or all at once, as the next step is: the same bits.
          const again = ranks.map((source) => source.gradients(objective, { ...input, prng: new Prng(2) }));
          const [next] = (await Promise.all(again)).map(readAll);
          for (const [k, [name, bits]] of bitsOf(next).entries()) assert(bits === bitsOf(found[0])[k][1], name);
          assertEquals(Object.keys(found[0]), Object.keys(expected));
          for (const [key, values] of Object.entries(expected)) {
            const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
            const furthest = values.reduce((most, value, i) => Math.max(most, Math.abs(value - found[0][key][i])), 0);
            assert(furthest <= 2e-6 * largest, `${key} is off by ${furthest}`);
          }
        }
        assertEquals(tf.memory().numTensors, before);
        model.dispose();
      },
    });
  }
}

Deno.test({
  name: "all ranks hear of it when one is asked to end, at the same step",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const model = build("vae");
    const stops = [new AbortController(), new AbortController()];
    const sources = ranksOfOne(2).map((ranks, i) => {
      return rankGradients(model, { ranks, own: ownGradients(model), signal: stops[i].signal });
    });
    const heard = async () => {
      const input = { parts: [wholeOf(batchOf("vae", 4))] };
      const passes = sources.map((source) => source.gradients(model.objectives[0], { ...input, prng: new Prng(2) }));
      tf.dispose(await Promise.all(passes));
      return sources.map(({ isStopping }) => isStopping);
    };
    assertEquals(await heard(), [false, false]);
    stops[1].abort();
    assertEquals(sources.map(({ isStopping }) => isStopping), [false, false]);
    assertEquals(await heard(), [true, true]);
    model.dispose();
  },
});

Deno.test({
  name: "ranks whose random numbers differ are no ranks of one training",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const model = build("vae");
    const before = tf.memory().numTensors;
    const sources = ranksOfOne(2).map((ranks) => rankGradients(model, { ranks, own: ownGradients(model) }));
    const input = { parts: [wholeOf(batchOf("vae", 4))] };
    for (
      const [i, pass] of sources.map((source, i) => {
        return source.gradients(model.objectives[0], { ...input, prng: new Prng(2, i) });
      }).entries()
    ) {
      await assertRejects(() => pass, Error, "the ranks draw different numbers in objective", `rank ${i}`);
    }
    assertEquals(tf.memory().numTensors, before);
    model.dispose();
  },
});

Deno.test({
  name: "an evaluation that ranks share out has one thread's means up to rounding, and one another's bits",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    async function* batches(name: string) {
      for (const size of [7, 6, 2]) yield await Promise.resolve(batchOf(name, size));
    }
    for (const name of ["cnn-lstm", "vae", "gan"]) {
      const model = build(name);
      const expected = await evaluateObjectives(model, batches(name), new Prng(3));
      const found = await Promise.all(
        ranksOfOne(3).map((ranks) => evaluateOnRanks(model, batches(name), { prng: new Prng(3), ranks })),
      );
      for (const means of found) assertEquals(means, found[0]);
      assertEquals(Object.keys(found[0]), Object.keys(expected));
      for (const [key, value] of Object.entries(expected)) {
        assertAlmostEquals(found[0][key], value, 1e-6 * Math.max(1, Math.abs(value)), key);
      }
      model.dispose();
    }
  },
});

Deno.test("each rank has its share, and those that have none do the last one again for nothing", () => {
  const batch = { size: 5, fields: { x: Float32Array.of(0, 1, 2, 3, 4) } };
  const found = [0, 1, 2].map((rank) => shareOfRank({ rank, size: 3 }, { batch, firstExample: 10 }));
  const taken = found.flatMap(({ share }) => [...share.batch.fields.x as Float32Array]);
  assertEquals(taken, [0, 1, 2, 3, 4]);
  for (const { counts } of found) assertEquals(counts.reduce((sum, count) => sum + count), 5);
  assertEquals(
    found.map(({ share }) => share.firstExample - 10),
    found.map(({ share }) => {
      return (share.batch.fields.x as Float32Array)[0];
    }),
  );
  const few = [0, 1, 2].map((rank) =>
    shareOfRank({ rank, size: 3 }, { batch: { size: 1, fields: {} }, firstExample: 0 })
  );
  for (const { share, counts } of few) {
    assertEquals(counts, [1, 0, 0]);
    assertEquals(share.batch.size, 1);
  }
  assertEquals(few.map(({ share }) => share.weight), [1, 0, 0]);
  const heavy = shareOfRank({ rank: 0, size: 2 }, { batch, firstExample: 0 }, [8, 1, 1, 1, 1]);
  assert(heavy.share.batch.size === 1, "shares are of equal work");
});
