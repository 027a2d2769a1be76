import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { startBackend } from "../../../../../models/backends/backend.ts";
import { lstm, lstmOfInputs } from "../../../../../models/ops/lstm.ts";
import type { LstmRun } from "../../../../../models/ops/lstm_run.ts";
import { dispatchCount } from "../../../../../models/kernels/webgpu/dispatches.ts";
import { Prng } from "../../../../../pipelines/base/prng.ts";
import { normalTensor, testAgainstCpu, valuesOn, webgpuTest } from "../../../backends.ts";

interface Size {
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly units: number;
}

type Given = [x: tf.Tensor3D, kernel: tf.Tensor2D, recurrentKernel: tf.Tensor2D, bias: tf.Tensor1D, ...tf.Tensor2D[]];

function given({ steps, batch, inputs, units }: Size): Given {
  const prng = new Prng(steps, batch, units);
  const scale = 1 / Math.sqrt(units);
  return [
    normalTensor(prng, [steps, batch, inputs]),
    normalTensor(prng, [inputs, 4 * units], scale),
    normalTensor(prng, [units, 4 * units], scale),
    normalTensor(prng, [4 * units], scale),
    normalTensor(prng, [batch, units]),
    normalTensor(prng, [batch, units]),
  ];
}

/** What `run` computes, and the gradients of its sum with random weights with respect to everything given. */
function withGradients(tensors: tf.Tensor[], run: (...given: tf.Tensor[]) => tf.Tensor): tf.Tensor[] {
  const result = run(...tensors);
  const weights = normalTensor(new Prng(5), result.shape);
  return [result, ...tf.grads((...given) => tf.sum(tf.mul(run(...given), weights)))(tensors)];
}

const ofInputs = (size: Size, run: LstmRun = {}) =>
  withGradients(given(size), (...tensors) => {
    const [x, kernel, recurrentKernel, bias, hidden, cell] = tensors as Given;
    return lstmOfInputs(x, { kernel, recurrentKernel, bias }, { ...run, hidden, cell });
  });

// steps, batch, inputs, units. Up to 8 inputs are multiplied inside the kernel; from 257 units on, and for batches that
// are large for their units, each step is a dispatch.
const SIZES = [
  [1, 1, 1, 1],
  [5, 7, 3, 4],
  [40, 33, 9, 16],
  [784, 2, 1, 4],
  [5, 7, 8, 128],
  [2, 3, 2, 200],
  [3, 33, 2, 260],
  [1, 1, 9, 257],
];
for (const [steps, batch, inputs, units] of SIZES) {
  const name = `lstmOfInputs T=${steps} B=${batch} F=${inputs} H=${units}`;
  const given = { tolerance: 2e-5, backends: ["webgpu"], further: steps > 5 || units !== 4 && units !== 260 } as const;
  testAgainstCpu(name, () => ofInputs({ steps, batch, inputs, units }), given);
}

const dropoutOf = (batch: number) =>
  ({ rate: 0.3, key: [3, 4], rows: Int32Array.from({ length: batch }, (_, b) => b) }) as const;
for (const [steps, batch, units] of [[3, 33, 260], [4, 5, 16]]) {
  const name = `lstmOfInputs with dropout, in steps of unequal number, T=${steps} B=${batch} H=${units}`;
  testAgainstCpu(name, () => {
    const lengths = Int32Array.from({ length: batch }, (_, b) => b % (steps + 1));
    return ofInputs({ steps, batch, inputs: 3, units }, { lengths, dropout: dropoutOf(batch) });
  }, { tolerance: 2e-5, backends: ["webgpu"] });
}

webgpuTest("an lstm gives the same bits at every run", async () => {
  const compute = () => [
    ...ofInputs({ steps: 90, batch: 33, inputs: 1, units: 16 }),
    ...ofInputs({ steps: 3, batch: 5, inputs: 2, units: 300 }),
  ];
  assertEquals(await valuesOn("webgpu", compute), await valuesOn("webgpu", compute));
});

webgpuTest("an lstm takes one dispatch where it is small, however long, else one a step", async () => {
  await startBackend("webgpu");
  for (const [steps, batch, units, dispatches] of [[784, 2, 16, 1], [5, 1, 257, 5], [2, 600, 128, 2]]) {
    tf.tidy(() => {
      const projected = tf.zeros<tf.Rank.R3>([steps, batch, 4 * units]);
      const kernel = tf.zeros<tf.Rank.R2>([units, 4 * units]);
      const zeros = tf.zeros<tf.Rank.R2>([batch, units]);
      const before = dispatchCount();
      lstm(projected, kernel, { hidden: zeros, cell: zeros });
      assertEquals(dispatchCount() - before, dispatches);
    });
  }
});

webgpuTest("a gradient of an lstm that drops takes as many dispatches however long it is", async () => {
  await startBackend("webgpu");
  const [short, long] = [3, 60].map((steps) =>
    tf.tidy(() => {
      const projected = tf.zeros<tf.Rank.R3>([steps, 2, 16]), kernel = tf.zeros<tf.Rank.R2>([4, 16]);
      const run = (projected: tf.Tensor) => lstm(projected as tf.Tensor3D, kernel, { dropout: dropoutOf(2) });
      const before = dispatchCount();
      tf.grad((x) => tf.sum(run(x)))(projected);
      return dispatchCount() - before;
    })
  );
  assertEquals(long, short);
});
