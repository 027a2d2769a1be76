import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { type RandomKey, randomNormal, randomUniform, threefry2x32 } from "../../../models/ops/random.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { CAN, valuesOn } from "../backends.ts";

const KEY: RandomKey = [0x13198a2e, 0xf3707344];
const IDS = Int32Array.of(0, 1, 7, -1, 2 ** 31 - 1, 1);
const rowIds = (count: number, first = 0) => Int32Array.from({ length: count }, (_, i) => first + i);

Deno.test("threefry2x32 gives the known answers of Random123", () => {
  const cases: [counter: number[], key: RandomKey, result: number[]][] = [ // kat_vectors, "threefry2x32 20"
    [[0, 0], [0, 0], [0x6b200159, 0x99ba4efe]],
    [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x1cb996fc, 0xbb002be7]],
    [[0x243f6a88, 0x85a308d3], [0x13198a2e, 0x03707344], [0xc4923a9c, 0x483df7a0]],
  ];
  for (const [counter, key, result] of cases) {
    const words = Int32Array.from(counter);
    threefry2x32(key, words);
    assertEquals([...Uint32Array.from(words)], result);
  }
});

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  Deno.test({
    name: `random on ${backend}: bits and normals are those of the counters`,
    ignore: !CAN[backend],
    sanitizeOps: false, // a WebGPU device stays open
    sanitizeResources: false,
    fn: async () => {
      // WGSL lets a division be off by 2.5 units in the last place and a square root by 4.5: the logarithm's root takes
      // half of the one, and all of the other.
      const limit = backend === "webgpu" ? 8 : 4;
      for (const columns of [0, 1, 2, 7, 8, 9, 19]) {
        const [uniform, normal] = await valuesOn(backend, () => [
          randomUniform(KEY, IDS, columns),
          randomNormal(KEY, IDS, columns),
        ]);
        assertEquals([uniform.length, normal.length], [IDS.length * columns, IDS.length * columns]);
        for (let i = 0; i < IDS.length; i++) {
          for (let j = 0; j < columns; j++) {
            const words = Int32Array.of(IDS[i], j >> 1);
            threefry2x32(KEY, words);
            const [u, w] = Array.from(words, (word) => (word >>> 8) / 2 ** 24);
            assertEquals(uniform[i * columns + j], j % 2 === 0 ? u : w);
            const turn = j % 2 === 0 ? Math.cos(2 * Math.PI * w) : Math.sin(2 * Math.PI * w);
            const expected = Math.sqrt(-2 * Math.log(u + 2 ** -24)) * turn;
            const ulp = 2 ** (Math.floor(Math.log2(Math.abs(expected))) - 23);
            const error = Math.abs(normal[i * columns + j] - expected) / ulp;
            assert(error <= limit, `row ${i}, column ${j}: ${error} units in the last place from ${expected}`);
          }
        }
      }
    },
  });
}

/** The largest distance between the distribution function of a sample and the one expected. */
function kolmogorovSmirnov(values: Float32Array, expected: (x: number) => number): number {
  const sorted = values.slice().sort();
  return sorted.reduce((largest, x, i) => {
    const p = expected(x);
    return Math.max(largest, p - i / sorted.length, (i + 1) / sorted.length - p);
  }, 0);
}

/** The standard normal distribution function by Simpson's rule; exact to 1e-7 in the range of the samples. */
function normalDistribution(x: number): number {
  const steps = 40, h = x / steps;
  const density = (t: number) => Math.exp(-t * t / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density(i * h);
  return 0.5 + sum * h / 3;
}

/** Mean of the products of two samples of mean 0, as long as the second one. */
function covariance(a: Float32Array, b: Float32Array): number {
  return b.reduce((sum, value, i) => sum + value * a[i], 0) / b.length;
}

Deno.test("random numbers have the moments, the distribution and the independence that they should have", async () => {
  await startBackend(CAN.wasm ? "wasm" : "cpu");
  const [rows, columns] = [200, 500];
  const size = rows * columns;
  const key = new Prng(5).key();
  const draw = (random: typeof randomNormal, given = key, first = 0) => {
    const tensor = random(given, rowIds(rows, first), columns);
    const values = tensor.dataSync().slice() as Float32Array;
    tensor.dispose();
    return values;
  };
  const mean = (values: Float32Array, power = 1) =>
    values.reduce((sum, value) => sum + value ** power, 0) / values.length;
  const uniform = draw(randomUniform), normal = draw(randomNormal);
  // Limits are 4 standard errors; 1.95 / sqrt(n) is passed once in a thousand.
  const near = (value: number, expected: number, deviation: number) =>
    assert(Math.abs(value - expected) < 4 * deviation / Math.sqrt(size), `${value}, expected ${expected}`);
  near(mean(uniform), 1 / 2, Math.sqrt(1 / 12));
  near(mean(uniform, 2), 1 / 3, Math.sqrt(4 / 45));
  assert(kolmogorovSmirnov(uniform, (x) => x) < 1.95 / Math.sqrt(size));
  near(mean(normal), 0, 1);
  near(mean(normal, 2), 1, Math.sqrt(2));
  near(mean(normal, 3), 0, Math.sqrt(15));
  near(mean(normal, 4), 3, Math.sqrt(96));
  assert(kolmogorovSmirnov(normal, normalDistribution) < 1.95 / Math.sqrt(size));
  near(covariance(normal, normal.slice(1)), 0, 1); // neighbours
  near(covariance(normal, normal.slice(2)), 0, 1); // neighbouring counters
  near(covariance(normal, draw(randomNormal, key, rows)), 0, 1); // other rows
  near(covariance(normal, draw(randomNormal, [key[0] ^ 1, key[1]])), 0, 1); // keys that differ by one bit
  near(covariance(normal.map((x) => x * x - 1), normal.slice(1).map((x) => x * x - 1)), 0, 2); // sizes of neighbours
});

Deno.test("rows have the values of their ids wherever they stand", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    for (const random of [randomUniform, randomNormal]) {
      const whole = random(KEY, rowIds(6), 5).arraySync();
      assertEquals(random(KEY, rowIds(3, 3), 5).arraySync(), whole.slice(3));
      assertEquals(random(KEY, rowIds(6), 3).arraySync(), whole.map((row) => row.slice(0, 3)));
    }
  });
});

Deno.test("a row has a whole number of values", async () => {
  await startBackend("cpu");
  for (const random of [randomUniform, randomNormal]) {
    for (const columns of [-1, 1.5, NaN, Infinity]) {
      const words = `cannot draw ${columns} random numbers a row: expected a whole number, 0 or more`;
      assertThrows(() => random(KEY, rowIds(2), columns), RangeError, words);
    }
  }
});

Deno.test("a key is the generator's next two words", () => {
  const [prng, same] = [new Prng(1), new Prng(1)];
  assertEquals(prng.key(), [same.uint32(), same.uint32()]);
  assertEquals(prng.state, same.state);
});
