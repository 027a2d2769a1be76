// Which examples take part in a step. A plan is int32 [B + T + 1]: the examples, those with more steps first, and behind
// them where each step's rows begin among the rows of all steps, packed without those of examples that have ended. Without
// a plan (0) every example takes part in every step.

import { copyFloats } from "../floats";

@inline
export function exampleAt(plan: usize, i: i32): usize {
  return plan ? <usize>load<i32>(plan + (<usize>i << 2)) : <usize>i;
}

@inline
export function firstRow(plan: usize, batch: i32, t: i32): i32 {
  return plan ? load<i32>(plan + (<usize>(batch + t) << 2)) : t * batch;
}

@inline
export function takingPart(plan: usize, batch: i32, t: i32): i32 {
  return firstRow(plan, batch, t + 1) - firstRow(plan, batch, t);
}

// dst[i] = src[the i-th example of the plan], rows of so many bytes.
export function gatherExamples(dst: usize, src: usize, bytes: usize, plan: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) copyFloats(dst + <usize>(i - from) * bytes, src + exampleAt(plan, i) * bytes, bytes);
}

// rows [T, B, columns] by step and example, zeros where one has ended, of packed rows.
export function unpackSteps(steps: i32, batch: i32, columns: i32, packed: usize, plan: usize, rows: usize): void {
  const bytes = <usize>columns << 2, step = <usize>batch * bytes;
  for (let t = 0; t < steps; t++) {
    const count = takingPart(plan, batch, t);
    if (count < batch) memory.fill(rows, 0, step);
    for (let i = 0; i < count; i++) {
      copyFloats(rows + exampleAt(plan, i) * bytes, packed, bytes);
      packed += bytes;
    }
    rows += step;
  }
}

// In place: what belongs to the plan's i-th example, from i to its own place. The scratch holds all of them.
export function scatterExamples(rows: usize, bytes: usize, plan: usize, batch: i32, scratch: usize): void {
  if (plan == 0) return;
  memory.copy(scratch, rows, <usize>batch * bytes);
  for (let i = 0; i < batch; i++) copyFloats(rows + exampleAt(plan, i) * bytes, scratch + <usize>i * bytes, bytes);
}
