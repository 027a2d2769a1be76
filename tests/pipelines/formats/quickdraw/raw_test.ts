import { assert, assertEquals, assertThrows } from "@std/assert";
import { Reject } from "../../../../pipelines/base/errors.ts";
import { parseRawLine, type RawRecord } from "../../../../pipelines/formats/quickdraw/raw.ts";
import { simplifyRaw } from "../../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { openSource, readLines } from "../../../../pipelines/sources/source.ts";
import { REAL_DATA } from "../../../helpers.ts";

/** The lines of a file. */
async function linesOf(path: string): Promise<string[]> {
  return (await Array.fromAsync(readLines(openSource({ path })))).flat().map(({ text }) => text);
}

/** Raw drawings and Google's own simplification, by category and key. */
async function* twins(categories: readonly string[]): AsyncGenerator<[RawRecord, number[][][]]> {
  for (const category of categories) {
    const simplified = new Map<string, number[][][]>();
    const names = [`${category}.ndjson`, `${category}.ndjson.gz`];
    for (const name of names) {
      const path = `${REAL_DATA}quickdraw/${name}`;
      if (!await Deno.stat(path).catch(() => undefined)) continue;
      for (const line of await linesOf(path)) {
        const { key_id, drawing } = JSON.parse(line);
        simplified.set(key_id, drawing);
      }
    }
    for (const line of await linesOf(`${REAL_DATA}quickdraw-raw/${category}.ndjson.gz`)) {
      const raw = parseRawLine(line);
      const wanted = simplified.get(String(raw.keyId));
      if (wanted) yield [raw, wanted];
    }
  }
}

Deno.test({
  name: "all raw drawings whose simplified twin is there come out exactly as Google has them",
  ignore: !REAL_DATA,
  fn: async () => {
    const categories = await Array.fromAsync(Deno.readDir(`${REAL_DATA}quickdraw-raw`), ({ name }) => name);
    let [all, equal] = [0, 0];
    for await (const [{ drawing }, wanted] of twins(categories.map((name) => name.replace(".ndjson.gz", "")))) {
      all++;
      if (JSON.stringify(simplifyRaw(drawing)) === JSON.stringify(wanted)) equal++;
    }
    assertEquals([all, equal], [8002, 8002]);
  },
});

Deno.test("where points tie, the order of the operations decides as it did for Google", () => {
  // All of the second stroke's upright piece is equally far from the line through its ends. Scaling by 255 / 130 at once,
  // or interpolating as a + share * (b - a), picks a corner of it instead.
  const drawing = [[[0, 130], [0, 80]], [[30, 20, 20, 30], [0, 0, 35, 15]]] as const;
  assertEquals(simplifyRaw(drawing)[1], [[59, 40, 39, 39, 59], [0, 0, 11, 68, 29]]);
});

Deno.test("the drawing is moved and scaled by one factor, whatever its unit", () => {
  const square = [[-1, 1, 1, -1, -1], [-1, -1, 1, 1, -1]] as const;
  const corners: [number[], number[]][] = [[[0, 255, 255, 0, 0], [0, 0, 255, 255, 0]]];
  assertEquals(simplifyRaw([square]), corners);
  assertEquals(simplifyRaw([square.map((axis) => axis.map((v) => 531.25 + v / 64)) as [number[], number[]]]), corners);
  assertEquals(simplifyRaw([[[0, 1], [7, 9]]]), [[[0, 128], [0, 255]]]); // 127.5, half to even
  assertEquals(simplifyRaw([[[0, 2], [7, 9]], [[1], [7]]]), [[[0, 255], [0, 255]], [[128, 128], [0, 0]]]);
  assertEquals(simplifyRaw([[[0, 510], [7, 7]], [[1, 1], [7, 7]]])[1], [[0, 0], [0, 0]]); // 0.5, half to even
});

Deno.test("a drawing that is one point stays at the top left", () => {
  assertEquals(simplifyRaw([[[531.5], [-7]]]), [[[0, 0], [0, 0]]]);
  assertThrows(() => simplifyRaw([]), RangeError, "without points");
});

Deno.test("a line is understood, with what it says of its drawing", () => {
  const line = '{"word":"cat","countrycode":"VE","timestamp":"2017-03-02 23:25:10.07453 UTC","recognized":true,' +
    '"key_id":"5201136883597312","drawing":[[[130.5,-113],[72,40],[0,16.5]],[[1],[2],[-3]]]}';
  assertEquals(parseRawLine(line), {
    word: "cat",
    countryCode: "VE",
    timestamp: "2017-03-02 23:25:10.07453 UTC",
    recognized: true,
    keyId: 5201136883597312n,
    drawing: [[[130.5, -113], [72, 40], [0, 16.5]], [[1], [2], [-3]]],
  });
});

for (
  const [name, line, reason, detail] of [
    ["a line that ends too soon", '{"drawing":[[[1],[2],', "bad JSON", ""],
    ["null", "null", "wrong type", "not a JSON object"],
    ["no drawing", "{}", "wrong type", "expected a list of strokes"],
    ["a simplified drawing", '{"drawing":[[[1,2],[1,2]]]}', "no times", "stroke 1 has none; --fit reads"],
    ["a fourth list", '{"drawing":[[[1],[1],[0],[0]]]}', "wrong type", "expected [[x, …], [y, …], [milliseconds, …]]"],
    ["points", '{"drawing":[[[1,1],[1,2],[0,1],[4,4]]]}', "points, not lists", "stroke 1 is a list of points"],
    ["no strokes", '{"drawing":[]}', "empty drawing", "no strokes"],
    ["no points", '{"drawing":[[[1],[1],[1]],[[],[],[]]]}', "empty drawing", "stroke 2 has no points"],
    ["a time too few", '{"drawing":[[[1,2],[1,2],[0]]]}', "unequal arrays", "stroke 1 has 2 x, 2 y and 1 times"],
    ["null for a number", '{"drawing":[[[1,null],[1,2],[0,1]]]}', "wrong type", "x of point 2 is null"],
    ["a number beyond all screens", '{"drawing":[[[1,2],[1,1e300],[0,1]]]}', "wrong type", "y of point 2 is 1e+300"],
    ["too many points", `{"drawing":[${JSON.stringify(Array(3).fill(Array(65536).fill(0)))}]}`, "too long", "65536"],
    ["a key that is no whole number", '{"key_id":7.5,"drawing":[[[1],[1],[1]]]}', "wrong type", "key_id is 7.5"],
    [
      "a country of digits",
      '{"countrycode":41,"drawing":[[[1],[1],[1]]]}',
      "wrong type",
      "countrycode is 41, expected a string",
    ],
  ]
) {
  Deno.test(`${name} is rejected as raw`, () => {
    const error = assertThrows(() => parseRawLine(line), Reject);
    assertEquals([error.reason, error.detail.includes(detail) || error.detail], [reason, true]);
  });
}

Deno.test("a scribble beyond all patience is refused before it is resampled", () => {
  const there = Array.from({ length: 60_000 }, (_, i) => i % 2);
  assert(simplifyRaw([[there.slice(0, 300), there.slice(0, 300)]])[0][0].length >= 2);
  const error = assertThrows(() => simplifyRaw([[there, there]]), Reject);
  assertEquals(error.reason, "too long");
});
