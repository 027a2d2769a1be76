import { assertEquals } from "@std/assert";
import type { Row } from "../../../pipelines/dataset.ts";
import { ROW_HEAD, RowPacker } from "../../../pipelines/shards/packed_rows.ts";
import { hashWords, splitOf } from "../../../pipelines/base/split.ts";

const PAYLOAD = Uint8Array.of(9, 8, 7);

Deno.test("packed rows: the bytes of a row", () => {
  const packer = new RowPacker(5);
  packer.add({ key: 0x0102030405060708n, className: "sun", split: "test", payload: PAYLOAD });
  const { bytes, count, classes } = packer.take();
  assertEquals([count, classes, bytes.length], [1, ["sun"], ROW_HEAD + 3]);
  assertEquals([...bytes.subarray(8)], [8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 2 + 32, 3, 0, 0, 0, 9, 8, 7]);
  const [high, low] = hashWords(0x05060708, 0x01020304, 5);
  const view = new DataView(bytes.buffer);
  assertEquals([view.getUint32(0, true), view.getUint32(4, true)], [high, low]);
});

Deno.test("packed rows: classes are counted anew after each take, the split is by hash where none is given", () => {
  const packer = new RowPacker(0);
  const rows: Row[] = Array.from({ length: 40 }, (_, i) => ({
    ...{ key: BigInt(i), className: i % 2 === 0 ? "a" : "b", payload: PAYLOAD },
  }));
  for (const row of rows) packer.add(row);
  const { bytes, count, classes } = packer.take();
  assertEquals([count, classes], [40, ["a", "b"]]);
  const view = new DataView(bytes.buffer);
  rows.forEach(({ key }, i) => {
    const at = i * (ROW_HEAD + PAYLOAD.length);
    assertEquals(view.getUint16(at + 16, true), i % 2);
    assertEquals((["train", "valid", "test"] as const)[view.getUint8(at + 18)], splitOf(key!));
  });
  packer.add({ key: 1n, className: "b", payload: PAYLOAD });
  assertEquals(packer.take().classes, ["b"]);
  assertEquals(packer.take(), { bytes: new Uint8Array(0), count: 0, classes: [], isKeyless: false });
});

Deno.test("packed rows: more room for a payload that was written keeps it, wherever the buffer ends", () => {
  for (let length = 2 ** 16 - ROW_HEAD - 12; length <= 2 ** 16 - ROW_HEAD; length++) {
    const packer = new RowPacker(0);
    const { bytes, offset } = packer.reserve(length);
    bytes.fill(7, offset, offset + length);
    const more = packer.reserve(length + 11);
    more.bytes.fill(9, more.offset + length, more.offset + length + 11);
    packer.commit(length + 11, { low: 1, high: 1 }, "x", "train");
    const payload = packer.take().bytes.subarray(ROW_HEAD);
    assertEquals(payload.every((byte, i) => byte === (i < length ? 7 : 9)), true, `${length}`);
  }
});

Deno.test("packed rows: a reserved place is written over until it is committed; rows of any length fit", () => {
  const packer = new RowPacker(0);
  for (const length of [3, 100_000, 0, 300_000]) {
    const wild = packer.reserve(2 * length); // another try, given up
    wild.bytes.fill(1, wild.offset);
    const { bytes, offset } = packer.reserve(length);
    bytes.fill(length % 251, offset, offset + length);
    packer.commit(length, { low: length, high: 7 }, "x", "train");
  }
  const { bytes, count } = packer.take();
  assertEquals(count, 4);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const length of [3, 100_000, 0, 300_000]) {
    assertEquals([view.getUint32(at + 8, true), view.getUint32(at + 19, true)], [length, length]);
    const payload = bytes.subarray(at + ROW_HEAD, at + ROW_HEAD + length);
    assertEquals(payload.every((byte) => byte === length % 251), true);
    at += ROW_HEAD + length;
  }
  assertEquals(at, bytes.length);
});
