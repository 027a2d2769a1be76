import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { placeOf, windowFilters } from "../../../models/ops/window_filters.ts";
import { openWindow, readWindow, writeWindow } from "../../../models/layers/attention_window.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { normalTensor, testAgainstCpu } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

const SIZE = { filters: 4, side: 9 };

/** The paper's filterbanks and read, letter by letter: cells and filters from 1, a division by Z; but logarithms are bent. */
function paperRead(image: number[][], [gx, gy, ...logs]: number[], { filters: n, side: a }: typeof SIZE) {
  const [logVar, logDelta] = logs.map((log) => 10 * Math.tanh(log / 10));
  const centres = [(a + 1) / 2 * (gx + 1), (a + 1) / 2 * (gy + 1)]; // eqs. 22, 23
  const delta = (a - 1) / (n - 1) * Math.exp(logDelta); // eq. 24
  const [fx, fy] = centres.map((g) =>
    Array.from({ length: n }, (_, i) => {
      const mu = g + (i + 1 - n / 2 - 0.5) * delta; // eqs. 19, 20
      const row = Array.from({ length: a }, (_, c) => Math.exp(-((c + 1 - mu) ** 2) / (2 * Math.exp(logVar))));
      const z = row.reduce((sum, value) => sum + value);
      return row.map((value) => value / z); // eqs. 25, 26
    })
  );
  return fy.map((y) =>
    fx.map((x) => y.reduce((sum, wy, r) => sum + wy * x.reduce((part, wx, c) => part + wx * image[r][c], 0), 0))
  );
}

const RAW = [[0, 0, 0, 0, 0], [0.3, -0.2, 0.5, -0.7, 0.1], [-0.9, 0.8, -1, -2, 0], [0.1, 0.05, 1.5, 0.2, -0.4]];

for (const [filters, side, batch] of [[4, 9, 5], [5, 28, 3], [1, 6, 2], [3, 16, 1]]) {
  testAgainstCpu(`windowFilters N=${filters} S=${side} and their gradient`, () => {
    const prng = new Prng(filters, side);
    const raw = normalTensor<tf.Tensor2D>(prng, [batch, 5]);
    const weights = normalTensor(prng, [2, batch, filters, side]);
    const loss = (x: tf.Tensor) => tf.sum(tf.mul(windowFilters(x as tf.Tensor2D, { filters, side }), weights));
    return [windowFilters(raw, { filters, side }), tf.grad(loss)(raw)];
  }, { tolerance: 3e-5, further: batch !== 5 });
}

Deno.test("a read is the paper's, and every filter's weights add up to 1", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const images = normalTensor<tf.Tensor3D>(new Prng(2), [RAW.length, 9, 9]);
    const banks = openWindow(tf.tensor2d(RAW), SIZE);
    for (const sum of tf.sum(tf.concat([banks.x, banks.y]), 2).dataSync()) assertAlmostEquals(sum, 1, 1e-6);
    const found = readWindow(images, banks).arraySync();
    const given = images.arraySync();
    RAW.forEach((raw, b) => {
      paperRead(given[b], raw, SIZE).forEach((row, j) =>
        row.forEach((value, i) => assertAlmostEquals(found[b][j][i], value, 1e-5))
      );
    });
  });
});

Deno.test("five zeros are a window over the whole image", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const { raw, intensity } = openWindow(tf.zeros([1, 5]), { filters: 5, side: 28 });
    assertEquals([...placeOf(raw, { filters: 5, side: 28 }).dataSync()], [13.5, 13.5, 6.75, 1]); // from cell 0 to cell 27
    assertEquals([...intensity.dataSync()], [1]);
  });
});

Deno.test("the glimpse of a shifted image through a window as much shifted is the same", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const spot = normalTensor<tf.Tensor3D>(new Prng(3), [1, 4, 4]);
    const image = (top: number, left: number) =>
      tf.pad(spot, [[0, 0], [top, 12 - top], [left, 12 - left]]) as tf.Tensor3D;
    const look = (x: number, y: number, shown: tf.Tensor3D) => {
      const [centreX, centreY] = [x, y].map((cell) => (cell + 1) / 8.5 - 1);
      return readWindow(shown, openWindow(tf.tensor2d([[centreX, centreY, -0.9, -1.35, 0]]), { filters: 4, side: 16 }))
        .dataSync();
    };
    const there = look(7.2, 6.1, image(5, 5)), here = look(9.2, 5.1, image(4, 7));
    there.forEach((value, i) => assertAlmostEquals(here[i], value, 1e-5));
    assert(Math.max(...there) > 0.5);
  });
});

Deno.test("narrow filters one cell apart copy the image, and writing puts it back", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const size = { filters: 6, side: 6 };
    const banks = openWindow(tf.tensor2d([[0, 0, -6, 0, 0]]), size);
    const image = normalTensor<tf.Tensor3D>(new Prng(4), [1, 6, 6]);
    const glimpse = readWindow(image, banks);
    const back = writeWindow(glimpse, banks);
    for (const copy of [glimpse, back]) {
      image.dataSync().forEach((value, i) => assertAlmostEquals(copy.dataSync()[i], value, 1e-5));
    }
  });
});

Deno.test("writing is the adjoint of reading: <read x, w> = <x, write w>", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const prng = new Prng(5);
    const banks = openWindow(tf.tensor2d(RAW), SIZE);
    const images = normalTensor<tf.Tensor3D>(prng, [4, 9, 9]), patches = normalTensor<tf.Tensor3D>(prng, [4, 4, 4]);
    const read = tf.sum(tf.mul(readWindow(images, banks), patches)).dataSync()[0];
    const write = tf.sum(tf.mul(images, writeWindow(patches, banks))).dataSync()[0];
    assertAlmostEquals(read, write, 1e-4);
  });
});

Deno.test("a read's gradients are the slopes of finite differences", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const images = normalTensor<tf.Tensor3D>(new Prng(6), [4, 9, 9]);
    const loss = (raw: tf.Tensor): tf.Scalar => {
      const window = openWindow(raw as tf.Tensor2D, SIZE);
      const glimpse = tf.reshape(readWindow(images, window), [4, -1]);
      return tf.sum(tf.square(tf.mul(glimpse, window.intensity)));
    };
    const raw = tf.tensor2d(RAW);
    assertSlopes(loss, { at: raw, gradient: tf.grad((x) => loss(x))(raw) });
    for (let parameter = 0; parameter < 5; parameter++) {
      const alone = tf.oneHot(tf.tensor1d([parameter], "int32"), 5); // [1, 5]
      const ofOne = (x: tf.Tensor): tf.Scalar => loss(tf.add(raw, tf.mul(x, alone)));
      const at = tf.zeros([RAW.length, 1]);
      assertSlopes(ofOne, { at, gradient: tf.grad(ofOne)(at), name: `parameter ${parameter}` });
    }
  });
});

Deno.test("extreme parameters give finite glimpses and gradients", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const raw = tf.tensor2d([[50, -50, -200, 200, 200], [-1e4, 1e4, 300, -300, -300]]);
    const images = normalTensor<tf.Tensor3D>(new Prng(7), [2, 9, 9]);
    const loss = (x: tf.Tensor) => {
      const window = openWindow(x as tf.Tensor2D, SIZE);
      return tf.mean(tf.mul(tf.reshape(readWindow(images, window), [2, -1]), window.intensity));
    };
    for (const value of [...tf.grad(loss)(raw).dataSync(), loss(raw).dataSync()[0]]) assert(Number.isFinite(value));
  });
});
