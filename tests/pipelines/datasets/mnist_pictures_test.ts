/** Folders of PNG digits: classes and splits by their folders, ink and size by what is asked, and whatever else is refused. */
import { createHash } from "node:crypto";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { encode } from "fast-png";
import { InputError } from "../../../pipelines/base/errors.ts";
import type { PartialOptions } from "../../../pipelines/base/option_table.ts";
import { SPLITS } from "../../../pipelines/base/split.ts";
import { mnist, type MNIST_OPTIONS } from "../../../pipelines/datasets/mnist.ts";
import { encodeIdx } from "../../../pipelines/formats/idx.ts";
import { prepare } from "../../../pipelines/prepare/prepare.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { readShard } from "../../../pipelines/shards/shard_reader.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";

/** A test in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>, { isSlow = true } = {}): void {
  const ignore = isSlow && FAST || !may("read", "write");
  Deno.test({ name: `PNG digits: ${name}`, ignore, fn: () => inTemporaryFolder(fn) });
}

/** The ink of a digit that stands for a number: paper around, and no two alike. */
function digit(number: number, side = 28): Uint8Array {
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    return x < 4 || y < 4 || x > side - 5 || y > side - 5 ? 0 : (x * 31 + y * 17 + number * 101) & 255;
  });
}

const grey = (data: Uint8Array, side = 28) => encode({ width: side, height: side, channels: 1, data });
const inverted = (data: Uint8Array) => data.map((value) => 255 - value);

/** Writes files by path. */
async function write(folder: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeFile(`${folder}/${path}`, bytes);
  }
}

function run(
  folder: string,
  { sources = [`${folder}/in`], maxRejects = 0, ...options }: PartialOptions<typeof MNIST_OPTIONS> & {
    sources?: string[];
    maxRejects?: number;
  } = {},
): Promise<ShardIndex> {
  return prepare({
    dataset: mnist,
    options,
    sources,
    output: `${folder}/out`,
    workers: 1,
    maxRejects,
    overwrite: true,
  });
}

/** Every example as split, class and pixels, sorted. */
async function examplesIn(folder: string, index: ShardIndex): Promise<string[]> {
  const found: string[] = [];
  for (const split of SPLITS) {
    for (const shard of index.splits[split].shards) {
      const { image, label } = await readShard(`${folder}/out`, shard);
      for (let i = 0; i < shard.examples; i++) {
        const pixels = (image.data as Uint8Array).subarray(784 * i, 784 * (i + 1));
        found.push(`${split} ${index.classes[Number(label.data[i])]} ${pixels.toHex()}`);
      }
    }
  }
  return found.sort();
}

const example = (split: string, name: string, pixels: Uint8Array) => `${split} ${name} ${pixels.toHex()}`;

test("the class is the folder, the split the one above; the last twelfth of each train folder is valid", async (folder) => {
  const files = Object.fromEntries(
    ["3", "A"].flatMap((name, c) => [
      ...Array.from({ length: 12 }, (_, i) => [`in/training/${name}/${10 + i}.png`, grey(digit(20 * c + i))]),
      [`in/testing/${name}/1.PNG`, grey(digit(20 * c + 15))],
    ]),
  );
  await write(folder, { ...files, "in/notes.txt": new Uint8Array(3), "in/testing/3/._1.png": new Uint8Array(9) });
  const index = await run(folder);
  assertEquals(index.classes, ["3", "A"]);
  const expected = ["3", "A"].flatMap((name, c) => [
    ...Array.from({ length: 12 }, (_, i) => example(i < 11 ? "train" : "valid", name, digit(20 * c + i))),
    example("test", name, digit(20 * c + 15)),
  ]);
  assertEquals(await examplesIn(folder, index), expected.sort());
  assertEquals(index.notes, [
    `not read, for they are of no format that is read here: ${folder}/in/notes.txt`,
    "24 pictures in 2 folders: train, the last twelfth of each folder valid",
    "2 pictures in 2 folders: test",
    "by the edges of the first 1 picture: light ink on dark paper, kept; --ink decides",
  ]);
  // A folder is one source: its bytes are those of its files, by name.
  const names = Object.keys(files).filter((path) => path.startsWith("in/training/A/")).sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(files[name]);
  const source = index.sources.find(({ name }) => name === "training/A");
  assertEquals(source, {
    name: "training/A",
    bytes: names.reduce((sum, name) => sum + files[name].length, 0),
    sha256: hash.digest("hex"),
  });
  assertEquals(index.sources.length, 4);

  const twice = await run(folder, { sources: [`${folder}/in`, `${folder}/in/training/A`, `${folder}/in/./testing`] });
  assertEquals(await examplesIn(folder, twice), expected, "each file once, whatever path leads to it");
  const all = await run(folder, { split: "test", transpose: "yes" });
  const turned = (pixels: Uint8Array) => pixels.map((_, i) => pixels[(i % 28) * 28 + Math.floor(i / 28)]);
  assert((await examplesIn(folder, all)).includes(example("test", "3", turned(digit(0)))));
  assertEquals(all.splits.test.examples, 26);
});

test("a folder of validation leaves all of train for training; without any split it is by hash, and stays", async (folder) => {
  const some = (at: string, count: number, first = 0) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${at}/7/${i}.png`, grey(digit(first + i))]));
  await write(folder, { ...some("in/train", 24), ...some("in/valid", 2, 100) });
  const parted = await run(folder);
  assertEquals([parted.splits.train.examples, parted.splits.valid.examples], [24, 2]);

  await write(folder, { ...some("own", 60), ...some("own", 60) });
  const index = await run(folder, { sources: [`${folder}/own`] });
  assertStringIncludes(
    index.notes![0],
    "60 pictures in 1 folder: none says train, valid or test, so the split is by each",
  );
  const before = await examplesIn(folder, index);
  assert(SPLITS.every((split) => index.splits[split].examples > 0));
  await write(folder, { "own/7/00.png": grey(digit(200)) }); // in front of all others
  const after = await examplesIn(folder, await run(folder, { sources: [`${folder}/own`] }));
  assertEquals(after.filter((text) => before.includes(text)), before);
});

test("dark ink is inverted, and said; pictures that contradict are rejects, an even mixture is a question", async (folder) => {
  const dark = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`in/test/${i % 2}/${i}.png`, grey(inverted(digit(i)))]),
  );
  await write(folder, dark);
  const expected = Array.from({ length: 20 }, (_, i) => example("test", String(i % 2), digit(i))).sort();
  const index = await run(folder);
  assertEquals(await examplesIn(folder, index), expected);
  assertStringIncludes(index.notes!.join(), "10 pictures: dark ink on light paper, inverted; --ink decides");
  assertEquals(await examplesIn(folder, await run(folder, { ink: "dark" })), expected);
  const kept = await run(folder, { ink: "light" });
  assert((await examplesIn(folder, kept)).includes(example("test", "0", inverted(digit(0)))));
  assertEquals(kept.notes, ["20 pictures in 2 folders: test", "no example is in train", "no example is in valid"]);

  await write(folder, { "in/test/1/odd.png": grey(digit(90)) });
  await assertRejects(
    () => run(folder),
    InputError,
    "other ink: odd.png: light ink, where the first pictures have dark",
  );
  const most = await run(folder, { maxRejects: 0.1 });
  assertEquals([most.rejects, most.splits.test.examples], [{ "other ink": 1 }, 20]);

  for (let i = 0; i < 3; i++) await write(folder, { [`in/test/0/a${i}.png`]: grey(digit(i)) });
  await assertRejects(
    () => run(folder),
    InputError,
    "test/0: of the first 13 pictures 3 have dark edges, 10 light ones, 0",
  );
});

test("colours, transparency and sixteen bits become grey", async (folder) => {
  const one = digit(5);
  const colour = (channels: 2 | 3 | 4, pixel: (value: number) => number[]) =>
    encode({ width: 28, height: 28, channels, data: Uint8Array.from([...one].flatMap(pixel)) });
  const wide = Uint16Array.from(one, (value) => value * 257);
  await write(folder, {
    "in/test/1/a.png": colour(3, (value) => [value, value, value]),
    "in/test/1/b.png": colour(2, (value) => [255, value]), // white ink on nothing
    "in/test/1/c.png": colour(4, (value) => [value, value, value, 255]),
    "in/test/1/d.png": encode({ width: 28, height: 28, channels: 1, depth: 16, data: wide }),
  });
  assertEquals(await examplesIn(folder, await run(folder)), Array(4).fill(example("test", "1", one)));
  await Deno.remove(`${folder}/in`, { recursive: true });
  await write(folder, { "in/test/1/black on nothing.png": colour(4, (value) => [0, 0, 0, value]) });
  assertEquals(await examplesIn(folder, await run(folder)), [example("test", "1", one)]);
});

test("other sizes are rejects that say how; squares become smaller by area where that is asked", async (folder) => {
  await write(folder, {
    "in/test/1/large.png": grey(
      Uint8Array.from({ length: 56 * 56 }, (_, i) => digit(3)[Math.floor(i / 112) * 28 + (i % 56 >> 1)]),
      56,
    ),
  });
  await assertRejects(
    () => run(folder),
    InputError,
    "test/1:1: other size: large.png: 56 x 56 pixels, expected 28 x 28; --resize area makes larger squares smaller",
  );
  assertEquals(await examplesIn(folder, await run(folder, { resize: "area" })), [example("test", "1", digit(3))]);
  await write(folder, {
    "in/test/1/long.png": encode({ width: 40, height: 30, channels: 1, data: new Uint8Array(1200) }),
    "in/test/1/small.png": grey(new Uint8Array(400), 20),
  });
  const index = await run(folder, { resize: "area", maxRejects: 1 });
  assertEquals([index.rejects, index.splits.test.examples], [{ "other size": 2 }, 1]);
});

test("broken files are rejects; a folder that says nothing or too much is refused", async (folder) => {
  const good = grey(digit(1));
  await write(folder, {
    "in/test/1/a.png": good,
    "in/test/1/cut.png": good.subarray(0, 60),
    "in/test/1/empty.png": new Uint8Array(),
    "in/test/1/text.png": new TextEncoder().encode("<html>"),
  });
  const index = await run(folder, { maxRejects: 1 });
  assertEquals([index.rejects, index.splits.test.examples], [{ "bad PNG": 1, "not a PNG": 2 }, 1]);
  const refused = async (path: string, words: string, options: Parameters<typeof run>[1] = {}) => {
    await Deno.remove(`${folder}/in`, { recursive: true });
    await write(folder, { "in/test/1/a.png": good, [path]: good });
    await assertRejects(() => run(folder, options), InputError, words);
  };
  await refused("in/train/b.png", "/in/train: the pictures lie in no folder of their class");
  await refused("in/more/digits/2/b.png", "/in/more/digits/2: no folder says its split, as");
  await refused("in/train test/2/b.png", "train test says train and test; which is it?");
  const idx = "in/train-images-idx3-ubyte";
  await refused(idx, "not with the PNG files of", { sources: [`${folder}/${idx}`, `${folder}/in/test/1/a.png`] });
  await refused(idx, "its labels"); // pictures beside other files are no digits
  await Deno.mkdir(`${folder}/none/none`, { recursive: true });
  const none = () => run(folder, { sources: [`${folder}/none`] });
  await assertRejects(none, InputError, "no .png file in any folder below it");
  await Deno.symlink("nowhere", `${folder}/in/test/1/link.png`);
  const pictures = { sources: [`${folder}/in/test`] };
  await assertRejects(() => run(folder, pictures), InputError, "link.png: a link to ");
});

test("MNIST's own files and the same pictures as PNG files give the same examples", async (folder) => {
  const data = Uint8Array.from({ length: 24 * 784 }, (_, i) => digit(Math.floor(i / 784))[i % 784]);
  const labels = Uint8Array.from({ length: 24 }, (_, i) => i % 2);
  await write(folder, {
    "idx/t10k-images-idx3-ubyte": encodeIdx({ dtype: "uint8", shape: [24, 28, 28], data }),
    "idx/t10k-labels-idx1-ubyte": encodeIdx({ dtype: "uint8", shape: [24], data: labels }),
    ...Object.fromEntries(Array.from(labels, (label, i) => [`in/t10k/${label}/${i}.png`, grey(digit(i))])),
  });
  const idx = await run(folder, { sources: [`${folder}/idx`] });
  const expected = await examplesIn(folder, idx);
  const index = await run(folder);
  assertEquals(await examplesIn(folder, index), expected);
  assertEquals([index.fields, index.classes], [idx.fields, idx.classes]);
}, { isSlow: false });
