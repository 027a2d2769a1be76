import * as tf from "@tensorflow/tfjs-core";
import { layerNormGates } from "../../../models/ops/layer_norm_gates.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear, CAN, normalTensor, testAgainstCpu, valuesOn } from "../backends.ts";
import { patterned } from "../patterned.ts";

function inputs(batch: number, units: number): [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D] {
  const prng = new Prng(batch, units);
  return [
    normalTensor(prng, [batch, 4 * units], 2),
    normalTensor(prng, [batch, units]),
    normalTensor(prng, [10 * units]),
  ];
}

for (const [batch, units] of [[1, 2], [2, 4], [3, 6], [7, 9], [5, 16]]) {
  for (const drops of [false, true]) {
    testAgainstCpu(`layerNormGates B=${batch} H=${units}${drops ? ", dropping" : ""}`, () => {
      const given = inputs(batch, units);
      const weights = normalTensor(new Prng(5), [2, batch, units]);
      const numbers = tf.abs(tf.sin(tf.reshape(tf.range(0, batch * units), [batch, units])));
      const factors = drops ? tf.mul(tf.cast(tf.greater(numbers, 0.4), "float32"), 1 / 0.6) as tf.Tensor2D : undefined;
      const loss = (z: tf.Tensor, cell: tf.Tensor, norms: tf.Tensor) => {
        const state = layerNormGates(z as tf.Tensor2D, cell as tf.Tensor2D, { norms: norms as tf.Tensor1D, factors });
        return tf.sum(tf.mul(tf.stack([state.hidden, state.cell]), weights));
      };
      const { hidden, cell } = layerNormGates(given[0], given[1], { norms: given[2], factors });
      return [hidden, cell, ...tf.grads(loss)(given)];
    }, { tolerance: 5e-5, further: units !== 6 });
  }
}

// A step and its gradients from PyTorch 1.13 in float64, by its own layer_norm with an epsilon of 1e-3.
// deno-fmt-ignore
const PYTORCH = [
  [-0.6780892, 0.15999141, 0.08111825, -0.72849582, 0.16473968, -0.01093153],
  [-0.27069824, 0.79011479, 0.35093717, -0.16700106, 0.28659945, 0.05411728],
  [0.01250931, -0.11690118, 0.10439188, -0.00595624, -0.00239715, 0.00835339, -0.00923637, -1.23562789, 1.24486426, 0.09290633, -0.02790261, -0.06500372, 0.00036133, 0.07711854, -0.07747987, 0.02588858, 0.00467187, -0.03056044, 1.15185405, 1.70711558, -2.85896962, -0.06300312, 0.00705302, 0.0559501],
  [-0.13092206, 0.22199513, 0.53498465, 0.56148057, 1.03897593, -0.47617807],
  [0.20288589, 0.16896784, 0.12846256, -0.02737693, -0.13703401, 0.04961936, -0.16188788, 0.15943133, 0.41520032, -0.00784357, -0.03155187, 0.01091432, -0.14691772, 0.20559145, 0.18526734, 0.02687486, -0.09777212, -0.06684881, 0.12973427, 0.1615514, 0.09671021, 0.04263672, 0.02287639, 0.01095428, 0.00102733, 0.04869797, 0.05519825, 0.00049453, 0.04126589, -0.08438566],
];

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  Deno.test({
    name: `layerNormGates on ${backend} gives what PyTorch gives`,
    ignore: !CAN[backend],
    sanitizeOps: false, // a WebGPU device stays open
    sanitizeResources: false,
    fn: async () => {
      const values = await valuesOn(backend, () => {
        const [batch, units] = [2, 3];
        const z = patterned([batch, 4 * units], { seed: 1, scale: 2 }), cell = patterned([batch, units], { seed: 2 });
        const norms = tf.concat([
          tf.add(patterned([4 * units], { seed: 3, scale: 0.5 }), 1),
          patterned([4 * units], { seed: 4, scale: 0.5 }),
          tf.add(patterned([units], { seed: 5, scale: 0.5 }), 1),
          patterned([units], { seed: 6, scale: 0.5 }),
        ]);
        const run = (z: tf.Tensor, cell: tf.Tensor, norms: tf.Tensor) =>
          layerNormGates(z as tf.Tensor2D, cell as tf.Tensor2D, { norms: norms as tf.Tensor1D });
        const loss = (...given: [tf.Tensor, tf.Tensor, tf.Tensor]) => {
          const { hidden, cell } = run(...given);
          const weights = [7, 8].map((seed) => patterned([batch, units], { seed }));
          return tf.add(tf.sum(tf.mul(hidden, weights[0])), tf.sum(tf.mul(cell, weights[1])));
        };
        const state = run(z, cell, norms);
        return [state.hidden, state.cell, ...tf.grads(loss as (...given: tf.Tensor[]) => tf.Tensor)([z, cell, norms])];
      });
      assertNear(values, PYTORCH, 5e-6);
    },
  });
}
