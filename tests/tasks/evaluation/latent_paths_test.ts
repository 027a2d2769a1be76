import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Prng } from "../../../pipelines/base/prng.ts";
import { slerp, transfer } from "../../../tasks/evaluation/latent_paths.ts";

const lengthOf = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

Deno.test("a way on a sphere keeps its length, turns evenly, and leads from the first to the second", () => {
  const prng = new Prng(5);
  const unit = () => {
    const values = Array.from({ length: 128 }, () => prng.normal());
    return values.map((value) => 10 * value / lengthOf(values));
  };
  const [from, to] = [unit(), unit()];
  const whole = Math.acos(from.reduce((sum, value, i) => sum + value * to[i], 0) / 100);
  for (const share of [0, 0.125, 0.5, 0.9, 1]) {
    const place = slerp(from, to, share);
    assertAlmostEquals(lengthOf(place), 10, 1e-5);
    const angle = Math.acos(Math.min(1, from.reduce((sum, value, i) => sum + value * place[i], 0) / 100));
    assertAlmostEquals(angle, share * whole, 1e-3);
  }
  [...slerp(from, to, 1)].forEach((value, i) => assertAlmostEquals(value, to[i], 1e-5));
});

Deno.test("between latents of one direction, of opposite ones, and of none the way is straight", () => {
  assertEquals([...slerp([1, 2], [3, 6], 0.5)], [2, 4]);
  assertEquals([...slerp([1, 0], [-1, 0], 0.25)], [0.5, 0]);
  assertEquals([...slerp([0, 0], [2, 0], 0.5)], [1, 0]);
});

Deno.test("z1 - z2 + z3", () => {
  assertEquals([...transfer([1, 2], [10, 20], [100, 200])], [91, 182]);
});
