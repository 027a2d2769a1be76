// Drawings as Sketch-RNN reads them: literal rows, numpy's deviation, and what stretching and thinning out may do.
import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { offsetDeviation, sketchesOf, type SketchForm } from "../../../../models/zoo/sketch_rnn/sketches.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import type { Batch } from "../../../../pipelines/dataset.ts";
import { sliceBatch } from "../../../../pipelines/batches/batch_builder.ts";

/** A batch of drawings, each rows of stroke-3. */
function batchOf(...drawings: number[][][]): Batch {
  const stroke3_offsets = new Int32Array(drawings.length + 1);
  drawings.forEach(({ length }, b) => stroke3_offsets[b + 1] = stroke3_offsets[b] + length);
  return { size: drawings.length, fields: { stroke3: Int16Array.from(drawings.flat(2)), stroke3_offsets } };
}

const FORM: SketchForm = { scale: 2, maxLength: 10, padded: false };
/** Two strokes of three and two points; and a drawing that begins with a dot. */
const BATCH = batchOf(
  [[50, 60, 0], [2, 0, 0], [0, 4, 1], [-6, 2, 0], [8, 8, 1]],
  [[9, 9, 1], [4, 2, 0], [2, 2, 1]],
);

/** Rows of five numbers each. */
const rowsOf = (values: Float32Array) =>
  Array.from({ length: values.length / 5 }, (_, i) => [...values.subarray(5 * i, 5 * i + 5)]);

Deno.test("stroke-5 begins with a start token in the first point's place and ends with the drawing", () => {
  const sketches = sketchesOf(BATCH, FORM);
  assertEquals([...sketches.counts], [4, 2]);
  assertEquals([...sketches.lengths], [5, 3]);
  assertEquals([sketches.points, sketches.steps], [4, 5]);
  const end = [0, 0, 0, 0, 1];
  const first = [[1, 0, 1, 0, 0], [0, 2, 0, 1, 0], [-3, 1, 1, 0, 0], [4, 4, 0, 1, 0]];
  const second = [[2, 1, 1, 0, 0], [1, 1, 0, 1, 0]];
  const rows = rowsOf(sketches.rows); // [P + 1, B]
  assertEquals(rows.filter((_, i) => i % 2 === 0), [[0, 0, 1, 0, 0], ...first]);
  assertEquals(rows.filter((_, i) => i % 2 === 1), [[0, 0, 0, 1, 0], ...second, end, end]);
  assertEquals(rowsOf(sketches.targets), [...first, end, ...second, end]);
  assertEquals([...sketches.places], [0, 2, 4, 6, 8, 1, 3, 5]);
  assertEquals([...sketches.owners], [0, 0, 0, 0, 0, 1, 1, 1]);
  assertEquals([...sketches.counted], Array(8).fill(1));
});

Deno.test("a drawing that is longer than N_max is cut, and has no end then", () => {
  const sketches = sketchesOf(BATCH, { ...FORM, maxLength: 3 });
  assertEquals([...sketches.counts], [3, 2]);
  assertEquals([...sketches.lengths], [3, 3]);
  assertEquals([sketches.points, sketches.steps], [3, 3]);
  assertEquals(rowsOf(sketches.targets).map((row) => row[4]), [0, 0, 0, 0, 0, 1]);
});

Deno.test("padded, every drawing goes on to N_max with ends that are not counted", () => {
  const sketches = sketchesOf(BATCH, { ...FORM, padded: true });
  assertEquals([...sketches.lengths], [10, 10]);
  assertEquals([sketches.points, sketches.steps, sketches.targets.length], [10, 10, 100]);
  assertEquals([...sketches.counted], [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
  assertEquals(rowsOf(sketches.targets).slice(4, 10), Array(6).fill([0, 0, 0, 0, 1]));
});

Deno.test("a drawing of one point has an end and nothing else", () => {
  const { counts, lengths, points, targets } = sketchesOf(batchOf([[3, 3, 1]]), FORM);
  assertEquals([[...counts], [...lengths], points], [[0], [1], 1]);
  assertEquals([...targets], [0, 0, 0, 0, 1]);
});

Deno.test("the deviation is numpy's, of all offsets but those of first points, cut at N_max", async () => {
  async function* batches(...given: Batch[]) {
    yield* given;
  }
  // numpy.std([2, 0, 0, 4, -6, 2, 8, 8, 4, 2, 2, 2])
  assertAlmostEquals(await offsetDeviation(batches(BATCH), 10), 3.5433819375782165, 1e-12);
  assertAlmostEquals(
    await offsetDeviation(batches(sliceBatch(BATCH, 0, 1), sliceBatch(BATCH, 1, 2)), 10),
    3.5433819375782165,
    1e-12,
  );
  // numpy.std([2, 0, 0, 4, 4, 2, 2, 2])
  assertAlmostEquals(await offsetDeviation(batches(BATCH), 2), 1.4142135623730951, 1e-12);
  assertEquals(await offsetDeviation(batches(batchOf([[3, 3, 1]])), 2), 1);
});

/** One stroke of so many points to the right, each 2 from the last, and one of three points. */
const LONG = batchOf([
  ...Array.from({ length: 200 }, (_, i) => [i === 0 ? 0 : 2, 0, i === 199 ? 1 : 0]),
  ...[[5, 7, 0], [1, 1, 0], [1, 1, 1]],
]);

Deno.test("points inside a stroke are left out at the rate asked for; the line stays where it was", () => {
  const jitter = { scale: 0, drop: 0.3, key: [1, 2] as const, firstExample: 0 };
  let kept = 0;
  for (let i = 0; i < 50; i++) {
    const { targets, counts } = sketchesOf(LONG, {
      scale: 1,
      maxLength: 1000,
      padded: false,
      jitter: { ...jitter, firstExample: i },
    });
    const rows = rowsOf(targets);
    const strokeEnd = rows.findIndex((row) => row[3] === 1);
    assertEquals(rows.slice(0, strokeEnd + 1).reduce((sum, [dx]) => sum + dx, 0), 398);
    assertEquals(rows.slice(0, 2).map(([dx]) => dx).length, 2);
    assertEquals(rows.slice(strokeEnd + 1), [[5, 7, 1, 0, 0], [1, 1, 1, 0, 0], [1, 1, 0, 1, 0], [0, 0, 0, 0, 1]]); // three points: too few
    kept += counts[0];
  }
  // Of 199 offsets the first two, the last, and three of the other stroke stay; 196 may go.
  const rate = 1 - (kept / 50 - 6) / 196;
  assert(Math.abs(rate - 0.3) < 0.015, `${rate}`); // three deviations
});

Deno.test("x and y are stretched on their own, within what is asked for, and evenly over it", () => {
  const jitter = { scale: 0.15, drop: 0, key: [3, 4] as const };
  const square = batchOf([[0, 0, 0], [100, 0, 0], [0, 100, 1]]);
  const factors = Array.from({ length: 2000 }, (_, firstExample) => {
    const { targets } = sketchesOf(square, {
      scale: 100,
      maxLength: 5,
      padded: false,
      jitter: { ...jitter, firstExample },
    });
    return [targets[0], targets[6]];
  });
  for (const axis of [0, 1]) {
    const values = factors.map((pair) => pair[axis]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    assert(Math.min(...values) >= 0.85 - 1e-6 && Math.max(...values) <= 1.15 + 1e-6);
    assert(Math.abs(mean - 1) < 0.006, `${mean}`); // three deviations
    const quarter = values.filter((value) => value < 0.925).length / values.length;
    assert(Math.abs(quarter - 0.25) < 0.03, `${quarter}`);
  }
  const product = factors.reduce((sum, [x, y]) => sum + (x - 1) * (y - 1), 0) / factors.length;
  assert(Math.abs(product / (0.15 ** 2 / 3)) < 0.07, `correlation ${product}`);
});

Deno.test("how a drawing is changed depends on its place in the whole batch alone", () => {
  const prng = new Prng(5);
  const drawings = Array.from({ length: 5 }, () => {
    const rows = Array.from({ length: 30 }, () => [prng.integer(20) - 10, prng.integer(20) - 10, 0]);
    rows[29][2] = 1;
    return rows;
  });
  const jitter = (firstExample: number) => ({ scale: 0.15, drop: 0.2, key: [7, 8] as const, firstExample });
  const targets = (batch: Batch, first: number) =>
    sketchesOf(batch, { ...FORM, maxLength: 100, jitter: jitter(first) }).targets;
  const whole = batchOf(...drawings);
  const parts = [targets(sliceBatch(whole, 0, 2), 0), targets(sliceBatch(whole, 2, 5), 2)];
  assertEquals([...parts[0], ...parts[1]], [...targets(whole, 0)]);
  assertNotEquals([...targets(whole, 1)], [...targets(whole, 0)]);
});
