import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { lstm } from "../../../models/ops/lstm.ts";
import { lstmGates } from "../../../models/ops/lstm_gates.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear, normalTensor, testAgainstCpu } from "../backends.ts";

function inputs(batch: number, units: number): [tf.Tensor2D, tf.Tensor2D] {
  const prng = new Prng(batch, units);
  return [normalTensor(prng, [batch, 4 * units], 2), normalTensor(prng, [batch, units])];
}

for (const [batch, units] of [[1, 1], [2, 4], [3, 6], [7, 9], [5, 16]]) {
  testAgainstCpu(`lstmGates B=${batch} H=${units}`, () => {
    const [z, cell] = inputs(batch, units);
    const weights = normalTensor(new Prng(5), [2, batch, units]);
    const loss = (z: tf.Tensor, cell: tf.Tensor) => {
      const state = lstmGates(z as tf.Tensor2D, cell as tf.Tensor2D);
      return tf.sum(tf.mul(tf.stack([state.hidden, state.cell]), weights));
    };
    return [...Object.values(lstmGates(z, cell)), ...tf.grads(loss)([z, cell])];
  }, { tolerance: 2e-5, further: units !== 6 });
}

Deno.test("lstmGates is a step of lstm whose recurrent part is 0", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const [z, cell] = inputs(3, 5);
    const initial = { hidden: tf.zeros<tf.Rank.R2>([3, 5]), cell };
    const hidden = lstm(tf.expandDims(z, 0) as tf.Tensor3D, tf.zeros([5, 20]), initial);
    assertNear([[...lstmGates(z, cell).hidden.dataSync()]], [[...hidden.dataSync()]], 1e-6);
    assertEquals(hidden.shape, [1, 3, 5]);
  });
});
