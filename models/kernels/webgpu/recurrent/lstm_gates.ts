/**
 * One step of an LSTM cell from the inputs of its gates, and its gradient, on webgpu.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { WebgpuKernel } from "../context.ts";
import { elementwise, overElements } from "../elementwise/elementwise.ts";
import { NON_LINEARITIES } from "../math.ts";
import { LSTM_ADVANCE, LSTM_RETREAT } from "./lstm_cell.ts";
import { TYPES } from "./recurrent_cell.ts";

/** Element i is a unit of [B, H]; its gates begin at `at` and are `H` apart. */
const unitwise = (functions: string, body: string) =>
  elementwise(
    `
  let H = uniforms.units;
  let at = i / H * 4u * H + i % H;
  ${body}`,
    [TYPES, NON_LINEARITIES, functions].join("\n"),
  );

const FORWARD = unitwise(
  LSTM_ADVANCE,
  `
  let after = advanceBy(vec4(z[at], z[at + H], z[at + 2u * H], z[at + 3u * H]), cell[i], 1.0);
  hidden[i] = after.h;
  next[i] = after.memory;
  for (var gate = 0u; gate < 4u; gate++) { gates[at + gate * H] = after.gates[gate]; }`,
);

const BACKWARD = unitwise(
  LSTM_RETREAT,
  `
  let opened = vec4(gates[at], gates[at + H], gates[at + 2u * H], gates[at + 3u * H]);
  let back = retreat(Saved(opened, next[i], cell[i], 0.0, 1.0), dHidden[i], dNext[i]);
  dCell[i] = back.dMemory;
  for (var gate = 0u; gate < 4u; gate++) { dz[at + gate * H] = back.d[gate]; }`,
);

const overUnits = ({ shape: [batch, units] }: tf.TensorInfo) => overElements(batch * units, { units });

/** z [B, 4H], cell [B, H] -> hidden, next [B, H] and the gates after their non-linearities [B, 4H]. */
export const lstmGates: WebgpuKernel = ({ output, run }, { z, cell }) => {
  const [hidden, next, gates] = [output(cell.shape), output(cell.shape), output(z.shape)];
  run({
    name: "LstmGates",
    source: FORWARD,
    ...overUnits(cell),
    reads: { z, cell },
    writes: { hidden, next, gates },
  });
  return [hidden, next, gates];
};

/** -> the gradients of z and cell. */
export const lstmGatesGrad: WebgpuKernel = ({ output, run }, { dHidden, dNext, gates, cell, next }) => {
  const [dz, dCell] = [output(gates.shape), output(cell.shape)];
  run({
    name: "LstmGatesGrad",
    source: BACKWARD,
    ...overUnits(cell),
    reads: { dHidden, dNext, gates, cell, next },
    writes: { dz, dCell },
  });
  return [dz, dCell];
};
