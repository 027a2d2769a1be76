import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type DrawingRecord,
  formatDrawingRecord,
  parseDrawingRecord,
} from "../../../../pipelines/formats/quickdraw/drawing_record.ts";
import { Reject } from "../../../../pipelines/base/errors.ts";
import {
  decodeBinaryDrawing,
  encodeBinaryDrawing,
  readBinaryDrawings,
} from "../../../../pipelines/formats/quickdraw/quickdraw_binary.ts";
import { openSource, readLines } from "../../../../pipelines/sources/source.ts";
import { REAL_DATA } from "../../../helpers.ts";
import { askNumpy, NUMPY } from "../../../numpy.ts";

const RECORD: DrawingRecord = {
  keyId: 5201136883597312n,
  countryCode: "VE",
  recognized: true,
  timestamp: "2017-03-02 23:25:10.07453 UTC",
  drawing: [[[130, 113, 99], [72, 40, 27]], [[0, 255], [7, 0]]],
};
// As Python's struct.pack("<Q2sbIH", 5201136883597312, b"VE", 1, 1488497110, 2) and so on write it.
// deno-fmt-ignore
const BYTES = [
  0, 0, 0x60, 0x0c, 0x68, 0x7a, 0x12, 0,  86, 69,  1,  0xd6, 0xa9, 0xb8, 0x58,  2, 0,
  3, 0, 130, 113, 99, 72, 40, 27,  2, 0, 0, 255, 7, 0,
];

/** Bytes in pieces of one length. */
async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const readAll = async (bytes: Uint8Array, length = bytes.length) =>
  (await Array.fromAsync(readBinaryDrawings(pieces(bytes, length)))).flat();

/** A record with plain arrays in it, to be compared. */
const plain = (record: DrawingRecord) => JSON.parse(formatDrawingRecord(record));

Deno.test("a record, byte by byte", () => {
  assertEquals([...encodeBinaryDrawing(RECORD)], BYTES);
  const { record, end } = decodeBinaryDrawing(Uint8Array.from(BYTES))!;
  assertEquals(plain(record), plain({ ...RECORD, timestamp: "2017-03-02 23:25:10.0 UTC" }));
  assertEquals(end, BYTES.length);
});

Deno.test("records come back from pieces of any length", async () => {
  const records = [RECORD, { ...RECORD, keyId: 2n ** 64n - 1n, recognized: false }, { ...RECORD, countryCode: "CH" }];
  const bytes = new Uint8Array(await new Blob(records.map(encodeBinaryDrawing)).arrayBuffer());
  for (const length of [1, 7, 31, 40, 1000]) {
    const back = await readAll(bytes, length);
    assertEquals(back.map(({ keyId }) => keyId), [RECORD.keyId, 2n ** 64n - 1n, RECORD.keyId]);
    assertEquals(back.map(({ recognized }) => recognized), [true, false, true]);
    assertEquals(back.map(({ countryCode }) => countryCode), ["VE", "VE", "CH"]);
  }
  assertEquals(await readAll(new Uint8Array(0)), []);
});

Deno.test("a file that ends inside a record is told from a whole one, and what came before is delivered", async () => {
  const bytes = Uint8Array.from([...BYTES, ...BYTES]);
  for (let end = BYTES.length + 1; end < bytes.length; end++) {
    const read: DrawingRecord[] = [];
    const error = await assertRejects(async () => {
      for await (const records of readBinaryDrawings(pieces(bytes.subarray(0, end), 50))) read.push(...records);
    }, Reject);
    assertEquals(error.reason, "truncated record");
    assertEquals([read.length, error.detail.includes("drawing 2")], [1, true]);
  }
});

Deno.test("what is no drawing is rejected with its place in the file", async () => {
  const changed = (at: number, value: number) => Uint8Array.from([...BYTES, ...BYTES]).fill(value, at, at + 1);
  const second = BYTES.length;
  const cases: [Uint8Array, string, string][] = [
    [changed(second + 8, 0), "not a drawing", "drawing 2: the country code is the bytes 00 45"],
    [changed(second + 10, 2), "not a drawing", "drawing 2: recognized is 2"],
    [changed(15, 0), "empty drawing", "drawing 1: no strokes"],
    [changed(17, 0), "empty drawing", "drawing 1: stroke 1 has no points"],
  ];
  for (const [bytes, reason, detail] of cases) {
    const error = await assertRejects(() => readAll(bytes), Reject);
    assertEquals(error.reason, reason);
    assert(error.detail.startsWith(detail), error.detail);
  }
});

Deno.test("a record that only claims to be endless is refused before 17 MB were read", async () => {
  const stroke = Uint8Array.from({ length: 2 + 2 * 0xffff }, () => 0xff);
  async function* endless() {
    yield Uint8Array.from(BYTES.slice(0, 15).concat(0xff, 0xff));
    for (let i = 0; i < 0xffff; i++) yield stroke;
  }
  const error = await assertRejects(() => Array.fromAsync(readBinaryDrawings(endless())), Reject);
  assertEquals(error.reason, "too long");
});

Deno.test("what a record has no room for is not written", () => {
  const write = (change: Partial<DrawingRecord>) => () => encodeBinaryDrawing({ ...RECORD, ...change });
  assertThrows(write({ drawing: [[[0, 256], [1, 2]]] }), RangeError, "coordinate 256");
  assertThrows(write({ drawing: [[[0, 1.5], [1, 2]]] }), RangeError, "coordinate 1.5");
  assertThrows(write({ countryCode: "Peru" }), RangeError, 'country code "Peru"');
  assertThrows(write({ timestamp: "yesterday" }), RangeError, 'timestamp "yesterday"');
  assertThrows(write({ timestamp: "2117-03-02 23:25:10 UTC" }), RangeError, 'timestamp "2117');
});

Deno.test("what is not known has a value that says so, and the key of prepare", () => {
  const { record } = decodeBinaryDrawing(encodeBinaryDrawing({ drawing: RECORD.drawing, word: "cat" }))!;
  assertEquals([record.countryCode, record.recognized, record.timestamp], ["ZZ", false, "1970-01-01 00:00:00.0 UTC"]);
  const other = decodeBinaryDrawing(encodeBinaryDrawing({ drawing: RECORD.drawing, word: "dog" }))!.record;
  assert(record.keyId !== undefined && record.keyId !== other.keyId);
});

/** Real lines of Google's, of three categories. */
async function realLines(): Promise<string[]> {
  const files = ["cat.ndjson.gz", "angel.ndjson", "ant.ndjson"];
  const lines = await Promise.all(
    files.map((name) => Array.fromAsync(readLines(openSource({ path: `${REAL_DATA}quickdraw/${name}` })))),
  );
  return lines.flat(2).map(({ text }) => text);
}

Deno.test({
  name: "real lines come back from binary, but for the word and the fraction of the second",
  ignore: !REAL_DATA,
  fn: async () => {
    const lines = await realLines();
    const records = lines.map(parseDrawingRecord);
    const bytes = new Uint8Array(await new Blob(records.map(encodeBinaryDrawing)).arrayBuffer());
    const back = await readAll(bytes, 65536);
    assert(lines.length > 2000);
    assertEquals(
      back.map((record) => formatDrawingRecord({ ...record, word: "" })),
      lines.map((line) => line.replace(/"word":"[^"]*"/, '"word":""').replace(/(:\d\d)(\.\d+)? UTC/, "$1.0 UTC")),
    );
    const again = new Uint8Array(await new Blob(back.map(encodeBinaryDrawing)).arrayBuffer());
    assertEquals(again, bytes);
  },
});

Deno.test({
  name: "a parser like Google's own reads what is written",
  ignore: !NUMPY,
  fn: () => {
    // After examples/binary_file_parser.py of googlecreativelab/quickdraw-dataset.
    const program = `
from struct import unpack
import json
file, drawings = io.BytesIO(given), []
while file.tell() < len(given):
    key_id, = unpack('<Q', file.read(8))
    country, = unpack('2s', file.read(2))
    recognized, = unpack('b', file.read(1))
    timestamp, = unpack('<I', file.read(4))
    strokes = []
    for i in range(unpack('<H', file.read(2))[0]):
        n, = unpack('<H', file.read(2))
        strokes.append([list(file.read(n)), list(file.read(n))])
    drawings.append([str(key_id), country.decode(), recognized, timestamp, strokes])
answer = json.dumps(drawings).encode()`;
    const bytes = new Uint8Array([...encodeBinaryDrawing(RECORD), ...encodeBinaryDrawing({ drawing: RECORD.drawing })]);
    const [first, second] = JSON.parse(new TextDecoder().decode(askNumpy(program, bytes)));
    assertEquals(first, ["5201136883597312", "VE", 1, 1488497110, RECORD.drawing]);
    assertEquals(second.slice(1), ["ZZ", 0, 0, RECORD.drawing]);
  },
});
