/** Folders, zip files and arrays of pictures: classes, splits, groups, and what is refused. */
import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { encode } from "fast-png";
import { zipSync } from "fflate";
import { InputError } from "../../../../pipelines/base/errors.ts";
import type { PartialOptions } from "../../../../pipelines/base/option_table.ts";
import { SPLITS } from "../../../../pipelines/base/split.ts";
import { type IMAGE_FOLDER_OPTIONS, imageFolder } from "../../../../pipelines/datasets/image_folder/image_folder.ts";
import { encodeNpy } from "../../../../pipelines/formats/npy.ts";
import { prepare, type PrepareSettings } from "../../../../pipelines/prepare/prepare.ts";
import type { ShardIndex } from "../../../../pipelines/shards/shard_index.ts";
import { readShard } from "../../../../pipelines/shards/shard_reader.ts";
import { FAST, inTemporaryFolder, may, REAL_DATA } from "../../../helpers.ts";

function test(name: string, fn: (folder: string) => Promise<void>, needsData = false): void {
  const ignore = FAST || !may("read", "write") || needsData && REAL_DATA === undefined;
  Deno.test({ name: `image-folder: ${name}`, ignore, fn: () => inTemporaryFolder(fn) });
}

const SIDE = 4;

/** The pixels of a picture that stands for a number, [4, 4, 3]. */
const pixels = (number: number) => Uint8Array.from({ length: 48 }, (_, i) => (number * 37 + i * i * 5) & 255);
const png = (number: number) => encode({ width: SIDE, height: SIDE, channels: 3, data: pixels(number) });

type Files = Readonly<Record<string, Uint8Array>>;

async function write(folder: string, files: Files): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeFile(`${folder}/${path}`, bytes);
  }
}

function run(
  folder: string,
  options: PartialOptions<typeof IMAGE_FOLDER_OPTIONS> = {},
  given: Partial<PrepareSettings> = {},
): Promise<ShardIndex> {
  const settings = { sources: [`${folder}/in`], output: `${folder}/out`, workers: 1, overwrite: true, ...given };
  return prepare({ ...settings, dataset: imageFolder, options: { size: SIDE, ...options } });
}

/** Every example as split, class and pixels, sorted. */
async function examplesIn(folder: string, index: ShardIndex): Promise<string[]> {
  const found: string[] = [];
  for (const split of SPLITS) {
    for (const shard of index.splits[split].shards) {
      const { image, label } = await readShard(`${folder}/out`, shard);
      const each = image.data.length / shard.examples;
      for (let i = 0; i < shard.examples; i++) {
        const data = (image.data as Uint8Array).subarray(i * each, (i + 1) * each);
        found.push(`${split} ${index.classes[Number(label.data[i])]} ${data.toHex()}`);
      }
    }
  }
  return found.sort();
}

const named = (index: ShardIndex) => (index.notes ?? []).join("\n");

/** Forty pictures of two classes. */
const TWO: Files = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => [`in/${i % 2 ? "cat" : "dog"}/${i >> 1}.png`, png(i)]),
);

test("a folder is a class, pixels stay as they are; a zip file and a glob of the same are the same", async (folder) => {
  await write(folder, TWO);
  const index = await run(folder);
  assertEquals([index.classes, index.fields.image.shape, index.fields.label.dtype], [
    ["cat", "dog"],
    [4, 4, 3],
    "uint16",
  ]);
  const found = await examplesIn(folder, index);
  const expected = Array.from({ length: 40 }, (_, i) => `${i % 2 ? "cat" : "dog"} ${pixels(i).toHex()}`).sort();
  assertEquals(found.map((text) => text.replace(/^\w+ /, "")).sort(), expected);
  assertStringIncludes(named(index), "40 pictures in 2 folders: none says train, valid or test");
  assertStringIncludes(named(index), "20 file names in more than one class, such as 0 in cat, dog, of 20 in all");

  const members = Object.entries(TWO).map(([path, bytes]) => [path.replace("in/", "pictures/"), bytes]);
  const others = { "pictures/readme.txt": Uint8Array.of(1), "__MACOSX/pictures/cat/._1.png": Uint8Array.of(2) };
  await write(folder, { "zip/all.zip": zipSync({ ...Object.fromEntries(members), ...others }, { level: 0 }) });
  const zipped = await run(folder, {}, { sources: [`${folder}/zip`] });
  assertEquals(await examplesIn(folder, zipped), found);
  assertStringIncludes(named(zipped), "/zip/all.zip: 1 file in it not read, for they are no pictures");
  assertEquals(zipped.sources.map(({ name, bytes }) => [name, bytes > 2000]), [["all.zip", true]]);

  const some = await run(folder, {}, { sources: [`${folder}/in/cat/*.png`] });
  assertEquals([some.classes, (await examplesIn(folder, some)).length], [["cat"], 20]);
});

test("pictures that lie flat are one class, named after their folder or zip file", async (folder) => {
  await write(folder, {
    "in/faces/1.png": png(1),
    "in/faces/2.jpg": png(2),
    "in/birds.zip": zipSync({ "3.png": png(3) }),
    "in/up.zip": zipSync({ "../fish/4.png": png(4), "./fish/.5.png": png(5) }),
  });
  assertEquals((await run(folder, {}, { sources: [`${folder}/in/faces`] })).classes, ["faces"]);
  const upwards = await run(folder, {}, { sources: [`${folder}/in/up.zip`] });
  assertEquals([upwards.classes, (await examplesIn(folder, upwards)).length], [["fish"], 1]);
  const both = await run(folder, {}, { sources: [`${folder}/in/faces`, `${folder}/in/birds.zip`] });
  assertEquals([both.classes, (await examplesIn(folder, both)).length], [["birds", "faces"], 3]);
});

test("splits are those of folders, above or below the class; --split says otherwise", async (folder) => {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 24; i++) files[`in/pets/train/cat/${String(i).padStart(2, "0")}.png`] = png(i);
  files["in/pets/test/cat/x.png"] = png(100);
  await write(folder, files);
  const index = await run(folder);
  const found = (await examplesIn(folder, index)).map((text) => text.slice(0, text.lastIndexOf(" ")));
  assertEquals(found, ["test cat", ...Array(22).fill("train cat"), "valid cat", "valid cat"]);
  assertStringIncludes(named(index), "24 pictures in 1 folder: train, the last twelfth of each folder valid");

  await write(folder, {
    "flat/pets/train/1.png": png(1),
    "flat/pets/valid/2.png": png(2),
    "flat/pets/test/3.png": png(3),
  });
  const flat = await run(folder, {}, { sources: [`${folder}/flat`] });
  assertEquals((await examplesIn(folder, flat)).map((text) => text.slice(0, text.lastIndexOf(" "))), [
    ...["test pets", "train pets", "valid pets"],
  ]);
  const all = await run(folder, { split: "train" }, { sources: [`${folder}/flat`] });
  assertEquals([all.classes, all.splits.train.examples], [["test", "train", "valid"], 3]);
  const hashed = await run(folder, { split: "hash" });
  assertNotEquals(hashed.splits.train.examples, 22);
});

test("--group name keeps what has one name in one split, whatever its folder", async (folder) => {
  await write(folder, TWO);
  const index = await run(folder, { group: "name" });
  assert(!named(index).includes("more than one class"));
  assertStringIncludes(named(index), "none says train, valid or test, so the split is by the hash of each one's name");
  const splits = new Map<number, Set<string>>();
  for (const text of await examplesIn(folder, index)) {
    const [split, , hex] = text.split(" ");
    const number = Array.from({ length: 40 }, (_, i) => i).find((i) => pixels(i).toHex() === hex)!;
    splits.set(number >> 1, (splits.get(number >> 1) ?? new Set()).add(split));
  }
  assertEquals([...splits.values()].map(({ size }) => size), Array(20).fill(1));
  assertEquals(new Set([...splits.values()].flatMap((found) => [...found])), new Set(SPLITS));
});

test(".npy of pictures, in colour, with alpha or grey, gzipped or not; the file's name is the class", async (folder) => {
  const data = Uint8Array.from([0, 1, 2].flatMap((i) => [...pixels(i)]));
  const bytes = encodeNpy({ dtype: "uint8", shape: [3, 4, 4, 3], data });
  await write(folder, { "in/faces.npy": bytes });
  const index = await run(folder);
  const found = (await examplesIn(folder, index)).map((text) => text.split(" ").slice(1).join(" "));
  assertEquals(found.sort(), [0, 1, 2].map((i) => `faces ${pixels(i).toHex()}`).sort());

  const gzip = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  await write(folder, { "gz/faces.npy.gz": await new Response(gzip).bytes() });
  assertEquals((await run(folder, {}, { sources: [`${folder}/gz`] })).classes, ["faces"]);

  const grey = {
    dtype: "uint8",
    shape: [2, 2, 3],
    data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  } as const;
  await write(folder, { "grey/a.npy": encodeNpy(grey) });
  const small = await run(folder, { size: 2, grey: true }, { sources: [`${folder}/grey`] });
  assertEquals((await examplesIn(folder, small)).map((text) => text.split(" ")[2]).sort(), ["01020405", "07080a0b"]);

  await write(folder, { "cut/faces.npy": bytes.subarray(0, -10) });
  const sources = [`${folder}/cut`];
  await assertRejects(
    () => run(folder, {}, { sources }),
    InputError,
    "faces.npy:3: truncated array: the file ends inside picture 3 of 3; --damaged keep",
  );
  const kept = await run(folder, {}, { sources, damaged: "keep", maxRejects: 1 });
  assertEquals([kept.rejects, (await examplesIn(folder, kept)).length], [{ "truncated array": 1 }, 2]);
});

test("what is broken is a reject with its name; other sources are refused in words", async (folder) => {
  const huge = encode({ width: 50, height: 50, channels: 1, data: new Uint8Array(2500) });
  const text = new TextEncoder().encode("GIF89a");
  await write(folder, { ...TWO, "in/cat/a.png": huge, "in/cat/b.jpg": text, "in/cat/c.png": png(1).subarray(0, 50) });
  await write(folder, { "in/cat/d.png": new Uint8Array() });
  const index = await run(folder, { maxPixels: 2000 }, { maxRejects: 0.2 });
  assertEquals(index.rejects, { "picture too large": 1, "not a picture": 1, "bad PNG": 1, "empty file": 1 });
  const rejects = (await Deno.readTextFile(`${folder}/out/rejects.ndjson`)).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(rejects.map(({ file, line, detail }) => [file, line, detail.slice(0, 30)]), [
    ["in/cat", 21, "a.png: 50 x 50 pixels, expecte"],
    ["in/cat", 22, "b.jpg: it is a GIF, expected P"],
    ["in/cat", 23, "c.png: the file ends too soon,"],
    ["in/cat", 24, "d.png: empty, or larger than 6"],
  ]);

  const refused: [files: Files, source: string, message: string][] = [
    [{ "x/a.zip": Uint8Array.of(1, 2, 3) }, "x", "a.zip: invalid zip data: it has no end record"],
    [{ "y/a.zip": zipSync({ "readme.txt": text }) }, "y", "a.zip: of its 1 file none is .png, .jpg, .jpeg"],
    [
      { "z/a.npy": encodeNpy({ dtype: "float32", shape: [1, 2, 2, 3], data: new Float32Array(12) }) },
      "z",
      "[1,2,2,3], exp",
    ],
    [
      { "w/a.npy": encodeNpy({ dtype: "uint8", shape: [1, 3, 2, 2], data: new Uint8Array(12) }) },
      "w",
      "[1,3,2,2], exp",
    ],
    [{ "v/a.npy": text }, "v", "a.npy: Cannot read .npy: not an .npy file"],
    [{ "u/a.txt": text }, "u/a.txt", "a.txt: expected a folder or zip file of .png, .jpg, .jpeg files, or a .npy file"],
  ];
  for (const [files, source, message] of refused) {
    await write(folder, files);
    await assertRejects(() => run(folder, {}, { sources: [`${folder}/${source}`] }), InputError, message);
  }
  await assertRejects(() => run(folder, { background: "pink" }), InputError, '--background: "pink" is no colour');
});

test("a zip file's broken, overlapping and encrypted members are rejects; the others are read", async (folder) => {
  const bytes = zipSync({ "a/1.png": png(1), "a/2.png": png(2), "a/3.png": png(3), "a/4.png": png(4) }, { level: 0 });
  const view = new DataView(bytes.buffer);
  const entries = Array.from({ length: bytes.length - 4 }, (_, i) => i).filter((i) =>
    view.getUint32(i, true) === 0x02014b50
  );
  bytes[50] ^= 1; // in the first picture
  view.setUint32(entries[1] + 42, view.getUint32(entries[0] + 42, true), true); // the second is where the first is
  view.setUint16(entries[2] + 8, 1, true);
  await write(folder, { "in/all.zip": bytes });
  const index = await run(folder, {}, { maxRejects: 1 });
  assertEquals([index.rejects, (await examplesIn(folder, index)).length], [{ "bad zip member": 3 }, 1]);
});

test("a zip file whose folders are parted by backslashes has their classes; names of another encoding are refused", async (folder) => {
  const members = (slash: string) =>
    Object.fromEntries(["cat", "dog"].map((name, i) => [`${name}${slash}1.png`, png(i)] as const));
  await write(folder, { "in/all.zip": zipSync(members("\\")) });
  const turned = await run(folder, { split: "train" });
  assertEquals(turned.classes, ["cat", "dog"]);
  assertStringIncludes(named(turned), "all.zip: its backslashes part folders, for no name in it has another slash");
  await write(folder, { "in/all.zip": zipSync({ ...members("/"), "cat/a\\b.png": png(2) }) });
  const index = await run(folder, { split: "train" });
  assertEquals([index.classes, named(index).includes("backslash")], [["cat", "dog"], false]);

  const bytes = zipSync(members("/"));
  const d = "d".charCodeAt(0);
  bytes.forEach((byte, i) => { // of dog, in both headers: Ä in code page 437
    if (byte === d && bytes[i + 1] === "o".charCodeAt(0) && bytes[i + 2] === "g".charCodeAt(0)) bytes[i] = 0x8e;
  });
  await write(folder, { "in/all.zip": bytes });
  const refused =
    'all.zip: unsupported zip data: the name "\ufffdog/1.png" is not UTF-8; pack it again with names in UTF-8';
  await assertRejects(() => run(folder), InputError, refused);
});

test("3,648 views of characters become shards, by name a tenth each for valid and test", async (folder) => {
  const sources = [`${REAL_DATA}more/images/tiny-hero`];
  const index = await run(folder, { size: 64, group: "name", background: "black" }, { sources, workers: 2 });
  const each = SPLITS.map((split) => index.splits[split].examples);
  assertEquals([index.classes, index.rejects], [["0", "1", "2", "3"], {}]);
  assert(each.reduce((sum, count) => sum + count, 0) > 3600);
  assert(each[0] > 2700 && each[1] > 200 && each[2] > 200, `${each}`);
}, true);

test("emoji of 128 pixels become the means of blocks, as skimage's block_reduce makes them", async (folder) => {
  const sources = [`${REAL_DATA}more/images/noto-emoji-128/emoji_u1f600.png`];
  const index = await run(folder, { size: 64, reduce: "block" }, { sources });
  const [text] = await examplesIn(folder, index);
  const square = Uint8Array.fromHex(text.split(" ")[2]);
  // numpy: over white in float64, skimage.measure.block_reduce(…, (2, 2, 1), numpy.mean), floor(… + 0.5), weighted sum
  assertEquals(square.reduce((sum, value, i) => sum + value * (i % 1009), 0), 1142882515);
}, true);

/**
 * Two pictures of one pixel, a/1.png of 7 and b/2.png of 200, by Python's zipfile as it writes files beyond 4 GiB (its
 * ZIP64_LIMIT was 10 bytes): sizes, an offset and the end record are in ZIP64's fields.
 */
const ZIP64 =
  "UEsDBC0AAAAIANF5el2W5sYf//////////8HABQAYS8xLnBuZwEAEABDAAAAAAAAADwAAAAAAAAA6wzwc+flkuJiYGDg9fRwCQLSjCDMASQYrOpmhwIpLk8Xx5CKOckJ7AwMnAwcCsqHe0Cynq5+LuucEpoAUEsDBC0AAAAIANF5el3q2dgj//////////8HABQAYi8yLnBuZwEAEABDAAAAAAAAADwAAAAAAAAA6wzwc+flkuJiYGDg9fRwCQLSjCDMASQYrOpmhwIpLk8Xx5CKOckWQJlTDCdnnoqtA8l6uvq5rHNKaAIAUEsBAi0DLQAAAAgA0Xl6XZbmxh///////////wcAFAAAAAAAAAAAAIABAAAAAGEvMS5wbmcBABAAQwAAAAAAAAA8AAAAAAAAAFBLAQItAy0AAAAIANF5el3q2dgj//////////8HABwAAAAAAAAAAACAAf////9iLzIucG5nAQAYAEMAAAAAAAAAPAAAAAAAAAB1AAAAAAAAAFBLBgYsAAAAAAAAAC0ALQAAAAAAAAAAAAIAAAAAAAAAAgAAAAAAAACaAAAAAAAAAOoAAAAAAAAAUEsGBwAAAACEAQAAAAAAAAEAAABQSwUGAAAAAAIAAgCaAAAA6gAAAAAA";

test("a zip file of ZIP64 is read as any other, and one whose ZIP64 end record is elsewhere is refused", async (folder) => {
  const zip = Uint8Array.fromBase64(ZIP64);
  // Larger ones have nothing but all ones where ZIP64's end record says it.
  const whole = zip.slice();
  whole.fill(0xff, whole.length - 14, whole.length - 10);
  whole.fill(0xff, whole.length - 6, whole.length - 2);
  for (const bytes of [zip, whole]) {
    await write(folder, { "in/all.zip": bytes });
    const found = await examplesIn(folder, await run(folder, { size: 1, split: "train" }));
    assertEquals(found, ["train a 070707", "train b c8c8c8"]);
  }
  whole[whole.length - 22 - 20 + 8]++; // the locator
  await write(folder, { "in/all.zip": whole });
  await assertRejects(
    () => run(folder),
    InputError,
    "all.zip: invalid zip data: its ZIP64 end record is not where it must be",
  );
});

test("--group name is refused where names decide nothing, or there are none", async (folder) => {
  await write(folder, { "in/train/a/0.png": png(0), "in/train/b/0.png": png(1), "in/train/a/1.png": png(2) });
  await assertRejects(() => run(folder, { group: "name" }), InputError, "--group name: splits are not by hash here");
  const array = encodeNpy({ dtype: "uint8", shape: [1, 4, 4, 3], data: pixels(1) });
  await write(folder, { "arrays/day.npy": array });
  const read = () => run(folder, { group: "name" }, { sources: [`${folder}/arrays`] });
  await assertRejects(read, InputError, "--group name: the pictures of day.npy have no names");
});

test("a zip file with both slashes, or one name twice", async (folder) => {
  await write(folder, { "in/all.zip": zipSync({ "a\\0.png": png(0), "b/0.png": png(1) }) });
  const words = 'all.zip: the name "a\\0.png" has a backslash, others have slashes; pack it again with slashes';
  await assertRejects(() => run(folder), InputError, words.replace("\\", "\\\\"));
  const twice = zipSync({ "a/0.png": png(0), "a/1.png": png(1), "b/0.png": png(2) });
  twice.forEach((byte, i) => { // a/1.png, in both headers
    if (byte === 0x61 && twice[i + 1] === 0x2f && twice[i + 2] === 0x31) twice[i + 2] = 0x30;
  });
  await write(folder, { "in/all.zip": twice });
  assertStringIncludes(
    named(await run(folder)),
    "all.zip: 1 name is in it more than once, and each picture read: a/0.png",
  );
});

test("a folder that holds nothing is told, and an array without a picture", async (folder) => {
  await write(`${folder}/in`, { "train/a/0.png": png(0), "train/b/0.png": png(1) });
  await Deno.mkdir(`${folder}/in/train/c`);
  assertStringIncludes(named(await run(folder)), `without any record: ${folder}/in/train/c/`);
  const none = encodeNpy({ dtype: "uint8", shape: [0, 4, 4, 3], data: new Uint8Array() });
  const one = encodeNpy({ dtype: "uint8", shape: [1, 4, 4, 3], data: pixels(1) });
  await write(folder, { "arrays/none.npy": none, "arrays/one.npy": one });
  assertStringIncludes(named(await run(folder, {}, { sources: [`${folder}/arrays`] })), "without any record: none.npy");
});
