/** `deno task convert` and its function: every way that makes sense, every refusal, and nothing left half. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { encodeIdx } from "../../../pipelines/formats/idx.ts";
import { decodeNpy, encodeNpy } from "../../../pipelines/formats/npy.ts";
import { encodeNpz } from "../../../pipelines/formats/npz.ts";
import { decodeSketchRnn, encodeSketchRnn } from "../../../pipelines/formats/sketchrnn.ts";
import { openSource } from "../../../pipelines/sources/source.ts";
import { convert, type ConvertSettings } from "../../../pipelines/convert/convert.ts";
import { encodePng } from "../../../pipelines/images/png.ts";
import { prepare } from "../../../pipelines/prepare/prepare.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { inTemporaryFolder, may, REAL_DATA } from "../../helpers.ts";
import { CAN_RUN, complaints, runTask } from "../../tasks/command.ts";
import { namesIn } from "../../tasks/prepared.ts";

const ignore = !may("read", "write");

/** A test in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>, unless = false): void {
  Deno.test({ name: `convert: ${name}`, ignore: ignore || unless, fn: () => inTemporaryFolder(fn) });
}

const LINES = [
  '{"word":"cat","countrycode":"VE","timestamp":"2017-03-02 23:25:10.0 UTC","recognized":true,"key_id":"5201136883597312",' +
  '"drawing":[[[130,113,99],[72,40,27]],[[0,255],[7,0]]]}',
  '{"word":"cat","countrycode":"US","timestamp":"2017-03-01 20:00:00.0 UTC","recognized":false,"key_id":"1",' +
  '"drawing":[[[0,200],[0,200]]]}',
].join("\n") + "\n";

async function readGunzipped(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const parts = await Array.fromAsync(openSource({ path }), (part) => part.slice());
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

test("drawings go from format to format and come back as they were", async (folder) => {
  const path = (name: string) => `${folder}/${name}`;
  const run = (source: string, to: string, output: string) =>
    convert({ sources: [path(source)], to, output: path(output) });
  await Deno.writeTextFile(path("cat.ndjson"), LINES);
  assertEquals((await run("cat.ndjson", "binary", "cat.bin")).count, 2);
  assertEquals((await run("cat.bin", "ndjson", "back.ndjson")).from, ["binary"]);
  assertEquals(await Deno.readTextFile(path("back.ndjson")), LINES); // the class from the name of cat.bin
  await run("cat.bin", "sketchrnn", "cat.npz");
  await run("cat.npz", "ndjson", "sketch.ndjson");
  const drawings = (text: string) => text.trim().split("\n").map((line) => JSON.stringify(JSON.parse(line).drawing));
  const back = drawings(await Deno.readTextFile(path("sketch.ndjson")));
  assertEquals(back.toSorted(), drawings(LINES).toSorted());
});

test("drawings become bitmaps in three layouts with the same pixels, and bitmaps go between them", async (folder) => {
  await Deno.writeTextFile(`${folder}/x.ndjson`, LINES);
  const pixels: Uint8Array[] = [];
  for (const [to, from] of [["bitmap-npy", "x.ndjson"], ["idx", "bitmap-npy"], ["bitmap-bin", "idx"]]) {
    const summary = await convert({ sources: [`${folder}/${from}`], to, output: `${folder}/${to}` });
    assertEquals([summary.items, summary.count], ["bitmaps", 2]);
    pixels.push((await Deno.readFile(`${folder}/${to}`)).slice(-2 * 784));
  }
  const { dtype, shape, data } = decodeNpy(await Deno.readFile(`${folder}/bitmap-npy`));
  assertEquals([dtype, shape], ["uint8", [2, 784]]);
  assert(new Set(data as Uint8Array).size > 10); // grey edges
  assertEquals(pixels, [data as Uint8Array, data as Uint8Array, data as Uint8Array]);
});

test("several files become one; shards give their drawings back", async (folder) => {
  await Deno.writeTextFile(`${folder}/a.ndjson`, LINES);
  await Deno.writeTextFile(`${folder}/b.ndjson`, LINES.replaceAll('"cat"', '"dog"').replaceAll('"1"', '"2"'));
  const all = await convert({ sources: [`${folder}/?.ndjson`], to: "binary", output: `${folder}/all.bin` });
  assertEquals(all.count, 4);
  await prepare({ dataset: quickdraw, sources: [`${folder}/a.ndjson`], output: `${folder}/shards` });
  await convert({ sources: [`${folder}/shards`], to: "ndjson", output: `${folder}/back.ndjson` });
  const short = (text: string) =>
    text.trim().split("\n").map((line) => JSON.parse(line)).map((r) => [r.word, r.key_id, r.drawing]).toSorted();
  assertEquals(short(await Deno.readTextFile(`${folder}/back.ndjson`)), short(LINES));
});

test("Sketch-RNN's offsets are moved into the grid, and it is said how many", async (folder) => {
  const drawings = { train: [Int16Array.of(-10, 5, 0, 1000, 0, 1)], valid: [Int16Array.of(3, 4, 1)], test: [] };
  await Deno.writeFile(`${folder}/x.npz`, encodeSketchRnn(drawings));
  const { moved, count } = await convert({ sources: [`${folder}/x.npz`], to: "ndjson", output: `${folder}/x` });
  assertEquals([moved, count], [1, 2]);
  assertEquals(
    await Deno.readTextFile(`${folder}/x`),
    '{"drawing":[[[0,255],[0,0]]]}\n{"drawing":[[[3],[4]]]}\n',
  );
  const same = await convert({ sources: [`${folder}/x.npz`], to: "sketchrnn", output: `${folder}/same.npz` });
  assertEquals(same.moved, 0);
  assertEquals(decodeSketchRnn(await Deno.readFile(`${folder}/same.npz`)), drawings);
});

test("an array goes between IDX and .npy", async (folder) => {
  const array = { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, -2, 0.5, 1e30) } as const;
  await Deno.writeFile(`${folder}/a.idx`, encodeIdx(array));
  await convert({ sources: [`${folder}/a.idx`], to: "npy", output: `${folder}/a.npy` });
  assertEquals(decodeNpy(await Deno.readFile(`${folder}/a.npy`)), array);
  await convert({ sources: [`${folder}/a.npy`], to: "idx", output: `${folder}/b.idx` });
  assertEquals(await Deno.readFile(`${folder}/b.idx`), await Deno.readFile(`${folder}/a.idx`));
});

test("what cannot be is refused with the reason, and leaves nothing behind", async (folder) => {
  const array = { dtype: "uint64", shape: [1], data: BigUint64Array.of(1n) } as const;
  const files: Record<string, Uint8Array<ArrayBuffer> | string> = {
    "x.bin": new Uint8Array(784),
    "x.npy": encodeNpy(array),
    "x.npz": encodeNpz({ a: array, b: array }),
    "good.ndjson": LINES,
    "bad.ndjson": `${LINES}{"drawing":[[[0],[256]]]}\n`,
    "when.ndjson": LINES.replace("2017-03-01", "yesterday"),
    "x.txt": "GIF89a",
  };
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeFile(
      `${folder}/${name}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  const cases: [sources: string[], to: string, words: string][] = [
    [["x.bin"], "ndjson", "x.bin, bitmap 1: blank: a picture without ink has no strokes; --skip-bad leaves it out"],
    [["x.bin"], "npy", "--to bitmap-npy writes bitmaps as .npy"],
    [["good.ndjson"], "npy", "drawings have no one shape"],
    [["x.npy"], "ndjson", "npy cannot become ndjson: it does not hold drawings"],
    [["x.npy"], "bitmap-bin", "it does not hold uint8 [N, 28, 28]"],
    [["x.npy"], "idx", "x.npy: Cannot write IDX: it has no uint64"],
    [["x.npz"], "npy", "2 arrays (a, b), and a file of npy holds one: --array names it"],
    [["x.npy", "x.npy"], "idx", "Cannot write IDX"], // the same file counts once
    [["x.npy", "x.npz"], "npy", "2 files of arrays do not make one"],
    [["good.ndjson", "x.bin"], "bitmap-npy", "x.bin: holds bitmaps, and"],
    [["bad.ndjson"], "binary", "bad.ndjson:3: coordinate out of range"],
    [["when.ndjson"], "binary", 'drawing 2: Cannot write a binary drawing: timestamp "yesterday'],
    [["x.txt"], "ndjson", "x.txt: a picture, of no format"],
    [["none.ndjson"], "ndjson", "no such file"],
    [["good.ndjson"], "raw", "the times of raw drawings are in no other format"],
    [["good.ndjson"], "shards", "deno task prepare makes shards"],
    [["good.ndjson"], "gif", "expected one of ndjson, binary"],
    [["good.ndjson"], "constructor", "expected one of ndjson, binary"],
  ];
  for (const [sources, to, words] of cases) {
    const run = () => convert({ sources: sources.map((name) => `${folder}/${name}`), to, output: `${folder}/out` });
    const error = await assertRejects(run, InputError);
    assertStringIncludes(error.message, words);
  }
  assertEquals(await namesIn(folder), Object.keys(files).toSorted());
});

test("an option that nothing reads there is refused", async (folder) => {
  await Deno.writeFile(`${folder}/x.bin`, new Uint8Array(784).with(300, 255));
  await Deno.writeFile(`${folder}/x.npy`, encodeNpy({ dtype: "float32", shape: [1], data: Float32Array.of(1) }));
  await Deno.writeTextFile(`${folder}/x.ndjson`, LINES);
  const cases: [source: string, to: string, option: Partial<ConvertSettings>, flag: string][] = [
    ...(["bitmap-npy", "png"].flatMap((to) => [
      ["x.bin", to, { fit: true }, "--fit"],
      ["x.bin", to, { epsilon: 0 }, "--epsilon"],
      ["x.bin", to, { skipBad: true }, "--skip-bad"],
      ["x.bin", to, { array: "a" }, "--array"],
    ]) as [string, string, Partial<ConvertSettings>, string][]),
    ["x.bin", "idx", { className: "cat" }, "--class"],
    ["x.bin", "ndjson", { fit: true }, "--fit"],
    ["x.npy", "idx", { className: "cat" }, "--class"],
    ["x.npy", "idx", { epsilon: 1 }, "--epsilon"],
    ["x.ndjson", "binary", { array: "a" }, "--array"],
    ["x.ndjson", "svg", { array: "a" }, "--array"],
    ["x.ndjson", "binary", { className: "cat" }, "--class"],
    ["x.ndjson", "bitmap-npy", { className: "cat" }, "--class"],
    ["x.ndjson", "binary", { epsilon: 9 }, "--epsilon"],
    ["x.ndjson", "png", { epsilon: 9 }, "--epsilon"],
  ];
  for (const [source, to, option, flag] of cases) {
    const settings = { sources: [`${folder}/${source}`], to, output: `${folder}/out` };
    const error = await assertRejects(() => convert({ ...settings, ...option }), InputError);
    assertStringIncludes(error.message, `${flag}: not where ${folder}/${source} becomes ${to}, which `);
  }
  assertEquals(await namesIn(folder), ["x.bin", "x.ndjson", "x.npy"]);
  await convert({ sources: [`${folder}/x.bin`], to: "png", output: `${folder}/cats`, className: "cat" });
});

test("an option that nothing has read is told", async (folder) => {
  const [csv, raw, ndjson] = ["x.csv", "raw.csv", "x.ndjson"].map((name) => `${folder}/${name}`);
  await Deno.writeTextFile(csv, 'word,drawing\ncat,"[[[0,255,255],[0,0,3]]]"\n');
  await Deno.writeTextFile(raw, 'word,drawing\ncat,"[[[0,255,255],[0,0,3],[0,1,2]]]"\n');
  await Deno.writeTextFile(ndjson, LINES);
  const notesOf = async (source: string, given: Partial<ConvertSettings>, to = "ndjson") =>
    (await convert({ sources: [source], to, output: `${folder}/${crypto.randomUUID()}`, ...given })).notes;
  const unread = "--epsilon 9: nothing was simplified, for no drawing is raw; --fit has all simplified";
  assertEquals(await notesOf(csv, { epsilon: 9 }), [unread]);
  assertEquals(await notesOf(csv, { epsilon: 9 }, "svg"), [unread]);
  assertEquals(await notesOf(csv, { epsilon: 9, fit: true }), []);
  assertEquals(await notesOf(raw, { epsilon: 9 }), []);
  assertEquals(await notesOf(ndjson, { epsilon: 9, fit: true }, "binary"), []);
  const named = "--class dog: nothing is of it, for all name their own class";
  assertEquals(await notesOf(ndjson, { className: "dog" }), [named]);
  assertEquals(await notesOf(ndjson, { className: "dog" }, "png"), [named]);
  await Deno.writeTextFile(ndjson, `${LINES}{"drawing":[[[0],[1]]]}\n`);
  assertEquals(await notesOf(ndjson, { className: "dog" }, "png"), []);
  // Parquet shows only when it is read whether its drawings are raw.
  await convert({ sources: [ndjson], to: "parquet", output: `${folder}/x.parquet` });
  assertEquals(await notesOf(`${folder}/x.parquet`, { epsilon: 9 }), [unread]);
});

test("sources of nothing make nothing", async (folder) => {
  await Deno.writeTextFile(`${folder}/none.ndjson`, "");
  await Deno.writeTextFile(`${folder}/bad.ndjson`, "nonsense\n");
  await Deno.writeFile(
    `${folder}/none.idx`,
    encodeIdx({ dtype: "uint8", shape: [0, 28, 28], data: new Uint8Array(0) }),
  );
  const names = await namesIn(folder);
  for (const [name, to, items] of [["none.ndjson", "ndjson", "drawings"], ["none.idx", "bitmap-npy", "bitmaps"]]) {
    const run = () => convert({ sources: [`${folder}/${name}`], to, output: `${folder}/out` });
    await assertRejects(run, InputError, `the sources hold no ${items} that can be used: nothing was written`);
  }
  const sources = [`${folder}/bad.ndjson`];
  const skip = () => convert({ sources, from: "ndjson", to: "binary", output: `${folder}/out`, skipBad: true });
  await assertRejects(skip, InputError, "the sources hold no drawings that can be used");
  assertEquals(await namesIn(folder), names);
});

test("what lies in a folder and is not read is told", async (folder) => {
  await Deno.mkdir(`${folder}/in/sub`, { recursive: true });
  await Deno.writeTextFile(`${folder}/in/cat.ndjson`, LINES);
  await Deno.writeTextFile(`${folder}/in/notes.txt`, "");
  const told = `not read, for they are of no format that is read here: ${folder}/in/notes.txt, ${folder}/in/sub/`;
  for (const to of ["ndjson", "svg"]) {
    const { count, notes } = await convert({ sources: [`${folder}/in`], to, output: `${folder}/${to}` });
    assertEquals([count, notes], [2, [told]]);
  }
});

test("a source may be called what the output would be while it is written", async (folder) => {
  await Deno.writeTextFile(`${folder}/cat.ndjson.partial`, LINES);
  const sources = [`${folder}/cat.ndjson.partial`];
  await convert({ sources, from: "ndjson", to: "ndjson", output: `${folder}/cat.ndjson`, className: "cat" });
  for (const name of ["cat.ndjson", "cat.ndjson.partial"]) {
    assertEquals(await Deno.readTextFile(`${folder}/${name}`), LINES);
  }
});

test("the output is never the source, by whatever name, nor a folder", async (folder) => {
  const source = `${folder}/cat.ndjson`;
  await Deno.writeTextFile(source, LINES);
  await Deno.symlink("cat.ndjson", `${folder}/link.ndjson`);
  await Deno.link(source, `${folder}/twin.ndjson`);
  await Deno.mkdir(`${folder}/folder`);
  for (const name of ["cat.ndjson", "link.ndjson", "twin.ndjson", "folder"]) {
    const run = () => convert({ sources: [source], to: "ndjson", output: `${folder}/${name}`, overwrite: true });
    const words = name === "folder" ? "a folder, expected a file to be made" : `it is the source ${source}`;
    await assertRejects(run, InputError, `output ${folder}/${name}: ${words}`);
  }
  assertEquals(await Deno.readTextFile(source), LINES);
});

test("bad records are left out and counted where that is asked for", async (folder) => {
  await Deno.writeTextFile(`${folder}/x.ndjson`, `${LINES}{"drawing":[[[0],[256]]]}\nnonsense\n{"drawing":[]}\n`);
  const settings: ConvertSettings = { sources: [`${folder}/x.ndjson`], to: "ndjson", output: `${folder}/out` };
  const { count, rejects } = await convert({ ...settings, skipBad: true });
  assertEquals([count, rejects], [2, { "coordinate out of range": 1, "bad JSON": 1, "empty drawing": 1 }]);
  assertEquals(await Deno.readTextFile(`${folder}/out`), LINES);
  await assertRejects(() => convert(settings), InputError, "already there; --overwrite replaces it");
  await Deno.writeTextFile(`${folder}/x.ndjson`, LINES);
  assertEquals((await convert({ ...settings, overwrite: true })).rejects, {});
});

test("the rest of a file that is cut is no bad record; a file that is named twice is read once", async (folder) => {
  await Deno.writeTextFile(`${folder}/cat.ndjson`, LINES);
  const [bin, output] = [`${folder}/cat.bin`, `${folder}/out`];
  await convert({ sources: [`${folder}/cat.ndjson`], to: "binary", output: bin });
  const names = [bin, `${folder}/x/../cat.bin`, `${folder}/*.bin`];
  await Deno.mkdir(`${folder}/x`);
  assertEquals((await convert({ sources: names, to: "ndjson", output })).count, 2);
  await Deno.truncate(bin, (await Deno.stat(bin)).size - 3);
  const cut = () => convert({ sources: [bin], to: "ndjson", output, overwrite: true, skipBad: true });
  await assertRejects(cut, InputError, "only single records are left out, not the rest of a file");
  assertEquals(await Deno.readTextFile(output), LINES);
  const folderCut = () => convert({ sources: [bin], to: "svg", output: `${folder}/pictures`, skipBad: true });
  await assertRejects(folderCut, InputError, "not the rest of a file");
});

test("a link that leads nowhere is something of somebody, and - is no file", async (folder) => {
  await Deno.writeTextFile(`${folder}/cat.ndjson`, LINES);
  await Deno.symlink("nowhere", `${folder}/link`);
  const to = (output: string) => convert({ sources: [`${folder}/cat.ndjson`], to: "binary", output });
  await assertRejects(() => to(`${folder}/link`), InputError, "already there");
  assertEquals(await Deno.readLink(`${folder}/link`), "nowhere");
  await assertRejects(() => to("-"), InputError, "output -: standard output is not written to");
});

test("the command: what it prints, and one line with exit code 2 for what is wrong", async (folder) => {
  await Deno.writeTextFile(`${folder}/cat.ndjson`, LINES);
  const args = ["--to", "binary", "--output", `${folder}/cat.bin`, `${folder}/cat.ndjson`];
  const run = await runTask("convert", args);
  assertEquals([run.code, complaints(run)], [0, []]);
  assertStringIncludes(run.stdout, "wrote      2 drawings as binary");
  assertStringIncludes(run.stdout, "no room    for classes");
  const drawn = await runTask("convert", ["--to", "idx", "--output", `${folder}/cat.idx`, `${folder}/cat.ndjson`]);
  assertStringIncludes(drawn.stdout, "no room    for classes, keys");
  const again = await runTask("convert", ["--to", "bitmap-npy", "--output", `${folder}/i.npy`, `${folder}/cat.idx`]);
  assert(!again.stdout.includes("no room"), again.stdout); // bitmaps have none of these
  const wrong: [string[], string][] = [
    [args, "already there"],
    [args.slice(2), "--to: expected one of ndjson"],
    [["--to", "binary", `${folder}/cat.ndjson`], "--output: expected the file or folder to be made"],
    [["--to", "binary", "--output", "x"], "--source: expected files"],
    [["--from", "webp", ...args], "--from: expected one of auto, raw"],
  ];
  for (const [list, words] of wrong) {
    const { code, stdout, stderr } = await runTask("convert", list);
    assertEquals([code, stdout, stderr.trim().split("\n").length], [2, "", 1], stderr);
    assertStringIncludes(stderr, `strokewise convert: `);
    assertStringIncludes(stderr, words);
  }
}, !CAN_RUN);

test("standard input is a source", async (folder) => {
  const args = ["--to", "bitmap-bin", "--source", "-", "--output", `${folder}/out.bin`];
  const { code } = await runTask("convert", args, { input: new TextEncoder().encode(LINES) });
  assertEquals([code, (await Deno.stat(`${folder}/out.bin`)).size], [0, 2 * 784]);
}, !CAN_RUN);

test("raw drawings become Google's simplified ones, cats become Google's bitmaps", async (folder) => {
  const raw = `${REAL_DATA}quickdraw-raw/angel.ndjson.gz`;
  await convert({ sources: [raw], to: "ndjson", output: `${folder}/angel.ndjson` });
  const ours = (await Deno.readTextFile(`${folder}/angel.ndjson`)).trim().split("\n");
  const google = new Map(
    (await Deno.readTextFile(`${REAL_DATA}quickdraw/angel.ndjson`)).trim().split("\n")
      .map((line) => [JSON.parse(line).key_id, line]),
  );
  const twins = ours.filter((line) => google.has(JSON.parse(line).key_id));
  assert(twins.length >= 10, `${twins.length}`);
  for (const line of twins) assertEquals(line, google.get(JSON.parse(line).key_id));

  await convert({ sources: [`${REAL_DATA}quickdraw/cat.ndjson.gz`], to: "bitmap-bin", output: `${folder}/cat.bin` });
  const pixels = await Deno.readFile(`${folder}/cat.bin`);
  const theirs = decodeNpy(await readGunzipped(`${REAL_DATA}quickdraw-bitmap/cat.npy.gz`)).data as Uint8Array;
  assertEquals(pixels.length, 2000 * 784);
  const limit = pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i])), 0);
  assertEquals(limit, 0);
}, !REAL_DATA);

/** A cross in 28 x 28, three pixels wide; 0 paper. */
const CROSS = Uint8Array.from({ length: 784 }, (_, i) => {
  const [x, y] = [i % 28, Math.floor(i / 28)];
  return x > 3 && x < 24 && y > 3 && y < 24 && (Math.abs(x - 13) < 2 || Math.abs(y - 13) < 2) ? 255 : 0;
});

test("MNIST's images become drawings, with the labels that are beside them", async (folder) => {
  const image = new Uint8Array([...CROSS, ...new Uint8Array(784), ...CROSS]);
  await Deno.writeFile(
    `${folder}/t10k-images-idx3-ubyte`,
    encodeIdx({ dtype: "uint8", shape: [3, 28, 28], data: image }),
  );
  const run = (to: string, more: Partial<ConvertSettings> = {}) =>
    convert({ sources: [`${folder}/t10k-images-idx3-ubyte`], to, output: `${folder}/out.${to}`, ...more });
  await assertRejects(() => run("ndjson"), InputError, "bitmap 2: blank");
  const { items, count, rejects } = await run("ndjson", { skipBad: true });
  assertEquals([items, count, rejects], ["drawings", 2, { blank: 1 }]);
  const lines = async (name: string) =>
    (await Deno.readTextFile(`${folder}/${name}`)).trim().split("\n").map((line) => JSON.parse(line));
  const [record] = await lines("out.ndjson");
  assertEquals(record.word, undefined);
  assertEquals(record.drawing.length, 2); // straight through the crossing, both
  for (const [xs, ys] of record.drawing as number[][][]) {
    const [long, across] = Math.max(...xs) === 255 ? [xs, ys] : [ys, xs];
    assertEquals([Math.min(...long), Math.max(...long)], [0, 255]);
    assert(across.every((place) => Math.abs(place - 121) < 8), `${across}`); // 9.5 of 20 pixels
  }

  const label = encodeIdx({ dtype: "uint8", shape: [3], data: Uint8Array.of(4, 0, 7) });
  await Deno.writeFile(`${folder}/t10k-labels-idx1-ubyte`, label);
  await run("ndjson", { skipBad: true, overwrite: true });
  assertEquals((await lines("out.ndjson")).map(({ word }) => word), ["4", "7"]);
  await run("sketchrnn", { skipBad: true });
  const { train, valid, test } = decodeSketchRnn(await Deno.readFile(`${folder}/out.sketchrnn`));
  assertEquals([train.length, valid.length, test.length], [0, 0, 2]); // as the file's name says
});

test("a picture becomes a drawing, whatever its colours and size", async (folder) => {
  await Deno.mkdir(`${folder}/cat`);
  // A dark bar from left to right on white paper, 700 x 20 pixels.
  const data = Uint8Array.from({ length: 700 * 20 }, (_, i) => {
    const [x, y] = [i % 700, Math.floor(i / 700)];
    return x > 40 && x < 660 && y > 7 && y < 12 ? 0 : 255;
  });
  await Deno.writeFile(`${folder}/cat/bar.png`, encodePng({ width: 700, height: 20, data }));
  const run = (to: string, output: string) => convert({ sources: [`${folder}/cat/bar.png`], to, output });
  const { from, count } = await run("ndjson", `${folder}/out.ndjson`);
  assertEquals([from, count], [["png"], 1]);
  assertEquals(await Deno.readTextFile(`${folder}/out.ndjson`), '{"word":"cat","drawing":[[[0,255],[0,0]]]}\n');
  await run("svg", `${folder}/svg`);
  assertStringIncludes(await Deno.readTextFile(`${folder}/svg/cat/000001.svg`), '<path d="M0 0L255 0"/>');
  await assertRejects(() => run("png", `${folder}/png`), InputError, "it is one already");
  await assertRejects(() => run("idx", `${folder}/idx`), InputError, "it can be traced to drawings");
  await Deno.writeFile(`${folder}/grey.png`, encodePng({ width: 2, height: 2, data: new Uint8Array(4).fill(128) }));
  const grey = { sources: [`${folder}/grey.png`], to: "ndjson", output: `${folder}/grey.ndjson` };
  await assertRejects(() => convert(grey), InputError, "neither dark ink on light paper nor light on dark");
});
