import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { ssim } from "../../../models/ops/ssim.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN, testAgainstCpu, valuesOn } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

/** The published definition, window by window, with deviations from the window's own mean: x and y are [H][W]. */
function plainSsim(x: number[][], y: number[][], range: number): number {
  const weight = (dx: number, dy: number) => Math.exp(-(dx * dx + dy * dy) / (2 * 1.5 * 1.5));
  const [c1, c2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];
  let [sum, places] = [0, 0];
  for (let row = 5; row < x.length - 5; row++) {
    for (let column = 5; column < x[0].length - 5; column++) {
      const window: { w: number; a: number; b: number }[] = [];
      for (let dy = -5; dy <= 5; dy++) {
        for (let dx = -5; dx <= 5; dx++) {
          window.push({ w: weight(dx, dy), a: x[row + dy][column + dx], b: y[row + dy][column + dx] });
        }
      }
      const total = window.reduce((sum, { w }) => sum + w, 0);
      const mean = (of: (pixel: { a: number; b: number }) => number) =>
        window.reduce((sum, pixel) => sum + pixel.w * of(pixel), 0) / total;
      const [muX, muY] = [mean(({ a }) => a), mean(({ b }) => b)];
      const [varianceX, varianceY] = [mean(({ a }) => (a - muX) ** 2), mean(({ b }) => (b - muY) ** 2)];
      const covariance = mean(({ a, b }) => (a - muX) * (b - muY));
      sum += (2 * muX * muY + c1) * (2 * covariance + c2) /
        ((muX ** 2 + muY ** 2 + c1) * (varianceX + varianceY + c2));
      places++;
    }
  }
  return sum / places;
}

/** Blots of ink on paper, some of it flat: [N, H, W]. */
function pictures(prng: Prng, shape: [number, number, number], range: number): tf.Tensor3D {
  const [count, height, width] = shape;
  const values = Array.from({ length: count }, () => {
    const [x0, y0, r] = [width * prng.uniform(), height * prng.uniform(), 2 + 4 * prng.uniform()];
    return Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => {
        const ink = Math.min(1, Math.max(0, r + 1 - Math.hypot(x - x0, y - y0)));
        return range * Math.min(1, ink + (x > width / 2 ? 0.3 * prng.uniform() : 0));
      }));
  });
  return tf.tensor3d(values);
}

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  Deno.test({
    name: `ssim on ${backend} is the published definition to 1e-5`,
    ignore: !CAN[backend],
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      for (const [range, shape] of [[1, [4, 28, 28]], [255, [2, 11, 19]], [1, [1, 11, 11]]] as const) {
        const make = () => [1, 2].map((seed) => pictures(new Prng(seed), [...shape], range));
        const [[found]] = [await valuesOn(backend, () => [ssim(...make() as [tf.Tensor3D, tf.Tensor3D], { range })])];
        await startBackend("cpu");
        const [x, y] = make().map((tensor) => tensor.arraySync());
        x.forEach((one, n) => assertAlmostEquals(found[n], plainSsim(one, y[n], range), 1e-5));
      }
    },
  });
}

testAgainstCpu("ssim and its gradients", () => {
  const [x, y] = [1, 2].map((seed) => pictures(new Prng(seed), [3, 14, 17], 1));
  const loss = (x: tf.Tensor, y: tf.Tensor) => tf.sum(tf.mul(ssim(x as tf.Tensor3D, y as tf.Tensor3D), [1, 2, -1]));
  return [ssim(x, y), ...tf.grads(loss as never)([x, y])];
}, { tolerance: 1e-4 });

Deno.test("ssim: 1 for equal pictures, the same either way round, a slope for a gradient; what does not fit is refused", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const [x, y] = [1, 2].map((seed) => pictures(new Prng(seed), [2, 14, 13], 1));
    for (const value of ssim(x, x).dataSync()) assertAlmostEquals(value, 1, 1e-6);
    assertEquals(ssim(x, y).shape, [2]);
    ssim(y, x).dataSync().forEach((value, n) => assertAlmostEquals(value, ssim(x, y).dataSync()[n], 1e-6));
    const loss = (x: tf.Tensor) => tf.sum(ssim(x as tf.Tensor3D, y)) as tf.Scalar;
    assertSlopes(loss, { at: x, gradient: tf.grad(loss)(x), step: 1e-2, tolerance: 0.03 });
    const small = tf.zeros<tf.Rank.R3>([2, 10, 13]);
    assertThrows(() => ssim(small, small), RangeError, "H and W 11 or more, found [2, 10, 13]");
    assertThrows(() => ssim(x, tf.zeros([3, 14, 13])), RangeError, "found [2, 14, 13] and [3, 14, 13]");
    for (const range of [0, -1, NaN]) assertThrows(() => ssim(x, y, { range }), RangeError, `found ${range}`);
  });
});

Deno.test("ssim of pictures in colour is the mean of what each channel gives", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const planes = ([1, 2, 3] as const).map((seed) => pictures(new Prng(seed), [4, 13, 17], 1));
    const others = ([4, 5, 6] as const).map((seed) => pictures(new Prng(seed), [4, 13, 17], 1));
    const [x, y] = [planes, others].map((channels) => tf.stack(channels, 3)) as tf.Tensor4D[]; // [4, 13, 17, 3]
    const each = planes.map((plane, channel) => ssim(plane, others[channel]).dataSync());
    ssim(x, y).dataSync().forEach((value, n) => {
      assertAlmostEquals(value, (each[0][n] + each[1][n] + each[2][n]) / 3, 1e-6);
    });
  });
});
