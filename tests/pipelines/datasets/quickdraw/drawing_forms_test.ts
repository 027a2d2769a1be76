/** Drawings in every form that people have them in, in prepare, convert and inspect: the same records come out of all. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError, Reject } from "../../../../pipelines/base/errors.ts";
import { convert } from "../../../../pipelines/convert/convert.ts";
import { openFormat } from "../../../../pipelines/convert/format_reader.ts";
import { inspectFile } from "../../../../pipelines/convert/inspection.ts";
import { quickdraw } from "../../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { cutTexts } from "../../../../pipelines/formats/quickdraw/drawing_file.ts";
import { simplifyRaw } from "../../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { prepare, type PrepareSettings } from "../../../../pipelines/prepare/prepare.ts";
import { readShard } from "../../../../pipelines/shards/shard_reader.ts";
import { SPLITS } from "../../../../pipelines/base/split.ts";
import { fromStroke3 } from "../../../../pipelines/strokes/stroke.ts";
import { inTemporaryFolder, may } from "../../../helpers.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `drawings: ${name}`, ignore: !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

type Record = { word: string; key_id: string; drawing: number[][][]; [name: string]: unknown };

const RECORDS: Record[] = Array.from({ length: 12 }, (_, i) => ({
  word: i % 3 === 0 ? "sun" : "cat",
  countrycode: "US",
  timestamp: `2017-03-08 21:12:07.266${i === 0 ? "" : `0${i}`} UTC`.replace(/0 UTC/, " UTC"),
  recognized: i % 2 === 0,
  key_id: String(2n ** 63n + BigInt(i)),
  drawing: [[[0, i, 255], [9, 7, i]], [[i], [255]]],
}));
/** In the pixels of a canvas, and what Google makes of that. */
const CANVAS = RECORDS.map((record) => ({
  ...record,
  drawing: record.drawing.map(([xs, ys]) => [xs.map((x) => -3.25 + 3 * x), ys.map((y) => 2.5 * y - 100)]),
}));
const FITTED = CANVAS.map((record) => ({ ...record, drawing: simplifyRaw(record.drawing as [number[], number[]][]) }));

const csvOf = (records: readonly Record[]) =>
  ["countrycode,drawing,key_id,recognized,timestamp,word"].concat(
    records.map((record) =>
      `${record.countrycode},"${JSON.stringify(record.drawing).replaceAll(",", ", ")}",${record.key_id},` +
      `${record.recognized ? "True" : "False"},${String(record.timestamp).replace(" UTC", "")},${record.word}`
    ),
  ).join("\r\n") + "\r\n";
const linesOf = (records: readonly unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join("");
/** Keys as numbers, which JavaScript has no room for. */
const numeric = (text: string) => text.replaceAll(/"key_id":\s*"(\d+)"/g, '"key_id":$1');

Deno.test("a table of which two columns have one name is refused, columns without a name are not", async () => {
  const read = async (text: string) =>
    await Array.fromAsync(cutTexts(new Blob([text]).stream(), "csv"), ({ columns }) => columns);
  const words = "two of the first line's columns are named word";
  await assertRejects(() => read('word,drawing,word\ncat,"[]",sun\n'), Reject, words);
  assertEquals(await read('drawing,,\n"[]",,\n'), [["drawing", "", ""]]);
});

const FORMS: Readonly<globalThis.Record<string, (records: readonly Record[]) => string>> = {
  "x.ndjson": linesOf,
  "numeric.ndjson": (records) => numeric(linesOf(records)),
  "strings.ndjson": (records) =>
    linesOf(records.map((record) => ({ ...record, drawing: JSON.stringify(record.drawing) }))),
  "x.csv": csvOf,
  "bom.csv": (records) => `\uFEFF${csvOf(records)}`,
  "list.json": (records) => JSON.stringify(records),
  "pretty.json": (records) => numeric(JSON.stringify(records, null, 2)),
  "classes.json": (records) => {
    const of = (word: string) => records.filter((record) => record.word === word);
    return JSON.stringify({ cat: of("cat"), sun: of("sun") }, (name, value) => name === "word" ? undefined : value, 1);
  },
};

/** What a folder of shards holds, sorted by key. */
async function stored(settings: Omit<PrepareSettings<typeof quickdraw.options>, "dataset" | "workers">) {
  const index = await prepare({ dataset: quickdraw, workers: 1, overwrite: true, ...settings });
  const rows: { key: bigint; row: unknown }[] = [];
  for (const entry of SPLITS.flatMap((split) => index.splits[split].shards)) {
    const { key_id, label, stroke3, stroke3_offsets } = await readShard(settings.output, entry);
    for (let i = 0; i < entry.examples; i++) {
      const [from, to] = [stroke3_offsets.data[i], stroke3_offsets.data[i + 1]].map(Number);
      const drawing = fromStroke3((stroke3.data as Int16Array).subarray(3 * from, 3 * to));
      rows.push({ key: key_id.data[i] as bigint, row: [index.classes[Number(label.data[i])], drawing] });
    }
  }
  return { index, rows: rows.toSorted((a, b) => a.key < b.key ? -1 : 1) };
}

const expected = (records: readonly { word: string; key_id: string; drawing: unknown }[]) =>
  records.map(({ word, key_id, drawing }) => ({ key: BigInt(key_id), row: [word, drawing] }));

for (const [name, write] of Object.entries(FORMS)) {
  test(`${name} is read by prepare, convert and inspect alike, on the grid and fitted`, async (folder) => {
    for (const [records, fit, wanted] of [[RECORDS, false, RECORDS], [CANVAS, true, FITTED]] as const) {
      const path = `${folder}/${name}`;
      await Deno.writeTextFile(path, write(records as unknown as Record[]));
      const sources = [path];
      const { rows } = await stored({ sources, output: `${folder}/shards`, options: { fit } });
      assertEquals(rows, expected(wanted as unknown as Record[]));
      await convert({ sources, to: "ndjson", output: `${folder}/out.ndjson`, fit, overwrite: true });
      const lines = (await Deno.readTextFile(`${folder}/out.ndjson`)).trim().split("\n").map((line) =>
        JSON.parse(line)
      );
      const sorted = lines.toSorted((a, b) => a.key_id < b.key_id ? -1 : 1);
      const noUtc = (record: globalThis.Record<string, unknown>) => ({
        ...record,
        timestamp: String(record.timestamp).replace(" UTC", ""),
      });
      assertEquals(sorted.map(noUtc), wanted.map(noUtc));
      const { count, rejects } = await inspectFile(await openFormat({ path }), fit);
      assertEquals([count, rejects.size], [RECORDS.length, 0]);
    }
  });
}

test("other coordinates without --fit are refused with its name, in all three", async (folder) => {
  const raw = CANVAS.map((record) => ({
    ...record,
    drawing: record.drawing.map(([xs, ys]) => [xs, ys, xs.map(() => 0)]),
  }));
  for (const name of ["x.ndjson", "x.csv", "list.json"]) {
    const path = `${folder}/${name}`;
    for (const records of [CANVAS, raw]) {
      await Deno.writeTextFile(path, FORMS[name](records));
      const settings = { dataset: quickdraw, sources: [path], output: `${folder}/shards`, workers: 1, overwrite: true };
      const error = await assertRejects(() => prepare(settings), InputError);
      assertStringIncludes(error.message, "--fit");
      const { rows } = await stored({ ...settings, options: { fit: true } });
      assertEquals(rows, expected(FITTED as unknown as Record[]));
    }
    await Deno.writeTextFile(path, FORMS[name](CANVAS));
    const converting = () => convert({ sources: [path], to: "ndjson", output: `${folder}/o` });
    assertStringIncludes((await assertRejects(converting, InputError)).message, "--fit");
    const { count, firstReject } = await inspectFile(await openFormat({ path }));
    assertEquals([count, firstReject?.includes("--fit")], [0, true]);
  }
});

test("degenerate drawings are fitted: a dot, a line without width, one by far away", async (folder) => {
  const drawings = [[[[7.5], [-3]]], [[[4, 4, 4], [0, 1, 2]]], [[[1e12, 1e12 + 1], [0, 0]]], [[[0, 1e13], [0, 1]]]];
  await Deno.writeTextFile(`${folder}/sun.ndjson`, linesOf(drawings));
  const settings = { sources: [`${folder}/sun.ndjson`], output: `${folder}/out` };
  const { index, rows } = await stored({ ...settings, maxRejects: 0.5, options: { fit: true } });
  assertEquals(index.rejects, { "wrong type": 1 });
  const found = rows.map(({ row }) => JSON.stringify((row as unknown[])[1])).toSorted();
  assertEquals(found, ["[[[0,0],[0,0]]]", "[[[0,0],[0,255]]]", "[[[0,255],[0,0]]]"].toSorted());
});

test("a drawing whose strokes have times and one has none is refused, not guessed at", async (folder) => {
  await Deno.writeTextFile(`${folder}/sun.ndjson`, linesOf([[[[0, 1], [2, 3], [0, 9]], [[0, 1], [2, 3]]]]));
  const settings = { sources: [`${folder}/sun.ndjson`], output: `${folder}/out`, options: { fit: true } };
  assertStringIncludes((await assertRejects(() => stored(settings), InputError)).message, "stroke 2 has none");
});

test("rejects say where: the line of CSV, the drawing of JSON; a cut file is refused", async (folder) => {
  const bad = RECORDS.map((record, i) => i === 4 ? { ...record, drawing: [[[0, 300], [0, 0]]] } : record);
  for (
    const [name, place] of [["x.csv", "x.csv:6: "], ["pretty.json", "pretty.json:5: "], ["x.ndjson", "x.ndjson:5: "]]
  ) {
    const settings = { sources: [`${folder}/${name}`], output: `${folder}/out` };
    await Deno.writeTextFile(settings.sources[0], FORMS[name](bad));
    const { message } = await assertRejects(() => stored(settings), InputError);
    assertStringIncludes(message, `${place}coordinate out of range`);
    if (name.endsWith("json") && name !== "x.ndjson") assertStringIncludes(message, "drawing 5: stroke 1");
    await Deno.writeTextFile(settings.sources[0], FORMS[name](RECORDS).slice(0, -40));
    const cut = await assertRejects(() => stored(settings), InputError);
    assertStringIncludes(cut.message, "truncated");
    const { rows } = await stored({ ...settings, damaged: "keep", maxRejects: 0.5 });
    assertEquals(rows.length, RECORDS.length - 1);
  }
});

test("Kaggle's test file names no class: --class does", async (folder) => {
  await Deno.writeTextFile(`${folder}/test.csv`, 'key_id,countrycode,drawing\n7,US,"[[[0, 255], [9, 7]]]"\n');
  const settings = { sources: [`${folder}/test.csv`], output: `${folder}/out` };
  assertStringIncludes((await assertRejects(() => stored(settings), InputError)).message, "unknown class");
  const { rows } = await stored({ ...settings, options: { class: "cat" } });
  assertEquals(rows, [{ key: 7n, row: ["cat", [[[0, 255], [9, 7]]]] }]);
});

test("SVG is a drawing a file, of its folder's class or its own name's", async (folder) => {
  await Deno.mkdir(`${folder}/ice cream`);
  const svg = (d: string) => `<svg><g transform="scale(10)"><path d="${d}"/></g></svg>`;
  await Deno.writeTextFile(`${folder}/ice cream/1.svg`, svg("M0 0H3V4"));
  await Deno.writeTextFile(`${folder}/sun-12.svg`, svg("M0 0H4V3"));
  await Deno.writeTextFile(`${folder}/cat.svg`, "<svg><text/></svg>");
  const sources = [`${folder}/**/*.svg`];
  const { index, rows } = await stored({ sources, output: `${folder}/out`, maxRejects: 0.5 });
  assertEquals(index.rejects, { "unsupported SVG": 1 });
  const found = rows.map(({ row }) => JSON.stringify(row)).toSorted();
  assertEquals(found, ['["ice cream",[[[0,191,191],[0,0,255]]]]', '["sun",[[[0,255,255],[0,0,191]]]]']);
  const summary = await convert({ sources, to: "ndjson", output: `${folder}/out.ndjson`, skipBad: true });
  assertEquals([summary.count, summary.rejects], [2, { "unsupported SVG": 1 }]);
  assertStringIncludes(
    await Deno.readTextFile(`${folder}/out.ndjson`),
    '{"word":"sun","drawing":[[[0,255,255],[0,0,191]]]}',
  );
});

test("country, timestamp and recognized are kept as fields, and convert gives them back", async (folder) => {
  const { key_id, drawing } = RECORDS[1];
  const records = [RECORDS[0], { word: "cat", key_id, drawing }];
  for (const name of ["x.ndjson", "x.csv", "pretty.json"]) {
    const written = name === "x.csv"
      ? csvOf(records as Record[]).replaceAll("undefined", "").replace(",False,,", ",,,")
      : FORMS[name](records as Record[]);
    await Deno.writeTextFile(`${folder}/${name}`, written);
    const fields = ["stroke3", "country", "timestamp", "recognized"] as const;
    const { index } = await stored({ sources: [`${folder}/${name}`], output: `${folder}/out`, options: { fields } });
    assertEquals(index.fields.country, { dtype: "uint8", shape: [2] });
    const all = await Promise.all(
      SPLITS.flatMap((split) => index.splits[split].shards).map((entry) => readShard(`${folder}/out`, entry)),
    );
    const values = all.flatMap(({ key_id, country, timestamp, recognized }) =>
      Array.from({ length: key_id.data.length }, (_, i) => [
        key_id.data[i],
        [...(country.data as Uint8Array).subarray(2 * i, 2 * i + 2)],
        timestamp.data[i],
        recognized.data[i],
      ])
    );
    // 2017-03-08 21:12:07 UTC is 1489007527, by `date -d`.
    assertEquals(values.toSorted(([a], [b]) => a! < b! ? -1 : 1), [
      [2n ** 63n, [85, 83], 1489007527_266000n, 1],
      [2n ** 63n + 1n, [0, 0], -(2n ** 63n), 255],
    ]);
    await convert({ sources: [`${folder}/out`], to: "ndjson", output: `${folder}/back`, overwrite: true });
    const back = (await Deno.readTextFile(`${folder}/back`)).trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(back.toSorted((a, b) => a.key_id < b.key_id ? -1 : 1), records);
  }
});

test("a country or a time that cannot be kept is refused where it is asked for", async (folder) => {
  const path = `${folder}/sun.ndjson`;
  await Deno.writeTextFile(path, '{"countrycode":"USA","timestamp":"soon","drawing":[[[0,255],[9,7]]]}\n');
  const settings = { sources: [path], output: `${folder}/out` };
  assertEquals((await stored(settings)).rows.length, 1);
  const asked = await assertRejects(() => stored({ ...settings, options: { fields: ["country"] } }), InputError);
  assertStringIncludes(asked.message, 'countrycode is "USA", expected two letters');
  assert(asked.message.split("\n").length === 1);
});
