import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { dropout } from "../../../models/layers/dropout.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN } from "../backends.ts";

const KEY = new Prng(2).key();

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `dropout on ${backend} drops the share asked for, scales the rest and passes gradients through it`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      tf.tidy(() => {
        const x = tf.reshape(tf.range(1, 20001), [40, 500]) as tf.Tensor2D;
        const rows = Int32Array.from({ length: 40 }, (_, i) => 3 * i);
        const [values, slope] = [
          dropout(x, 0.3, { key: KEY, rows }),
          tf.grad((x) => dropout(x as tf.Tensor2D, 0.3, { key: KEY, rows }))(x),
        ].map((tensor) => tensor.dataSync());
        slope.forEach((kept, i) => assert(kept === 0 || Math.abs(kept - 1 / 0.7) < 1e-6, `slope ${kept} at ${i}`));
        values.forEach((value, i) => assert(Math.abs(value - slope[i] * (i + 1)) <= 1e-6 * value, `${value} at ${i}`));
        const dropped = slope.filter((kept) => kept === 0).length;
        assert(Math.abs(dropped - 6000) < 4 * Math.sqrt(20000 * 0.3 * 0.7), `${dropped} dropped`);
      });
    },
  });
}

Deno.test("what is dropped depends on the key and the row's id alone", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const drop = (key: readonly [number, number], ...rows: number[]) =>
      dropout(tf.ones([rows.length, 50]), 0.5, { key, rows: Int32Array.from(rows) }).arraySync();
    const [first, second] = drop(KEY, 4, 9);
    assertEquals(drop(KEY, 9, 4, 9), [second, first, second]);
    assertNotEquals(first, second);
    assertNotEquals(drop([KEY[0], KEY[1] ^ 1], 4), [first]);
  });
});

Deno.test("dropout at rate 0 returns its input and refuses a rate of 1", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const x = tf.ones<tf.Rank.R2>([1, 2]);
    const random = { key: KEY, rows: Int32Array.of(0) };
    assert(dropout(x, 0, random) === x);
    for (const rate of [1, -0.1, NaN]) assertThrows(() => dropout(x, rate, random), RangeError, "below 1");
  });
});
