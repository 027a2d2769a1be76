import { assert, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { sharesOf } from "../../../models/gradients/shares.ts";
import { cnn, cnnLstm } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";

const BATCH = {
  size: 5,
  fields: { map: Uint8Array.from({ length: 10 }, (_, i) => i), label: Uint16Array.of(5, 6, 7, 8, 9) },
};

Deno.test("a batch is cut into contiguous shares, as even as possible and none empty", () => {
  const shares = (count: number) =>
    sharesOf(BATCH, count).map(({ batch: { size, fields }, firstExample }) => ({
      size,
      firstExample,
      map: [...fields.map],
      label: [...fields.label],
    }));
  assertEquals(shares(3), [
    { size: 2, firstExample: 0, map: [0, 1, 2, 3], label: [5, 6] },
    { size: 1, firstExample: 2, map: [4, 5], label: [7] },
    { size: 2, firstExample: 3, map: [6, 7, 8, 9], label: [8, 9] },
  ]);
  assertEquals(shares(2).map(({ size }) => size), [2, 3]);
  assertEquals(shares(9).map(({ firstExample }) => firstExample), [0, 1, 2, 3, 4]);
  assertEquals(shares(9).flatMap(({ label }) => label), [5, 6, 7, 8, 9]);
});

Deno.test("shares are of equal work: of two, no cut leaves the larger one smaller", () => {
  const prng = new Prng(1);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  for (let round = 0; round < 200; round++) {
    const work = Array.from({ length: 5 }, () => prng.integer(9)); // zeros among them
    const larger = (cut: number) => Math.max(sum(work.slice(0, cut)), sum(work.slice(cut)));
    const [, second] = sharesOf(BATCH, 2, work);
    assertEquals(larger(second.firstExample), Math.min(...[1, 2, 3, 4].map(larger)), `${work}`);
    const sizes = sharesOf(BATCH, 4, work).map(({ batch: { size } }) => size);
    assert(sizes.every((size) => size > 0) && sum(sizes) === 5, `${sizes}`);
  }
  assertThrows(() => sharesOf(BATCH, 2, [1]), RangeError, "the work of a batch: expected 5 numbers, found 1");
});

Deno.test("a classifier of drawings has work with each stroke in use, and with the sequence whatever its length", async () => {
  await startBackend("cpu");
  const data = describeDrawings({ side: 16, frames: 4, classes: 3 });
  const batch = { size: 3, fields: { stroke_count: Uint8Array.of(0, 2, 9), stroke_index: new Uint8Array(3 * 256) } };
  // Two convolutions 3x3 of 1 to 2 and of 2 to 3 channels, on 16 x 16 and 8 x 8 cells; 4 x 4 x 3 features come out.
  const filters = 9 * (1 * 2 * 256 + 2 * 3 * 64), features = 48, gates = 4 * 6;
  for (
    const [model, frame, example] of [
      [cnn.build(cnn.tiny, data, new Prng(1)), filters, 4 * features * 8],
      [cnnLstm.build(cnnLstm.tiny, data, new Prng(1)), filters + features * gates, 4 * (6 + 6 + 6) * gates],
    ] as const
  ) {
    assertEquals([...model.workOf!(batch) as Float64Array], [0, 2, 4].map((count) => example + count * frame));
    model.dispose();
  }
});
