import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { countExamples } from "../../../pipelines/shards/shard_index.ts";
import { FAST, inTemporaryFolder, may, REAL_DATA } from "../../helpers.ts";
import { embedded, filesOf, linesOf, prepareTo, storedIn } from "../../tasks/prepared.ts";
import { readShard } from "../../../pipelines/shards/shard_reader.ts";
import { splitOf, SPLITS } from "../../../pipelines/base/split.ts";

const ignore = !may("read", "write");

/** A test in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>, ignored = ignore): void {
  Deno.test({
    name: `prepare: ${name}`,
    ignore: ignored,
    sanitizeOps: true,
    sanitizeResources: true,
    fn: () => inTemporaryFolder(fn),
  });
}

const optionsWith = (given: Record<string, unknown>) => ({ ...defaultsOf(quickdraw.options), ...given });

test("every drawing of the sources is in one split, under its own key and class", async (folder) => {
  const sources = embedded("sun", "line", "ice cream");
  const index = await prepareTo(`${folder}/out`, { sources });
  const expected: string[] = [];
  for (const source of sources) {
    for (const { word, key_id } of await linesOf(source)) expected.push(`${key_id} ${word}`);
  }
  const stored = await storedIn(`${folder}/out`, index);
  assertEquals(stored.map(({ key, className }) => `${key} ${className}`).sort(), expected.sort());
  assertEquals(index.classes, ["ice cream", "line", "sun"]);
  for (const split of SPLITS) {
    const perClass = index.classes.map((name) =>
      stored.filter((example) => example.split === split && example.className === name).length
    );
    assertEquals(index.splits[split].perClass, perClass);
    assertEquals(index.splits[split].examples, perClass.reduce((sum, count) => sum + count));
  }
  // 750 draws with probabilities 0.8, 0.1, 0.1: the standard deviations are 11 and 8.2; five of them are allowed.
  assert(Math.abs(index.splits.train.examples - 600) < 55, `${index.splits.train.examples} in train`);
  assert(Math.abs(index.splits.valid.examples - 75) < 41, `${index.splits.valid.examples} in valid`);
});

test("the index has sources with size and sha256, the stroke histogram and the options", async (folder) => {
  const [source] = embedded("eye");
  const index = await prepareTo(`${folder}/out`, { sources: [source], seed: 5, options: optionsWith({ size: 32 }) });
  const bytes = await Deno.readFile(source);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  assertEquals(index.sources, [{ name: "eye.ndjson.gz", bytes: bytes.length, sha256: digest.toHex() }]);
  const strokes: Record<string, number> = {};
  for (const { drawing } of await linesOf(source)) {
    const count = (drawing as unknown[]).length;
    strokes[count] = (strokes[count] ?? 0) + 1;
  }
  assertEquals(index.histograms, { strokes });
  assertEquals([index.options.seed, index.options.size, index.options.overflow], [5, 32, "truncate"]);
  assertEquals([index.filters, index.rejects], [{}, {}]);
  assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/out/index.json`)), index);
});

test("two runs write the same bytes with any number of Workers, another seed another order", async (folder) => {
  const sources = embedded("sun", "cloud", "eye", "line");
  for (const [name, seed, workers] of [["a", 3, 1], ["b", 3, 3], ["c", 4, 2]] as const) {
    await prepareTo(`${folder}/${name}`, { sources, seed, workers, shardSize: 100 });
  }
  const [a, b, c] = await Promise.all(["a", "b", "c"].map((name) => filesOf(`${folder}/${name}`)));
  const rest = ["contact_sheet.png", "index.json", "rejects.ndjson"];
  const shards = (files: Record<string, string>) => Object.keys(files).filter((name) => !rest.includes(name));
  assert(shards(a).length >= 6, `${shards(a)}`);
  assertEquals(a, b);
  for (const name of shards(a)) assert(a[name] !== c[name], `${name} is the same with another seed`);
}, FAST || ignore);

test("no example changes its split when a file is added or the seed changes", async (folder) => {
  const few = await prepareTo(`${folder}/few`, { sources: embedded("circle") });
  const more = await prepareTo(`${folder}/more`, { sources: embedded("sun", "circle", "fish"), seed: 9 });
  const before = new Map((await storedIn(`${folder}/few`, few)).map(({ key, split }) => [key, split]));
  const after = new Map((await storedIn(`${folder}/more`, more)).map(({ key, split }) => [key, split]));
  assertEquals(before.size, 250);
  for (const [key, split] of before) assertEquals(after.get(key), split, `the split of ${key}`);
}, FAST || ignore);

test("--classes, --recognized-only and --overflow drop count what they leave out", async (folder) => {
  const sources = embedded("sun", "circle", "hexagon");
  const lines = (await Promise.all(sources.map(linesOf))).flat();
  const of = (word: string) => lines.filter((line) => line.word === word);
  const strokes = (line: Record<string, unknown>) => (line.drawing as unknown[]).length;

  const chosen = await prepareTo(`${folder}/a`, { sources, options: optionsWith({ classes: ["sun", "circle"] }) });
  assertEquals([chosen.classes, chosen.filters], [["circle", "sun"], { "class not asked for": of("hexagon").length }]);

  const unrecognized = lines.filter((line) => line.recognized === false).length;
  assert(unrecognized > 0);
  const recognized = await prepareTo(`${folder}/b`, { sources, options: optionsWith({ recognizedOnly: true }) });
  assertEquals(recognized.filters, { "not recognized": unrecognized });
  assertEquals(countExamples(recognized), lines.length - unrecognized);

  const long = lines.filter((line) => strokes(line) > 8).length;
  assert(long > 0);
  const short = await prepareTo(`${folder}/c`, { sources, options: optionsWith({ overflow: "drop" }) });
  assertEquals(short.filters, { "too many strokes": long });
  assertEquals(Object.keys(short.histograms.strokes).map(Number).every((count) => count <= 8), true);
}, FAST || ignore);

test("strokes that no frame has room for are told, with the options that decide", async (folder) => {
  const line = (strokes: number) => `${JSON.stringify({ drawing: Array(strokes).fill([[0, strokes], [9, 7]]) })}\n`;
  await Deno.writeTextFile(`${folder}/sun.ndjson`, [1, 2, 8, 9, 200].map(line).join(""));
  const notesWith = async (options: Record<string, unknown>) => {
    const settings = { sources: [`${folder}/sun.ndjson`], options: optionsWith(options), overwrite: true };
    const { notes } = await prepareTo(`${folder}/out`, settings);
    return notes!.filter((note) => !note.startsWith("no example is in"));
  };
  const told = (what: string) => `2 of 5 drawings (40.0 %) have more than 8 strokes, those after are ${what}`;
  const decide = ": --max-strokes and --overflow decide";
  assertEquals(await notesWith({}), [told("in no frame") + decide]);
  assertEquals(await notesWith({ overflow: "merge" }), [told("drawn into the last frame") + decide]);
  assertEquals([await notesWith({ overflow: "drop" }), await notesWith({ maxStrokes: 200 })], [[], []]);
});

test("lines may hold nothing but a drawing: the class is the file's name", async (folder) => {
  const drawings = (await linesOf(embedded("sun")[0])).slice(0, 20).map(({ drawing }) => JSON.stringify({ drawing }));
  await Deno.writeTextFile(`${folder}/power outlet.jsonl`, drawings.join("\n"));
  await Deno.writeTextFile(`${folder}/sun.ndjson`, [...drawings, ...drawings].join("\r\n"));
  const index = await prepareTo(`${folder}/out`, { sources: [folder], perClass: 0 });
  assertEquals(index.classes, ["power outlet", "sun"]);
  assertEquals([countExamples(index), index.filters], [40, { duplicate: 20 }]); // of sun, each twice
  const keys = (await storedIn(`${folder}/out`, index)).map(({ key }) => key);
  assertEquals(new Set(keys).size, 40);
});

test("a drawing with a key and without one is one drawing, whatever the order of files and the Workers", async (folder) => {
  const lines = await linesOf(embedded("sun")[0]);
  const named = lines.map((line) => JSON.stringify(line)).join("\n");
  const bare = lines.slice(0, 100).map(({ drawing }) => JSON.stringify({ drawing })).join("\n");
  const outputs: Record<string, string>[] = [];
  for (const [order, workers] of [[["a", "b"], 1], [["b", "a"], 2]] as const) {
    for (const name of order) await Deno.mkdir(`${folder}/${outputs.length}/${name}`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${outputs.length}/${order[0]}/sun.ndjson`, named);
    await Deno.writeTextFile(`${folder}/${outputs.length}/${order[1]}/sun.ndjson`, bare);
    const output = `${folder}/out${outputs.length}`;
    const sources = ["a", "b"].map((name) => `${folder}/${outputs.length}/${name}`);
    const index = await prepareTo(output, { sources, workers, memory: workers === 1 ? 2 ** 24 : 2 ** 12 });
    assertEquals([countExamples(index), index.filters], [250, { duplicate: 100 }]);
    const keys = new Map((await storedIn(output, index)).map(({ key, split }) => [`${key}`, split]));
    assertEquals(keys.size, 250);
    for (const { key_id } of lines) assertEquals(keys.get(key_id as string), splitOf(BigInt(key_id as string)));
    const { "index.json": _, ...files } = await filesOf(output);
    outputs.push(files);
  }
  assertEquals(outputs[0], outputs[1]);
});

test("splits that lack classes, or hold nothing, are told", async (folder) => {
  const classes = ["bat", "bee", "bus", "cat", "cow", "dog", "ear", "eye", "fan", "hat"];
  const lines = classes.map((word, x) => JSON.stringify({ word, drawing: [[[x, 255], [9, 7]]] }));
  await Deno.writeTextFile(`${folder}/in.ndjson`, lines.join("\n"));
  const index = await prepareTo(`${folder}/out`, { sources: [`${folder}/in.ndjson`] });
  const told = SPLITS.map((split) => {
    const missing = classes.filter((_, i) => index.splits[split].perClass[i] === 0);
    if (missing.length === 10) return `no example is in ${split}`;
    const [named, more] = [missing.slice(0, 8).join(", "), missing.length > 8 ? ` and ${missing.length - 8} more` : ""];
    return `${split} is without class ${named}${more}`;
  });
  assertEquals(index.notes, told);
});

test("a class of which nothing is left ends it, and says what was left out", async (folder) => {
  const line = (word: string, strokes: number) =>
    `${JSON.stringify({ word, drawing: Array(strokes).fill([[0, strokes], [9, 7]]) })}\n`;
  await Deno.writeTextFile(`${folder}/in.ndjson`, line("sun", 1) + line("cat", 9) + line("eye", 2) + line("eye", 9));
  const run = (classes: string[]) =>
    prepareTo(`${folder}/out`, {
      sources: [`${folder}/in.ndjson`],
      options: optionsWith({ classes, overflow: "drop" }),
    });
  await assertRejects(() => run([]), InputError, "no example is left of class cat; left out: 2 too many strokes");
  assertEquals((await run(["sun", "eye"])).classes, ["eye", "sun"]); // cat was not asked for
});

test("a file of which nothing can be used ends it, however few its records are", async (folder) => {
  const good = JSON.stringify({ drawing: [[[0, 255], [9, 7]]] });
  await Deno.writeTextFile(`${folder}/cat.ndjson`, `${good}\n`.repeat(1000));
  await Deno.writeTextFile(`${folder}/sun.ndjson`, '{"drawing":[[[0,256],[9,7]]]}\n{"drawing":[]}\n');
  const run = (maxRejects?: number) =>
    prepareTo(`${folder}/out`, { sources: [folder], ...(maxRejects ? { maxRejects } : {}) });
  await assertRejects(() => run(), InputError, "all 2 of sun.ndjson among them, which --max-rejects 1 allows");
  await Deno.remove(`${folder}/out.rejects.ndjson`);
  assertEquals((await run(1)).classes, ["cat"]);
  // Another file of that name, before or behind it, makes it no better.
  await Deno.mkdir(`${folder}/other`);
  await Deno.writeTextFile(`${folder}/other/sun.ndjson`, `${good}\n`.repeat(1000));
  const both = [`${folder}/sun.ndjson`, `${folder}/other/sun.ndjson`];
  for (const sources of [both, both.toReversed()]) {
    const twice = () => prepareTo(`${folder}/twice`, { sources });
    await assertRejects(twice, InputError, "all 2 of sun.ndjson among them");
    await Deno.remove(`${folder}/twice.rejects.ndjson`);
  }
});

test("what cannot be used leaves nothing behind", async (folder) => {
  await Deno.writeTextFile(`${folder}/empty.ndjson`, "");
  await Deno.mkdir(`${folder}/none`);
  let before = await filesOf(folder);
  const refused = async (sources: string[], words: string, given: Record<string, unknown> = {}) => {
    const options = optionsWith(given);
    await assertRejects(() => prepareTo(`${folder}/out`, { sources, options }), InputError, words);
    assertEquals(await filesOf(folder), before);
  };
  await refused([`${folder}/missing.ndjson`], "missing.ndjson: no such file, folder or match");
  await refused([`${folder}/empty.ndjson/x`], "empty.ndjson/x: no such file, folder or match");
  await refused([`${folder}/n*`], "no such file, folder or match"); // only a folder matches
  await refused(
    [`${folder}/none`],
    "none: the folder holds no .ndjson, .jsonl, .csv, .json, .svg, .bin, .npz, .parquet file",
  );
  await refused([`${folder}/empty.ndjson`], "the sources hold no usable example");
  await Deno.writeTextFile(`${folder}/text.ndjson`, "no JSON\n");
  before = await filesOf(folder);
  const text = { sources: [`${folder}/text.ndjson`], maxRejects: 1 };
  await assertRejects(
    () => prepareTo(`${folder}/out/`, text),
    InputError,
    "1 bad JSON), none is left; the first: text.ndjson:1: bad JSON: ",
  );
  const list = `${folder}/out.rejects.ndjson`;
  assertEquals(JSON.parse(await Deno.readTextFile(list)).line, 1);
  await Deno.remove(list);
  await refused(embedded("sun"), "--classes: no usable drawing of cat in the sources", { classes: ["sun", "cat"] });
  await refused(embedded("sun"), "of suns in the sources; did you mean sun?", { classes: ["suns"] });
});

test(
  "no real drawing is in two splits, though six are there with a key and without",
  async (folder) => {
    const sources = [`${REAL_DATA}quickdraw`, `${REAL_DATA}quickdraw-minimal`];
    const index = await prepareTo(`${folder}/out`, { sources });
    assertEquals([countExamples(index), index.filters], [76_075, { duplicate: 195 }]); // of 76,270, counted in Python
    const splits = new Map<string, string>();
    for (const split of SPLITS) {
      for (const shard of index.splits[split].shards) {
        const { stroke3, stroke3_offsets } = await readShard(`${folder}/out`, shard, ["stroke3", "stroke3_offsets"]);
        const ends = Array.from(stroke3_offsets.data as BigUint64Array, Number);
        for (let i = 0; i < shard.examples; i++) {
          const content = (stroke3.data as Int16Array).subarray(3 * ends[i], 3 * ends[i + 1]).join();
          assertEquals(splits.get(content) ?? split, split);
          splits.set(content, split);
        }
      }
    }
  },
  ignore || REAL_DATA === undefined,
);

test(
  "the 112 drawings that the real eye file has twice are dropped",
  async (folder) => {
    const source = `${REAL_DATA}quickdraw/eye.ndjson.gz`;
    const keys = (await linesOf(source)).map((line) => line.key_id);
    const index = await prepareTo(`${folder}/out`, { sources: [source] });
    assertEquals(index.filters, { duplicate: keys.length - new Set(keys).size });
    assertEquals(index.filters.duplicate, 112);
  },
  ignore || REAL_DATA === undefined,
);
