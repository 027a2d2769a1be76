import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { augmentImages, type ImageChanges } from "../../../../models/zoo/gan/augment_images.ts";
import { patterned } from "../../patterned.ts";
import { assertSlopes } from "../../slopes.ts";

const NONE: ImageChanges = { color: 0, translation: 0, cutout: 0 };
const SIDE = 12;

/** Changes of images with the ids 0, 1, …. */
function change(images: tf.Tensor4D, changes: Partial<ImageChanges>, key: [number, number] = [1, 2]): tf.Tensor4D {
  const rows = Int32Array.from({ length: images.shape[0] }, (_, i) => i);
  return augmentImages(images, { ...NONE, ...changes }, { key, rows });
}

const pictures = (count: number, channels = 3) => patterned([count, SIDE, SIDE, channels], { seed: 1 }) as tf.Tensor4D;

Deno.test("augmentation: an image moves by whole pixels, at most an eighth of a side, in every direction; 0 comes in", async () => {
  await startBackend("cpu");
  const images = tf.ones([400, SIDE, SIDE, 1]) as tf.Tensor4D;
  const [moved, most] = [change(images, { translation: 0.25 }).arraySync(), 3];
  const places = new Set<string>();
  for (const image of moved) {
    const rows = image.map((row) => row.some(([value]) => value === 1));
    const columns = image[0].map((_, x) => image.some((row) => row[x][0] === 1));
    const [top, left] = [rows, columns].map((on) => on.indexOf(true) - (SIDE - 1 - on.lastIndexOf(true)));
    for (const by of [top, left]) assert(Math.abs(by) <= most, `${by}`);
    assertEquals(tf.sum(tf.tensor(image)).dataSync()[0], (SIDE - Math.abs(top)) * (SIDE - Math.abs(left)));
    places.add(`${top} ${left}`);
  }
  assertEquals(places.size, 49);
});

Deno.test("augmentation: what is moved stays as it is", async () => {
  await startBackend("cpu");
  const images = pictures(40);
  const [before, after] = [images.arraySync(), change(images, { translation: 0.25 }).arraySync()];
  for (const [n, image] of after.entries()) {
    const fits = (down: number, right: number) =>
      image.every((row, y) =>
        row.every((pixel, x) =>
          pixel.every((value, c) => Math.abs(value - (before[n][y - down]?.[x - right]?.[c] ?? 0)) < 1e-6)
        )
      );
    const found = Array.from({ length: 49 }, (_, i) => [Math.floor(i / 7) - 3, i % 7 - 3]).filter(([y, x]) =>
      fits(y, x)
    );
    assertEquals(found.length, 1, `image ${n}`);
  }
});

Deno.test("augmentation: a square of half the side is cut out, its centre anywhere", async () => {
  await startBackend("cpu");
  const kept = change(tf.ones([400, SIDE, SIDE, 1]) as tf.Tensor4D, { cutout: 0.5 });
  const cut = tf.sum(tf.sub(1, kept), [1, 2, 3]).dataSync(); // [400]
  assert(Math.max(...cut) === 36 && Math.min(...cut) === 9, `${Math.min(...cut)} to ${Math.max(...cut)}`);
  const often = tf.mean(tf.sub(1, kept), 0).dataSync(); // each pixel is cut out sometimes
  assert(Math.min(...often) > 0.05 && Math.max(...often) < 0.4);
});

Deno.test("augmentation: the centre of an odd square is a pixel of the image, each as often", async () => {
  await startBackend("cpu");
  const kept = change(tf.ones([2000, SIDE, SIDE, 1]) as tf.Tensor4D, { cutout: 1 / SIDE });
  const cut = tf.sub(1, kept) as tf.Tensor4D;
  assert(tf.sum(cut, [1, 2, 3]).dataSync().every((count) => count === 1));
  const often = tf.mul(tf.mean(tf.sum(cut, 2), [0, 2]), SIDE).dataSync(); // of each row, 1 on average
  assert(Math.max(...often) < 1.4 && Math.min(...often) > 0.6, `${often}`);
});

Deno.test("augmentation: brightness, saturation and contrast are what they are called", async () => {
  await startBackend("cpu");
  const [images, count] = [pictures(300), 300];
  const after = change(images, { color: 1 });
  const moments = (x: tf.Tensor) => [...tf.mean(x, [1, 2, 3]).dataSync()];
  const brightness = moments(tf.sub(after, images)); // saturation and contrast keep the mean
  assert(brightness.every((by) => Math.abs(by) <= 0.50001));
  assertAlmostEquals(brightness.reduce((a, b) => a + b) / count, 0, 0.06);
  // What is grey in each pixel is spread by contrast alone, what is coloured by both.
  const grey = (x: tf.Tensor) => tf.mean(x, 3, true);
  const spread = (x: tf.Tensor) => [...tf.sqrt(tf.moments(x, [1, 2, 3]).variance).dataSync()];
  const [contrast, coloured] = [
    [spread(grey(images)), spread(grey(after))],
    [spread(tf.sub(images, grey(images))), spread(tf.sub(after, grey(after)))],
  ].map(([before, now]) => now.map((value, n) => value / before[n]));
  assert(contrast.every((by) => by > 0.4999 && by < 1.5001));
  assert(Math.min(...contrast) < 0.52 && Math.max(...contrast) > 1.48);
  const saturation = coloured.map((value, n) => value / contrast[n]);
  assert(saturation.every((by) => by > -1e-4 && by < 2.0001) && Math.max(...saturation) > 1.95);
});

Deno.test("augmentation: an image's change depends on its id alone, the gradient is the slope, and no change is none", async () => {
  await startBackend("cpu");
  const all: ImageChanges = { color: 1, translation: 0.125, cutout: 0.5 };
  const images = pictures(3);
  const whole = augmentImages(images, all, { key: [3, 4], rows: Int32Array.of(0, 1, 2) });
  const last = augmentImages(tf.slice(images, [2, 0, 0, 0]), all, { key: [3, 4], rows: Int32Array.of(2) });
  assertEquals([...last.dataSync()], [...tf.slice(whole, [2, 0, 0, 0]).dataSync()]);
  const toward = patterned([3, SIDE, SIDE, 3], { seed: 2 });
  const f = (x: tf.Tensor) => tf.sum(tf.mul(change(x as tf.Tensor4D, all), toward)) as tf.Scalar;
  assertSlopes(f, { at: images, gradient: tf.grad(f)(images) });
  assertEquals(change(images, {}), images);
});
