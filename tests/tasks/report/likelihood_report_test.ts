/** What a report says of a likelihood: each number once. */
import { assertEquals } from "@std/assert";
import type { Evaluation } from "../../../tasks/evaluation/judges.ts";
import { tilesOf } from "../../../tasks/report/compare/comparison.ts";

Deno.test("a loss that is the bound and nothing else is told once; one with other terms stands beside it", () => {
  const evaluation: Evaluation = {
    ...{ model: "vae", dataset: "quickdraw", split: "test", unit: "drawing", step: 10, examples: 100 },
    metrics: { loss: 7, reconstruction: 5, kl: 2, bound: 7 },
    likelihood: { bound: 7, reconstruction: 5, kl: 2, klPerStep: [2], importance: { samples: 1, bound: 7 } },
  };
  const told = (metrics: Evaluation["metrics"]) => tilesOf({ ...evaluation, metrics }).map(({ name }) => name);
  const parts = ["Bound, nats a drawing", "Reconstruction", "KL"];
  assertEquals(told(evaluation.metrics), parts);
  assertEquals(told({ ...evaluation.metrics, loss: 7.5 }), [...parts, "Loss"]);
  const { bound: _, ...ofDraw } = evaluation.metrics;
  assertEquals(told(ofDraw), parts);
});
