/** Files of drawings that are no text, cut into pieces: where they are cut, and what is refused before it is read. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { concatBytes } from "../../../../pipelines/base/bytes.ts";
import { Reject } from "../../../../pipelines/base/errors.ts";
import { zipDeflated } from "../../../../pipelines/formats/npz.ts";
import { cutBinary, type RecordPiece } from "../../../../pipelines/formats/quickdraw/binary_records.ts";
import { cutDrawings } from "../../../../pipelines/formats/quickdraw/drawing_pieces.ts";
import { encodeBinaryDrawing } from "../../../../pipelines/formats/quickdraw/quickdraw_binary.ts";
import { encodeSketchRnn } from "../../../../pipelines/formats/sketchrnn.ts";
import { readVectors, type VectorPiece } from "../../../../pipelines/formats/sketchrnn_vectors.ts";
import { fromStroke3 } from "../../../../pipelines/strokes/stroke.ts";

async function* partsOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const RECORDS = Array.from(
  { length: 50 },
  (_, i) => encodeBinaryDrawing({ keyId: BigInt(i), drawing: [[new Array(i + 1).fill(i), new Array(i + 1).fill(7)]] }),
);

Deno.test("a binary file is cut behind the record that fills a piece, whatever the parts that it comes in", async () => {
  const bytes = concatBytes(RECORDS);
  for (const size of [1, 100, 1000, 1e6]) {
    // By the lengths alone: a piece ends with the record in which its size is reached.
    const expected: number[] = [];
    let length = 0;
    for (const record of RECORDS) {
      if (length === 0) expected.push(0);
      expected[expected.length - 1]++;
      length = length + record.length >= size ? 0 : length + record.length;
    }
    for (const part of [1, 17, 5000]) {
      const pieces = await Array.fromAsync(cutBinary(partsOf(bytes, part), size));
      assertEquals(concatBytes(pieces.map((piece) => piece.bytes)), bytes);
      const firsts = expected.map((_, i) => 1 + expected.slice(0, i).reduce((sum, count) => sum + count, 0));
      assertEquals(pieces.map(({ first }) => first), firsts);
      assert(pieces.every((piece) => piece.bytes.byteLength === piece.bytes.buffer.byteLength));
    }
  }
});

Deno.test("what was read before a fault comes first", async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield concatBytes([...RECORDS.slice(0, 3), RECORDS[3].subarray(0, 9)]);
    throw new Reject("truncated gzip", "the data ends too soon");
  }
  const pieces: RecordPiece[] = [];
  const error = await assertRejects(async () => {
    for await (const piece of cutBinary(failing())) pieces.push(piece);
  }, Reject);
  assertEquals(error.reason, "truncated gzip");
  assertEquals(pieces.map(({ bytes }) => bytes), [concatBytes(RECORDS.slice(0, 3))]);
});

const ROWS = Array.from({ length: 9000 }, (_, i) => Int16Array.of(i % 300, 7, 0, 1, 1, 1).slice(i % 2 === 0 ? 0 : 3));

Deno.test("Sketch-RNN's drawings come in pieces of one split each, with their numbers", async () => {
  const drawings = { train: ROWS, valid: ROWS.slice(0, 2), test: [] };
  const pieces: VectorPiece[] = [];
  for await (const { vectors } of cutDrawings({ bytes: partsOf(encodeSketchRnn(drawings), 999) }, "sketchrnn")) {
    pieces.push(vectors!);
  }
  const read = (some: readonly VectorPiece[]) =>
    some.flatMap((piece) => [...readVectors(piece)].map(({ read }) => read()));
  const [train, valid] = ["train", "valid"].map((split) => pieces.filter((piece) => piece.split === split));
  assertEquals(read(train), ROWS.map((rows) => fromStroke3(rows)));
  assertEquals(read(valid), ROWS.slice(0, 2).map((rows) => fromStroke3(rows)));
  assertEquals(pieces.length, train.length + valid.length);
  let first = 1;
  for (const piece of train) {
    assertEquals(piece.first, first);
    first += piece.points.length;
  }
  // i % 300 is above 255 for 22 even numbers of each 300.
  assertEquals(train.reduce((sum, { outside }) => sum + outside, 0), 30 * 22);
  const [last] = [...readVectors(valid[0])].slice(-1);
  assertEquals(last.place, "drawing 2 of valid");
});

Deno.test("a file of Sketch-RNN's beyond the budget is refused before it is read, or unpacked", async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;; read++) yield new Uint8Array(2 ** 26);
  }
  const known = await assertRejects(
    () => Array.fromAsync(cutDrawings({ bytes: endless(), size: 2 ** 28 + 1 }, "sketchrnn")),
    Reject,
  );
  assertEquals([known.reason, read], ["too large", 0]);
  const unknown = await assertRejects(() => Array.fromAsync(cutDrawings({ bytes: endless() }, "sketchrnn")), Reject);
  assertEquals([unknown.reason, read], ["too large", 4]);
  // 300 KB that claim 2^28 + 1 bytes.
  const part = new Uint8Array(300_000);
  const file = { name: "train.npy", size: 2 ** 28 + 1, crc: 0, parts: [part] };
  const before = Deno.memoryUsage().external;
  const claims = await assertRejects(
    () => Array.fromAsync(cutDrawings({ bytes: partsOf(zipDeflated([file]), 1e6) }, "sketchrnn")),
    Reject,
  );
  assertEquals(claims.reason, "too large");
  assert(Deno.memoryUsage().external - before < 2 ** 26);
});
