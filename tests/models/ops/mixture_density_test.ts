import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { mixtureDensity } from "../../../models/ops/mixture_density.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear, CAN, normalTensor, testAgainstCpu, valuesOn } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

/** N points of stroke-5 near 0, their pens in all three states. */
function points(count: number, prng: Prng): tf.Tensor2D {
  const rows = Array.from({ length: count }, (_, n) => {
    const pen = [0, 0, 0];
    pen[n % 3] = 1;
    return [prng.normal(), prng.normal(), ...pen];
  });
  return tf.tensor2d(rows, [count, 5]);
}

/** A loss in which every point weighs differently. */
function weighted(outputs: tf.Tensor, targets: tf.Tensor2D): tf.Scalar {
  const { offsets, pen } = mixtureDensity(outputs as tf.Tensor2D, targets);
  const [a, b] = [1, 2].map((seed) => normalTensor(new Prng(seed), offsets.shape));
  return tf.add(tf.sum(tf.mul(offsets, a)), tf.sum(tf.mul(pen, b)));
}

function both(outputs: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor[] {
  const { offsets, pen } = mixtureDensity(outputs, targets);
  return [offsets, pen, tf.grad((x) => weighted(x, targets))(outputs)];
}

for (const [count, mixtures] of [[1, 1], [3, 4], [7, 5], [40, 20], [5, 67]]) {
  testAgainstCpu(`mixtureDensity N=${count} M=${mixtures}`, () => {
    const prng = new Prng(count, mixtures);
    return both(normalTensor(prng, [count, 3 + 6 * mixtures]), points(count, prng));
  }, { tolerance: 2e-5, further: mixtures !== 5 });
}

// Values and gradients from PyTorch 1.13 in float64: MixtureSameFamily of MultivariateNormal, and cross_entropy, of
// outputs ((7i + 5j^2 + 3) mod 19) / 6 - 1.5; the loss is sum(offsets * [1, -2, 0.5]) + sum(pen * [2, 1, -1]).
const PYTORCH = [
  [2.353660268801959, 2.932244425634444, 10.5632702836594],
  [1.5001444068695746, 0.6668110735362415, 0.6567770967269532],
  // deno-fmt-ignore
  [-1.5538041181062239, 1.0266859668532413, 0.5271181512529824, -0.26420375835295773, 0.26420375835295773,
    1.1541349086075887, 0.2744029068161446, -8.326656965607054, -1.525797740238023, 0.5019514533522826,
    0.11333691044518765, -1.8888892323142052, -0.649561959673824, 1.492197556495063, 0.443171305477677,
    0.22309794094688812, -0.48665701657337934, 0.2635590756264912, 0.2429706263395346, -0.2429706263395346,
    1.4713391539974119, 0.3914684228551535, 6.451626267645333, 1.4607722802494203, 0.22867305758706966,
    0.0750919230259739, -0.4126182441356866, -0.02518661784028309, 1.3059971196023457, 0.5568494487025515,
    -0.43891752075242324, -0.042562695717528326, 0.48148021646995165, 0.269810820604125, -0.269810820604125,
    0.45944275267473583, 4.046588937495806, 0.012254061588454558, -0.13446812274854988, -0.8774666603526695,
    -6.2857337408231455, 0.06592696817371124, 0.1672335557146728, -0.10856165430114842, 1.4017631589340767],
];

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  Deno.test({
    name: `mixtureDensity on ${backend} gives what PyTorch gives`,
    ignore: !CAN[backend],
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const values = await valuesOn(backend, () => {
        const at = (i: number, j: number) => (7 * i + 5 * j * j + 3) % 19 / 6 - 1.5;
        const outputs = tf.tensor2d([0, 1, 2].map((i) => Array.from({ length: 15 }, (_, j) => at(i, j))));
        const targets = tf.tensor2d([[0.5, -1, 1, 0, 0], [0, 0, 0, 1, 0], [-2, 3, 0, 0, 1]]);
        const loss = (x: tf.Tensor) => {
          const { offsets, pen } = mixtureDensity(x as tf.Tensor2D, targets);
          return tf.sum(tf.add(tf.mul(offsets, [1, -2, 0.5]), tf.mul(pen, [2, 1, -1])));
        };
        const { offsets, pen } = mixtureDensity(outputs, targets);
        return [offsets, pen, tf.grad(loss)(outputs)];
      });
      assertNear(values, PYTORCH, 2e-6);
    },
  });

  Deno.test({
    name: `mixtureDensity on ${backend} is finite and right at the ends of its range`,
    ignore: !CAN[backend],
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      // One component with mu 0: logits of pi and pen, log sigma_x, log sigma_y, r; dx, dy; the exact value.
      const cases: [pi: number, pen: number, logX: number, logY: number, r: number, dx: number, dy: number][] = [
        [0, 0, 0, 0, 12, 1, 1], // on the line, where rho is 1 in float32
        [0, 0, 0, 0, 12, 1, 1.001],
        [0, 0, 0, 0, -12, 1, -1],
        [300, 1e4, 0, 0, 0, 0, 0],
        [-300, -1e4, -14, -14, 14, 0, 0],
        [0, 0, -15, 15, -15, 1, 1],
        [0, 0, -15, -15, 15, 100, -100],
        [0, 0, 15, 15, 0, 1e5, 0],
        [0, 0, -99, 99, 99, 0, 0], // beyond: as at the ends
      ];
      const [offsets, pen, gradient] = await valuesOn(backend, () => {
        const outputs = tf.tensor2d(cases.map(([pi, pen, x, y, r]) => [pen, 0, 0, pi, 0, 0, x, y, r]));
        return both(outputs, tf.tensor2d(cases.map(([, , , , , dx, dy]) => [dx, dy, 1, 0, 0])));
      });
      cases.forEach(([, penLogit, logX, logY, r, dx, dy], n) => {
        const ends = (x: number) => Math.max(-15, Math.min(15, x));
        const [x, y] = [dx / Math.exp(ends(logX)), dy / Math.exp(ends(logY))];
        const root = Math.abs(ends(r)) + Math.log1p(Math.exp(-2 * Math.abs(ends(r)))) - Math.LN2; // ln cosh r
        const exponent = ((x + y) ** 2 * (1 + Math.exp(-2 * ends(r))) + (x - y) ** 2 * (1 + Math.exp(2 * ends(r)))) / 8;
        const exact = Math.log(2 * Math.PI) + ends(logX) + ends(logY) - root + exponent;
        assertAlmostEquals(offsets[n] / exact, 1, 2e-4, `case ${n}: ${offsets[n]} for ${exact}`);
        const exactPen = penLogit > 100 ? 0 : penLogit < -100 ? -penLogit + Math.LN2 : Math.log(3);
        assertAlmostEquals(pen[n], exactPen, 1e-5 * (1 + exactPen), `pen of case ${n}`);
      });
      assert(gradient.every(Number.isFinite));
      const [noNumbers] = await valuesOn(backend, () => {
        const at = [3, 5, 8, 10, 12, 14]; // one in each part
        const outputs = tf.tensor2d(at.map((place) => Array.from({ length: 15 }, (_, j) => j === place ? NaN : j / 9)));
        return [mixtureDensity(outputs, tf.zeros([6, 5])).offsets];
      });
      if (backend !== "webgpu") assertEquals(noNumbers, Array(6).fill(NaN)); // WGSL promises nothing of NaN
      assert(gradient.slice(-3).every((slope) => slope === 0), "a gradient beyond the range");
    },
  });
}

Deno.test("mixtureDensity adds up to 1 over the plane", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    // Pen, then pi, mu_x, mu_y, log sigma_x, log sigma_y and r of two components.
    const row = tf.tensor2d([[0, 0, 0, 0.3, -0.4, 1, -1, 0.5, -0.3, 0.8, -0.2, -0.9, 0.1, 0.9, -1.2]]);
    const side = 241, step = 0.1; // a trapezoidal sum of something smooth that vanishes at the edges is exact
    const grid = Array.from({ length: side * side }, (_, i) => {
      return [(i % side - 120) * step, (Math.floor(i / side) - 120) * step, 1, 0, 0];
    });
    const { offsets } = mixtureDensity(tf.tile(row, [side * side, 1]), tf.tensor2d(grid));
    assertAlmostEquals(tf.sum(tf.exp(tf.neg(offsets))).dataSync()[0] * step * step, 1, 1e-4);
  });
});

Deno.test("the gradient of mixtureDensity is its slope", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const prng = new Prng(11);
    const outputs = normalTensor<tf.Tensor2D>(prng, [6, 27], 0.7);
    const targets = points(6, prng);
    const f = (x: tf.Tensor) => weighted(x, targets);
    assertSlopes(f, { at: outputs, gradient: tf.grad(f)(outputs), name: "outputs" });
  });
});

Deno.test("mixtureDensity refuses shapes that do not fit", async () => {
  await startBackend("cpu");
  const zeros = (...shape: [number, number]) => tf.zeros<tf.Rank.R2>(shape);
  for (
    const [outputs, targets] of [[zeros(4, 10), zeros(4, 5)], [zeros(4, 3), zeros(4, 5)], [zeros(4, 9), zeros(3, 5)]]
  ) {
    assertThrows(() => mixtureDensity(outputs, targets), RangeError, "outputs [N, 3 + 6M]");
  }
});
