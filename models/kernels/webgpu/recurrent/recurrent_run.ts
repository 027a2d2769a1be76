/**
 * Runs a recurrent layer on webgpu, forwards or backwards, in the way that suits its size.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { WebgpuContext } from "../context.ts";
import { type RecurrentCell, runsWholeSequences, sequenceConstants } from "./recurrent_cell.ts";
import { sequenceBackward, sequenceForward } from "./recurrent_sequence.ts";
import { STEP_TILE, stepBackward, stepForward } from "./recurrent_step.ts";
import { transposeLast } from "../products/transpose.ts";

type Tensors = Readonly<Record<string, tf.TensorInfo>>;

/** A recurrent layer and what it works on. */
export interface RecurrentRun {
  /** One name, one cell. */
  readonly name: string;
  readonly cell: RecurrentCell;
  readonly sizes: { readonly steps: number; readonly batch: number; readonly units: number } & Record<string, number>;
  readonly reads: Tensors;
  readonly writes: Tensors;
}

/** Runs all steps. */
export function runForward({ run }: WebgpuContext, { name, cell, sizes, ...tensors }: RecurrentRun): void {
  const { batch, steps, units } = sizes;
  if (runsWhole(cell, sizes)) {
    run({
      name: `${name}Sequence`,
      source: sequenceForward(cell),
      constants: sequenceConstants(units),
      sizes,
      ...tensors,
      workgroups: Math.ceil(batch / 2),
    });
  } else {
    const workgroups = stepWorkgroups(sizes);
    run({ name: `${name}Step`, source: stepForward(cell), sizes, ...tensors, workgroups, steps });
  }
}

/** Runs all steps backwards; the last rows of one of the tensors named, `kernel`, are the recurrent kernel. */
export function runBackward(
  context: WebgpuContext,
  { name, cell, sizes, reads, writes, kernel }: RecurrentRun & { readonly kernel: string },
): void {
  const { run, release } = context;
  const { batch, steps, units } = sizes;
  if (runsWhole(cell, sizes)) {
    const { [kernel]: matrix, ...others } = reads;
    const transposedKernel = transposeLast(context, { matrix, rows: units }); // [4H or 3H, H]
    run({
      name: `${name}SequenceGrad`,
      source: sequenceBackward(cell),
      constants: sequenceConstants(units),
      sizes,
      reads: { ...others, transposedKernel },
      writes,
      workgroups: Math.ceil(batch / 2),
    });
    release(transposedKernel);
  } else {
    run({
      name: `${name}StepGrad`,
      source: stepBackward(cell),
      sizes,
      reads,
      writes,
      workgroups: stepWorkgroups(sizes),
      steps: steps + 1,
    });
  }
}

function runsWhole({ blocks }: RecurrentCell, { batch, units }: RecurrentRun["sizes"]): boolean {
  return runsWholeSequences({ kernelBytes: 4 * blocks * units * units, batch, units });
}

function stepWorkgroups({ batch, units }: RecurrentRun["sizes"]): [number, number, number] {
  return [Math.ceil(units / STEP_TILE.units), Math.ceil(batch / STEP_TILE.examples), 1];
}
