import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { type PictureSequence, type PictureWarp, seePictures } from "../../../../models/zoo/sequences/digit_images.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import type { Batch } from "../../../../pipelines/dataset.ts";
import { Warper } from "../../../../pipelines/images/warp.ts";

const [BATCH, LENGTH, SIDE] = [3, 2, 6];
const CELLS = SIDE * SIDE;
const PICTURES = { field: "query_image", length: LENGTH, side: SIDE, reversed: false };

/** The pictures that are looked at, and those at each step of each example. */
async function see(batch: Batch, pictures: PictureSequence, warp?: PictureWarp) {
  const { pixels, rows } = seePictures(batch, pictures, warp);
  const [seen, places] = [await pixels.array(), Array.from(await rows.data())];
  tf.dispose([pixels, rows]);
  return { count: seen.length, steps: places.map((row) => seen[row]) }; // [T, B]
}

Deno.test("pictures by steps, in either direction; all blank ones are one", async () => {
  await startBackend("cpu");
  const image = Uint8Array.from({ length: BATCH * LENGTH * CELLS }, (_, i) => (53 * i) % 256);
  const blank = [1, 4]; // the second picture of the first example, the first of the third
  for (const i of blank) image.fill(0, i * CELLS, (i + 1) * CELLS);
  const batch = { size: BATCH, fields: { query_image: image } };
  for (const reversed of [false, true]) {
    const { count, steps } = await see(batch, { ...PICTURES, reversed });
    assertEquals(count, BATCH * LENGTH - blank.length + 1);
    for (let t = 0; t < LENGTH; t++) {
      for (let b = 0; b < BATCH; b++) {
        const i = b * LENGTH + (reversed ? LENGTH - 1 - t : t);
        const bytes = image.subarray(i * CELLS, (i + 1) * CELLS);
        assertEquals(steps[t * BATCH + b], Array.from(bytes, (value) => Math.fround(value / 255)));
      }
    }
  }
  const none = await see({ size: BATCH, fields: { query_image: new Uint8Array(image.length) } }, PICTURES);
  assertEquals([none.count, none.steps], [1, new Array(BATCH * LENGTH).fill(new Array(CELLS).fill(0))]);
});

Deno.test("pictures are warped as strongly as told, each another way, by its place in the whole batch", async () => {
  await startBackend("cpu");
  const picture = Uint8Array.from({ length: CELLS }, (_, i) => i % SIDE > 1 && i % SIDE < 4 ? 200 : 0);
  const image = Uint8Array.from({ length: BATCH * LENGTH * CELLS }, (_, i) => picture[i % CELLS]);
  const batch = { size: BATCH, fields: { query_image: image } };
  const warp = { strength: 0.5, key: [5, 6], firstExample: 0 } as const;
  const { steps } = await see(batch, PICTURES, warp);
  // Half as strong as the defaults, on a stream of random numbers a picture.
  const half = new Warper(SIDE, { rotate: 6, scale: 0.06, shear: 0.075, shift: 1, elastic: 0.5 });
  for (let t = 0; t < LENGTH; t++) {
    for (let b = 0; b < BATCH; b++) {
      const expected = half.warp(picture, new Prng(5, 6, b, t));
      assertEquals(steps[t * BATCH + b], Array.from(expected, (value) => Math.fround(value / 255)));
    }
  }
  assertEquals(new Set(steps.map(String)).size, BATCH * LENGTH);
  const rest = await see({ size: 1, fields: { query_image: image.slice(2 * LENGTH * CELLS) } }, PICTURES, {
    ...warp,
    firstExample: 2,
  });
  assertEquals(rest.steps, [steps[2], steps[BATCH + 2]]);
});
