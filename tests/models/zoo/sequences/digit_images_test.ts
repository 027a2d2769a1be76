import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { pixelSteps } from "../../../../models/zoo/sequences/digit_images.ts";

const [BATCH, LENGTH, SIDE] = [3, 2, 6];

Deno.test("pictures by steps, in either direction; moved ones hold the same pixels, another way for each", async () => {
  await startBackend("cpu");
  const image = new Uint8Array(BATCH * LENGTH * SIDE * SIDE);
  const at = (b: number, t: number, y: number, x: number) => ((b * LENGTH + t) * SIDE + y) * SIDE + x;
  for (let b = 0; b < BATCH; b++) for (let t = 0; t < LENGTH; t++) image[at(b, t, 2, 3)] = 51 * (1 + b + t);
  const batch = { size: BATCH, fields: { query_image: image } };
  const pictures = { field: "query_image", length: LENGTH, side: SIDE };
  const read = (reversed: boolean, shift?: Parameters<typeof pixelSteps>[2]) =>
    tf.tidy(() => pixelSteps(batch, { ...pictures, reversed }, shift).arraySync());
  for (const reversed of [false, true]) {
    const steps = read(reversed);
    for (let t = 0; t < LENGTH; t++) {
      for (let b = 0; b < BATCH; b++) {
        const expected = new Array(SIDE * SIDE).fill(0);
        expected[2 * SIDE + 3] = Math.fround((1 + b + (reversed ? LENGTH - 1 - t : t)) / 5);
        assertEquals(steps[t][b], expected);
      }
    }
  }
  const key = [5, 6] as const;
  const moved = read(false, { most: 2, key, firstExample: 0 });
  const places = moved.map((step) => step.map((picture) => picture.findIndex((pixel) => pixel > 0)));
  for (const [t, step] of moved.entries()) {
    for (const [b, picture] of step.entries()) {
      assertEquals(picture.filter((pixel) => pixel > 0), [Math.fround((1 + b + t) / 5)]);
      const [y, x] = [Math.floor(places[t][b] / SIDE), places[t][b] % SIDE];
      assert(Math.abs(y - 2) <= 2 && Math.abs(x - 3) <= 2, `${x} ${y}`);
    }
  }
  assert(new Set(places.flat()).size > 1, `${places}`);
  assertEquals(read(false, { most: 2, key, firstExample: 0 }), moved);
  // An example's moves go by its place in the whole batch, not in its share.
  const rest = { size: 1, fields: { query_image: image.slice(at(2, 0, 0, 0)) } };
  const shared = tf.tidy(() =>
    pixelSteps(rest, { ...pictures, reversed: false }, { most: 2, key, firstExample: 2 }).arraySync()
  );
  assertEquals(shared.map(([picture]) => picture), moved.map((step) => step[2]));
  // A move of 4 takes some of them over the edge.
  const far = Array.from({ length: 40 }, (_, i) => read(false, { most: 4, key: [i, 1], firstExample: 0 }).flat());
  assert(far.flat().some((picture) => picture.every((pixel) => pixel === 0)));
});
