import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InputError, Reject } from "../../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { decodeDrawing, encodeDrawing } from "../../../../pipelines/strokes/drawing_bytes.ts";
import { ROW_HEAD } from "../../../../pipelines/shards/packed_rows.ts";
import { parseChunk } from "../../../../pipelines/prepare/prepare_jobs.ts";
import { quickdraw } from "../../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { parseQuickDrawLine } from "../../../../pipelines/formats/quickdraw/quickdraw_line.ts";
import { QUICKDRAW_CATEGORIES } from "../../../../pipelines/datasets/quickdraw/quickdraw_categories.ts";
import type { OpenSource } from "../../../../pipelines/sources/source.ts";

const DEFAULTS = defaultsOf(quickdraw.options);

/** A source that holds a text. */
function sourceOf(path: string, text: string): OpenSource {
  return {
    path,
    again: () => sourceOf(path, text),
    bytesRead: text.length,
    drain: () => Promise.resolve(),
    summary: () => ({ name: path, bytes: text.length, sha256: "" }),
    async *[Symbol.asyncIterator]() {
      yield new TextEncoder().encode(text);
    },
  };
}

/** What reading gives: rows, rejects as `file:line reason`, filters. */
async function read(sources: OpenSource[], options: Partial<typeof DEFAULTS> = {}) {
  const [rows, rejects, filters]: [{ key: bigint; className: string }[], string[], string[]] = [[], [], []];
  const chosen = { ...DEFAULTS, ...options };
  for await (const { file, content } of quickdraw.chunks(sources, chosen, 0)) {
    const reply = parseChunk(quickdraw, { kind: "parse", options: chosen, seed: 0, content });
    rejects.push(...reply.rejects.map(({ line, reason }) => `${file}:${line} ${reason}`));
    for (const [name, count] of Object.entries(reply.filters)) for (let i = 0; i < count; i++) filters.push(name);
    const view = new DataView(reply.rows.bytes.buffer);
    for (let row = 0, at = 0; row < reply.rows.count; row++) {
      rows.push({ key: view.getBigUint64(at + 8, true), className: reply.rows.classes[view.getUint16(at + 16, true)] });
      at += ROW_HEAD + view.getUint32(at + 19, true);
    }
  }
  return { rows, rejects, filters };
}

const LINE = '{"word":"sun","countrycode":"US","timestamp":"2017-01-25 03:11:35.55071 UTC","recognized":true,' +
  '"key_id":"5266005389475840","drawing":[[[109,85,47],[18,18,43]],[[0,255],[7,0]]]}';

Deno.test("a real line is understood", () => {
  assertEquals(parseQuickDrawLine(LINE), {
    drawing: [[[109, 85, 47], [18, 18, 43]], [[0, 255], [7, 0]]],
    word: "sun",
    keyId: 5266005389475840n,
    recognized: true,
  });
});

for (
  const [name, line, reason, detail] of [
    ["cut JSON", '{"drawing":[[[1],[2]]', "bad JSON", ""],
    ["Python text", "{'drawing': [[[1], [2]]]}", "bad JSON", ""],
    ["a number", "7", "wrong type", "not a JSON object"],
    ["no drawing", '{"word":"sun"}', "wrong type", "drawing is nothing, expected a list of strokes"],
    ["a drawing of text", '{"drawing":"x"}', "wrong type", 'drawing is "x"'],
    ["a stroke of one array", '{"drawing":[[[1,2]]]}', "wrong type", "stroke 1 is [[1,2]]"],
    [
      "coordinates of text",
      '{"drawing":[[["1"],[2]]]}',
      "wrong type",
      'stroke 1: x of point 1 is "1", expected a number',
    ],
    [
      "a list of points",
      '{"drawing":[[[1,1],[2,2],[3,3],[4,4]]]}',
      "points, not lists",
      "stroke 1 is a list of points",
    ],
    [
      "one of points with times",
      '{"drawing":[[[1],[2]],[[1,1,0],[2,2,9]],[[1,1,0],[2,2,9],[3,3,9],[4,4,9]]]}',
      "points, not lists",
      "stroke 3",
    ],
    [
      "a list of objects",
      '{"drawing":[[{"x":1,"y":2},{"x":3,"y":4}]]}',
      "points, not lists",
      "expected [[x, …], [y, …]]",
    ],
    ["points without strokes", '{"drawing":[[1,2],[3,4]]}', "wrong type", "stroke 1 is [1,2]"],
    [
      "times",
      '{"drawing":[[[1,2,3],[1,2,3]],[[1,2],[1,2],[0,16]]]}',
      "raw drawing",
      "stroke 2 has times; --fit simplifies",
    ],
    [
      "a third list of another length",
      '{"drawing":[[[1,2],[1,2],[0]]]}',
      "wrong type",
      "stroke 1 is [[1,2],[1,2],[0]]",
    ],
    ["a fourth list", '{"drawing":[[[1],[1],[0],[0]]]}', "wrong type", "stroke 1 is [[1],[1],[0],[0]]"],
    ["no strokes", '{"drawing":[]}', "empty drawing", "no strokes"],
    ["no points", '{"drawing":[[[1],[1]],[[],[]]]}', "empty drawing", "stroke 2 has no points"],
    ["unequal arrays", '{"drawing":[[[1,2],[1]]]}', "unequal arrays", "stroke 1 has 2 x and 1 y"],
    [
      "256",
      '{"drawing":[[[1,256],[1,2]]]}',
      "coordinate out of range",
      "stroke 1: x of point 2 is 256, expected 0 to 255; --fit scales",
    ],
    ["-1", '{"drawing":[[[1,2],[1,-1]]]}', "coordinate out of range", "y of point 2 is -1"],
    ["1e400", '{"drawing":[[[1,2],[1,1e400]]]}', "coordinate out of range", "Infinity"],
    [
      "a fraction",
      '{"drawing":[[[1.5],[1]]]}',
      "coordinate not whole",
      "x of point 1 is 1.5, expected a whole number; --fit scales",
    ],
    ["a key that is no whole number", '{"key_id":7.5,"drawing":[[[1],[1]]]}', "wrong type", "key_id is 7.5"],
    [
      "a key without its digits",
      '{"key_id":5.2e18,"drawing":[[[1],[1]]]}',
      "wrong type",
      "key_id is 5200000000000000000",
    ],
    ["a negative key", '{"key_id":-7,"drawing":[[[1],[1]]]}', "wrong type", "key_id is"],
    ["too large a key", '{"key_id":"18446744073709551616","drawing":[[[1],[1]]]}', "wrong type", "below 2^64"],
    ["recognized in words", '{"recognized":"yes","drawing":[[[1],[1]]]}', "wrong type", 'recognized is "yes"'],
  ]
) {
  Deno.test(`${name} is rejected`, () => {
    const error = assertThrows(() => parseQuickDrawLine(line), Reject);
    assertEquals([error.reason, error.detail.includes(detail) || error.detail], [reason, true]);
  });
}

Deno.test("packed strokes come back, in Google's layout", () => {
  assertEquals([...encodeDrawing([[[1, 2], [3, 4]], [[255], [0]]])], [2, 0, 2, 0, 1, 2, 3, 4, 1, 0, 255, 0]);
  const { drawing } = parseQuickDrawLine(LINE);
  assertEquals(
    decodeDrawing(encodeDrawing(drawing)).map((stroke) => stroke.map((axis) => [...axis])),
    drawing as unknown,
  );
});

Deno.test("rejects and filters are told with file and line, and the rest is kept", async () => {
  const lines = [
    LINE,
    "nonsense",
    '{"word":"unicorn","drawing":[[[1],[2]]]}',
    '{"word":"eye","drawing":[[[1],[2]]]}',
    '{"word":"sun","recognized":false,"drawing":[[[1],[2]]]}',
    "",
    '{"word":"sun","drawing":[[[1],[2]],[[1],[3]],[[2],[3]]]}',
  ].join("\n");
  const options = { classes: ["sun"], recognizedOnly: true, overflow: "drop" as const, maxStrokes: 2 };
  const { rows, rejects, filters } = await read([sourceOf("in/sun.ndjson", lines)], options);
  assertEquals(rows.map(({ key }) => key), [5266005389475840n]);
  assertEquals(rejects, ["sun.ndjson:2 bad JSON", "sun.ndjson:3 unknown class"]);
  assertEquals(filters, ["class not asked for", "not recognized", "too many strokes"]);
});

Deno.test("strokes in another form are rejected at any place of the record", async () => {
  const good = "[[1,2],[3,4]]";
  for (const bad of ["[[1,2],[3,4],[5,6]]", "[[1,1],[2,2],[3,3],[4,4],[1,1]]", "[[1,2]]", "[[1,2],[3,4],5]"]) {
    for (const strokes of [[bad, good, good], [good, bad, good], [good, good, bad]]) {
      const { rows, rejects } = await read([sourceOf("sun.ndjson", `{"drawing":[${strokes}]}\n`)]);
      assertEquals([rows.length, rejects.length], [0, 1], String(strokes));
    }
  }
});

Deno.test("a drawing may be JSON in a string", async () => {
  const lines = ['{"word":"sun","drawing":"[[[0, 9], [9, 255]]]"}', '{"word":"sun","drawing":[[[0,9],[9,255]]]}'];
  const { rows, rejects } = await read([sourceOf("a.ndjson", lines.join("\n"))]);
  assertEquals([rows.length, rows[0].key === rows[1].key, rejects], [2, true, []]);
});

for (
  const [what, text, words] of [
    ["a page", "<!DOCTYPE html><html></html>", "an HTML or XML page, not drawings: the download failed"],
    ["a JSON list of others", "[1, 2]", "a JSON list, not drawings: write each of its items as a line"],
    [
      "a zip file",
      "PK\u0003\u0004" + "\0".repeat(22) + "\x05\0\0\0x.npy",
      "npz, not drawings; deno task inspect",
    ],
    ["IDX", "\0\0\b\u0001\0\0\0\u0002ab", "idx, not drawings; deno task prepare --dataset mnist reads it"],
  ]
) {
  Deno.test(`${what} is named, with what to do about it`, async () => {
    await assertRejects(() => read([sourceOf("a/cat.ndjson", text)]), InputError, `a/cat.ndjson: ${words}`);
  });
}

Deno.test("the class of a line without a word is the file's name, or --class", async () => {
  const line = '{"drawing":[[[1],[2]]]}';
  const classes = async (path: string, options = {}) =>
    (await read([sourceOf(path, line)], options)).rows.map(({ className }) => className);
  assertEquals(await classes("in/power outlet.jsonl.gz"), ["power outlet"]);
  assertEquals(await classes("in/mine.ndjson"), []);
  assertEquals(await classes("in/mine.ndjson", { classes: ["mine"] }), ["mine"]);
  assertEquals(await classes("in/mine.ndjson", { class: "cat" }), ["cat"]);
  assertEquals((await read([sourceOf("-", line)])).rejects, ["standard input:1 unknown class"]);
});

Deno.test("a drawing without a key has the same key wherever it is found", async () => {
  const line = '{"drawing":[[[1,9],[2,2]]]}';
  const [a] = (await read([sourceOf("cat.ndjson", line)])).rows;
  const [b] =
    (await read([sourceOf("x.jsonl", `{"extra":1, "drawing" : [ [ [1, 9], [2, 2] ] ]}\r\n`)], { class: "cat" })).rows;
  const [c] = (await read([sourceOf("dog.ndjson", line)])).rows;
  assertEquals(a.key, b.key);
  assertEquals(a.key === c.key, false);
});

Deno.test("there are 345 categories, each once", () => {
  assertEquals([QUICKDRAW_CATEGORIES.length, new Set(QUICKDRAW_CATEGORIES).size], [345, 345]);
  assertEquals(QUICKDRAW_CATEGORIES.includes("The Eiffel Tower"), true);
});
