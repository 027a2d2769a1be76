import { assert, assertEquals } from "@std/assert";
import { hashBytes, hashWords, splitOf, SPLITS } from "../../../pipelines/base/split.ts";

const keys = Array.from({ length: 100_000 }, (_, i) => 4503600000000000n + BigInt(i) * 65536n); // like key_ids: regular

const hashOf = (key: bigint, seed: number) => hashWords(Number(key & 0xffffffffn), Number(key >> 32n), seed);

Deno.test("the split is about 80/10/10 and does not depend on other keys", () => {
  const counts = { train: 0, valid: 0, test: 0 };
  for (const key of keys) counts[splitOf(key)]++;
  const expected = { train: 80_000, valid: 10_000, test: 10_000 };
  // Four standard deviations of a binomial count.
  for (const split of SPLITS) {
    assert(Math.abs(counts[split] - expected[split]) < 4 * Math.sqrt(100_000 * 0.16), JSON.stringify(counts));
  }
});

Deno.test("hashes of regular keys are even, whatever the seed", () => {
  for (const seed of [0, 1, 12345]) {
    const buckets = new Array(256).fill(0);
    for (const key of keys) buckets[hashOf(key, seed)[0] >>> 24]++;
    const chiSquare = buckets.reduce((sum, count) => sum + (count - 390.625) ** 2 / 390.625, 0);
    assert(chiSquare < 347, `chi-square ${chiSquare} with 255 degrees of freedom`); // p = 0.0001
    assertEquals(new Set(keys.map((key) => hashOf(key, seed).join())).size, keys.length);
  }
});

Deno.test("the shuffle and the split are independent: the first tenth of the order has a tenth of the tests", () => {
  for (const seed of [0, 1, 0x73706c69]) {
    const first = keys.filter((key) => hashOf(key, seed)[0] < 2 ** 32 / 10);
    const share = first.filter((key) => splitOf(key) === "test").length / first.length;
    assert(Math.abs(share - 0.1) < 4 * Math.sqrt(0.09 / first.length), `seed ${seed}: ${share}`);
  }
});

Deno.test("the hash of bytes tells near inputs and classes apart", () => {
  const seen = new Set<bigint>();
  for (let a = 0; a < 256; a++) for (let b = 0; b < 64; b++) seen.add(hashBytes(Uint8Array.of(a, b, 0), "cat"));
  seen.add(hashBytes(Uint8Array.of(0, 0, 0), "dog"));
  seen.add(hashBytes(Uint8Array.of(0, 0, 0, 0), "cat"));
  assertEquals(seen.size, 256 * 64 + 2);
});
