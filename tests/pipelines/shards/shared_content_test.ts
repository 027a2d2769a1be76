/** Examples that two splits have, of sources that say the splits themselves. */
import { assertEquals } from "@std/assert";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import type { Split } from "../../../pipelines/base/split.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { imageFolder } from "../../../pipelines/datasets/image_folder/image_folder.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { svhn } from "../../../pipelines/datasets/svhn.ts";
import { encodeIdx } from "../../../pipelines/formats/idx.ts";
import { encodeMat } from "../../../pipelines/formats/mat/mat_write.ts";
import { encodePng } from "../../../pipelines/images/png.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { SharedContent } from "../../../pipelines/shards/shared_content.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../../tasks/prepared.ts";
import { assertMerges } from "../prepare/parts.ts";

const NOTE = "alike in every byte";
const leaksOf = ({ notes = [] }: ShardIndex) => notes.filter((note) => note.endsWith(NOTE));

/** Pictures of so many bytes, each of one grey. */
const plain = (greys: readonly number[], size: number) =>
  Uint8Array.from({ length: greys.length * size }, (_, i) => greys[Math.floor(i / size)]);

/** Writes an IDX pair of digits, all of them of one label. */
async function writePair(path: string, data: Uint8Array<ArrayBuffer>, label = 0): Promise<void> {
  const count = data.length / 784;
  const images = encodeIdx({ dtype: "uint8", shape: [count, 28, 28], data });
  const labels = encodeIdx({ dtype: "uint8", shape: [count], data: new Uint8Array(count).fill(label) });
  await Deno.writeFile(`${path}-images-idx3-ubyte`, images);
  await Deno.writeFile(`${path}-labels-idx1-ubyte`, labels);
}

/** A file of SVHN's, pictures of one grey each, all of them ones. */
function houses(greys: readonly number[]): Uint8Array {
  const data = Uint8Array.from({ length: 3072 * greys.length }, (_, i) => greys[i % greys.length]);
  return encodeMat({
    X: { dtype: "uint8", shape: [32, 32, 3, greys.length], data },
    y: { dtype: "uint8", shape: [greys.length, 1], data: new Uint8Array(greys.length).fill(1) },
  });
}

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `shared content: ${name}`, ignore: !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

Deno.test("shared content: each of test or valid that is elsewhere counts, as often as it is there", () => {
  const shared = new SharedContent("digit");
  const add = (split: Split, ...contents: number[]) =>
    contents.forEach((low) => shared.add({ low, high: 7 }, split, 0));
  add("test", 1, 2, 2, 3);
  add("train", 4, 4, 5);
  assertEquals(shared.notes(["0"]), [], "twice in one split is no leak");
  shared.add({ low: 1, high: 7 + 2 ** 31 }, "train", 0);
  assertEquals(shared.notes(["0"]), [], "both words count");
  add("train", 2, 2, 2);
  add("valid", 3, 5);
  assertEquals(shared.notes(["0"]), [
    "test shares 2 digits with train, alike in every byte",
    "test shares 1 digit with valid, alike in every byte",
    "valid shares 1 digit with train, alike in every byte",
  ]);
});

Deno.test("shared content: those of another class in the other split contradict, with an example", () => {
  const shared = new SharedContent("digit");
  const add = (split: Split, low: number, ...labels: number[]) =>
    labels.forEach((label) => shared.add({ low, high: 7 }, split, label));
  add("test", 1, 2);
  add("train", 1, 2);
  assertEquals(shared.notes(["a", "b", "c"]), [`test shares 1 digit with train, ${NOTE}`]);
  add("test", 2, 0, 0, 1);
  add("train", 2, 1, 1);
  add("test", 3, 2);
  add("train", 3, 2, 0);
  assertEquals(shared.notes(["a", "b", "c"]), [
    `test shares 5 digits with train, ${NOTE}`,
    `3 digits of test and train, ${NOTE}, of contradicting classes: such as a in test and b in train`,
  ]);
});

test("of MNIST's files, turned ones too; parts and their merge say it, and what --per-class leaves", async (folder) => {
  const lying = Uint8Array.from({ length: 784 }, (_, i) => i < 28 ? 200 : 0); // its first row is white
  const upright = Uint8Array.from({ length: 784 }, (_, i) => i % 28 === 0 ? 200 : 0);
  await writePair(`${folder}/train`, Uint8Array.from([...plain([1, 2, 3, 4], 784), ...upright]));
  await writePair(`${folder}/t10k`, plain([7, 3, 8, 1, 9], 784));
  await writePair(`${folder}/emnist-digits-test`, lying);
  const settings = { dataset: mnist as Dataset, sources: [`${folder}/*-ubyte`] };
  const all = await assertMerges(folder, [1, 3], settings);
  assertEquals(leaksOf(all), [`test shares 3 digits with train, ${NOTE}`]);
  assertEquals(leaksOf(await assertMerges(folder, [2], { ...settings, perClass: 11 })), leaksOf(all));
  assertEquals(leaksOf(await assertMerges(folder, [2], { ...settings, perClass: 1 })), []);
});

test("of MNIST's files: other labels in test than in train; parts and their merge say it", async (folder) => {
  await writePair(`${folder}/train`, plain([1, 2, 3, 4], 784), 3);
  await writePair(`${folder}/t10k`, plain([7, 3, 8, 1, 9], 784), 8);
  const { notes } = await assertMerges(folder, [2], { dataset: mnist as Dataset, sources: [`${folder}/*-ubyte`] });
  assertEquals(notes?.filter((note) => note.includes("contradicting")), [
    `2 digits of test and train, ${NOTE}, of contradicting classes: such as 8 in test and 3 in train`,
  ]);
});

test("of SVHN's files: the last of train are valid", async (folder) => {
  await Deno.writeFile(`${folder}/train_32x32.mat`, houses(Array.from({ length: 24 }, (_, i) => i)));
  await Deno.writeFile(`${folder}/extra_32x32.mat`, houses([23, 40]));
  await Deno.writeFile(`${folder}/test_32x32.mat`, houses([50, 0, 0]));
  const index = await prepareTo(`${folder}/out`, { dataset: svhn, sources: [`${folder}/*.mat`] });
  assertEquals(leaksOf(index), [
    `test shares 2 digits with train, ${NOTE}`,
    `valid shares 1 digit with train, ${NOTE}`,
  ]);
});

test("of folders, whatever the class; where splits are by hash there is none", async (folder) => {
  const write = async (path: string, grey: number) => {
    await Deno.mkdir(`${folder}/${path}`, { recursive: true });
    const data = new Uint8Array(64).fill(grey);
    await Deno.writeFile(`${folder}/${path}/${grey}.png`, encodePng({ width: 8, height: 8, data }));
  };
  for (const grey of [1, 2, 3]) await write("in/train/cat", grey);
  for (const grey of [3, 4]) await write("in/test/dog", grey);
  const settings = { dataset: imageFolder as Dataset, sources: [`${folder}/in`] };
  const said = await prepareTo(`${folder}/said`, {
    ...settings,
    options: { ...defaultsOf(imageFolder.options), size: 8 },
  });
  assertEquals(leaksOf(said), [`test shares 1 picture with train, ${NOTE}`]);
  const contradiction =
    `1 picture of test and train, ${NOTE}, of contradicting classes: such as dog in test and cat in train`;
  assertEquals(said.notes?.filter((note) => note.includes("contradicting")), [contradiction]);
  const options = { ...defaultsOf(imageFolder.options), size: 8, split: "hash" };
  assertEquals(leaksOf(await prepareTo(`${folder}/hashed`, { ...settings, options })), []);
});
