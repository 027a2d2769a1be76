/** `deno task inspect` and what it counts. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { decode } from "fast-png";
import { arithmetic } from "../../../pipelines/datasets/arithmetic/arithmetic.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { MAX_CLASSES } from "../../../pipelines/shards/shard_index.ts";
import { readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { encodeBitmapHeader } from "../../../pipelines/formats/bitmaps.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { openFormat, openShards } from "../../../pipelines/convert/format_reader.ts";
import { encodeIdx } from "../../../pipelines/formats/idx.ts";
import { encodeMat } from "../../../pipelines/formats/mat/mat_write.ts";
import { decodeNpz, encodeNpz } from "../../../pipelines/formats/npz.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { encodePng } from "../../../pipelines/images/png.ts";
import { encodeSketchRnn } from "../../../pipelines/formats/sketchrnn.ts";
import { svhn } from "../../../pipelines/datasets/svhn.ts";
import { inspectFile } from "../../../pipelines/convert/inspection.ts";
import { prepare } from "../../../pipelines/prepare/prepare.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_RUN, complaints, runTask } from "../command.ts";
import { namesIn, prepareTo } from "../prepared.ts";

const ignore = !may("read", "write");

/** A test in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>, unless = false): void {
  Deno.test({ name: `inspect: ${name}`, ignore: ignore || unless, fn: () => inTemporaryFolder(fn) });
}

/** Writes a file and inspects it. */
async function inspect(path: string, content: Uint8Array | string) {
  await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
  const file = await openFormat({ path, bytes: content.length });
  const { facts, histograms, rejects, ...rest } = await inspectFile(file);
  const counts = Object.fromEntries(
    Object.entries(histograms).map(([title, values]) => [title, Object.fromEntries(values)]),
  );
  return {
    ...rest,
    format: file.format.name,
    facts: Object.fromEntries(facts),
    counts,
    rejects: Object.fromEntries(rejects),
  };
}

const drawing = (strokes: number, points: number) =>
  JSON.stringify(
    Array.from({ length: strokes }, () => [Array(points).fill(7), Array.from({ length: points }, (_, i) => i)]),
  );
const LINES = [
  `{"word":"cat","countrycode":"CH","recognized":true,"key_id":"1","drawing":${drawing(1, 2)}}`,
  `{"word":"cat","countrycode":"CH","recognized":false,"key_id":"2","drawing":${drawing(2, 8)}}`,
  `{"word":"dog","countrycode":"US","recognized":true,"drawing":${drawing(20, 1)}}`,
  '{"drawing":[[[0],[256]]]}',
].join("\n");

test("drawings: classes, countries, keys, strokes and points", async (folder) => {
  const { format, count, facts, counts, rejects, pictures } = await inspect(`${folder}/x`, LINES);
  assertEquals([format, count, rejects], ["ndjson", 3, { "coordinate out of range": 1 }]);
  assertEquals(facts, {
    classes: "2: cat 2, dog 1",
    countries: "2: CH 2, US 1",
    recognized: "2: yes 2, no 1",
    keys: "2 of 3",
    points: "38 in all, at most 20 a drawing",
  });
  assertEquals(counts["strokes a drawing"], { 1: 1, 2: 1, "16+": 1 });
  assertEquals(counts["points a drawing"], { 2: 1, "9-16": 1, "17-32": 1 });
  // A row a class: two cats and eight blanks, a dog and nine.
  assertEquals(pictures.length, 20);
  const drawn = pictures.map(({ map }) => map.some((cell) => cell > 0));
  assertEquals(drawn.flatMap((is, i) => is ? [i] : []), [0, 1, 10]);
});

test("drawings: words beyond those that may be classes are counted together", async (folder) => {
  const words = [...Array.from({ length: MAX_CLASSES + 3 }, (_, i) => `w${i}`), "w0", `w${MAX_CLASSES}`];
  const lines = words.map((word) => `{"word":"${word}","countrycode":"${word}","drawing":[[[0],[1]]]}`);
  const { facts, count, pictures } = await inspect(`${folder}/x`, lines.join("\n"));
  assertEquals([count, pictures.length], [words.length, 160]);
  const first = Array.from({ length: 11 }, (_, i) => `w${i + 1} 1`).join(", ");
  const told = `the first 65,536: w0 2, ${first}, and 65,524 more; 4 drawings of others`;
  assertEquals([facts.classes, facts.countries], [told, told]);
});

test("drawings of one class fill the sheet, 160 at most", async (folder) => {
  const lines = `{"drawing":${drawing(1, 3)}}\n`.repeat(200);
  const { count, pictures, facts } = await inspect(`${folder}/x`, lines);
  assertEquals([count, pictures.length, facts.classes], [200, 160, "not named"]);
});

test("Sketch-RNN's drawings: splits, and pictures of offsets that leave the grid", async (folder) => {
  const rows = Int16Array.of(-500, 5, 0, 1000, 0, 1);
  const { facts, pictures } = await inspect(`${folder}/x`, encodeSketchRnn({ train: [rows], valid: [rows], test: [] }));
  assertEquals(facts.splits, "2: train 1, valid 1");
  assert(pictures.every(({ map }) => map.filter((cell) => cell > 0).length === 64)); // a line from side to side
});

test("bitmaps: how many, how much ink", async (folder) => {
  const pixels = new Uint8Array(3 * 784).fill(255, 784, 784 + 392);
  const bytes = Uint8Array.from([...encodeBitmapHeader(3, "npy"), ...pixels]);
  const { count, facts, counts, pictures } = await inspect(`${folder}/x`, bytes);
  assertEquals([count, pictures.length, pictures[1].grey], [3, 3, true]);
  assertEquals(facts, { array: "uint8 [3, 28, 28]", ink: "16.7 % of the pixels", blank: "2" });
  assertEquals(counts, { "pixels with ink": { "0-10 %": 2, "50-60 %": 1 } });
});

test("arrays: dtypes, shapes, ranges, and the values where they are few", async (folder) => {
  const labels = { dtype: "uint8", shape: [4], data: Uint8Array.of(3, 1, 3, 3) } as const;
  const idx = await inspect(`${folder}/x.idx`, encodeIdx(labels));
  assertEquals([idx.format, idx.facts, idx.pictures], ["idx", { array: "uint8 [4], 1 to 3" }, []]);
  assertEquals(idx.counts, { values: { 1: 1, 3: 3 } });
  const keys = { dtype: "uint64", shape: [1, 2], data: BigUint64Array.of(5n, 2n ** 63n) } as const;
  const npz = await inspect(`${folder}/x.npz`, encodeNpz({ label: labels, key_id: keys }));
  assertEquals(npz.facts, { label: "uint8 [4], 1 to 3", key_id: "uint64 [1, 2], 5 to 9223372036854775808" });
  assertEquals(Object.keys(npz.counts), ["values of label"]);
});

test("arrays: what is no finite number is counted, large whole numbers are told apart", async (folder) => {
  const arrays = {
    all: { dtype: "float64", shape: [2], data: Float64Array.of(NaN, NaN) },
    some: { dtype: "float32", shape: [5], data: Float32Array.of(-3, NaN, Infinity, 2, -Infinity) },
    keys: { dtype: "uint64", shape: [4], data: BigUint64Array.of(2n ** 64n - 1n, 2n ** 53n + 1n, 2n ** 53n, 9n) },
  } as const;
  const { facts, counts } = await inspect(`${folder}/x.npz`, encodeNpz(arrays));
  assertEquals(facts, {
    all: "float64 [2], 2 NaN",
    some: "float32 [5], -3 to 2, 1 NaN, 1 Infinity, 1 -Infinity",
    keys: "uint64 [4], 9 to 18446744073709551615",
  });
  const values = { 9: 1, "9007199254740992": 1, "9007199254740993": 1, "18446744073709551615": 1 };
  assertEquals(counts, { "values of keys": values });
  assertEquals(Object.keys(counts["values of keys"]), Object.keys(values));
});

test("what is broken is refused with its name", async (folder) => {
  const bytes = encodeSketchRnn({ train: [Int16Array.of(1, 2, 1)], valid: [], test: [] });
  await assertRejects(
    () => inspect(`${folder}/x.npz`, bytes.subarray(0, bytes.length - 9)),
    InputError,
    "x.npz: Cannot",
  );
  await assertRejects(() => inspect(`${folder}/x`, "GIF89a"), InputError, "x: a picture, of no format");
});

test("the command: a table and a sheet, of a file and of shards", async (folder) => {
  await Deno.writeTextFile(`${folder}/x.ndjson`, LINES);
  const run = await runTask("inspect", [`${folder}/x.ndjson`, "--sheet", `${folder}/x.png`]);
  assertEquals([run.code, complaints(run)], [0, []]);
  for (const words of ["format     ndjson: ", "drawings   3", "rejected   1 coordinate out of range", "  16+  ██"]) {
    assertStringIncludes(run.stdout, words);
  }
  const { width, height } = decode(await Deno.readFile(`${folder}/x.png`));
  assert(width > 10 * 128 && height > 2 * 128 && height < 3 * 160, `${width} x ${height}`);

  await prepare({ dataset: quickdraw, sources: [`${folder}/x.ndjson`], output: `${folder}/data`, maxRejects: 1 });
  const shards = await runTask("inspect", [`${folder}/data/`, "--sheet="]);
  assertEquals(shards.code, 0, shards.stderr);
  for (
    const words of ["dataset    quickdraw, 2 classes", "stroke3 int16 [n, 3]", "drawings   3", "classes    2: cat 2"]
  ) {
    assertStringIncludes(shards.stdout, words);
  }
  assertEquals(await namesIn(folder), ["data", "x.ndjson", "x.png"]);
}, !CAN_RUN);

test("the command: one line and exit code 2 for what is wrong", async (folder) => {
  await Deno.writeFile(`${folder}/x.idx`, encodeIdx({ dtype: "uint8", shape: [1, 28, 28], data: new Uint8Array(784) }));
  await Deno.mkdir(`${folder}/shards`);
  await Deno.writeTextFile(`${folder}/shards/index.json`, "{}");
  const wrong: [string[], string][] = [
    [[], "expected one file or folder, found 0"],
    [[`${folder}/none`], `${folder}/none: no such file or folder`],
    [[folder], "no index.json"],
    [[`${folder}/x.idx`, "--fit"], `--fit: not of ${folder}/x.idx, which holds bitmaps`],
    [[`${folder}/shards`, "--from", "npy"], `--from: not of ${folder}/shards, which is a folder of shards`],
    [[`${folder}/x.idx`, "--from", "json"], "; nothing can be read of it as json, 1 reject"],
    [["/dev/null"], "null: of no known format (it is empty)"],
  ];
  for (const [args, words] of wrong) {
    const { code, stdout, stderr } = await runTask("inspect", args);
    assertEquals([code, stdout, stderr.trim().split("\n").length], [2, "", 1], stderr);
    assertStringIncludes(stderr, words);
  }
}, !CAN_RUN);

test("a MAT-file's arrays, and shards of pictures that are not 28 x 28", async (folder) => {
  const X = { dtype: "int16", shape: [2, 3], data: Int16Array.of(-7, 1, 2, 3, 4, 500) } as const;
  const { format, facts } = await inspect(`${folder}/x`, encodeMat({ X }));
  assertEquals([format, facts], ["mat", { X: "int16 [2, 3], -7 to 500" }]);
  await assertRejects(
    () => inspect(`${folder}/y`, "MATLAB 7.3 MAT-file, Platform".padEnd(512)),
    InputError,
    "y: Cannot",
  );

  const index = await prepareTo(`${folder}/out`, { dataset: svhn, perClass: 3 });
  const { count, pictures, layout, ...rest } = await inspectFile(await openShards(`${folder}/out`));
  assertEquals([count, pictures.length, layout.size], [30, 30, 32]);
  assertEquals(Object.fromEntries(rest.facts).array, "uint8 [30, 32, 32]");
  assertEquals([pictures[0].map.length, pictures[0].light], [32 * 32, true]);
  assertEquals(index.classes.length, 10);
});

test("sums are shown as texts, with what leaks, and as pictures side by side", async (folder) => {
  await prepareTo(`${folder}/sums`, { dataset: arithmetic as Dataset, options: { max: 20 } });
  const { code, stdout } = await runTask("inspect", ["sums", "--sheet", "sums.png"], { folder });
  assertEquals(code, 0);
  const texts = [...stdout.matchAll(/^(?:examples)? +([ \d]\d[-+][ \d]\d) = ([- \d]{3})$/gm)];
  assertEquals(texts.length, 6);
  for (const [, query, answer] of texts) {
    const [, a, sign, b] = /^ *(\d+)([-+]) *(\d+)$/.exec(query)!;
    assertEquals(Number(answer), sign === "+" ? Number(a) + Number(b) : Number(a) - Number(b), query);
  }
  assertStringIncludes(stdout, "query_image uint8 [5, 28, 28]");
  assertStringIncludes(stdout, "\nnote       split by query: of 88 test queries ");
  const { width, data, channels } = decode(await Deno.readFile(`${folder}/sums.png`));
  assertEquals(width, 4 + 2 * (2 * (8 * 28 + 7) + 4)); // two sums a row; a gap of a fourth of a picture before the answer
  // the first sum's fields of the shard, painted here
  const { splits: { train }, fields } = await readShardIndex(`${folder}/sums`);
  const shard = decodeNpz(await Deno.readFile(`${folder}/sums/${train.shards[0].file}`));
  const first = shard.label.data.indexOf(0 as never); // minus comes first
  const bank = decodeNpz(await Deno.readFile(`${folder}/sums/bank-glyph.npz`)).glyph.data as Uint8Array;
  for (const [name, left] of [["query_glyph", 0], ["answer_glyph", 5 * 28 + 7]] as const) {
    const [length] = fields[name].shape;
    for (let i = 0; i < length; i++) {
      const glyph = Number(shard[name].data[first * length + i]);
      for (const [y, x] of [[14, 14], [9, 12], [20, 13]]) {
        const at = channels * ((4 + 2 * y) * width + 4 + 2 * (left + 28 * i + x));
        assertEquals(data[at], 255 - bank[784 * glyph + 28 * y + x], `${name} ${i}`);
      }
    }
  }
}, !CAN_RUN);

test("a sheet takes the place of an earlier one, and of nothing else", async (folder) => {
  await Deno.writeTextFile(`${folder}/x.ndjson`, LINES);
  const run = () => runTask("inspect", ["x.ndjson"], { folder });
  assertEquals([(await run()).code, (await run()).code], [0, 0]);
  await Deno.writeTextFile(`${folder}/inspect.png`, "my own picture");
  const refused = await run();
  const line =
    "strokewise inspect: --sheet inspect.png: there, and not by inspect; name another, or none with --sheet=";
  assertEquals([refused.code, refused.stdout, complaints(refused)], [2, "", [line]]);
  assertEquals(await Deno.readTextFile(`${folder}/inspect.png`), "my own picture");
}, !CAN_RUN);

test("a PNG: its size, its kind and its ink; a broken one in one line", async (folder) => {
  const data = Uint8Array.from({ length: 3 * 28 * 28 }, (_, i) => i > 1200 && i < 1212 ? 0 : 255);
  const { format, count, facts, pictures } = await inspect(
    `${folder}/x.png`,
    encodePng({ width: 28, height: 28, data }),
  );
  assertEquals([format, count, pictures.length], ["png", 1, 1]);
  assertEquals(facts, { size: "28 x 28 pixels", colour: "RGB, 8 bits a sample", ink: "dark on light, by its edges" });
  assertEquals(pictures[0].map.indexOf(255), 401); // inverted
  const wide = await inspect(`${folder}/y.png`, encodePng({ width: 9, height: 2, data: new Uint8Array(18).fill(128) }));
  assertEquals([wide.facts.ink, wide.pictures], ["its edges do not say", []]);
  const cut = encodePng({ width: 28, height: 28, data }).subarray(0, 60);
  await assertRejects(() => inspect(`${folder}/z.png`, cut), InputError, "z.png: bad PNG: the file ends too soon");
});
