import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { learningRateAt } from "../../../models/optimizers/schedule.ts";

const rates = (total: number, schedule: "constant" | "cosine", warmupSteps: number, learningRate = 0.4) =>
  Array.from({ length: total }, (_, step) => learningRateAt(step, total, { learningRate, schedule, warmupSteps }));

Deno.test("a constant rate stays, after a warm-up in equal steps that reaches it", () => {
  assertEquals(rates(4, "constant", 0), [0.4, 0.4, 0.4, 0.4]);
  rates(7, "constant", 4).forEach((rate, step) => assertAlmostEquals(rate, [0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.4][step]));
});

Deno.test("cosine falls from the rate to 0 along half a wave", () => {
  // cos 0°, 30°, … 180°: 1, √3/2, 1/2, 0, -1/2, -√3/2, -1.
  const cosines = [1, Math.sqrt(3) / 2, 1 / 2, 0, -1 / 2, -Math.sqrt(3) / 2, -1];
  const schedule = { learningRate: 0.4, schedule: "cosine", warmupSteps: 0 } as const;
  cosines.forEach((cosine, step) => assertAlmostEquals(learningRateAt(step, 6, schedule), 0.2 * (1 + cosine), 1e-15));
  const all = rates(1000, "cosine", 100);
  for (let step = 1; step < 1000; step++) {
    assert(step < 100 ? all[step] > all[step - 1] : step === 100 || all[step] < all[step - 1], `step ${step}`);
  }
  assertEquals([all[99], all[100]], [0.4, 0.4]);
  assert(0 < all[999] && all[999] < 1e-5); // the last step still moves
});

Deno.test("a run as short as its warm-up, or shorter, has rates that are numbers", () => {
  for (const total of [1, 3, 5]) {
    for (const schedule of ["constant", "cosine"] as const) {
      rates(total, schedule, 5).forEach((rate, step) => assertAlmostEquals(rate, 0.08 * (step + 1)));
    }
  }
  assertEquals(learningRateAt(5, 5, { learningRate: 1, schedule: "cosine", warmupSteps: 5 }), 1);
});
