import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { type SampleDistance, sampleJudge } from "../../../../models/zoo/gan/sample_distance.ts";
import { assertNear, CAN } from "../../backends.ts";

const SIDE = 16;

/** Distance, spread of samples, and of images. */
function valuesOf({ distance, sampleSpread, imageSpread }: SampleDistance): [number, number, number] {
  const [a, b, c] = [distance, sampleSpread, imageSpread].map((scalar) => scalar!.dataSync()[0]);
  return [a, b, c];
}

/** Squares of some colour somewhere on grey. */
function squares(count: number, seed: number): tf.Tensor4D {
  return tf.tidy(() => {
    const place = tf.randomUniform([count, 2], 2, 9, "int32", seed).arraySync() as number[][];
    const colour = tf.randomUniform([count, 3], -1, 1, "float32", seed + 1).arraySync() as number[][];
    const values = new Float32Array(count * SIDE * SIDE * 3);
    place.forEach(([top, left], n) => {
      for (let y = top; y < top + 6; y++) {
        for (let x = left; x < left + 6; x++) values.set(colour[n], ((n * SIDE + y) * SIDE + x) * 3);
      }
    });
    return tf.tensor4d(values, [count, SIDE, SIDE, 3]);
  });
}

Deno.test({
  name: "sample distance: 0 in the mean between halves of the same, the more is wrong the greater",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const judge = sampleJudge({ side: SIDE, channels: 3 });
    const compare = (x: tf.Tensor4D, y: tf.Tensor4D) => {
      const [distance, made, real] = valuesOf(judge.compare(x, y));
      return { distance: distance / real, diversity: made / real };
    };
    const real = squares(200, 1);
    const same = compare(real, squares(200, 3));
    assertAlmostEquals(same.distance, 0, 0.01);
    assertAlmostEquals(same.diversity, 1, 0.06);
    // Of few images the mean over many comparisons is that of many.
    const few = Array.from(
      { length: 60 },
      (_, i) => compare(squares(8, 100 + 2 * i), squares(8, 300 + 2 * i)).distance,
    );
    assertAlmostEquals(few.reduce((a, b) => a + b) / few.length, 0, 0.03);

    const noise = tf.randomNormal([200, SIDE, SIDE, 3], 0, 1, "float32", 9) as tf.Tensor4D;
    const by = (amount: number) => compare(real, tf.add(squares(200, 3), tf.mul(noise, amount))).distance;
    const noisy = [0.1, 0.2, 0.4].map(by);
    assert(same.distance < noisy[0] && noisy[0] < noisy[1] && noisy[1] < noisy[2], `${noisy}`);
    const blurred = tf.avgPool(squares(200, 3), 5, 1, "same");
    assert(compare(real, blurred).distance > 0.02);

    const one = tf.tile(squares(1, 3), [200, 1, 1, 1]) as tf.Tensor4D;
    const collapsed = compare(real, one);
    assertAlmostEquals(collapsed.diversity, 0, 1e-3);
    assert(collapsed.distance > 0.3);
    const five = tf.tile(squares(5, 3), [40, 1, 1, 1]) as tf.Tensor4D;
    assert(compare(real, five).distance > same.distance + 0.02);
    judge.dispose();
  },
});

Deno.test("sample distance: the energy distance of the features, by its definition", async () => {
  await startBackend("cpu");
  const judge = sampleJudge({ side: 4, channels: 1 }); // of so small an image the features are the pixels
  const image = (...values: number[]) => values.flatMap((value) => Array(16).fill(value / 4)); // of length value
  const real = tf.tensor4d(image(0, 1, 3), [3, 4, 4, 1]);
  const fake = tf.tensor4d(image(1, 2), [2, 4, 4, 1]);
  const found = valuesOf(judge.compare(real, fake));
  const [across, amongReal, amongFake] = [(1 + 2 + 0 + 1 + 2 + 1) / 6, (1 + 3 + 2) / 3, 1].map((mean) => mean / 4);
  assertNear([found], [[2 * across - amongReal - amongFake, amongFake, amongReal]], 1e-5);
  const { sampleSpread, ...others } = judge.compare(tf.slice(real, [0, 0, 0, 0], [1, 4, 4, 1]), fake);
  assertAlmostEquals(sampleSpread.dataSync()[0], amongFake, 1e-5);
  assertEquals(others, {}); // one image is apart from no other
});
