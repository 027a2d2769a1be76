import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { STEP_OPTIONS, type TrainingStep } from "../../../../models/step_options.ts";
import { transformer, TRANSFORMER_PRESETS } from "../../../../models/zoo/transformer/transformer.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { assertNear, CAN } from "../../backends.ts";
import { assertModelSlopes } from "../../slopes.ts";
import { patternedLosses, TINY_BATCH, TINY_SUMS } from "../sequences/patterned_sums.ts";

const SMALL = { width: 6, heads: 2, hiddenUnits: 5, encoderBlocks: 1, decoderBlocks: 1 };

// PyTorch 1.13 in float64, layers written out: four losses, three steps of gradient descent at 0.1 between them.
const PYTORCH = [1.68741499, 1.66423683, 1.64468371, 1.62814331];

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `transformer on ${backend}: losses of four steps are PyTorch's`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      assertNear([patternedLosses(transformer, SMALL, 0.1)], [PYTORCH], 1e-6);
    },
  });
}

Deno.test("transformer: each gradient is a slope", async () => {
  await startBackend("cpu");
  const model = transformer.build(SMALL, TINY_SUMS, new Prng(2));
  assertModelSlopes(model, { batch: TINY_BATCH, seed: 1, scale: 2, tolerance: 0.05, step: 3e-3 });
  model.dispose();
});

Deno.test("transformer: dropout drops in training alone, by the seed", async () => {
  await startBackend("cpu");
  const model = transformer.build({ ...SMALL, dropoutRate: 0.5 }, TINY_SUMS, new Prng(2));
  const lossOf = (training: TrainingStep | undefined, seed: number) =>
    tf.tidy(() => {
      const pass = { prng: new Prng(seed), training, firstExample: 0 };
      return model.objectives[0].loss(TINY_BATCH, pass).loss.dataSync()[0];
    });
  const step = defaultsOf(STEP_OPTIONS);
  assertEquals(lossOf(undefined, 1), lossOf(undefined, 2));
  assert(lossOf(step, 1) !== lossOf(step, 2));
  assertEquals(lossOf(step, 1), lossOf(step, 1));
  model.dispose();
});

Deno.test("transformer: at most 250,000 parameters, by default and reading handwriting; heads must divide the width", () => {
  const characters = (length: number) => ({ dtype: "uint8", shape: [length], max: 12 }) as const;
  const fields = {
    query: characters(7),
    answer: characters(4),
    query_image: { dtype: "uint8", shape: [7, 28, 28] },
  } as const;
  const sizes = [{}, TRANSFORMER_PRESETS.handwriting.model].map((options) => {
    const model = transformer.build(options, { fields, classes: [] }, new Prng(1));
    model.dispose();
    return Object.values(model.variables).reduce((sum, { size }) => sum + size, 0);
  });
  assertEquals(sizes, [236_685, 231_706]);
  assertThrows(
    () => transformer.build({ heads: 5 }, TINY_SUMS, new Prng(1)),
    RangeError,
    "heads: 5 do not divide the width, 64",
  );
});
