/** That no kernel makes or keeps subnormal numbers where numbers vanish, and that what counts them sees them. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { timeKernels } from "../../../../models/backends/kernel_timer.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { VANISHING_CASES } from "../../../../tasks/bench/vanishing_cases.ts";
import { FAST, may } from "../../../helpers.ts";

const isSubnormal = (value: number) => value !== 0 && Math.abs(value) < 2 ** -126;

for (const { what, prepare } of VANISHING_CASES) {
  Deno.test({
    name: `${what}: no subnormal number on wasm, and the cpu backend's values`,
    ignore: FAST || !may("read"),
    fn: async () => {
      const found: Record<string, number[][]> = {};
      for (const backend of ["cpu", "wasm"] as const) {
        await startBackend(backend);
        const work = prepare(new Prng(1), { vanishing: true, size: 1 });
        found[backend] = tf.tidy(() => work().map((tensor) => [...tensor.dataSync()]));
        tf.disposeVariables();
      }
      assert(found.cpu.flat().some((value) => value !== 0));
      assertEquals(found.wasm.flat().filter(isSubnormal).length, 0);
      found.wasm.forEach((values, i) => {
        const largest = found.cpu[i].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        values.forEach((value, j) => {
          assert(Math.abs(value - found.cpu[i][j]) <= 2e-4 * largest + 1e-15, `${value}, ${found.cpu[i][j]}`);
        });
      });
    },
  });
}

Deno.test("subnormal values are counted kernel by kernel, those read and those written", async () => {
  await startBackend("cpu");
  const counts: [string, number, number][] = [];
  const stop = timeKernels({
    countsSubnormals: true,
    onCall: ({ kernel, values, subnormals }) => void counts.push([kernel, values, subnormals]),
    onDispatch: () => () => {},
  });
  tf.tidy(() => {
    const x = tf.tensor1d([1e-40, 1, 0, -1e-45, 1.1754943508222875e-38, NaN]);
    tf.neg(x);
    tf.maximum(x, 1);
  });
  await stop();
  assertEquals(counts, [["Neg", 12, 4], ["Maximum", 13, 2]]);
});
