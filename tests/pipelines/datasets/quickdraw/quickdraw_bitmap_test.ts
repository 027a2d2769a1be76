/** Bitmaps of drawings: which class, which split, what is refused; and Google's own files. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeBitmapHeader } from "../../../../pipelines/formats/bitmaps.ts";
import { classOfFile } from "../../../../pipelines/datasets/quickdraw/file_class.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { decodeNpy, encodeNpy } from "../../../../pipelines/formats/npy.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { encodeBinaryDrawing } from "../../../../pipelines/formats/quickdraw/quickdraw_binary.ts";
import { quickdrawBitmap as dataset } from "../../../../pipelines/datasets/quickdraw/quickdraw_bitmap.ts";
import { countExamples } from "../../../../pipelines/shards/shard_index.ts";
import { readShard } from "../../../../pipelines/shards/shard_reader.ts";
import { openSource } from "../../../../pipelines/sources/source.ts";
import { inTemporaryFolder, may, REAL_DATA } from "../../../helpers.ts";
import { prepareTo } from "../../../tasks/prepared.ts";
import { SPLITS } from "../../../../pipelines/base/split.ts";

function test(name: string, fn: (folder: string) => Promise<void>, ignored = false): void {
  Deno.test({
    name: `quickdraw-bitmap: ${name}`,
    ignore: ignored || !may("read", "write"),
    sanitizeOps: true,
    sanitizeResources: true,
    fn: () => inTemporaryFolder(fn),
  });
}

const DEFAULTS = defaultsOf(dataset.options);

/** uint8 [count, 28, 28] of noise; the first ones are always the same. */
function pictures(count: number): Uint8Array<ArrayBuffer> {
  const prng = new Prng(1);
  return Uint8Array.from({ length: 784 * count }, () => prng.integer(256));
}

/** Every picture of a folder: its bytes in base64 to `class split`. */
async function stored(folder: string): Promise<Map<string, string>> {
  const index = JSON.parse(await Deno.readTextFile(`${folder}/index.json`));
  const found = new Map<string, string>();
  for (const split of SPLITS) {
    for (const shard of index.splits[split].shards) {
      const { image, label } = await readShard(folder, shard);
      label.data.forEach((value: number | bigint, i: number) => {
        const picture = (image.data as Uint8Array).subarray(784 * i, 784 * (i + 1)).toBase64();
        found.set(picture, `${index.classes[Number(value)]} ${split}`);
      });
    }
  }
  return found;
}

Deno.test("quickdraw-bitmap: the class is in the file's name", () => {
  const known = new Set(["cat", "ice cream", "The Eiffel Tower", "lot 7", "rainbow", "rainbow2"]);
  const names: [name: string, className: string][] = [
    ["cat.npy", "cat"],
    ["cat.npy.gz", "cat"],
    ["CAT.NPY", "CAT"],
    ["cat.NPY", "cat"],
    ["cat (1).npy", "cat"],
    ["cat-4000x784.bin.gz", "cat"],
    ["rainbow5000.npy.gz", "rainbow"],
    ["rainbow2.npy", "rainbow2"],
    ["ice cream.npy", "ice cream"],
    ["ice_cream_1000.npy", "ice cream"],
    ["full_numpy_bitmap_ice cream.npy", "ice cream"],
    ["full%2Fnumpy_bitmap%2FThe%20Eiffel%20Tower.npy", "The Eiffel Tower"],
    ["folder/lot 7.bin", "lot 7"],
    ["dog-4000x784.bin", "dog-4000x784"],
  ];
  for (const [name, className] of names) assertEquals(classOfFile(name, known), className, name);
});

test("a picture of .npy in any shape and of .bin is the same one, once for each class", async (folder) => {
  const data = pictures(6);
  const [four, shapes] = [data.subarray(0, 4 * 784), [[4, 784], [4, 1, 784], [4, 28, 28]]];
  for (const [i, shape] of shapes.entries()) {
    await Deno.writeFile(`${folder}/cat${i}.npy`, encodeNpy({ dtype: "uint8", shape, data: four.slice() }));
  }
  await Deno.writeFile(`${folder}/cat-6x784.bin`, data);
  await Deno.writeFile(`${folder}/dog.npy`, encodeNpy({ dtype: "uint8", shape: [1, 784], data: data.slice(0, 784) }));
  const index = await prepareTo(`${folder}/out`, { dataset, sources: [`${folder}/*.*`] });
  assertEquals([index.classes, index.filters, countExamples(index)], [["cat", "dog"], { "duplicate": 12 }, 7]);
  const { classes, filters } = await prepareTo(`${folder}/dogs`, {
    ...{ dataset, sources: [`${folder}/*.*`] },
    options: { ...DEFAULTS, classes: ["dog"] },
  });
  assertEquals([classes, filters], [["dog"], { "class not asked for": 18 }]);
});

test("a picture stays in its split when the file grows", async (folder) => {
  for (const count of [60, 90]) {
    await Deno.mkdir(`${folder}/${count}`);
    const file = encodeNpy({ dtype: "uint8", shape: [count, 784], data: pictures(count) });
    await Deno.writeFile(`${folder}/${count}/sun.npy`, file);
    await prepareTo(`${folder}/${count}/out`, { dataset, sources: [`${folder}/${count}/sun.npy`] });
  }
  const [few, many] = [await stored(`${folder}/60/out`), await stored(`${folder}/90/out`)];
  assertEquals([few.size, many.size, new Set(many.values()).size], [60, 90, 3]);
  for (const [picture, place] of few) assertEquals(many.get(picture), place);
});

test("chunks are cut at the same places however the bytes come", async (folder) => {
  const data = pictures(2500);
  await Deno.writeFile(`${folder}/sun.bin`, data);
  const gzip = new Blob([data]).stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(`${folder}/sun.bin.gz`, gzip);
  for (const path of [`${folder}/sun.bin`, `${folder}/sun.bin.gz`]) {
    const chunks = await Array.fromAsync(dataset.chunks([openSource({ path })], DEFAULTS, 0));
    const parts = chunks.map(({ content }) => (content as { pixels: Uint8Array<ArrayBuffer> }).pixels);
    assertEquals(parts.map(({ length }) => length / 784), [1024, 1024, 452]);
    assert((await new Blob(parts).bytes()).every((value, i) => value === data[i]), path);
  }
});

test("a file without a picture is told", async (folder) => {
  await Deno.writeFile(`${folder}/sun.bin`, pictures(2));
  await Deno.writeFile(`${folder}/cat.bin`, new Uint8Array());
  await Deno.writeFile(`${folder}/eye.npy`, encodeBitmapHeader(0, "npy"));
  const { notes } = await prepareTo(`${folder}/out`, { dataset, sources: [folder] });
  assert(notes?.includes("without any record: cat.bin, eye.npy"), notes?.join("\n"));
});

test("a file that ends too soon is an error, or gives its whole pictures and a reject", async (folder) => {
  await Deno.writeFile(`${folder}/sun.bin`, pictures(3).subarray(0, 2 * 784 + 9));
  await Deno.writeFile(`${folder}/eye.npy`, Uint8Array.from([...encodeBitmapHeader(9, "npy"), ...pictures(2)]));
  const zip = new Blob([pictures(7)]).stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(`${folder}/cat.bin.gz`, (await new Response(zip).bytes()).subarray(0, 5000));
  const sources = [`${folder}/sun.bin`, `${folder}/eye.npy`, `${folder}/cat.bin.gz`];
  for (
    const [i, words] of ["sun.bin:3: truncated bitmaps", "eye.npy:3: truncated bitmaps", "cat.bin.gz:7: "].entries()
  ) {
    const run = () => prepareTo(`${folder}/out`, { dataset, sources: [sources[i]], maxRejects: 1 });
    await assertRejects(run, InputError, words);
  }
  const index = await prepareTo(`${folder}/out`, { dataset, sources, maxRejects: 1, damaged: "keep" });
  assertEquals([countExamples(index), index.rejects], [10, { "truncated bitmaps": 2, "truncated gzip": 1 }]);
  const rejects = (await Deno.readTextFile(`${folder}/out/rejects.ndjson`)).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(rejects.map(({ file, line }) => [file, line]), [["sun.bin", 3], ["eye.npy", 3], ["cat.bin.gz", 7]]);
});

test("what is no file of bitmaps is refused in one line", async (folder) => {
  const strokes = encodeBinaryDrawing({ drawing: [[[0, 255], [9, 7]]] });
  const idx = Uint8Array.from([...encodeBitmapHeader(10, "idx"), ...pictures(10)]);
  /** As long as ten bitmaps: a beginning, over and over where it is text. */
  const tenOf = (start: string) => {
    const text = start.includes("\0") ? start.padEnd(7840, "\0") : start.repeat(7840 / start.length + 1);
    return Uint8Array.from(text.slice(0, 7840), (letter) => letter.charCodeAt(0));
  };
  const cases: [name: string, bytes: Uint8Array, words: string][] = [
    [
      "cat.bin",
      strokes,
      "cat.bin: it is binary, not bitmap-npy or bitmap-bin; deno task prepare --dataset quickdraw reads it",
    ],
    [
      "cat.npy",
      encodeNpy({ dtype: "float32", shape: [1, 784], data: new Float32Array(784) }),
      "<f4 [1,784], expected uint8",
    ],
    ["cat.npy", new Uint8Array(784), "not an .npy file"],
    ["zebra crossing.npy", encodeBitmapHeader(0, "npy"), '"zebra crossing" is no Quick, Draw! category'],
    [
      "cat.bin",
      new TextEncoder().encode('{"drawing":[[[0,1],[2,3]]]}'),
      "it is ndjson, not bitmap-npy or bitmap-bin; deno task prepare --dataset quickdraw reads it",
    ],
    ["cat.bin", idx, "it is idx, not bitmap-npy or bitmap-bin; deno task prepare --dataset mnist reads it"],
    ["cat.bin", idx.subarray(0, 7840), "it is IDX, uint8 [10,28,28], which takes 7856 bytes, found 7840: it was cut"],
    ["cat.bin", tenOf("%PDF-1.4\n\0"), "it is a PDF document, not bitmap-npy or bitmap-bin"],
    ["cat.bin", tenOf("PK\x03\x04\x14\0\0\0"), "it is a zip archive"],
    [
      "cat.bin",
      tenOf("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
      "it is png, not bitmap-npy or bitmap-bin; deno task prepare --dataset mnist",
    ],
    [
      "cat.bin",
      tenOf("\xff\xd8\xff\xe0\0"),
      "it is jpeg, not bitmap-npy or bitmap-bin; deno task prepare --dataset image-",
    ],
    ["cat.bin", tenOf("no bitmaps "), 'it is of no known format, it begins with "no bitmaps '],
    ["cat", tenOf('{"epoch": 1, "loss": 2}'), 'it is of no known format, it begins with "{'],
  ];
  for (const [name, bytes, words] of cases) {
    await Deno.writeFile(`${folder}/${name}`, bytes);
    const read = () => prepareTo(`${folder}/out`, { dataset, sources: [`${folder}/${name}`] });
    const { message } = await assertRejects(read, InputError);
    assert(message.includes(words) && !message.includes("\n"), message);
  }
  await assertRejects(
    () => Array.fromAsync(dataset.chunks([openSource({ path: "-" })], DEFAULTS, 0)),
    InputError,
    "--class",
  );
});

test("Google's own pictures come out as they went in", async (folder) => {
  const sources = ["cat.npy.gz", "cat-4000x784.bin.gz", "eye.npy"].map((name) =>
    `${REAL_DATA}quickdraw-bitmap/${name}`
  );
  const index = await prepareTo(`${folder}/out`, { dataset, sources });
  assertEquals([index.classes, countExamples(index)], [["cat", "eye"], 10_000]);
  const { data } = decodeNpy(await Deno.readFile(sources[2]));
  const found = await stored(`${folder}/out`);
  for (let i = 0; i < 3000; i++) {
    assert(found.get((data as Uint8Array).subarray(784 * i, 784 * (i + 1)).toBase64())?.startsWith("eye "), `eye ${i}`);
  }
}, REAL_DATA === undefined);
