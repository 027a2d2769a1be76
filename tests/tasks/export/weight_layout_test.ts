import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../models/backends/backend.ts";
import { gateBlocks, transposed } from "../../../tasks/export/weight_layout.ts";

Deno.test("dimensions change places as tfjs has them", async () => {
  await startBackend("cpu");
  for (const [shape, order] of [[[2, 3, 4, 5], [3, 2, 0, 1]], [[4, 6], [1, 0]], [[3, 1, 2], [1, 2, 0]], [[5], [0]]]) {
    const x = tf.reshape(tf.range(0, shape.reduce((a, b) => a * b)), shape);
    const expected = tf.transpose(x, order);
    const found = transposed({ shape, data: Float32Array.from(await x.data()) }, order);
    assertEquals([found.shape, [...found.data]], [expected.shape, [...await expected.data()]]);
    tf.dispose([x, expected]);
  }
});

Deno.test("gates change places in blocks of rows", () => {
  const array = { shape: [6, 2], data: Float32Array.from({ length: 12 }, (_, i) => i) };
  assertEquals([...gateBlocks(array, [2, 0, 1]).data], [8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7]);
});
