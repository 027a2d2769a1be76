/** tfjs's wasm backend as it comes, with what it needs to train this project's models. */
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { startStockWasm } from "../../../../models/kernels/wasm/stock.ts";
import { linearMap } from "../../../../models/ops/linear_map.ts";
import { CAN } from "../../backends.ts";

Deno.test({
  name: "stock wasm: a linear map of a matrix, and its gradients",
  ignore: !CAN.wasm,
  fn: async () => {
    await startStockWasm();
    tf.tidy(() => {
      const given = [
        tf.tensor2d([[1, 2], [3, 4], [5, 6]]),
        tf.tensor2d([[1, 0, 2], [0, 1, 3]]),
        tf.tensor1d([10, 20, 30]),
      ];
      const apply = (x: tf.Tensor, weights: tf.Tensor, bias: tf.Tensor) =>
        linearMap(x as tf.Tensor2D, weights as tf.Tensor2D, bias as tf.Tensor1D);
      assertEquals(apply(given[0], given[1], given[2]).arraySync(), [[11, 22, 38], [13, 24, 48], [15, 26, 58]]);
      const [dx, dWeights, dBias] = tf.grads((x, weights, bias) => tf.sum(apply(x, weights, bias)))(given);
      assertEquals(dx.arraySync(), [[3, 4], [3, 4], [3, 4]] as never);
      assertEquals(dWeights.arraySync(), [[9, 9, 9], [12, 12, 12]] as never);
      assertEquals(dBias.arraySync(), [3, 3, 3] as never);
    });
  },
});
