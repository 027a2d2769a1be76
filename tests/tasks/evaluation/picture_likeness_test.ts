/** How like pictures are: beside scikit-image's numbers and in closed forms. */
import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { LikenessTally } from "../../../tasks/evaluation/picture_likeness.ts";

/** Pictures that Python can make too, [3, 16, 16, 3]; `index` is n, y, x, c. */
function waves(of: (...index: number[]) => number): tf.Tensor4D {
  const values = Float32Array.from({ length: 3 * 16 * 16 * 3 }, (_, i) => {
    return 0.5 + 0.5 * Math.sin(of(Math.floor(i / 768), Math.floor(i / 48) % 16, Math.floor(i / 3) % 16, i % 3));
  });
  return tf.tensor4d(values, [3, 16, 16, 3]);
}

Deno.test("error, decibels and structural similarity are scikit-image's, whatever the batches", async () => {
  await startBackend("cpu");
  const [one, other] = [
    waves((n, y, x, c) => 0.3 + 1.1 * n + 0.7 * y + 0.4 * x + 0.9 * c),
    waves((n, y, x, c) => 0.3 + 1.1 * n + 0.7 * y + 0.43 * x + 0.8 * c + 0.1 * n * y),
  ];
  const before = tf.memory().numTensors;
  const [whole, parts] = [new LikenessTally(), new LikenessTally()];
  await whole.add(one, other);
  const slice = (x: tf.Tensor4D, from: number, count: number) => tf.slice(x, [from, 0, 0, 0], [count, 16, 16, 3]);
  for (const [from, count] of [[0, 1], [1, 2]]) {
    const [a, b] = [slice(one, from, count), slice(other, from, count)];
    await parts.add(a, b);
    tf.dispose([a, b]);
  }
  assertEquals(tf.memory().numTensors, before);
  for (const { mse, psnr, ssim } of [whole.finish(), parts.finish()]) {
    assertAlmostEquals(mse, 0.12393933237445104, 1e-6);
    assertAlmostEquals(psnr, 12.80157525743874, 1e-5); // peak_signal_noise_ratio, a picture each
    // structural_similarity with Wang's window, the mean of what lies wholly inside.
    assertAlmostEquals(ssim!, 0.5109634764117273, 1e-5);
  }
  tf.dispose([one, other]);
});

Deno.test("equal pictures have 100 decibels; pictures smaller than the window have no structural similarity", async () => {
  await startBackend("cpu");
  const tally = new LikenessTally();
  const [black, white] = [0, 1].map((level) => tf.fill<tf.Rank.R4>([2, 5, 5, 1], level));
  await tally.add(black, black);
  assertEquals(tally.finish(), { mse: 0, psnr: 100 });
  await tally.add(black, white);
  assertEquals(tally.finish(), { mse: 0.5, psnr: 50 });
});
