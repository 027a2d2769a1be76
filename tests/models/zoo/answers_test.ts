/** What classifiers answer for the first strokes, in one pass and in many. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { isAble } from "../../../models/model.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { prefetchBatches } from "../../../pipelines/batches/prefetch.ts";
import { describeDrawings, randomDrawings } from "../../../tasks/bench/random_drawings.ts";
import { answersOf } from "../../../models/zoo/answers.ts";
import { cnn, cnnLstm } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { assertNear } from "../backends.ts";
import { inTemporaryFolder, may, REAL_DATA } from "../../helpers.ts";
import { prepareTo } from "../../tasks/prepared.ts";

/** A classifier that tells what it is asked: its answer is the number of strokes it is shown, 0 where that is left out. */
function asked(calls: (number | undefined)[]) {
  return {
    classify({ size }: Batch, strokes?: number): tf.Tensor2D {
      calls.push(strokes);
      return tf.fill([size, 2], strokes ?? 0);
    },
  };
}

const BATCH: Batch = { size: 3, fields: {} };

Deno.test("a model that reads no strokes is asked once", async () => {
  await startBackend("cpu");
  const calls: (number | undefined)[] = [];
  const answers = await answersOf(asked(calls), BATCH, 0);
  assertEquals(calls, [undefined]);
  assertEquals(answers, { whole: new Float32Array(6), prefixes: [] });
});

Deno.test("a model without classifyPrefixes is asked once for each number of strokes, and frees what it gave", async () => {
  await startBackend("cpu");
  const calls: (number | undefined)[] = [];
  const before = tf.memory().numTensors;
  const { whole, prefixes } = await answersOf(asked(calls), BATCH, 3);
  assertEquals(tf.memory().numTensors, before);
  assertEquals(calls, [1, 2, undefined]);
  assertEquals(prefixes.map((values) => [...values]), [1, 2, 0].map((value) => Array(6).fill(value)));
  assertEquals(whole, prefixes[2]);
});

Deno.test("a model with classifyPrefixes is asked for them alone; what it gives must be of T strokes", async () => {
  await startBackend("cpu");
  const calls: (number | undefined)[] = [];
  const classifyPrefixes = ({ size }: Batch) => tf.tensor3d([...Array(4 * size).keys()], [2, size, 2]);
  const model = { ...asked(calls), classifyPrefixes };
  const before = tf.memory().numTensors;
  const { whole, prefixes } = await answersOf(model, BATCH, 2);
  assertEquals(calls, []);
  assertEquals(prefixes.map((values) => [...values]), [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]);
  assertEquals(whole, prefixes[1]);
  await assertRejects(
    () => answersOf(model, BATCH, 3),
    InputError,
    "the model's classifyPrefixes gave [2, 3, 2], expected [3, 3, classes]",
  );
  assertEquals(tf.memory().numTensors, before);
});

for (const spec of [cnnLstm, cnn]) {
  const compare = async (batches: AsyncIterable<Batch>, shape: Parameters<typeof describeDrawings>[0]) => {
    await startBackend("wasm");
    const model = spec.build({}, describeDrawings(shape), new Prng(3));
    assert(isAble(model, "classify"));
    for (const variable of Object.values(model.variables)) variable.assign(tf.tidy(() => tf.mul(variable, 2)));
    let changed = 0;
    for await (const batch of batches) {
      const { whole, prefixes } = await answersOf(model, batch, shape.frames);
      const slow = await answersOf({ classify: model.classify }, batch, shape.frames);
      assertNear(prefixes.map((values) => [...values]), slow.prefixes.map((values) => [...values]), 2e-6);
      assertEquals(whole, prefixes[shape.frames - 1]);
      for (const [i, value] of slow.prefixes[0].entries()) changed += Math.abs(value - slow.whole[i]) > 1e-2 ? 1 : 0;
    }
    assert(changed > 0, "strokes do not matter");
    model.dispose();
  };

  const name = `${spec.name}: one pass and many give the same for generated drawings`;
  Deno.test(name, { ignore: !may("read") }, async () => {
    const shape = { side: 64, frames: 8, classes: 3 };
    async function* batches() {
      yield randomDrawings({ size: 5, ...shape }, new Prng(4));
      yield randomDrawings({ size: 1, ...shape }, new Prng(5));
    }
    await compare(batches(), shape);
  });

  Deno.test({
    name: `${spec.name}: one pass and many give the same for real drawings`,
    ignore: REAL_DATA === undefined,
    fn: () =>
      inTemporaryFolder(async (parent) => {
        const folder = `${parent}/data`;
        const sources = ["cat", "eye"].map((name) => `${REAL_DATA}quickdraw/${name}.ndjson.gz`);
        await prepareTo(folder, { sources, perClass: 200, options: { overflow: "merge" } });
        const fields = ["stroke_index", "stroke_count"];
        const batches = prefetchBatches({ folder, split: "valid", batchSize: 16, fields, epochs: 1 });
        await compare(batches, { side: 64, frames: 8, classes: 2 });
      }),
  });
}
