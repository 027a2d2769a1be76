/** Codes of pictures, of a model whose codes are known. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { isEncoder, readCodes } from "../../../tasks/evaluation/picture_codes.ts";
import { codeOf, colourBatch, inBatches, plainImages } from "./plain_images.ts";

type Colour = [number, number, number];

function randomColours(count: number, prng: Prng): Colour[] {
  return Array.from({ length: count }, () => {
    const red = 40 + prng.integer(170);
    return [red, Math.round(red / 2 + prng.integer(100)), 1 + prng.integer(254)]; // green goes with red
  });
}

Deno.test("codes are read without noise, the first of the batches and no more", async () => {
  await startBackend("cpu");
  const drawer = plainImages({ prior: "none" });
  assert(isEncoder(drawer) && !isEncoder(plainImages({ encodes: false })));
  const colours = randomColours(230, new Prng(1));
  const before = tf.memory().numTensors;
  const batches = inBatches(colourBatch(colours.slice(0, 130)), colourBatch(colours.slice(130)));
  const { values, size, labels } = await readCodes(drawer, batches, { most: 205, seed: 3 });
  assertEquals([size, values.length, labels.length], [3, 3 * 205, 205]);
  colours.slice(0, 205).forEach((colour, n) => {
    codeOf(colour).forEach((code, i) => assertAlmostEquals(values[3 * n + i], code, 1e-3));
    assertEquals(labels[n], colour.indexOf(Math.max(...colour)));
  });
  assertEquals(tf.memory().numTensors, before);
});
