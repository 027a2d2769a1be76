import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { strokeFrames } from "../../../models/ops/stroke_frames.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { testAgainstCpu } from "../backends.ts";

for (const side of [1, 3, 4, 8]) {
  testAgainstCpu(`strokeFrames ${side}x${side}`, () => {
    const prng = new Prng(side);
    const maps = tf.tensor3d(
      Int32Array.from({ length: 3 * side * side }, () => prng.integer(5)),
      [3, side, side],
      "int32",
    );
    return [strokeFrames(maps, tf.tensor1d([0, 2, 2, 1, 0], "int32"), tf.tensor1d([1, 2, 4, 3, 0], "int32"))];
  }, { further: side !== 8 });
}

Deno.test("a frame of no strokes is blank", async () => {
  await startBackend("cpu");
  const found = tf.tidy(() => {
    const maps = tf.tensor3d([1, 2, 0, 1], [1, 2, 2], "int32");
    return [...strokeFrames(maps, tf.tensor1d([0], "int32"), tf.tensor1d([0], "int32")).dataSync()];
  });
  assertEquals(found, [0, 0, 0, 0]);
});
