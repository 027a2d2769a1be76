/** MNIST against the files themselves, cut by hand: 16 bytes and 784 an image, 8 bytes and one a label. */
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { readShard } from "../../../pipelines/shards/shard_reader.ts";
import { inTemporaryFolder, may, REAL_DATA } from "../../helpers.ts";
import { FIXTURES, namesIn, prepareTo } from "../../tasks/prepared.ts";
import { type Split, SPLITS } from "../../../pipelines/base/split.ts";

const EMBEDDED = `${FIXTURES}mnist/`;
const NAMES = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
];

/** A test in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>, ignored = false): void {
  Deno.test({
    name: `mnist: ${name}`,
    ignore: ignored || !may("read", "write"),
    sanitizeOps: true,
    sanitizeResources: true,
    fn: () => inTemporaryFolder(fn),
  });
}

const readGunzipped = async (path: string) => gunzipSync(await Deno.readFile(path));

/** An image and its label as a short text. */
const digest = (image: Uint8Array, label: number | bigint) =>
  `${createHash("md5").update(image).digest("hex")} ${label}`;

/** The examples of a pair of gzipped files, from one place to another. */
async function examplesOf(folder: string, name: "train" | "t10k", from: number, to: number): Promise<string[]> {
  const images = await readGunzipped(`${folder}${name}-images-idx3-ubyte.gz`);
  const labels = await readGunzipped(`${folder}${name}-labels-idx1-ubyte.gz`);
  return Array.from({ length: to - from }, (_, i) => {
    const at = 16 + 784 * (from + i);
    return digest(images.subarray(at, at + 784), labels[8 + from + i]);
  });
}

/** The examples of a split. */
async function stored(folder: string, index: ShardIndex, split: Split): Promise<string[]> {
  const examples: string[] = [];
  for (const shard of index.splits[split].shards) {
    const { image, label } = await readShard(folder, shard);
    assertEquals([image.shape, label.shape], [[shard.examples, 28, 28], [shard.examples]]);
    for (let i = 0; i < shard.examples; i++) {
      const pixels = (image.data as Uint8Array).subarray(784 * i, 784 * (i + 1));
      examples.push(digest(pixels, Number(index.classes[Number(label.data[i])])));
    }
  }
  return examples;
}

/** Fails unless a prepared folder holds just the examples of the files, each in its split, with the last twelfth in valid. */
async function check(source: string, output: string, [train, valid, test]: readonly [number, number, number]) {
  const index = await prepareTo(output, { dataset: mnist, sources: [source] });
  assertEquals(SPLITS.map((split) => index.splits[split].examples), [train, valid, test]);
  assertEquals(index.classes, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  assertEquals((await stored(output, index, "train")).sort(), (await examplesOf(source, "train", 0, train)).sort());
  const last = await examplesOf(source, "train", train, train + valid);
  assertEquals((await stored(output, index, "valid")).sort(), last.sort());
  assertEquals((await stored(output, index, "test")).sort(), (await examplesOf(source, "t10k", 0, test)).sort());
  assertEquals([index.filters, index.rejects], [{}, {}]);
}

test("the embedded set: 550 examples to train on, 50 in valid, 100 in test", (folder) => {
  return check(EMBEDDED, `${folder}/out`, [550, 50, 100]);
});

test(
  "the real one: 55,000, 5,000 and 10,000",
  async (folder) => {
    const source = `${REAL_DATA}mnist/`;
    // The first five digits of the train file, as every introduction shows them, and LeCun's counts of each class.
    const labels = (await readGunzipped(`${source}train-labels-idx1-ubyte.gz`)).subarray(8);
    assertEquals([...labels.subarray(0, 5)], [5, 0, 4, 1, 9]);
    await check(source, `${folder}/out`, [55_000, 5_000, 10_000]);
    const index: ShardIndex = JSON.parse(await Deno.readTextFile(`${folder}/out/index.json`));
    const counts = index.classes.map((_, label) =>
      index.splits.train.perClass[label] + index.splits.valid.perClass[label]
    );
    assertEquals(counts, [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    assertEquals(index.splits.test.perClass, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  },
  REAL_DATA === undefined,
);

test("gzipped or not, with a dot or a hyphen before idx, makes no difference", async (folder) => {
  await Deno.mkdir(`${folder}/in`);
  for (const [i, name] of NAMES.entries()) {
    const plain = await readGunzipped(`${EMBEDDED}${name}.gz`);
    await Deno.writeFile(`${folder}/in/${i < 2 ? name.replace("-idx", ".idx") : name}`, plain);
  }
  const expected = await prepareTo(`${folder}/a`, { dataset: mnist, sources: [EMBEDDED] });
  const found = await prepareTo(`${folder}/b`, { dataset: mnist, sources: [`${folder}/in`] });
  assertEquals(found.splits, expected.splits); // the hashes too
});

test("a pair alone is enough; the labels alone, or the images, are not", async (folder) => {
  const sources = (...names: string[]) => names.map((name) => `${EMBEDDED}${name}.gz`);
  const test = await prepareTo(`${folder}/a`, { dataset: mnist, sources: sources(NAMES[3], NAMES[2]) });
  assertEquals(SPLITS.map((split) => test.splits[split].examples), [0, 0, 100]);
  const refused = async (names: string[], words: string) => {
    const { message } = await assertRejects(
      () => prepareTo(`${folder}/b`, { dataset: mnist, sources: sources(...names) }),
      InputError,
    );
    assert(message.includes(words) && !message.includes("\n"), message);
  };
  await refused([NAMES[0]], `${NAMES[0]}.gz: its labels, train-labels-idx1-ubyte, are not among the sources`);
  await refused([NAMES[0], NAMES[3]], `${NAMES[0]}.gz: its labels, train-labels-idx1-ubyte, are not among the sources`);
  await refused([NAMES[1]], "the sources hold no images: expected a name like train-images-idx3-ubyte.gz");
  assertEquals(await namesIn(folder), ["a"]);
});

test("a gzip that is cut short is one clear line", async (folder) => {
  const bytes = await Deno.readFile(`${EMBEDDED}${NAMES[0]}.gz`);
  await Deno.writeFile(`${folder}/${NAMES[0]}.gz`, bytes.subarray(0, bytes.length >> 1));
  await Deno.copyFile(`${EMBEDDED}${NAMES[1]}.gz`, `${folder}/${NAMES[1]}.gz`);
  const { message } = await assertRejects(
    () =>
      prepareTo(`${folder}/out`, { dataset: mnist, sources: [`${folder}/${NAMES[0]}.gz`, `${folder}/${NAMES[1]}.gz`] }),
    InputError,
  );
  assertEquals(message, `${folder}/${NAMES[0]}.gz: truncated gzip: the data ends too soon`);
});
