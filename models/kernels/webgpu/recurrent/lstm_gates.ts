/**
 * One step of an LSTM cell from the inputs of its gates, and its gradient, on webgpu.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WebgpuKernel } from "../context.ts";
import { LSTM_ADVANCE, LSTM_RETREAT } from "./lstm_cell.ts";
import { NON_LINEARITIES, TYPES } from "./recurrent_cell.ts";

const GROUP = 64;

/** A program whose thread has unit `i` of [B, H]; its gates begin at `at` and are `H` apart. */
const unitwise = (functions: string, body: string) => `
${TYPES}
${NON_LINEARITIES}
${functions}
@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let i = flatWorkgroup(workgroup, workgroups) * GROUP + thread;
  if (i >= uniforms.size) { return; }
  let H = uniforms.units;
  let at = i / H * 4u * H + i % H;
  ${body}
}`;

const FORWARD = unitwise(
  LSTM_ADVANCE,
  `
  let after = advance(vec4(z[at], z[at + H], z[at + 2u * H], z[at + 3u * H]), cell[i]);
  hidden[i] = after.h;
  next[i] = after.memory;
  for (var gate = 0u; gate < 4u; gate++) { gates[at + gate * H] = after.gates[gate]; }`,
);

const BACKWARD = unitwise(
  LSTM_RETREAT,
  `
  let opened = vec4(gates[at], gates[at + H], gates[at + 2u * H], gates[at + 3u * H]);
  let back = retreat(Saved(opened, next[i], cell[i], 0.0), dHidden[i], dNext[i]);
  dCell[i] = back.dMemory;
  for (var gate = 0u; gate < 4u; gate++) { dz[at + gate * H] = back.d[gate]; }`,
);

function sizesOf({ shape }: tf.TensorInfo) {
  const size = tf.util.sizeFromShape(shape);
  return { sizes: { size, units: shape[1] }, constants: { GROUP }, workgroups: Math.ceil(size / GROUP) };
}

/** z [B, 4H], cell [B, H] -> hidden, next [B, H] and the gates after their non-linearities [B, 4H]. */
export const lstmGates: WebgpuKernel = ({ output, run }, { z, cell }) => {
  const [hidden, next, gates] = [output(cell.shape), output(cell.shape), output(z.shape)];
  run({
    name: "LstmGates",
    source: FORWARD,
    ...sizesOf(cell),
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
    ...sizesOf(cell),
    reads: { dHidden, dNext, gates, cell, next },
    writes: { dz, dCell },
  });
  return [dz, dCell];
};
