/**
 * What the kernels of recurrent layers share on webgpu.
 *
 * @module
 */

/**
 * What sets one kind of cell apart: WGSL functions that `recurrent_sequence.ts` and `recurrent_step.ts` call. Four values
 * of each unit are summed up from the inputs and the state before, [T, B, 4H] in `gates` after their non-linearities, in
 * place of which come their gradients on the way back. `own` and `row` count through [B, H] and [T, B].
 */
export interface RecurrentCell {
  /**
   * `fn recurrentOf(k: u32, unit: u32, H: u32) -> vec4<f32>`, what unit k of the state before is multiplied by;
   * `fn inputOf(row: u32, unit: u32, H: u32) -> vec4<f32>`, the part of the sums that does not depend on the state;
   * `fn firstMemory(own: u32) -> f32` and `fn memoryOf(i: u32) -> f32`, what a unit has kept before the first step and
   * after one, i counting through [T, B, H];
   * `fn advance(z: vec4<f32>, memory: f32, i: u32) -> After`, a step; and `fn keep(i: u32, after: After)`, which saves what is
   * to be saved beside gates and hidden states.
   */
  readonly forward: string;
  /**
   * `fn savedOf(row: u32, own: u32, i: u32) -> Saved`, but for its gates and dy; `fn retreat(s: Saved, dh: f32,
   * dMemory: f32) -> Back`, a step backwards; `fn end(own: u32, dh: f32,
   * dMemory: f32)`, which writes the gradients of the state before the first step; and `fn gateOf(n: u32) -> u32`, which
   * of the four sums the n-th column block of the recurrent kernel contributes to.
   */
  readonly backward: string;
  /** `fn recurrentColumn(unit: u32, c: u32) -> f32`: an element of the recurrent kernel. */
  readonly column: string;
  /** How many column blocks the recurrent kernel has. */
  readonly blocks: 3 | 4;
  /** The tensor that holds the gradient of the memory between two steps backwards, where each is a dispatch. */
  readonly carried: string;
}

/** The types of {@linkcode RecurrentCell}'s functions. */
export const TYPES = `
struct After { gates: vec4<f32>, h: f32, memory: f32 }
struct Saved { gates: vec4<f32>, c: f32, before: f32, dy: f32, factor: f32 }
struct Back { d: vec4<f32>, dMemory: f32 }
`;

/** Threads of a workgroup at most, on every device. */
const THREADS = 256;

/**
 * Whether one workgroup should run a whole sequence for its examples, rather than all workgroups one step after another.
 *
 * In a whole sequence each workgroup reads the recurrent kernel anew in each step, out of the second-level cache: at
 * about 100 GB/s a compute unit, 2.5 us for the 256 KB of an LSTM of 128 units. Steps one after another share the
 * kernel out, but each costs a dispatch and a barrier, 5 to 10 us. So the first wins until the kernel has about 1 MB,
 * or until all workgroups together ask the cache for more than about 32 MB a step (some 2.5 TB/s). These are estimates
 * from what graphics cards are said to do, not timings.
 *
 * @param kernelBytes The size of the recurrent kernel.
 * @param batch How many examples there are, two a workgroup.
 */
export function runsWholeSequences({ kernelBytes, batch, units }: Shape): boolean {
  return units <= THREADS && kernelBytes <= 2 ** 20 && kernelBytes * Math.ceil(batch / 2) <= 2 ** 25;
}

interface Shape {
  readonly kernelBytes: number;
  readonly batch: number;
  readonly units: number;
}

/**
 * How a workgroup shares out a product with the recurrent kernel: a thread for each unit in each of `SPLITS` parts of
 * the sum, and `CHUNK` units a part.
 */
export function sequenceConstants(units: number): { H: number; SPLITS: number; CHUNK: number; THREADS: number } {
  const splits = Math.min(Math.floor(THREADS / units), Math.ceil(units / 4));
  return { H: units, SPLITS: splits, CHUNK: 4 * Math.ceil(units / splits / 4), THREADS: splits * units };
}
