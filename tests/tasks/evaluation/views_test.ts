import { assertAlmostEquals, assertEquals } from "@std/assert";
import { logMean, meanOfViews, viewsInTurn } from "../../../tasks/evaluation/views.ts";
import type { AnsweredBatch } from "../../../tasks/evaluation/answered_batches.ts";
import type { PlacedBatch } from "../../../pipelines/batches/batch.ts";

const logs = (...values: number[]) => Float32Array.from(values, Math.log);

Deno.test("probabilities are averaged, where they are none and far below the least float as well", () => {
  const mean = logMean([logs(0.9, 0.1, 0), logs(0.5, 0.5, 0), logs(0.1, 0.9, 0)]);
  assertAlmostEquals(mean[0], Math.log(0.5), 1e-6);
  assertAlmostEquals(mean[1], Math.log(0.5), 1e-6);
  assertEquals(mean[2], -Infinity);
  const least = logMean([Float32Array.of(-2000), Float32Array.of(-2000 + Math.log(3))]);
  assertAlmostEquals(least[0], -2000 + Math.log(2), 1e-3);
});

Deno.test("views come in turn, and each batch of the first goes on with the mean of all", async () => {
  const named = (seen: number) => ({ seen, size: 1, fields: {} }) as unknown as PlacedBatch;
  let open = 0;
  const view = async function* (offset: number) {
    open++;
    try {
      for (let i = 0; i < 3; i++) yield named(offset + i);
    } finally {
      open--;
    }
  };
  const seen: number[] = [];
  const answered = async function* (): AsyncGenerator<AnsweredBatch> {
    for await (const batch of viewsInTurn([view(0), view(10)])) {
      seen.push(batch.seen);
      const probability = batch.seen < 10 ? 0.2 : 0.4;
      yield { batch, answers: { whole: logs(probability), prefixes: [logs(probability / 2)] } };
    }
  };
  const given: number[] = [];
  for await (const { batch, answers } of meanOfViews(answered(), 2)) {
    given.push(batch.seen);
    assertAlmostEquals(answers!.whole[0], Math.log(0.3), 1e-6);
    assertAlmostEquals(answers!.prefixes[0][0], Math.log(0.15), 1e-6);
    if (batch.seen === 1) break;
  }
  assertEquals([seen, given], [[0, 10, 1, 11], [0, 1]]);
  assertEquals(open, 0); // who stops early closes every view
});
