/** `convert` and `inspect` on images: shards in colour to .npy, arrays of pictures, and JPEG files. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { convert } from "../../../pipelines/convert/convert.ts";
import { openFormat, openShards } from "../../../pipelines/convert/format_reader.ts";
import { inspectFile } from "../../../pipelines/convert/inspection.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { imageFolder } from "../../../pipelines/datasets/image_folder/image_folder.ts";
import { decodeNpy, encodeNpy } from "../../../pipelines/formats/npy.ts";
import { encodePng } from "../../../pipelines/images/png.ts";
import { readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../../tasks/prepared.ts";
import { JPEG_FILES } from "../images/jpeg_files.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `images: ${name}`, ignore: !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

/** Two pictures of one colour each for train, and one for test: files of 2 x 2 pixels in folders of their class. */
async function preparePictures(
  folder: string,
  options: Readonly<Record<string, boolean | number>> = {},
): Promise<void> {
  const colours = {
    "train/a/1": [1, 2, 3],
    "train/b/1": [4, 5, 6],
    "valid/a/2": [7, 8, 9],
    "test/a/3": [250, 251, 252],
  };
  for (const [name, colour] of Object.entries(colours)) {
    await Deno.mkdir(`${folder}/in/${name.slice(0, -2)}`, { recursive: true });
    const data = Uint8Array.from([...colour, ...colour, ...colour, ...colour]);
    await Deno.writeFile(`${folder}/in/${name}.png`, encodePng({ width: 2, height: 2, data }));
  }
  const sources = [`${folder}/in`];
  await prepareTo(`${folder}/out`, { dataset: imageFolder as Dataset, sources, options: { size: 2, ...options } });
}

test("shards in colour become .npy [N, S, S, 3], all splits after each other, and labels beside", async (folder) => {
  await preparePictures(folder);
  const sources = [`${folder}/out`];
  const { items, count, from } = await convert({ sources, to: "npy", output: `${folder}/image.npy` });
  assertEquals([items, count, from], ["arrays", 1, ["shards"]]);
  const { dtype, shape, data } = decodeNpy(await Deno.readFile(`${folder}/image.npy`));
  assertEquals([dtype, shape], ["uint8", [4, 2, 2, 3]]);
  const firsts = [0, 1, 2, 3].map((i) => Number(data[12 * i]));
  assertEquals([firsts.slice(0, 2).sort(), firsts.slice(2)], [[1, 4], [7, 250]], "train, valid, test");
  await convert({ sources, to: "npy", output: `${folder}/label.npy`, array: "label" });
  const labels = decodeNpy(await Deno.readFile(`${folder}/label.npy`));
  assertEquals([labels.dtype, labels.shape], ["uint16", [4]]);
  assertEquals(Number(labels.data[firsts.indexOf(4)]), 1);
  assertEquals([...labels.data].map(Number).reduce((sum, value) => sum + value), 1, "of b there is one");

  // And back: the array is a source of its own, of one class.
  const again = { dataset: imageFolder as Dataset, sources: [`${folder}/image.npy`], options: { size: 2 } };
  const index = await prepareTo(`${folder}/again`, again);
  assertEquals(Object.values(index.splits).reduce((sum, { examples }) => sum + examples, 0), 4);

  const refuse = (to: string, array: string, words: string) =>
    assertRejects(() => convert({ sources, to, output: `${folder}/no`, array }), InputError, words);
  await refuse(
    "npy",
    "none",
    `${sources[0]}: no field none, and a file of npy holds one array: --array names one of image`,
  );
  await refuse("ndjson", "", "shards cannot become ndjson: it does not hold drawings");
});

test("a sheet of grey pictures shows them as light as they are", async (folder) => {
  await preparePictures(folder, { grey: true });
  assertEquals((await readShardIndex(`${folder}/out`)).picture, { field: "image", grey: true, light: true });
  const { pictures } = await inspectFile(await openShards(`${folder}/out`));
  assertEquals(pictures.map(({ light }) => light), [true, true, true, true]);
});

test("inspect shows the pictures of an array of them", async (folder) => {
  const data = Uint8Array.from({ length: 2 * 3 * 3 * 3 }, (_, i) => i);
  await Deno.writeFile(`${folder}/x.npy`, encodeNpy({ dtype: "uint8", shape: [2, 3, 3, 3], data }));
  const { facts, pictures, layout } = await inspectFile(await openFormat({ path: `${folder}/x.npy` }));
  assertEquals([...facts], [["array", "uint8 [2, 3, 3, 3], 0 to 53"]]);
  assertEquals(pictures.map(({ map, colour }) => [map.length, map[0], colour]), [[27, 0, true], [27, 27, true]]);
  assertEquals([layout.size, layout.scale], [3, 32]);
});

test("a JPEG file is told by its content, inspected, and traced", async (folder) => {
  const path = `${folder}/misnamed.png`;
  await Deno.writeFile(path, Uint8Array.fromBase64(JPEG_FILES["progressive 4:2:0"].file));
  const file = await openFormat({ path });
  assertEquals([file.format.name, file.holds], ["jpeg", "pictures"]);
  const facts = Object.fromEntries((await inspectFile(file)).facts);
  const { width, height } = JPEG_FILES["progressive 4:2:0"];
  assertEquals([facts.size, facts.colour], [`${width} x ${height} pixels`, "colour, 8 bits a sample, progressive"]);
  await Deno.writeFile(path, Uint8Array.fromBase64(JPEG_FILES["on its side"].file));
  const turned = Object.fromEntries((await inspectFile(await openFormat({ path }))).facts).colour;
  assertStringIncludes(turned, "turned as its Exif orientation ");
  await Deno.writeFile(path, Uint8Array.fromBase64(JPEG_FILES["on its side"].file).subarray(0, 60));
  await assertRejects(async () => inspectFile(await openFormat({ path })), InputError, `${path}: bad JPEG`);
  const png = () => convert({ sources: [path], to: "png", output: `${folder}/out` });
  await assertRejects(png, InputError, "jpeg cannot become png: it is a picture already");
});
