import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import { fieldsRead } from "../../../../models/model_spec.ts";
import { SEQ2SEQ_PRESETS } from "../../../../models/zoo/seq2seq/seq2seq_options.ts";
import { seq2seq } from "../../../../models/zoo/seq2seq/seq2seq.ts";
import { arithmetic } from "../../../../pipelines/datasets/arithmetic/arithmetic.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { assertNear, CAN } from "../../backends.ts";
import { assertModelSlopes } from "../../slopes.ts";
import { patternedLosses, TINY_BATCH, TINY_SUMS } from "../sequences/patterned_sums.ts";

const SUMS = { fields: arithmetic.fields(defaultsOf(arithmetic.options)), classes: ["minus", "plus"] };

Deno.test("the report's two networks have as many parameters as it says, layer by layer", () => {
  // Keras's rows: LSTM 4 H (F + H + 1), a dense layer F O + O.
  const reports = {
    "text-to-text": { total: 475_277, layers: { encoder1: 276_480, decoder1: 197_120, output: 1_677 } },
    "image-to-text": {
      total: 3_972_365,
      layers: { encoder1: 2_656_256, encoder2: 787_456, decoder1: 525_312, output: 3_341 },
    },
  };
  for (const [name, { total, layers }] of Object.entries(reports)) {
    const options = SEQ2SEQ_PRESETS[name as keyof typeof SEQ2SEQ_PRESETS].model;
    const model = seq2seq.build(options, SUMS, new Prng(1));
    const found: Record<string, number> = {};
    for (const [variable, { size }] of Object.entries(model.variables)) {
      const [layer] = variable.split("/");
      found[layer] = (found[layer] ?? 0) + size;
    }
    assertEquals(found, layers);
    assertEquals(Object.values(found).reduce((sum, size) => sum + size), total);
    model.dispose();
  }
});

// PyTorch 1.13 in float64, layers written out: four losses, three steps of gradient descent at 0.5 between them.
const PYTORCH = {
  plain: [1.59787454, 1.59034615, 1.58431882, 1.5794889],
  full: [1.58357288, 1.57875668, 1.57494131, 1.57189295],
};

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `seq2seq on ${backend}: losses of four steps are PyTorch's`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const plain = patternedLosses(seq2seq, { encoderUnits: [4], decoderUnits: [3] }, 0.5);
      assertNear([plain], [PYTORCH.plain], 1e-6);
      const full = patternedLosses(seq2seq, {
        ...{ encoderUnits: [4], decoderUnits: [3, 3], bidirectional: true, attention: true },
        ...{ reverseQuery: true, reverseAnswer: true, teacherForcing: true },
      }, 0.5);
      assertNear([full], [PYTORCH.full], 1e-6);
    },
  });
}

// Layer normalization bends more the fewer units there are.
for (const [cell, step, scale] of [["lstm", 2e-2, 3], ["layer-norm-lstm", 3e-3, 1], ["gru", 2e-2, 3]] as const) {
  Deno.test(`seq2seq with a ${cell}: each gradient is a slope`, async () => {
    await startBackend("cpu");
    const options = { cell, encoderUnits: [8, 6], decoderUnits: [8], attention: true, teacherForcing: true } as const;
    const model = seq2seq.build({ ...options, bidirectional: true }, TINY_SUMS, new Prng(2));
    assertModelSlopes(model, { batch: TINY_BATCH, seed: 1, scale, tolerance: 0.04, step });
    model.dispose();
  });
}

Deno.test("queries are read as characters, pixels, or by a CNN; what does not fit is refused", async () => {
  await startBackend("cpu");
  const side = 8;
  const pictures = { ...TINY_SUMS.fields, query_image: { dtype: "uint8", shape: [3, side, side] } } as const;
  const data = { fields: pictures, classes: ["any"] };
  const image = Uint8Array.from({ length: 4 * 3 * side * side }, (_, i) => (7 * i) % 256);
  const batch = { size: 4, fields: { answer: TINY_BATCH.fields.answer, query_image: image } };
  const size = { encoderUnits: [4], decoderUnits: [3], convFilters: [2, 3], convUnits: 5 };
  for (const input of ["pixels", "cnn"] as const) {
    assertEquals(fieldsRead(seq2seq, { input }, data), ["query_image", "answer"]);
    const model = seq2seq.build({ ...size, input }, data, new Prng(1));
    const width = input === "pixels" ? side * side : 5;
    assertEquals(model.variables["encoder1/kernel"].shape, [width, 16]);
    const { loss, gradients } = tf.tidy(() => differentiate(model, model.objectives[0], { batch, prng: new Prng(1) }));
    assert(Number.isFinite(loss.dataSync()[0]));
    tf.dispose([loss, gradients]);
    // A picture at another place is another query.
    const swapped = image.slice();
    swapped.set(image.subarray(0, side * side), side * side);
    swapped.set(image.subarray(side * side, 2 * side * side), 0);
    const of = (query_image: Uint8Array<ArrayBuffer>) =>
      model.sequences!.write({ ...batch, fields: { ...batch.fields, query_image } });
    const [one, other] = [await of(image), await of(swapped)];
    assert(one.logProbs[0] !== other.logProbs[0]);
    assertEquals(one.logProbs[1], other.logProbs[1]);
    model.dispose();
  }
  assertThrows(
    () => seq2seq.build({ ...size, input: "cnn", convFilters: [1, 1, 1, 1] }, data, new Prng(1)),
    RangeError,
    "pictures of 8 cannot be halved 4 times",
  );
  assertThrows(() => seq2seq.build({ input: "pixels" }, TINY_SUMS, new Prng(1)), RangeError, "lacks query_image");
  assertThrows(() => seq2seq.build({ encoderUnits: [] }, data, new Prng(1)), RangeError, "encoderUnits: one layer");
  seq2seq.build({ ...size, input: "cnn", convFilters: [] }, data, new Prng(1)).dispose();
  const wide = { fields: { ...data.fields, query_image: { dtype: "uint8", shape: [3, 8, 9] } }, classes: [] } as const;
  assertThrows(
    () => seq2seq.build({ input: "pixels" }, wide, new Prng(1)),
    RangeError,
    "expected pictures, uint8 [T, S, S]",
  );
  const number = { fields: { ...data.fields, query: { dtype: "uint8", shape: [] } }, classes: [] } as const;
  assertThrows(() => seq2seq.build({}, number, new Prng(1)), RangeError, "expected characters, uint8 [T]");
});
