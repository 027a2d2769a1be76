/** prepare reads what convert reads: the same shards come of a file directly, and by way of ndjson. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { gzipSync } from "node:zlib";
import type { NdArray } from "../../../../pipelines/base/arrays.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { SPLITS } from "../../../../pipelines/base/split.ts";
import { convert } from "../../../../pipelines/convert/convert.ts";
import { quickdraw } from "../../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { encodeNpyHeader } from "../../../../pipelines/formats/npy.ts";
import { zipMembers } from "../../../../pipelines/formats/npz.ts";
import { encodePickle } from "../../../../pipelines/formats/pickle/pickle_write.ts";
import { encodeBinaryDrawing } from "../../../../pipelines/formats/quickdraw/quickdraw_binary.ts";
import { simplifyRaw } from "../../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { encodeSketchRnn } from "../../../../pipelines/formats/sketchrnn.ts";
import { prepare, type PrepareSettings } from "../../../../pipelines/prepare/prepare.ts";
import type { ShardIndex } from "../../../../pipelines/shards/shard_index.ts";
import { readShard } from "../../../../pipelines/shards/shard_reader.ts";
import { fromStroke3, toStroke3 } from "../../../../pipelines/strokes/stroke.ts";
import { concatBytes } from "../../../../pipelines/base/bytes.ts";
import { FAST, inTemporaryFolder, may, REAL_DATA } from "../../../helpers.ts";

function test(name: string, fn: (folder: string) => Promise<void>, unless = false): void {
  Deno.test({ name: `direct: ${name}`, ignore: !may("read", "write") || unless, fn: () => inTemporaryFolder(fn) });
}

type Settings = Partial<PrepareSettings<typeof quickdraw.options>>;

const prepareAll = (settings: Settings & { sources: readonly string[]; output: string }): Promise<ShardIndex> =>
  prepare({ dataset: quickdraw, workers: 2, overwrite: true, shardSize: 64, ...settings });

/** All bytes of the shards. */
const hashes = ({ splits }: ShardIndex) => SPLITS.flatMap((split) => splits[split].shards.map(({ sha256 }) => sha256));

const COUNT = 300;
/** Drawings of three strokes, of which every tenth is the one before it again. */
const RECORDS = Array.from({ length: COUNT }, (_, i) => i % 10 === 9 ? i - 1 : i).map((i) => ({
  word: "cat",
  countryCode: "CH",
  timestamp: `2017-03-0${1 + i % 9} 21:12:07.0 UTC`,
  recognized: i % 5 > 0,
  keyId: 2n ** 63n + BigInt(i),
  drawing: [0, 1, 2].map((stroke): [number[], number[]] => [
    [stroke, i % 256, (7 * i + stroke) % 256],
    [(3 * i) % 256, i >> 8, stroke],
  ]),
}));
const linesOf = (lists: (drawing: [number[], number[]][]) => unknown) =>
  RECORDS.map(({ word, countryCode: countrycode, timestamp, recognized, keyId, drawing }) =>
    JSON.stringify({ word, countrycode, timestamp, recognized, key_id: String(keyId), drawing: lists(drawing) })
  );
const vectors = RECORDS.map(({ drawing }) => toStroke3(drawing));
const SKETCHES = { train: vectors.slice(0, 200), valid: vectors.slice(200, 250), test: vectors.slice(250) };
/** The same at the scale of other people's files: in 0..765, with negative offsets at the beginning. */
const LARGE = Object.fromEntries(
  SPLITS.map((split) => [
    split,
    SKETCHES[split].map((rows) => rows.map((v, i) => i % 3 === 2 ? v : 3 * v - (i < 2 ? 100 : 0))),
  ]),
) as unknown as typeof SKETCHES;

const lineText = (lists: (drawing: [number[], number[]][]) => unknown) => `${linesOf(lists).join("\n")}\n`;
const onGrid = (drawing: unknown) => drawing;
const timed = (drawing: [number[], number[]][]) =>
  drawing.map(([xs, ys]) => [xs.map((x) => 2.5 * x - 9), ys.map((y) => 2.5 * y), xs.map((_, i) => 16 * i)]);
const FILES: Readonly<Record<string, { bytes: () => Uint8Array | string; options?: Settings["options"] }>> = {
  "cat.bin": { bytes: () => concatBytes(RECORDS.map(encodeBinaryDrawing)) },
  "cat.npz": { bytes: () => encodeSketchRnn(SKETCHES), options: { splits: "hash" } },
  "sketchrnn_cat.full.npz": { bytes: () => encodeSketchRnn(LARGE), options: { splits: "hash" } },
  "cat.json": { bytes: () => `[${linesOf(onGrid)}]` },
  "raw.ndjson": { bytes: () => lineText(timed), options: { fit: true } },
  "cat.csv": {
    bytes: () =>
      `key_id,word,drawing\n${
        RECORDS.map(({ keyId, drawing }) => `${keyId},cat,"${JSON.stringify(drawing)}"\n`).join("")
      }`,
  },
};

for (const [name, { bytes, options = {} }] of Object.entries(FILES)) {
  test(`${name}: the shards of convert --to ndjson, bit for bit, gzipped or not`, async (folder) => {
    const [path, gz, ndjson] = [`${folder}/${name}`, `${folder}/gz/${name}.gz`, `${folder}/cat.ndjson`];
    await Deno.mkdir(`${folder}/gz`);
    const content = bytes();
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    await Deno.writeFile(gz, gzipSync(content));
    const fields = ["stroke_index", "stroke3", "country", "timestamp", "recognized"] as const;
    const others = { fields, recognizedOnly: true, maxStrokes: 4 } as const;
    await convert({ sources: [path], to: "ndjson", output: ndjson });
    const output = `${folder}/out`;
    const expected = await prepareAll({ sources: [ndjson], output, options: others });
    for (const sources of [[path], [gz]]) {
      const index = await prepareAll({ sources, output, options: { ...options, ...others } });
      assertEquals(hashes(index), hashes(expected));
      const told = ({ filters, rejects, classes, histograms }: ShardIndex) => ({
        filters,
        rejects,
        classes,
        histograms,
      });
      assertEquals(told(index), told(expected));
    }
    assert(expected.filters.duplicate > 20, JSON.stringify(expected.filters));
  }, FAST);
}

/** The drawings of each split, sorted. */
async function drawingsOf(index: ShardIndex, folder: string): Promise<string[][]> {
  const all = SPLITS.map(async (split) => {
    const found: string[] = [];
    for (const entry of index.splits[split].shards) {
      const { stroke3, stroke3_offsets } = await readShard(folder, entry);
      const rows = stroke3.data as Int16Array;
      for (let i = 0; i < entry.examples; i++) {
        const [from, to] = [stroke3_offsets.data[i], stroke3_offsets.data[i + 1]].map((offset) => 3 * Number(offset));
        found.push(JSON.stringify(fromStroke3(rows.subarray(from, to))));
      }
    }
    return found.toSorted();
  });
  return await Promise.all(all);
}

test("Sketch-RNN's arrays are their own splits, told; a drawing that comes again stays where it was first", async (folder) => {
  await Deno.writeFile(`${folder}/cat.npz`, encodeSketchRnn({ ...SKETCHES, test: [...SKETCHES.test, vectors[0]] }));
  const [sources, output] = [[`${folder}/cat.npz`], `${folder}/out`];
  const index = await prepareAll({ sources, output });
  const unique = SPLITS.map((split) => [...new Set(SKETCHES[split].map((rows) => JSON.stringify(fromStroke3(rows))))]);
  assertEquals(await drawingsOf(index, output), unique.map((some) => some.toSorted()));
  assertEquals(index.filters, { duplicate: 31 });
  assertStringIncludes(index.notes!.join(), "own splits (200 train, 50 valid, 51 test)");
  const dealt = await prepareAll({ sources, output, options: { splits: "hash" } });
  assertEquals(dealt.splits.train.examples !== index.splits.train.examples, true);
  assertEquals(dealt.notes!.join().includes("Sketch-RNN"), false);
});

test("a binary file by hand: the key, the class of the name, what is known of it", async (folder) => {
  const record = [1, 2, 0, 0, 0, 0, 0, 128, 70, 82, 1, 60, 0, 0, 0, 1, 0, 2, 0, 0, 255, 9, 7];
  await Deno.writeFile(`${folder}/full_binary_ice_cream.bin`, Uint8Array.from(record));
  const fields = ["stroke3", "country", "timestamp", "recognized"] as const;
  const index = await prepareAll({ sources: [folder], output: `${folder}/out`, options: { fields } });
  assertEquals(index.classes, ["ice cream"]);
  const [entry] = SPLITS.flatMap((split) => index.splits[split].shards);
  const { key_id, stroke3, country, timestamp, recognized } = await readShard(`${folder}/out`, entry);
  assertEquals([key_id.data[0], timestamp.data[0], recognized.data[0]], [2n ** 63n + 513n, 60_000_000n, 1]);
  assertEquals([[...stroke3.data as Int16Array], [...country.data as Uint8Array]], [[0, 9, 0, 255, -2, 1], [70, 82]]);
});

test("a folder of everything: every file by its content, the same drawing of one key once", async (folder) => {
  const inside = `${folder}/all`;
  await Deno.mkdir(inside);
  await Deno.writeFile(`${inside}/cat.bin`, concatBytes(RECORDS.map(encodeBinaryDrawing)));
  await Deno.writeTextFile(`${inside}/cat.ndjson`, lineText(onGrid)); // the same keys
  await Deno.writeFile(`${inside}/dog.npz`, encodeSketchRnn(SKETCHES));
  await Deno.writeTextFile(`${inside}/sun.svg`, '<svg><path d="M0 0H9V9z"/></svg>');
  await Deno.writeFile(`${inside}/eye.json.gz`, gzipSync('{"eye":[[[[0,9],[9,255]]]]}'));
  const index = await prepareAll({ sources: [inside, `${inside}/*.npz`], output: `${folder}/out` });
  assertEquals(index.classes, ["cat", "dog", "eye", "sun"]);
  const perClass = index.classes.map((_, i) => SPLITS.reduce((sum, split) => sum + index.splits[split].perClass[i], 0));
  assertEquals(perClass, [270, 270, 1, 1]);
  assertEquals([index.filters, index.sources.length], [{ duplicate: 30 + 300 + 30 }, 5]);
  assertStringIncludes(index.notes!.join(), "the same drawing in another file may be in another split");
});

test("a binary file that is cut or broken is refused; kept, it gives what comes before", async (folder) => {
  const whole = concatBytes(RECORDS.slice(0, 40).map(encodeBinaryDrawing));
  const each = whole.length / 40;
  const cases: [Uint8Array, string, number][] = [
    [whole.slice(0, -3), `cat.bin:40: truncated record: the file ends inside drawing 40, ${each - 3} bytes`, 39],
    [
      whole.slice().fill(0, 20 * each + 8, 20 * each + 9),
      "cat.bin:21: not a drawing: drawing 21: the country code",
      20,
    ],
  ];
  for (const [bytes, words, count] of cases) {
    await Deno.writeFile(`${folder}/cat.bin`, bytes);
    const settings = { sources: [`${folder}/cat.bin`], output: `${folder}/out` };
    assertStringIncludes((await assertRejects(() => prepareAll(settings), InputError)).message, words);
    const index = await prepareAll({ ...settings, damaged: "keep", maxRejects: 0.1 });
    const kept = SPLITS.reduce((sum, split) => sum + index.splits[split].examples, index.filters.duplicate);
    assertEquals([kept, Object.values(index.rejects)], [count, [1]]);
  }
});

/** A file of Sketch-RNN's with any arrays in it. */
function sketchesOf(splits: Readonly<Record<string, readonly NdArray[]>>): Uint8Array<ArrayBuffer> {
  const members = Object.entries(splits).map(([split, items]) => [
    `${split}.npy`,
    concatBytes([encodeNpyHeader("|O", [items.length]), encodePickle(items)]),
  ]);
  return zipMembers(Object.fromEntries(members));
}

test("one of Sketch-RNN's drawings that cannot be used is a reject with its place, all others are kept", async (folder) => {
  const good = vectors.slice(0, 9).map((data): NdArray => ({ dtype: "int16", shape: [data.length / 3, 3], data }));
  const bad: NdArray[] = [
    { dtype: "int16", shape: [1, 4], data: new Int16Array(4) },
    { dtype: "int16", shape: [1, 3], data: Int16Array.of(1, 1, 2) },
    { dtype: "float64", shape: [1, 3], data: Float64Array.of(1e6, 0, 1) },
  ];
  const [path, output] = [`${folder}/cat.npz`, `${folder}/out`];
  await Deno.writeFile(path, sketchesOf({ train: [...good.slice(0, 5), ...bad], test: [...good.slice(5), bad[0]] }));
  const { message } = await assertRejects(() => prepareAll({ sources: [path], output }), InputError);
  assertStringIncludes(message, "4 of 13 records were rejected");
  assertStringIncludes(
    message,
    "cat.npz:6: not a drawing: drawing 6 of train: it is int16 [1,4], expected [points, 3]",
  );
  const index = await prepareAll({ sources: [path], output, maxRejects: 0.5 });
  assertEquals([index.rejects, index.splits.train.examples, index.splits.test.examples], [
    { "not a drawing": 4 },
    5,
    4,
  ]);
  const lines = (await Deno.readTextFile(`${output}/rejects.ndjson`)).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(lines.map(({ line }) => line), [6, 7, 8, 13]);
  assertStringIncludes(lines[3].detail, "drawing 5 of test: ");
  const read = () => convert({ sources: [path], to: "ndjson", output: `${folder}/x`, overwrite: true });
  assertStringIncludes((await assertRejects(read, InputError)).message, "drawing 6 of train: it is int16 [1,4]");
  const { count, rejects } = await convert({ sources: [path], to: "ndjson", output: `${folder}/x`, skipBad: true });
  assertEquals([count, rejects], [9, { "not a drawing": 4 }]);
});

test("a file of Sketch-RNN's that is broken is damage: the splits before it are kept where that is asked for", async (folder) => {
  const [path, output] = [`${folder}/cat.npz`, `${folder}/out`];
  const items = vectors.slice(0, 5).map((data): NdArray => ({ dtype: "int16", shape: [data.length / 3, 3], data }));
  const evil = new TextEncoder().encode("cos\nsystem\n(S'true'\ntR.");
  const member = (pickle: Uint8Array, count: number) => concatBytes([encodeNpyHeader("|O", [count]), pickle]);
  await Deno.writeFile(path, zipMembers({ "train.npy": member(encodePickle(items), 5), "test.npy": member(evil, 1) }));
  const { message } = await assertRejects(() => prepareAll({ sources: [path], output }), InputError);
  assertStringIncludes(message, "cat.npz:6: broken file: test: Cannot read pickle: it names os.system");
  const index = await prepareAll({ sources: [path], output, damaged: "keep", maxRejects: 0.5 });
  assertEquals([index.splits.train.examples, index.rejects], [5, { "broken file": 1 }]);
  await Deno.writeFile(path, encodeSketchRnn(SKETCHES).subarray(0, -9));
  assertStringIncludes(
    (await assertRejects(() => prepareAll({ sources: [path], output }), InputError)).message,
    "broken",
  );
});

test("--epsilon: how far a simplified line may be, with --fit in every form; said where it was of no use", async (folder) => {
  // A bend 20 units high over a base of 255: it goes with an epsilon of 20 and stays with 19.
  const bend = [[[0, 100, 255], [0, 20, 0]]] as unknown as [[number[], number[]]];
  await Deno.writeTextFile(`${folder}/cat.ndjson`, JSON.stringify({ drawing: bend }));
  await Deno.writeFile(`${folder}/cat.bin`, encodeBinaryDrawing({ drawing: bend }));
  await Deno.writeFile(`${folder}/cat.npz`, encodeSketchRnn({ train: [toStroke3(bend)], valid: [], test: [] }));
  await Deno.writeTextFile(`${folder}/cat.svg`, '<svg><path d="M0 0L100 20L255 0"/></svg>');
  const output = `${folder}/out`;
  const ndjson = `${folder}/x`;
  for (const [epsilon, drawing] of [[20, [[[0, 255], [0, 0]]]], [19, bend]] as const) {
    for (const name of ["cat.ndjson", "cat.bin", "cat.npz", "cat.svg"]) {
      const sources = [`${folder}/${name}`];
      const index = await prepareAll({ sources, output, workers: 1, options: { fit: true, epsilon } });
      assertEquals((await drawingsOf(index, output)).flat(), [JSON.stringify(drawing)]);
      assertEquals(index.options.epsilon, epsilon);
      await convert({ sources, to: "ndjson", output: ndjson, overwrite: true, fit: true, epsilon });
      assertEquals(JSON.parse(await Deno.readTextFile(ndjson)).drawing, drawing);
    }
  }
  assertEquals(simplifyRaw(bend, 20), [[[0, 255], [0, 0]]]);
  const unused = await prepareAll({ sources: [`${folder}/cat.bin`], output, workers: 1, options: { epsilon: 20 } });
  assertStringIncludes(unused.notes!.join(), "--epsilon 20 was not used");
  const svg = await prepareAll({ sources: [`${folder}/cat.svg`], output, workers: 1, options: { epsilon: 20 } });
  assertEquals(svg.notes!.join().includes("--epsilon"), false);
  assertEquals((await drawingsOf(svg, output)).flat(), ["[[[0,255],[0,0]]]"]);
  const bad = { sources: [folder], output, options: { epsilon: 256 } };
  assertStringIncludes((await assertRejects(() => prepareAll(bad), RangeError)).message, "epsilon");
});

test("what holds no drawings is named with the command for it", async (folder) => {
  await Deno.writeFile(`${folder}/cat.bin`, concatBytes(RECORDS.map(encodeBinaryDrawing)));
  await prepareAll({ sources: [`${folder}/cat.bin`], output: `${folder}/shards` });
  await Deno.writeFile(`${folder}/sun.bin`, new Uint8Array(3 * 784));
  await Deno.writeFile(`${folder}/eye.bin.gz`, gzipSync(new Uint8Array(200 * 784)));
  const cases = [
    ["shards", "index.json: the index of a folder of shards, not drawings; deno task convert reads the folder"],
    ["sun.bin", "sun.bin: bitmap-bin, not drawings; deno task prepare --dataset quickdraw-bitmap reads it"],
    ["eye.bin.gz", "eye.bin.gz: bitmap-bin, not drawings; deno task prepare --dataset quickdraw-bitmap reads it"],
  ];
  for (const [name, words] of cases) {
    const read = () => prepareAll({ sources: [`${folder}/${name}`], output: `${folder}/out` });
    assertStringIncludes((await assertRejects(read, InputError)).message, words);
  }
});

test("a real file of Sketch-RNN's: its splits, each drawing in 0..255", async (folder) => {
  const sources = [`${REAL_DATA}sketchrnn-npz/short_kanji.npz`];
  const index = await prepareAll({ sources, output: `${folder}/out`, options: { class: "kanji" }, shardSize: 4096 });
  const all = await drawingsOf(index, `${folder}/out`);
  assertEquals(SPLITS.map((split) => index.splits[split].examples).map((n) => n > 450), [true, true, true]);
  // 10,000 + 600 + 500 by numpy.
  assertEquals(all.flat().length + (index.filters.duplicate ?? 0), 11_100);
  const values = all.flat().map((text) => (JSON.parse(text) as number[][][]).flat(2));
  assert(values.every((some) => Math.min(...some) === 0 && Math.max(...some) <= 255));
  assertStringIncludes(index.notes!.join(), "11,100 drawings of offsets that lay outside 0..255");
}, REAL_DATA === undefined);
