import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Reject } from "../../../../pipelines/base/errors.ts";
import { column } from "../../../../pipelines/formats/parquet/write.ts";
import { simplifyRaw } from "../../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { DrawingTable } from "../../../../pipelines/formats/quickdraw/table_write.ts";
import { concatBytes } from "../../../../pipelines/base/bytes.ts";
import { type Polyline, toStroke3 } from "../../../../pipelines/strokes/stroke.ts";
import { listOfStructs, nestedLists, readAll, structOfLists, tableOf, texts } from "../parquet/tables.ts";

const DRAWINGS = [
  [[[0, 10, 255], [1, 2, 3]], [[7], [255]]],
  [[[5, 5], [0, 9]]],
  [[[200], [100]], [[201, 202], [101, 102]], [[0], [0]]],
] as [number[], number[]][][];
const RAW = DRAWINGS.map((drawing) =>
  drawing.map(([xs, ys]) => [xs.map((x) => 1.5 * x), ys, xs.map((_, i) => 10 * i)] as const)
);
const part = (strokes: readonly (readonly (readonly number[])[])[], k: number) => strokes.map((stroke) => stroke[k]);

Deno.test("drawings in every form of columns are the same", async () => {
  const structs = DRAWINGS.map((drawing) => ({ x: part(drawing, 0), y: part(drawing, 1) }));
  const lists = DRAWINGS.map((drawing) => drawing.map(([x, y]) => ({ x, y })));
  const rows = DRAWINGS.map((drawing) => {
    const stroke3 = toStroke3(drawing);
    return Array.from({ length: stroke3.length / 3 }, (_, i) => [...stroke3.subarray(3 * i, 3 * i + 3)]);
  });
  const forms = {
    "a struct of lists of lists": tableOf(
      [structOfLists(["x", "y"])],
      [structs.slice(0, 2), structs.slice(2)].map((all) => [all]),
    ),
    "the same in double": tableOf([structOfLists(["x", "y"], "DOUBLE")], [[structs]]),
    "y before x": tableOf([structOfLists(["y", "x"], "FLOAT")], [[structs]]),
    "a list of structs of lists": tableOf([listOfStructs(["x", "y"])], [[lists]]),
    "lists of lists of lists": tableOf([nestedLists(3)], [[DRAWINGS]]),
    "JSON": tableOf([texts("drawing")], [[DRAWINGS.map((drawing) => JSON.stringify(drawing))]]),
    "rows of stroke-3": tableOf([nestedLists(2)], [[rows]]),
  };
  for (const [form, file] of Object.entries(forms)) {
    assertEquals((await readAll(file)).map(({ drawing }) => drawing), DRAWINGS, form);
  }
});

Deno.test("raw drawings are fitted, and refused where they are not to be", async () => {
  const fitted = DRAWINGS.map((_, i) => simplifyRaw(RAW[i] as never).map(([xs, ys]): Polyline => [[...xs], [...ys]]));
  const structs = RAW.map((drawing) => ({ x: part(drawing, 0), y: part(drawing, 1), t: part(drawing, 2) }));
  for (const names of [["x", "y", "t"], ["t", "x", "y"]]) {
    const file = tableOf([structOfLists(names, "FLOAT")], [[structs]]);
    assertEquals((await readAll(file)).map(({ drawing }) => drawing), fitted);
  }
  const untimed = tableOf([structOfLists(["x", "y"], "FLOAT")], [[structs]]);
  assertEquals((await readAll(untimed, { isFitted: true })).map(({ drawing }) => drawing), fitted);
  await assertRejects(() => readAll(untimed), Reject, "coordinate");
});

Deno.test("what is known of drawings is kept, or refused row by row", async () => {
  const labels = (names: unknown) => ({ huggingface: JSON.stringify({ info: { features: { word: { names } } } }) });
  const word = column("word", { type: "INT64" });
  const drawing = texts("drawing");
  const one = JSON.stringify(DRAWINGS[1]);
  const rejects: string[] = [];
  const onReject = ({ message }: Reject) => void rejects.push(message);
  const named = tableOf([word, drawing], [[[1n, 2n, undefined], [one, one, one]]], labels(["cat", "ice cream"]));
  assertEquals((await readAll(named, { onReject })).map(({ word }) => word), ["ice cream", undefined]);
  assertEquals(rejects.splice(0), ["unknown class: row 2: word is the label 2, and the file names 2 classes"]);
  for (const about of [{}, labels("cat"), { huggingface: "no JSON" }]) {
    const error = await assertRejects(() => readAll(tableOf([word, drawing], [[[1n], [one]]], about)), Reject);
    assertStringIncludes(error.message, "word holds numbers, and the file's metadata");
  }
  const keys = ["18446744073709551615", "18446744073709551616", "-1", "", "007"];
  const keyed = tableOf([texts("key_id"), drawing], [[keys, keys.map(() => one)]]);
  assertEquals((await readAll(keyed, { onReject })).map(({ keyId }) => keyId), [2n ** 64n - 1n, 7n]);
  assertEquals(
    rejects.splice(0).map((text) => text.slice(0, 25)),
    [2, 3, 4].map((row) => `wrong type: row ${row}: key_id`.slice(0, 25)),
  );
  const whole = column("key_id", { type: "INT64" });
  assertEquals((await readAll(tableOf([whole, drawing], [[[-1n], [one]]])))[0].keyId, 2n ** 64n - 1n);
  const times = [1485313895550710n, 2n ** 63n - 1n];
  for (const [type, time] of [["TIMESTAMP_MICROS", times[0]], ["TIMESTAMP_MILLIS", 1485313895550n]] as const) {
    const timed = tableOf([column("timestamp", { type: "INT64", converted_type: type }), drawing], [[[time], [one]]]);
    const digits = type === "TIMESTAMP_MICROS" ? "55071" : "55";
    assertEquals((await readAll(timed))[0].timestamp, `2017-01-25 03:11:35.${digits} UTC`);
  }
  const late = column("timestamp", { type: "INT64", converted_type: "TIMESTAMP_MICROS" });
  await assertRejects(() => readAll(tableOf([late, drawing], [[[times[1]], [one]]])), Reject, "which is no time");
});

Deno.test("drawings that are none are refused row by row, each with its reason", async () => {
  const cases: [drawing: unknown, says: string][] = [
    [{ x: [[1]], y: [[1]] }, ""],
    [{ x: [[1, 2]], y: [[1]] }, "unequal arrays: row 2: stroke 1 has 2 x and 1 y"],
    [{ x: [[1], [2]], y: [[1]] }, "unequal arrays: row 3"],
    [{ x: [], y: [] }, "empty drawing: row 4"],
    [{ x: [[]], y: [[]] }, "empty drawing: row 5: stroke 1 has no points"],
    [{ x: [[256]], y: [[0]] }, "coordinate out of range: row 6"],
    [{ x: [[1]], y: [[-1]] }, "coordinate out of range: row 7"],
    [{ x: [[undefined]], y: [[1]] }, "wrong type: row 8: drawing has a null"],
    [undefined, "empty drawing: row 9"],
    [{ x: [undefined, [1]], y: [undefined, [1]] }, "empty drawing: row 10: stroke 1 has no points"],
    [{ x: [[1]], y: [[1]] }, ""],
  ];
  const rejects: string[] = [];
  const onReject = ({ message }: Reject) => void rejects.push(message);
  const file = tableOf([structOfLists(["x", "y"])], [[cases.map(([drawing]) => drawing)]]);
  assertEquals((await readAll(file, { onReject })).length, 2);
  const expected = cases.map(([, says]) => says).filter((says) => says !== "");
  assertEquals(rejects.map((text, i) => text.slice(0, expected[i]?.length)), expected);
  const halves = tableOf([structOfLists(["x", "y"], "DOUBLE")], [[[{ x: [[1.5]], y: [[2]] }]]]);
  await assertRejects(() => readAll(halves), Reject, "coordinate not whole");
  const pairs = tableOf([nestedLists(2)], [[[[[1, 2]]]]]);
  await assertRejects(() => readAll(pairs), Reject, "point 1 has 2 numbers, expected 3");
});

Deno.test("files of other columns are refused with what was expected", async () => {
  const image = column("image", { type: "BYTE_ARRAY" });
  const cases: [columns: Parameters<typeof tableOf>[0], data: unknown[], says: string][] = [
    [[image], ["x"], "its columns are image; expected drawing, with lists of lists of numbers x and y"],
    [[column("drawing", { type: "INT32" })], [1], "(drawing is INT32); expected drawing"],
    [[nestedLists(4)], [[[[[1]]]]], "(drawing is lists of lists of lists of lists of INT32)"],
    [[structOfLists(["x"])], [{ x: [[1]] }], "its columns are drawing.x"],
    [[texts("drawing"), column("key_id", { type: "DOUBLE" })], ["[]", 1], "key_id is DOUBLE, expected text or int64"],
    [
      [texts("drawing"), column("timestamp", { type: "INT64" })],
      ["[]", 1n],
      "timestamp is INT64, expected text or a time",
    ],
    [[texts("drawing"), texts("recognized")], ["[]", "yes"], "recognized is BYTE_ARRAY, expected boolean"],
    [[texts("drawing"), texts("drawing")], ["[]", "[]"], "two of them are named drawing"],
  ];
  for (const [columns, data, says] of cases) {
    const file = tableOf(columns, [data.map((value) => [value])]);
    const { reason, detail } = await assertRejects(() => readAll(file), Reject);
    assertEquals(reason, "other columns");
    assertStringIncludes(detail, says);
  }
});

Deno.test("what is written is what is read, over groups of rows", async () => {
  const records = Array.from({ length: 20_001 }, (_, i) => ({
    drawing: [[[i % 256, 255], [0, i % 100]]] as [number[], number[]][],
    ...(i % 2 === 0 ? { word: `class ${i % 7}`, keyId: 2n ** 64n - BigInt(i + 1), recognized: i % 3 === 0 } : {}),
    ...(i % 5 === 0 ? { countryCode: "CH", timestamp: "2017-01-25 03:11:35.55071 UTC" } : {}),
  }));
  const table = new DrawingTable();
  const file = concatBytes([...records.map((record) => table.add(record)), ...table.end()]);
  assertEquals(await readAll(file, { size: 1e5 }), records);
  const empty = new DrawingTable();
  assertEquals(await readAll(concatBytes(empty.end())), []);
  assert(file.length < 60 * records.length, `${file.length} bytes`);
});
