/** Functions of single numbers against double precision. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { CAN } from "../../backends.ts";

const FUNCTIONS = {
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  softplus: (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  tanh: Math.tanh,
} as const;

for (const [name, exact] of Object.entries(FUNCTIONS)) {
  Deno.test({
    name: `wasm: ${name} is exact to a few units in the last place, far from 0 too; of what is no number it is none`,
    ignore: !CAN.wasm,
    fn: async () => {
      await startBackend("wasm");
      const f = tf[name as keyof typeof FUNCTIONS];
      const xs = Float32Array.from({ length: 4003 }, (_, i) => Math.sinh((i - 2000) / 400) * 1.1); // -82 to 82
      tf.tidy(() => {
        f(tf.tensor1d(xs)).dataSync().forEach((y, i) => {
          const expected = exact(xs[i]);
          assert(Math.abs(y - expected) <= 6e-7 * Math.abs(expected), `${name}(${xs[i]}): ${y}, not ${expected}`);
        });
        const ends = f(tf.tensor1d([-Infinity, Infinity, -200, 200, NaN, 0])).dataSync();
        const near = [exact(-1000), exact(Infinity), exact(-200), exact(200), NaN, exact(0)];
        ends.forEach((y, i) => {
          const good = Object.is(y, near[i]) || y === near[i] ||
            Math.abs(y - near[i]) <= 1e-6 * Math.min(1, Math.abs(near[i])) + 1e-35;
          assertEquals(good, true, `${name}, number ${i} of the ends: ${y}, not ${near[i]}`);
        });
      });
    },
  });
}
