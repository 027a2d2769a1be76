import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { webgpuTest } from "../backends.ts";

webgpuTest("values of every type arrive", async () => {
  const tensors = [
    tf.tensor1d([0.5, -2, 0, 7]),
    tf.tensor1d([1, -2, 2147483647], "int32"),
    tf.tensor1d([true, false, true], "bool"),
    tf.tensor2d(Uint8Array.of(255, 0, 7, 1), [2, 2], "int32"),
    tf.scalar(4),
    tf.zeros([0, 3]),
  ];
  const onDevice = tensors.map((tensor) => tf.concat1d([tf.reshape(tensor, [-1]), tf.reshape(tensor, [-1])]));
  const values = await Promise.all(onDevice.map(async (tensor) => [...await tensor.data()]));
  assertEquals(values, [
    [0.5, -2, 0, 7, 0.5, -2, 0, 7],
    [1, -2, 2147483647, 1, -2, 2147483647],
    [1, 0, 1, 1, 0, 1],
    [255, 0, 7, 1, 255, 0, 7, 1],
    [4, 4],
    [],
  ]);
  tf.dispose([tensors, onDevice]);
});

webgpuTest("what is uploaded into a buffer does not overtake what was recorded of its last values", async () => {
  const results: tf.Tensor[] = [];
  for (let i = 0; i < 60; i++) {
    const x = tf.tensor1d(new Float32Array(300).fill(i));
    results.push(tf.mul(x, 2));
    x.dispose(); // its buffer is the next one's, once this is submitted
  }
  for (const [i, result] of results.entries()) {
    assertEquals([...await result.data()].filter((value) => value !== 2 * i), []);
  }
  tf.dispose(results);
});
