// Dropout step by step: each step of each example has numbers of its own, whoever computes it.
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../../models/backends/backend.ts";
import { STEP_OPTIONS } from "../../../../models/step_options.ts";
import { dropSteps } from "../../../../models/zoo/sequences/drop_steps.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";

const [STEPS, BATCH, UNITS] = [3, 4, 64];

/** The rows of a step one after the other, as text, [T B]. */
function dropped(batch: number, firstExample: number): string[] {
  return tf.tidy(() => {
    const x = tf.ones<tf.Rank.R2>([STEPS * batch, UNITS]);
    const pass = { training: defaultsOf(STEP_OPTIONS), prng: new Prng(5), firstExample, batch };
    const values = dropSteps(x, 0.5, pass).dataSync();
    return Array.from({ length: STEPS * batch }, (_, row) => values.slice(row * UNITS, (row + 1) * UNITS).join(""));
  });
}

Deno.test("dropSteps: every step of every example drops others, and the same in a share of the batch", async () => {
  await startBackend("cpu");
  const whole = dropped(BATCH, 0);
  assertEquals(new Set(whole).size, STEPS * BATCH);
  const share = dropped(2, 2); // the last two examples
  assertEquals(share, Array.from({ length: STEPS }, (_, t) => whole.slice(t * BATCH + 2, (t + 1) * BATCH)).flat());
});
