import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { learningRateAt } from "../../../models/optimizers/schedule.ts";

const FALL = { decayRate: 0.5, minLearningRate: 0.1 };

const rates = (total: number, schedule: "constant" | "cosine", warmupSteps: number, learningRate = 0.4) =>
  Array.from(
    { length: total },
    (_, step) => learningRateAt(step, total, { learningRate, schedule, warmupSteps, ...FALL }),
  );

Deno.test("a constant rate stays, after a warm-up in equal steps that reaches it", () => {
  assertEquals(rates(4, "constant", 0), [0.4, 0.4, 0.4, 0.4]);
  rates(7, "constant", 4).forEach((rate, step) => assertAlmostEquals(rate, [0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.4][step]));
});

Deno.test("cosine falls from the rate to 0 along half a wave", () => {
  // cos 0°, 30°, … 180°: 1, √3/2, 1/2, 0, -1/2, -√3/2, -1.
  const cosines = [1, Math.sqrt(3) / 2, 1 / 2, 0, -1 / 2, -Math.sqrt(3) / 2, -1];
  const schedule = { learningRate: 0.4, schedule: "cosine", warmupSteps: 0, ...FALL } as const;
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
  assertEquals(learningRateAt(5, 5, { learningRate: 1, schedule: "cosine", warmupSteps: 5, ...FALL }), 1);
});

Deno.test("exponential falls to the least rate by the same share a step, whatever the run's length", () => {
  const schedule = { learningRate: 0.9, schedule: "exponential", warmupSteps: 0, ...FALL } as const;
  for (const total of [4, 4000]) {
    [0.9, 0.5, 0.3, 0.2].forEach((rate, step) =>
      assertAlmostEquals(learningRateAt(step, total, schedule), rate, 1e-15)
    );
  }
  assertAlmostEquals(learningRateAt(3, 9, { ...schedule, warmupSteps: 2 }), 0.5, 1e-15);
  // magenta's: half-way after 6,931 steps, 1.44e-4 after 20,000.
  const magenta = { ...schedule, learningRate: 1e-3, decayRate: 0.9999, minLearningRate: 1e-5 };
  assertAlmostEquals(learningRateAt(6931, 1e7, magenta), 5.05e-4, 1e-7);
  assertAlmostEquals(learningRateAt(20_000, 1e7, magenta), 1.44e-4, 1e-6);
});
