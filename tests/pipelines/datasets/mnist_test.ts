/** MNIST against the files themselves, cut by hand: 16 bytes and 784 an image, 8 bytes and one a label. */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import type { NdArray } from "../../../pipelines/base/arrays.ts";
import { encodeNpz } from "../../../pipelines/formats/npz.ts";
import { encodeIdx } from "../../../pipelines/formats/idx.ts";
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
  const index = await prepareTo(output, { dataset: mnist as Dataset, sources: [source] });
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
  const expected = await prepareTo(`${folder}/a`, { dataset: mnist as Dataset, sources: [EMBEDDED] });
  const found = await prepareTo(`${folder}/b`, { dataset: mnist as Dataset, sources: [`${folder}/in`] });
  assertEquals(found.splits, expected.splits); // the hashes too
});

test("a pair alone is enough; the labels alone, or the images, are not", async (folder) => {
  const sources = (...names: string[]) => names.map((name) => `${EMBEDDED}${name}.gz`);
  const test = await prepareTo(`${folder}/a`, { dataset: mnist as Dataset, sources: sources(NAMES[3], NAMES[2]) });
  assertEquals(SPLITS.map((split) => test.splits[split].examples), [0, 0, 100]);
  const refused = async (names: string[], words: string) => {
    const { message } = await assertRejects(
      () => prepareTo(`${folder}/b`, { dataset: mnist as Dataset, sources: sources(...names) }),
      InputError,
    );
    assert(message.includes(words) && !message.includes("\n"), message);
  };
  await refused(
    [NAMES[0]],
    `${NAMES[0]}.gz: its labels, train-labels-idx1-ubyte or train-labels-idx2-int, are not among the sources`,
  );
  await refused(
    [NAMES[0], NAMES[3]],
    `${NAMES[0]}.gz: its labels, train-labels-idx1-ubyte or train-labels-idx2-int, are not among the sources`,
  );
  await refused([NAMES[1]], "the sources hold no images: expected names like train-images-idx3-ubyte.gz");
  assertEquals(await namesIn(folder), ["a"]);
});

/** Writes a pair of files whose images all differ; image i begins with the bytes `first` and i, and is dark below. */
async function writePair(
  path: string,
  labels: readonly number[],
  { first = 0, name = "labels-idx1-ubyte", int = false }: { first?: number; name?: string; int?: boolean } = {},
): Promise<void> {
  const n = labels.length;
  const pixels = new Uint8Array(n * 784); // [n, 28, 28]
  for (let i = 0; i < n; i++) pixels.set([first, i, 255], i * 784);
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(`${path}images-idx3-ubyte`, encodeIdx({ dtype: "uint8", shape: [n, 28, 28], data: pixels }));
  const wide = Int32Array.from({ length: 8 * n }, (_, i) => i % 8 === 0 ? labels[i >> 3] : 1000 + i);
  const array = int
    ? { dtype: "int32", shape: [n, 8], data: wide } as const
    : { dtype: "uint8", shape: [n], data: Uint8Array.from(labels) } as const;
  await Deno.writeFile(`${path}${name}`, encodeIdx(array));
}

/** All examples of a folder as `split class: first bytes`, sorted. */
async function examplesIn(folder: string, index: ShardIndex): Promise<string[]> {
  const all: string[] = [];
  for (const split of SPLITS) {
    for (const shard of index.splits[split].shards) {
      const { image, label } = await readShard(folder, shard);
      for (let i = 0; i < shard.examples; i++) {
        const [a, b] = (image.data as Uint8Array).subarray(784 * i, 784 * i + 2);
        all.push(`${split} ${index.classes[Number(label.data[i])]}: ${a} ${b}`);
      }
    }
  }
  return all.sort();
}

const FOUR = [0, 1, 2, 3];

test("the split is what the name says, whatever stands before and after it", async (folder) => {
  const names: Record<string, Split> = {
    "train-": "train",
    "t10k-": "test",
    "emnist-digits-test-": "test",
    "emnist-digits-train-": "train",
    "qmnist_testing.": "test",
    "kmnist-Training-": "train",
    "my.validation-": "valid",
    "val-": "valid",
    "contest-train-": "train",
  };
  const prefixes = Object.keys(names);
  for (const [i, prefix] of prefixes.entries()) await writePair(`${folder}/in/${prefix}`, FOUR, { first: i });
  const settings = { dataset: mnist as Dataset, options: { transpose: "no" }, sources: [`${folder}/in`] };
  const index = await prepareTo(`${folder}/out`, settings);
  const expected = prefixes.flatMap((prefix, i) => FOUR.map((k) => `${names[prefix]} ${k}: ${i} ${k}`));
  assertEquals(await examplesIn(`${folder}/out`, index), expected.sort());
  assertEquals([index.filters, index.notes?.length], [{}, prefixes.length]);
  assert(index.notes?.includes("my.validation-images-idx3-ubyte: 4 pictures, valid"));
});

test("a name that says no split, or two, is a question", async (folder) => {
  for (const [prefix, words] of [["latest-", "neither train, valid nor test"], ["train-test-", "train and test"]]) {
    await writePair(`${folder}/${prefix}/${prefix}`, FOUR);
    const settings = { dataset: mnist as Dataset, sources: [`${folder}/${prefix}`] };
    const run = () => prepareTo(`${folder}/${prefix}/out`, settings);
    const { message } = await assertRejects(run, InputError);
    assertEquals(
      message.includes(`the name says ${words}; which is it?`) && message.includes("--split"),
      true,
      message,
    );
    const index = await prepareTo(`${folder}/${prefix}/out`, { ...settings, options: { split: "test" } });
    assertEquals(index.splits.test.examples, 4);
  }
});

test("two folders with the same names are two sets, each image with the label of its own", async (folder) => {
  await writePair(`${folder}/a/train-`, FOUR, { first: 1 });
  await writePair(`${folder}/b/train-`, [9, 8, 7, 6], { first: 2 });
  const sources = [`${folder}/a`, `${folder}/b`, `${folder}/a/../a`];
  const index = await prepareTo(`${folder}/out`, { dataset: mnist as Dataset, sources });
  const expected = FOUR.flatMap((k) => [`train ${k}: 1 ${k}`, `train ${9 - k}: 2 ${k}`]);
  assertEquals(await examplesIn(`${folder}/out`, index), expected.sort());
  assertEquals(index.notes, [
    ...["a", "b"].map((name) => `${name}/train-images-idx3-ubyte: 4 pictures, train, its last twelfth valid`),
    ...["no example is in valid", "no example is in test"],
  ]);
});

test("a file that is there gzipped and not counts once, and must be the same", async (folder) => {
  await writePair(`${folder}/in/train-`, FOUR);
  for (const name of NAMES.slice(0, 2)) {
    await Deno.writeFile(`${folder}/in/${name}.gz`, gzipSync(await Deno.readFile(`${folder}/in/${name}`)));
  }
  const index = await prepareTo(`${folder}/out`, { dataset: mnist as Dataset, sources: [`${folder}/in`] });
  assertEquals([index.splits.train.examples, index.filters, index.sources.length], [4, {}, 4]);
  assert(index.notes?.includes(`${NAMES[1]}.gz: the same as ${NAMES[1]}, read once`));
  await Deno.copyFile(`${EMBEDDED}${NAMES[1]}.gz`, `${folder}/in/${NAMES[1]}.gz`);
  const run = () => prepareTo(`${folder}/b`, { dataset: mnist as Dataset, sources: [`${folder}/in`] });
  await assertRejects(run, InputError, `${NAMES[1]}.gz: is not the same as ${folder}/in/${NAMES[1]}; which is meant?`);
});

test("QMNIST's labels are the first of eight numbers", async (folder) => {
  await writePair(`${folder}/qmnist-test-`, [3, 9], { name: "labels-idx2-int", int: true });
  const index = await prepareTo(`${folder}/out`, { dataset: mnist as Dataset, sources: [folder] });
  assertEquals(await examplesIn(`${folder}/out`, index), ["test 3: 0 0", "test 9: 0 1"]);
});

test("EMNIST's letters have the names of their mapping, or of the set, and stand upright", async (folder) => {
  await writePair(`${folder}/in/emnist-letters-test-`, [1, 26]);
  const settings = { dataset: mnist as Dataset, sources: [`${folder}/in`] };
  const known = await prepareTo(`${folder}/a`, settings);
  const { image } = await readShard(`${folder}/a`, known.splits.test.shards[0]);
  assertEquals(known.classes, ["A", "Z"]);
  const pixels = image.data as Uint8Array;
  assertEquals([0, 784].map((at) => pixels.subarray(at, at + 784).indexOf(255)), [56, 56]); // x 2, y 0 is x 0, y 2
  await Deno.writeTextFile(`${folder}/in/emnist-letters-mapping.txt`, "1 97 65\r\n26 122 90\n");
  assertEquals((await prepareTo(`${folder}/b`, settings)).classes, ["a", "z"]);
  await Deno.writeTextFile(`${folder}/in/emnist-digits-mapping.txt`, "1 49\n");
  const { notes } = await prepareTo(`${folder}/d`, settings);
  const unread = "emnist-digits-mapping.txt: not read, for no file of pictures in its folder has a name that begins so";
  assertEquals(notes?.filter((note) => note.includes("not read")), [unread]);
  for (
    const [lines, message] of [
      ["1 a\n", '"1 a", expected a label'],
      ["1 65\n26 65\n", "labels 1 and 26 are both A"],
      ["1 65\n1 66\n", "label 1 has two lines"],
      ["1 55296\n", "label 1 is the code 55296, which is no character"],
      ["1 10\n", "label 1 is the code 10, which is no character"],
    ]
  ) {
    await Deno.writeTextFile(`${folder}/in/emnist-letters-mapping.txt`, lines);
    await assertRejects(() => prepareTo(`${folder}/c`, settings), InputError, message);
  }
});

test("labels without images, and files of neither kind, are told", async (folder) => {
  const good = [0, 1].map((i) => `${EMBEDDED}${NAMES[i]}.gz`);
  const run = (name: string) => () =>
    prepareTo(`${folder}/out`, { dataset: mnist as Dataset, sources: [...good, `${EMBEDDED}${name}`] });
  await assertRejects(
    run(`${NAMES[3]}.gz`),
    InputError,
    "its images, t10k-images-idx3-ubyte, are not among the sources",
  );
  await Deno.writeTextFile(`${folder}/notes`, "");
  const other = { dataset: mnist as Dataset, sources: [...good, `${folder}/notes`] };
  await assertRejects(() => prepareTo(`${folder}/out`, other), InputError, "neither images nor labels by its name");
});

test("options of PNG files are refused where none is read", async () => {
  for (const [options, words] of [[{ ink: "dark" }, "--ink dark"], [{ resize: "area" }, "--resize area"]] as const) {
    const run = () => prepareTo("none", { dataset: mnist as Dataset, sources: [EMBEDDED], options });
    await assertRejects(run, InputError, `${words}: it is of PNG files, and no folder of them is named`);
  }
});

test("a page in place of a file is called one", async (folder) => {
  await writePair(`${folder}/train-`, FOUR);
  await Deno.writeTextFile(`${folder}/${NAMES[0]}`, "<!DOCTYPE html><title>403 Forbidden</title>");
  const run = () => prepareTo(`${folder}/out`, { dataset: mnist as Dataset, sources: [folder] });
  await assertRejects(run, InputError, `${NAMES[0]}: an HTML or XML page, not idx: the download failed`);
});

test("a gzip that is cut short is one clear line", async (folder) => {
  const bytes = await Deno.readFile(`${EMBEDDED}${NAMES[0]}.gz`);
  await Deno.writeFile(`${folder}/${NAMES[0]}.gz`, bytes.subarray(0, bytes.length >> 1));
  await Deno.copyFile(`${EMBEDDED}${NAMES[1]}.gz`, `${folder}/${NAMES[1]}.gz`);
  const { message } = await assertRejects(
    () =>
      prepareTo(`${folder}/out`, {
        dataset: mnist as Dataset,
        sources: [`${folder}/${NAMES[0]}.gz`, `${folder}/${NAMES[1]}.gz`],
      }),
    InputError,
  );
  assertEquals(message, `${folder}/${NAMES[0]}.gz: truncated gzip: the data ends too soon`);
});

test("CSV and Keras's npz hold the same examples as IDX, and share its splits", async (folder) => {
  const of = async (name: string) => Uint8Array.from(await readGunzipped(`${EMBEDDED}${name}.gz`));
  const [x, y, tx, ty] = await Promise.all(NAMES.map(of));
  const idx = await prepareTo(`${folder}/idx`, { dataset: mnist as Dataset, sources: [EMBEDDED] });
  const rows = (images: Uint8Array, labels: Uint8Array) =>
    Array.from(labels.subarray(8), (label, i) => `${label},${images.subarray(16 + 784 * i, 800 + 784 * i)}\n`).join("");
  await Deno.writeTextFile(`${folder}/mnist_train.csv`, rows(x, y));
  const names = Array.from({ length: 784 }, (_, i) => `pixel${i}`);
  await Deno.writeFile(`${folder}/mnist_test.csv.gz`, gzipSync(`label,${names}\n${rows(tx, ty)}`));
  const array = (data: Uint8Array, head: number, sides: number[]) => {
    const values = Uint8Array.from(data.subarray(head));
    return { dtype: "uint8", shape: [values.length / (sides.length > 0 ? 784 : 1), ...sides], data: values } as const;
  };
  const labels = Array.from(y.subarray(8), (label) => BigInt(label));
  const arrays = {
    ...{ x_train: array(x, 16, [28, 28]), x_test: array(tx, 16, [784]), y_test: array(ty, 8, []) },
    y_train: { dtype: "int64", shape: [labels.length], data: BigInt64Array.from(labels) } as const,
  };
  await Deno.writeFile(`${folder}/mnist.npz`, encodeNpz(arrays));
  for (const sources of [[`${folder}/mnist_train.csv`, `${folder}/mnist_test.csv.gz`], [`${folder}/mnist.npz`]]) {
    const output = `${folder}/out-${sources.length}`;
    const index = await prepareTo(output, { dataset: mnist as Dataset, sources });
    for (const split of SPLITS) {
      const found = (await stored(output, index, split)).toSorted();
      assertEquals(found, (await stored(`${folder}/idx`, idx, split)).toSorted());
    }
  }
  const far = {
    ...arrays,
    y_train: { ...arrays.y_train, data: arrays.y_train.data.map((label) => label + 2n ** 32n) },
  };
  await Deno.writeFile(`${folder}/far.npz`, encodeNpz(far));
  const wrapped = () => prepareTo(`${folder}/wrapped`, { dataset: mnist as Dataset, sources: [`${folder}/far.npz`] });
  await assertRejects(wrapped, InputError, "label out of range: 4294967"); // as it is in the file
  const { y_test: _, ...withoutLabels } = arrays;
  const { x_test, y_test, ...trained } = arrays;
  const packed: [arrays: Record<string, NdArray>, words: string][] = [
    [withoutLabels, "y_test is missing"],
    [{ ...trained, y_test }, "y_test has no pictures, expected x_test too"],
    [{ ...trained, X_test: x_test, Y_test: y_test }, "an array is X_test, expected x_test: rename it"],
  ];
  for (const [some, words] of packed) {
    await Deno.writeFile(`${folder}/some.npz`, encodeNpz(some));
    const run = () => prepareTo(`${folder}/some`, { dataset: mnist as Dataset, sources: [`${folder}/some.npz`] });
    await assertRejects(run, InputError, words);
  }
  await Deno.writeFile(`${folder}/more.npz`, encodeNpz({ ...trained, x_holdout: x_test, y_holdout: y_test }));
  const more = await prepareTo(`${folder}/more`, { dataset: mnist as Dataset, sources: [`${folder}/more.npz`] });
  assertEquals(more.notes?.[0], "more.npz: arrays that are not read: x_holdout, y_holdout");
  // Lines of blanks are no pictures, nor counted as such where the last ones are held out.
  const spaced = (await Deno.readTextFile(`${folder}/mnist_train.csv`)).replaceAll("\n", "\n  \n");
  await Deno.mkdir(`${folder}/spaced`);
  await Deno.writeTextFile(`${folder}/spaced/mnist_train.csv`, spaced);
  const sources = [`${folder}/spaced/mnist_train.csv`, `${folder}/mnist_test.csv.gz`];
  const { splits } = await prepareTo(`${folder}/out-spaced`, { dataset: mnist as Dataset, sources });
  assertEquals(SPLITS.map((split) => splits[split].examples), SPLITS.map((split) => idx.splits[split].examples));
  const few = (await Deno.readTextFile(`${folder}/mnist_train.csv`)).split("\n").slice(0, 5);
  const texts: [string, string, RegExp][] = [
    ["train.csv", few.map((line) => line.slice(2)).join("\n"), /has no label, as test files of competitions/],
    ["train.csv", `${few[0]}\n${few[1]},7\n`, /line 2: more than 785/],
    ["digits.csv", few.join("\n"), /says neither train, valid nor test/],
    ["train.csv", "a,b\n1,2\n", /has other columns/],
    ["train.csv", "", /is empty/],
    [
      "train.csv",
      `label,${names.toReversed()}\n${few[0]}\n`,
      /train.csv: the columns are not .*: pixel783 comes first$/,
    ],
    ["train.npz", "PK", /train.npz: /],
  ];
  for (const [name, text, words] of texts) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    const error = await assertRejects(
      () => prepareTo(`${folder}/bad`, { dataset: mnist as Dataset, sources: [`${folder}/${name}`] }),
      InputError,
    );
    assert(words.test(error.message), error.message);
  }
});
