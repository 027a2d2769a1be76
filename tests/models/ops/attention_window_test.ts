import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { placeOf, windowFilters } from "../../../models/ops/window_filters.ts";
import { readWindow, writeWindow } from "../../../models/ops/attention_window.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN, normalTensor, OTHERS, testAgainstCpu, valuesOn } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

const SIZE = { filters: 4, side: 9 };

/** The paper's filterbanks and read, letter by letter: cells and filters from 1, a division by Z; but logarithms are bent. */
function paperRead(image: number[], [gx, gy, ...logs]: number[], { filters: n, side: a }: typeof SIZE): number[] {
  const [logVar, logDelta, logGamma] = logs.map((log) => 10 * Math.tanh(log / 10));
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
  return fy.flatMap((y) =>
    fx.map((x) =>
      Math.exp(logGamma) *
      y.reduce((sum, wy, r) => sum + wy * x.reduce((part, wx, c) => part + wx * image[a * r + c], 0), 0)
    )
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

/** A read of one picture or two, a write, and their gradients. */
function products([filters, side, batch]: number[], pictures: 1 | 2): tf.Tensor[] {
  const prng = new Prng(filters, side), size = { filters, side };
  const raw = normalTensor<tf.Tensor2D>(prng, [batch, 5], 0.7);
  const images = Array.from({ length: pictures }, () => normalTensor<tf.Tensor2D>(prng, [batch, side * side]));
  const patches = normalTensor<tf.Tensor2D>(prng, [batch, filters ** 2]);
  const [ofRead, ofWrite] = [
    normalTensor(prng, [batch, pictures * filters ** 2]),
    normalTensor(prng, [batch, side ** 2]),
  ];
  const read = (...[raw, ...images]: tf.Tensor[]) => readWindow(raw as tf.Tensor2D, images as [tf.Tensor2D], size);
  const write = (raw: tf.Tensor, patches: tf.Tensor) => writeWindow(raw as tf.Tensor2D, patches as tf.Tensor2D, size);
  return [
    ...[read(raw, ...images), ...tf.grads(read)([raw, ...images], ofRead)],
    ...[write(raw, patches), ...tf.grads(write)([raw, patches], ofWrite)],
  ];
}

// Filters a side, the image's side, batch. A workgroup on webgpu has 64 threads and about 1024 floats of shared memory.
for (const [size, pictures] of [[[5, 28, 3], 2], [[1, 6, 2], 1], [[12, 100, 2], 1], [[40, 41, 1], 2]] as const) {
  testAgainstCpu(
    `reading ${pictures} and writing, N=${size[0]} S=${size[1]}, and their gradients`,
    () => products([...size], pictures),
    { tolerance: 3e-5, further: size[0] !== 5 },
  );
}

Deno.test("a read is the paper's, of two pictures one after the other", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const images = [2, 8].map((seed) => normalTensor<tf.Tensor2D>(new Prng(seed), [RAW.length, 81]));
    const found = readWindow(tf.tensor2d(RAW), [images[0], images[1]], SIZE).arraySync();
    const given = images.map((image) => image.arraySync());
    RAW.forEach((raw, b) => {
      const expected = given.flatMap((image) => paperRead(image[b], raw, SIZE));
      assertEquals(found[b].length, expected.length);
      expected.forEach((value, i) => assertAlmostEquals(found[b][i], value, 1e-5));
    });
  });
});

Deno.test("every filter's weights add up to 1", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    for (const sum of tf.sum(windowFilters(tf.tensor2d(RAW), SIZE), 3).dataSync()) assertAlmostEquals(sum, 1, 1e-6);
  });
});

Deno.test("five zeros are a window over the whole image, of intensity 1", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const raw = tf.zeros<tf.Rank.R2>([1, 5]), size = { filters: 5, side: 28 };
    assertEquals([...placeOf(raw, size).dataSync()], [13.5, 13.5, 6.75, 1]); // from cell 0 to cell 27
    for (const cell of readWindow(raw, [tf.ones([1, 784])], size).dataSync()) assertAlmostEquals(cell, 1, 1e-6);
  });
});

Deno.test("the glimpse of a shifted image through a window as much shifted is the same", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const spot = normalTensor<tf.Tensor3D>(new Prng(3), [1, 4, 4]);
    const image = (top: number, left: number) =>
      tf.reshape(tf.pad(spot, [[0, 0], [top, 12 - top], [left, 12 - left]]), [1, 256]) as tf.Tensor2D;
    const look = (x: number, y: number, shown: tf.Tensor2D) => {
      const [centreX, centreY] = [x, y].map((cell) => (cell + 1) / 8.5 - 1);
      const raw = tf.tensor2d([[centreX, centreY, -0.9, -1.35, 0]]);
      return readWindow(raw, [shown], { filters: 4, side: 16 }).dataSync();
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
    const raw = tf.tensor2d([[0, 0, -6, 0, Math.log(2)]]);
    const image = normalTensor<tf.Tensor2D>(new Prng(4), [1, 36]);
    const glimpse = readWindow(raw, [image], size);
    const back = writeWindow(raw, glimpse, size);
    image.dataSync().forEach((value, i) => {
      assertAlmostEquals(glimpse.dataSync()[i], 2 * value, 0.01 * Math.abs(value)); // the intensity is bent a little
      assertAlmostEquals(back.dataSync()[i], value, 1e-5);
    });
  });
});

Deno.test("writing at an intensity of 1 is the adjoint of reading: <read x, w> = <x, write w>", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const prng = new Prng(5), raw = tf.tensor2d(RAW.map((row) => row.with(4, 0)));
    const images = normalTensor<tf.Tensor2D>(prng, [4, 81]), patches = normalTensor<tf.Tensor2D>(prng, [4, 16]);
    const read = tf.sum(tf.mul(readWindow(raw, [images], SIZE), patches)).dataSync()[0];
    const write = tf.sum(tf.mul(images, writeWindow(raw, patches, SIZE))).dataSync()[0];
    assertAlmostEquals(read, write, 1e-4);
  });
});

Deno.test("a read's gradients are the slopes of finite differences", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const images = normalTensor<tf.Tensor2D>(new Prng(6), [4, 81]);
    const loss = (raw: tf.Tensor): tf.Scalar => tf.sum(tf.square(readWindow(raw as tf.Tensor2D, [images], SIZE)));
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

for (const backend of ["cpu", ...OTHERS] as const) {
  Deno.test({
    name: `extreme parameters give finite glimpses, pictures and gradients on ${backend}`,
    ignore: !CAN[backend],
    sanitizeOps: false, // a WebGPU device stays open
    sanitizeResources: false,
    fn: async () => {
      const all = await valuesOn(backend, () => {
        const raw = tf.tensor2d([
          ...[[50, -50, -200, 200, 200], [-1e4, 1e4, 300, -300, -300], [1e9, -3.3e8, -300, 0, 0], [
            0.03,
            -1e6,
            -300,
            -300,
            0,
          ]],
        ]);
        const prng = new Prng(7);
        const images = normalTensor<tf.Tensor2D>(prng, [4, 81]), patches = normalTensor<tf.Tensor2D>(prng, [4, 16]);
        return [
          (raw: tf.Tensor) => readWindow(raw as tf.Tensor2D, [images], SIZE),
          (raw: tf.Tensor) => writeWindow(raw as tf.Tensor2D, patches, SIZE),
        ].flatMap((work) => [work(raw), tf.grad(work)(raw)]);
      });
      for (const value of all.flat()) assert(Number.isFinite(value), all.join("; "));
    },
  });
}
