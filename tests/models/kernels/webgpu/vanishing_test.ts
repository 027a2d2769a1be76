// Where numbers vanish. A device may flush subnormal numbers by itself: what the kernels flush is in `flush_test.ts`.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { VANISHING_CASES } from "../../../../tasks/bench/vanishing_cases.ts";
import { valuesOn, webgpuTest } from "../../backends.ts";

for (const { what, prepare } of VANISHING_CASES) {
  webgpuTest(`${what}: no subnormal number, and the cpu backend's values`, async () => {
    const compute = () => prepare(new Prng(1), { vanishing: true, size: 1 })();
    const [found, expected] = [await valuesOn("webgpu", compute), await valuesOn("cpu", compute)];
    tf.disposeVariables();
    assert(expected.flat().some((value) => value !== 0));
    assertEquals(found.flat().filter((value) => value !== 0 && Math.abs(value) < 2 ** -126), []);
    found.forEach((values, i) => {
      const largest = expected[i].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      values.forEach((value, j) => {
        assert(Math.abs(value - expected[i][j]) <= 2e-4 * largest + 1e-15, `${value}, ${expected[i][j]}`);
      });
    });
  });
}
