import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import type { Model } from "../../../../models/model.ts";
import { fieldsRead } from "../../../../models/model_spec.ts";
import { seq2seq } from "../../../../models/zoo/seq2seq/seq2seq.ts";
import { textToImage } from "../../../../models/zoo/text_to_image/text_to_image.ts";
import { transformer } from "../../../../models/zoo/transformer/transformer.ts";
import { STEP_OPTIONS, type TrainingStep } from "../../../../models/step_options.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import type { Batch, DataDescription } from "../../../../pipelines/dataset.ts";
import { assertNear, CAN } from "../../backends.ts";
import { assertModelSlopes } from "../../slopes.ts";
import { TINY_BATCH, TINY_SUMS } from "./patterned_sums.ts";

const [ALPHABET, SIDE] = [5, 4];
const PIXELS = SIDE * SIDE;
const SMALL = { width: 6, heads: 2, hiddenUnits: 5, encoderBlocks: 1, decoderBlocks: 1 };
const READS = { input: "probabilities", convFilters: [] as number[], convUnits: PIXELS } as const;
const READING = { ...SMALL, ...READS } as const;

const query_image = { dtype: "uint8", shape: [3, SIDE, SIDE] } as const;
const DATA: DataDescription = { ...TINY_SUMS, fields: { ...TINY_SUMS.fields, query_image } };

/** The tiny batch, each character of a query as a picture with one pixel of ink, at the character's place. */
const BATCH: Batch = (() => {
  const { query } = TINY_BATCH.fields;
  const image = new Uint8Array(query.length * PIXELS);
  Array.from(query, Number).forEach((character, i) => image[i * PIXELS + character] = 255);
  return { ...TINY_BATCH, fields: { ...TINY_BATCH.fields, query_image: image } };
})();

/** Has a model of {@linkcode READING} say of each picture: the character of the inked pixel, with so large a log odd. */
function teach(model: Model, logOdd: number, says: (pixel: number) => number = (pixel) => pixel): void {
  const set = (name: string, value: (row: number, column: number) => number) => {
    const variable = model.variables[name];
    const columns = variable.shape.at(-1)!;
    const values = Array.from({ length: variable.size }, (_, i) => value(Math.floor(i / columns), i % columns));
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  };
  set("pictures/dense/weights", (row, column) => Number(row === column));
  set("pictures/dense/bias", () => 0);
  set("pictures/characters/weights", (row, column) => row < ALPHABET && says(row) === column ? logOdd : 0);
  set("pictures/characters/bias", () => 0);
}

/** Loss and metrics, in evaluation unless told otherwise. */
function valuesOf(model: Model, batch: Batch, training?: TrainingStep): Record<string, number> {
  return tf.tidy(() => {
    const { loss, metrics } = model.objectives[0].loss(batch, { prng: new Prng(1), training, firstExample: 0 });
    return Object.fromEntries(Object.entries({ loss, ...metrics }).map(([name, value]) => [name, value.dataSync()[0]]));
  });
}

/** A test on each backend that computes here without a graphics card. */
function test(name: string, fn: () => void | Promise<void>): void {
  for (const backend of ["cpu", "wasm"] as const) {
    Deno.test({ name: `${name}, on ${backend}`, ignore: !CAN[backend], fn: () => startBackend(backend).then(fn) });
  }
}

test("a reader that is certain makes the text model of one that reads pictures: losses, and what is written", async () => {
  for (const spec of [transformer, seq2seq]) {
    const tiny = spec === transformer ? SMALL : { ...seq2seq.tiny, reverseQuery: true };
    const text = spec.build(tiny as object, DATA, new Prng(3));
    const reading = spec.build({ ...tiny, ...READS } as object, DATA, new Prng(4));
    const names = Object.keys(reading.variables);
    assertEquals(new Set(names.filter((name) => !name.startsWith("pictures/"))), new Set(Object.keys(text.variables)));
    for (const [name, variable] of Object.entries(text.variables)) {
      tf.tidy(() => variable.assign(tf.mul(variable, 3))); // so that what is read matters
      reading.variables[name].assign(variable);
    }
    const odd = valuesOf(reading, BATCH);
    teach(reading, 100);
    const { loss, characters, answers } = valuesOf(text, BATCH);
    const found = valuesOf(reading, BATCH);
    assertNear([[found.loss, found.nll, found.reading, found.read]], [[loss, loss, 0, 1]], 1e-6);
    assertEquals([found.characters, found.answers], [characters, answers]);
    assert(Math.abs(odd.nll - loss) > 1e-3, "a reader that was taught nothing is worse");
    const [one, other] = [
      await text.sequences!.write(BATCH, { beam: 2 }),
      await reading.sequences!.write(BATCH, { beam: 2 }),
    ];
    assertEquals(other.characters, one.characters);
    assertNear([[...other.logProbs]], [[...one.logProbs]], 1e-5);
    text.dispose();
    reading.dispose();
  }
});

test("what reading costs is the closed form, times its weight; who writes does not ask for the characters", async () => {
  const logOdd = 1.5;
  const right = Math.log(1 + (ALPHABET - 1) * Math.exp(-logOdd)); // -ln softmax of the largest
  for (const readingWeight of [0, 0.25, 3]) {
    const model = transformer.build({ ...READING, learnFrom: "read", readingWeight }, DATA, new Prng(3));
    teach(model, logOdd);
    const sure = valuesOf(model, BATCH);
    assertAlmostEquals(sure.reading, right, 1e-6);
    assertEquals(sure.read, 1);
    assertAlmostEquals(sure.loss, sure.nll + readingWeight * right, 1e-6);
    // With 3 taken for 4, those that stand there cost the log odd more.
    teach(model, logOdd, (pixel) => pixel === 3 ? 4 : pixel);
    const query = Array.from(BATCH.fields.query, Number);
    const wrong = query.filter((character) => character === 3).length / query.length;
    assert(wrong > 0);
    const mistaken = valuesOf(model, BATCH);
    assertAlmostEquals(mistaken.reading, right + wrong * logOdd, 1e-6);
    assertAlmostEquals(mistaken.read, 1 - wrong, 1e-6);
    const { query_image } = BATCH.fields;
    const { characters } = await model.sequences!.write({ size: BATCH.size, fields: { query_image } });
    assertEquals(characters.length, 2 * BATCH.size);
    model.dispose();
  }
});

Deno.test("reading characters in pictures: each gradient is a slope, of what reading costs too", async () => {
  await startBackend("cpu");
  const noisy = Uint8Array.from({ length: BATCH.fields.query_image.length }, (_, i) => (37 * i + 5 * (i >> 3)) % 256);
  noisy.fill(0, 2 * PIXELS, 4 * PIXELS); // blank ones
  const batch = { ...BATCH, fields: { ...BATCH.fields, query_image: noisy } };
  const training = defaultsOf(STEP_OPTIONS);
  const ways = [{ learnFrom: "read", readingWeight: 0 }, { learnFrom: "read" }, { learnFrom: "right" }] as const;
  for (const way of ways) {
    const model = transformer.build({ ...READING, convFilters: [3], convUnits: 6, ...way }, DATA, new Prng(2));
    const names = ["conv1/filter", "dense/weights", "dense/bias", "characters/weights", "characters/bias"]
      .map((name) => `pictures/${name}`);
    assertModelSlopes(model, { batch, training, seed: 1, scale: 2, tolerance: 0.05, step: 1e-3, names });
    model.dispose();
  }
});

test("in training answers are learnt from the right characters, or from what was read; they are written from that", () => {
  const step = defaultsOf(STEP_OPTIONS);
  const text = transformer.build(SMALL, DATA, new Prng(3));
  const [right, read] = (["right", "read"] as const).map((learnFrom) => {
    const model = transformer.build({ ...READING, learnFrom }, DATA, new Prng(3));
    for (const [name, variable] of Object.entries(text.variables)) model.variables[name].assign(variable);
    teach(model, 100, (pixel) => (pixel + 1) % ALPHABET); // all wrong
    return model;
  });
  const told = valuesOf(right, BATCH, step);
  const { loss } = valuesOf(text, BATCH);
  assertAlmostEquals(told.nll, loss, 1e-6);
  assertEquals(told.read, 0);
  const misled = valuesOf(read, BATCH, step).nll;
  assert(Math.abs(misled - loss) > 1e-3);
  assertAlmostEquals(valuesOf(right, BATCH).nll, misled, 1e-6); // in evaluation it has nothing but what it reads
  // Only one of the two makes less of a character that it is less sure of.
  for (const model of [right, read]) teach(model, 0.5);
  assertAlmostEquals(valuesOf(right, BATCH).nll, loss, 1e-6);
  assert(Math.abs(valuesOf(read, BATCH).nll - loss) > 1e-3);
  for (const model of [text, right, read]) model.dispose();
  assertThrows(
    () => transformer.build({ ...READING, readingWeight: 0 }, DATA, new Prng(1)),
    RangeError,
    "readingWeight: nothing teaches reading where it is 0",
  );
});

Deno.test("both fields are learnt from, pictures alone are read; a picture is needed for each character", () => {
  for (const spec of [transformer, seq2seq]) {
    assertEquals(fieldsRead(spec as typeof transformer, { input: "probabilities" }, DATA), [
      "query_image",
      "query",
      "answer",
    ]);
  }
  const image = {
    ...DATA,
    fields: { ...DATA.fields, answer_image: { dtype: "uint8", shape: [2, SIDE, SIDE] } as const },
  };
  assertEquals(fieldsRead(textToImage, { input: "probabilities" }, image), [
    ...["query_image", "query", "answer", "answer_image"],
  ]);
  const few = { ...DATA, fields: { ...DATA.fields, query_image: { dtype: "uint8", shape: [2, SIDE, SIDE] } as const } };
  assertThrows(
    () => transformer.build(READING, few, new Prng(1)),
    RangeError,
    "field query_image has 2 pictures an example, expected 3, one a character",
  );
});
