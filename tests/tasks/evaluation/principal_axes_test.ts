import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Prng } from "../../../pipelines/base/prng.ts";
import { eigenOf, principalPlane } from "../../../tasks/evaluation/principal_axes.ts";

Deno.test("the eigenvalues of a chain of springs are those of the closed form", () => {
  const size = 24; // 2 on the diagonal, -1 beside it: 2 - 2 cos(k pi / (n + 1))
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    matrix[i * size + i] = 2;
    if (i > 0) matrix[i * size + i - 1] = matrix[(i - 1) * size + i] = -1;
  }
  const { values } = eigenOf(matrix, size);
  values.forEach((value, i) => assertAlmostEquals(value, 2 - 2 * Math.cos((size - i) * Math.PI / (size + 1)), 1e-12));
});

Deno.test("eigenvectors are turned by their values alone, and stand square on one another", () => {
  const [size, prng] = [60, new Prng(2)];
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) matrix[i * size + j] = matrix[j * size + i] = prng.normal();
  }
  const { values, vectors } = eigenOf(matrix, size);
  assertEquals([...values], [...values].toSorted((a, b) => b - a));
  for (let k = 0; k < size; k++) {
    const vector = vectors.subarray(k * size, (k + 1) * size);
    assert(Math.max(...vector) >= -Math.min(...vector));
    for (let i = 0; i < size; i++) {
      const turned = vector.reduce((sum, value, j) => sum + matrix[i * size + j] * value, 0);
      assertAlmostEquals(turned, values[k] * vector[i], 1e-10);
    }
    for (let other = 0; other <= k; other++) {
      const product = vector.reduce((sum, value, j) => sum + value * vectors[other * size + j], 0);
      assertAlmostEquals(product, other === k ? 1 : 0, 1e-12);
    }
  }
});

Deno.test("a matrix of zeros, and one of one number", () => {
  assertEquals([...eigenOf(new Float64Array(4), 2).values], [0, 0]);
  assertEquals([...eigenOf(Float64Array.of(-3), 1).values], [-3]);
});

Deno.test("the plane of points in space is the one that they were made in", () => {
  const prng = new Prng(8);
  // A plane of standard deviations 5 and 2 in ten dimensions, and a little noise.
  const axes = [[3, 4, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]].map((axis) =>
    axis.map((value) => value / Math.hypot(...axis))
  );
  const made = Array.from({ length: 4000 }, () => [5 * prng.normal(), 2 * prng.normal()]);
  const points = made.flatMap(([a, b]) => axes[0].map((x, i) => 7 + a * x + b * axes[1][i] + 0.01 * prng.normal()));
  const { places, shares } = principalPlane(points, 10);
  assertAlmostEquals(shares[0], 25 / 29, 0.02);
  assertAlmostEquals(shares[0] + shares[1], 1, 1e-3);
  for (const axis of [0, 1]) {
    const own = made.map((place) => place[axis]);
    const found = made.map((_, n) => places[2 * n + axis]);
    const product = own.reduce((sum, value, n) => sum + value * found[n], 0);
    assert(product / (Math.hypot(...own) * Math.hypot(...found)) > 0.998);
  }
});

Deno.test("points of one dimension, and one point, have a plane", () => {
  assertEquals(principalPlane([1, 3], 1), { places: Float64Array.of(-1, 0, 1, 0), shares: [1, 0] });
  assertEquals(principalPlane([1, 3], 2), { places: Float64Array.of(0, 0), shares: [0, 0] });
});
