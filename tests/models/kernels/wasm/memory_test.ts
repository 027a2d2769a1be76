/** What does not fit into the 4 GiB that a 32-bit address reaches is refused; nothing is written anywhere else. */
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import type { WasmBackend } from "../../../../models/kernels/wasm/context.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { may } from "../../../helpers.ts";

Deno.test({
  name: "wasm: tensors beyond its memory are refused, and what is there is right afterwards",
  ignore: !may("read"),
  fn: async () => {
    await startBackend("wasm");
    const { wasm } = tf.backend() as unknown as WasmBackend;
    const held = wasm._malloc(1.5e9); // of which nothing is touched: it takes no memory of the machine
    try {
      for (const bytes of [3e9, 2 ** 32, 2 ** 32 + 8, 1e13]) {
        assertThrows(() => wasm._malloc(bytes), InputError, "out of memory: ");
      }
      const [tall, wide] = [tf.ones([40_000, 1]), tf.ones([1, 40_000])];
      assertThrows(() => tf.matMul(tall, wide), InputError, "out of memory: 6400 MB more do not fit");
      const product = tf.matMul(tf.ones([3, 3]), tf.fill([3, 3], 2));
      assertEquals([...product.dataSync()], Array(9).fill(6));
      tf.dispose([tall, wide, product]);
    } finally {
      wasm._free(held);
    }
  },
});
