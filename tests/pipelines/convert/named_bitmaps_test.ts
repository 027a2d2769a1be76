/** Files of MNIST's images and of sets that are made like it: what their names and the files beside them say. */
import { gzipSync } from "node:zlib";
import { assertEquals, assertRejects } from "@std/assert";
import { decode } from "fast-png";
import { InputError } from "../../../pipelines/base/errors.ts";
import { convert } from "../../../pipelines/convert/convert.ts";
import { openFormat } from "../../../pipelines/convert/format_reader.ts";
import { inspectFile } from "../../../pipelines/convert/inspection.ts";
import { decodeIdx, encodeIdx } from "../../../pipelines/formats/idx.ts";
import { decodeNpy } from "../../../pipelines/formats/npy.ts";
import { decodeSketchRnn } from "../../../pipelines/formats/sketchrnn.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { namesIn } from "../../tasks/prepared.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `named bitmaps: ${name}`, ignore: !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

/** A bar from the left to the right, in row 5. */
const BAR = Uint8Array.from({ length: 784 }, (_, i) => Math.floor(i / 28) === 5 ? 255 : 0);
/** The same with rows and columns swapped. */
const UPRIGHT_BAR = Uint8Array.from({ length: 784 }, (_, i) => i % 28 === 5 ? 255 : 0);

const imagesOf = (...bitmaps: readonly Uint8Array[]) => {
  const data = Uint8Array.from(bitmaps.flatMap((bitmap) => [...bitmap]));
  return encodeIdx({ dtype: "uint8", shape: [bitmaps.length, 28, 28], data });
};
const labelsOf = (...labels: number[]) =>
  encodeIdx({ dtype: "uint8", shape: [labels.length], data: Uint8Array.from(labels) });

test("EMNIST's letters stand upright, are of their letters' classes and of their file's split", async (folder) => {
  const path = `${folder}/emnist-letters-test-images-idx3-ubyte`;
  await Deno.writeFile(path, imagesOf(UPRIGHT_BAR, UPRIGHT_BAR));
  await Deno.writeFile(path.replace("images-idx3", "labels-idx1"), labelsOf(8, 26));
  const swapped = "emnist-letters-test-images-idx3-ubyte: rows and columns swapped back, for its name says emnist";
  const run = (to: string, output: string) => convert({ sources: [path], to, output: `${folder}/${output}` });

  assertEquals((await run("png", "png")).notes, [swapped]);
  assertEquals(await namesIn(`${folder}/png`), ["H", "Z"]);
  assertEquals(decode(await Deno.readFile(`${folder}/png/H/000001.png`)).data, BAR);
  await run("ndjson", "x.ndjson");
  const line = '{"word":"H","drawing":[[[0,255],[0,0]]]}';
  assertEquals((await Deno.readTextFile(`${folder}/x.ndjson`)).split("\n")[0], line);
  await run("sketchrnn", "x.npz");
  const { train, valid, test } = decodeSketchRnn(await Deno.readFile(`${folder}/x.npz`));
  assertEquals([train.length, valid.length, test.length], [0, 0, 2]);

  assertEquals((await run("bitmap-npy", "x.npy")).notes, [swapped]);
  assertEquals(decodeNpy(await Deno.readFile(`${folder}/x.npy`)).data, Uint8Array.from([...BAR, ...BAR]));
  assertEquals((await run("idx", "emnist.idx")).notes, []); // whoever reads it by this name swaps them back
  assertEquals(await Deno.readFile(`${folder}/emnist.idx`), await Deno.readFile(path));
  await run("idx", "x.idx");
  assertEquals(decodeIdx(await Deno.readFile(`${folder}/x.idx`)).data, Uint8Array.from([...BAR, ...BAR]));

  const { facts, pictures } = await inspectFile(await openFormat({ path }));
  assertEquals([facts.at(-1), pictures[0].map], [["note", swapped], BAR]);

  await Deno.writeTextFile(`${folder}/emnist-letters-mapping.txt`, "8 104\n");
  const message = `labels-idx1-ubyte: label 26 of image 2 stands for no class`;
  await assertRejects(() => run("png", "mapped"), InputError, message);
});

test("labels are found gzipped or not, and QMNIST's", async (folder) => {
  const images = `${folder}/qmnist-test-images-idx3-ubyte.gz`;
  await Deno.writeFile(images, gzipSync(imagesOf(BAR, BAR)));
  const ways: [name: string, bytes: Uint8Array, classes: string[]][] = [
    ["labels-idx1-ubyte", labelsOf(4, 7), ["4", "7"]],
    ["labels-idx1-ubyte.gz", gzipSync(labelsOf(4, 12)), ["12", "4"]],
    [
      "labels-idx2-int",
      encodeIdx({ dtype: "int32", shape: [2, 8], data: Int32Array.from({ length: 16 }, (_, i) => i) }),
      ["0", "8"],
    ],
  ];
  for (const [i, [name, bytes, classes]] of ways.entries()) {
    await Deno.writeFile(`${folder}/qmnist-test-${name}`, bytes);
    const { notes } = await convert({ sources: [images], to: "png", output: `${folder}/${i}` });
    assertEquals([notes, await namesIn(`${folder}/${i}`)], [[], classes]);
    await Deno.remove(`${folder}/qmnist-test-${name}`);
  }
  const { notes } = await convert({ sources: [images], to: "png", output: `${folder}/none` });
  const name = "qmnist-test-images-idx3-ubyte.gz";
  const wanted = "qmnist-test-labels-idx1-ubyte or qmnist-test-labels-idx2-int";
  assertEquals(notes, [`${name}: no labels are beside it, ${wanted}`]);
  await convert({ sources: [images], to: "sketchrnn", output: `${folder}/x.npz` });
  assertEquals(decodeSketchRnn(await Deno.readFile(`${folder}/x.npz`)).test.length, 2);
});

test("labels of another number than the images are not theirs", async (folder) => {
  await Deno.writeFile(`${folder}/t10k-images-idx3-ubyte`, imagesOf(BAR, BAR));
  for (const [i, labels] of [labelsOf(1), labelsOf(1, 2, 3)].entries()) {
    await Deno.writeFile(`${folder}/t10k-labels-idx1-ubyte`, labels);
    const run = (className = "") =>
      convert({
        sources: [`${folder}/t10k-images-idx3-ubyte`],
        to: "png",
        output: `${folder}/out-${className}${i}`,
        className,
      });
    await assertRejects(() => run(), InputError, `${2 * i + 1} labels for the 2 images of ${folder}/t10k-images`);
    assertEquals((await run("line")).notes, []); // no labels are looked for
  }
});
