import { assertEquals } from "@std/assert";
import { averageOf } from "../../../tasks/mpi/average.ts";

Deno.test("means over ranks are rounded once, whoever adds them up, and count as asked", () => {
  const means = new Float32Array(2);
  averageOf(Float32Array.of(1, -4, 2, 8), [3, 1], means);
  assertEquals([...means], [1.25, -1]);
  averageOf(Float32Array.of(1, -4, 4, 8, 1, 5), [1, 1, 1], means);
  assertEquals([...means], [2, 3]);
  averageOf(Float32Array.of(7, 7, NaN, Infinity), [1, 0], means); // nothing times NaN is NaN: whoever counts must be sound
  assertEquals([...means], [NaN, NaN]);
  averageOf(Float32Array.of(0.1, -0.3), [5], means); // of one rank its own bits
  assertEquals([...means], [...Float32Array.of(0.1, -0.3)]);
  // In float32 2^24 + 1 - 2^24 would be 0; the mean of three is 1/3, rounded once.
  averageOf(Float32Array.of(2 ** 24, 0, 1, 0, -(2 ** 24), 0), [1, 1, 1], means);
  assertEquals(means[0], Math.fround(1 / 3));
});
