import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import type { Model } from "../../../../models/model.ts";
import { textToImage } from "../../../../models/zoo/text_to_image/text_to_image.ts";
import { transformer } from "../../../../models/zoo/transformer/transformer.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { sliceBatch } from "../../../../pipelines/batches/batch_builder.ts";
import type { Batch, DataDescription } from "../../../../pipelines/dataset.ts";
import { assertModelSlopes } from "../../slopes.ts";
import { TINY_BATCH, TINY_SUMS } from "../sequences/patterned_sums.ts";

const [SIZE, LENGTH, SIDE] = [4, 2, 11];
const DATA: DataDescription = {
  ...TINY_SUMS,
  fields: { ...TINY_SUMS.fields, answer_image: { dtype: "uint8", shape: [LENGTH, SIDE, SIDE] } },
};
const BATCH: Batch = {
  size: SIZE,
  fields: {
    ...TINY_BATCH.fields,
    answer_image: Uint8Array.from({ length: SIZE * LENGTH * SIDE * SIDE }, (_, i) => (37 * i + i * i) % 256),
  },
};
const TINY = { width: 6, heads: 2, hiddenUnits: 5, encoderBlocks: 1, decoderBlocks: 1, latentSize: 2, glyphUnits: 6 };

function lossOf({ objectives: [pictures] }: Model, batch: Batch, firstExample = 0): number {
  return tf.tidy(() =>
    pictures.loss(batch, { prng: new Prng(7), training: undefined, firstExample }).loss.dataSync()[0]
  );
}

Deno.test("text-to-image: its writing part is the transformer, variable by variable, so a run of that can begin it", async () => {
  await startBackend("cpu");
  const { latentSize: _z, glyphUnits: _h, ...text } = TINY;
  const [model, writer] = [textToImage.build(TINY, DATA, new Prng(2)), transformer.build(text, DATA, new Prng(2))];
  for (const [name, variable] of Object.entries(writer.variables)) {
    assertEquals(model.variables[name].dataSync(), variable.dataSync(), name);
  }
  const answers = await writer.sequences!.write(BATCH);
  const { characters } = await model.glyphs!.draw(BATCH, { seed: 1 });
  assertEquals(characters, answers.characters);
  model.dispose();
  writer.dispose();
});

Deno.test("text-to-image: gradients reach the writing part through what was written, as slopes", async () => {
  await startBackend("cpu");
  const model = textToImage.build({ ...TINY, condition: "written" }, DATA, new Prng(2));
  const [pictures] = model.objectives;
  assertEquals(pictures.trains.length, Object.keys(model.variables).length);
  const names = ["output/weights", "query/embedding/weights", "glyph/draw1/weights"];
  assertModelSlopes(model, { batch: BATCH, seed: 7, scale: 2, names, tolerance: 0.1, step: 3e-3 });
  model.dispose();
});

Deno.test("text-to-image: what is written by one that is sure is right or not, and counts as such", async () => {
  await startBackend("cpu");
  // A bias so large that the first character of the alphabet is written always.
  const [right, written] = (["right", "written"] as const).map((condition) => {
    const model = textToImage.build({ ...TINY, condition }, DATA, new Prng(2));
    tf.tidy(() => model.variables["output/bias"].assign(tf.tensor1d([90, 0, 0, 0, 0])));
    return model;
  });
  const always = { ...BATCH, fields: { ...BATCH.fields, answer: new Uint8Array(SIZE * LENGTH) } };
  assertAlmostEquals(lossOf(written, always), lossOf(right, always), 1e-3);
  assert(Math.abs(lossOf(written, BATCH) - lossOf(right, BATCH)) > 1e-3);
  // Places are in the order of the answer, whichever way it is written.
  for (const reverseAnswer of [false, true]) {
    const model = textToImage.build({ ...TINY, condition: "written", reverseAnswer }, DATA, new Prng(2));
    const sure = textToImage.build({ ...TINY, reverseAnswer }, DATA, new Prng(2));
    tf.tidy(() => {
      // What is written depends on the place alone: 1 at the first step of writing, 3 at the second.
      for (const name of Object.keys(model.variables)) {
        if (!name.startsWith("glyph/")) {
          model.variables[name].assign(tf.zerosLike(model.variables[name]));
        }
      }
      const width = TINY.width;
      const places = new Float32Array(LENGTH * width);
      [places[0], places[1], places[width], places[width + 1]] = [9, -9, -9, 9];
      model.variables["answer/positions"].assign(tf.tensor3d(places, [LENGTH, 1, width]));
      model.variables["decoder/norm/gamma"].assign(tf.ones([width]));
      const weights = new Float32Array(width * 5);
      [weights[1], weights[5 + 3]] = [60, 60];
      model.variables["output/weights"].assign(tf.tensor2d(weights, [width, 5]));
    });
    const order = reverseAnswer ? [3, 1] : [1, 3];
    const answer = Uint8Array.from({ length: SIZE * LENGTH }, (_, i) => order[i % LENGTH]);
    const batch = { ...BATCH, fields: { ...BATCH.fields, answer } };
    assertAlmostEquals(lossOf(model, batch), lossOf(sure, batch), 1e-3);
    model.dispose();
    sure.dispose();
  }
  right.dispose();
  written.dispose();
});

Deno.test("text-to-image: latents depend on the place in the whole batch; keepText leaves the writing part alone", async () => {
  await startBackend("cpu");
  const model = textToImage.build({ ...TINY, keepText: true }, DATA, new Prng(2));
  assertEquals(model.objectives.map(({ name }) => name), ["pictures"]);
  assert(model.objectives[0].trains.every((name) => name.startsWith("glyph/")));
  const [first, last] = [sliceBatch(BATCH, 0, 3), sliceBatch(BATCH, 3, 4)];
  assertAlmostEquals((3 * lossOf(model, first) + lossOf(model, last, 3)) / 4, lossOf(model, BATCH), 1e-4);
  assert(lossOf(model, last) !== lossOf(model, last, 3));
  // So do pictures; none of two seeds is alike, at temperature 0 all are.
  const { glyphs } = model;
  const whole = await glyphs!.draw(BATCH, { seed: 1 });
  const part = await glyphs!.draw(last, { seed: 1, firstExample: 3 });
  assertEquals(part.pictures, whole.pictures.slice(3 * LENGTH * SIDE * SIDE));
  const other = await glyphs!.draw(BATCH, { seed: 2 });
  assert(other.pictures.some((ink, i) => ink !== whole.pictures[i]));
  const [plain, same] = [1, 2].map((seed) => glyphs!.draw(BATCH, { seed, temperature: 0 }));
  assertEquals((await plain).pictures, (await same).pictures);
  model.dispose();
});

Deno.test("text-to-image: a picture is needed for each character", () => {
  const fields = { ...DATA.fields, answer_image: { dtype: "uint8", shape: [3, SIDE, SIDE] } } as const;
  assertThrows(
    () => textToImage.build(TINY, { ...DATA, fields }, new Prng(1)),
    RangeError,
    "field answer_image has 3 pictures an example, expected one for each of 2 characters",
  );
});

Deno.test("text-to-image: reads pictures as well, image to image", async () => {
  await startBackend("cpu");
  const fields = { ...DATA.fields, query_image: { dtype: "uint8", shape: [3, SIDE, SIDE] } } as const;
  const options = { ...TINY, input: "cnn", convFilters: [2], convUnits: 3 } as const;
  const model = textToImage.build(options, { ...DATA, fields }, new Prng(1));
  assertEquals(model.glyphs!.reads, "query_image");
  const query_image = Uint8Array.from({ length: SIZE * 3 * SIDE * SIDE }, (_, i) => (11 * i) % 256);
  const batch = { ...BATCH, fields: { ...BATCH.fields, query_image } };
  for (const objective of model.objectives) {
    const { loss, gradients } = differentiate(model, objective, { batch, prng: new Prng(1) });
    assert(Number.isFinite(loss.dataSync()[0]));
    assert(objective.name === "pictures" || "pictures/conv1/filter" in gradients, Object.keys(gradients).join());
    tf.dispose([loss, gradients]);
  }
  const { pictures } = await model.glyphs!.draw(batch, { seed: 1 });
  assertEquals(pictures.length, SIZE * LENGTH * SIDE * SIDE);
  model.dispose();

  // Read as characters, of which the right ones stand there in training: what is drawn of them teaches no reading.
  for (const learnFrom of ["right", "read"] as const) {
    const input = { input: "probabilities", learnFrom, condition: "written" } as const;
    const reading = textToImage.build({ ...options, ...input }, { ...DATA, fields }, new Prng(1));
    for (const objective of reading.objectives) {
      const found = differentiate(reading, objective, { batch, prng: new Prng(1) });
      assertEquals(Object.keys(found.gradients), objective.trains);
      const isTaught = Object.keys(found.gradients).some((name) => name.startsWith("pictures/"));
      assertEquals(isTaught, objective.name === "text" || learnFrom === "read", objective.name);
      tf.dispose(Object.values(found));
    }
    reading.dispose();
  }
});
