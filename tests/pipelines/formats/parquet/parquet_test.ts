/** Files of others, and hostile ones. */
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Reject } from "../../../../pipelines/base/errors.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { readPages } from "../../../../pipelines/formats/parquet/column.ts";
import { endOfStruct } from "../../../../pipelines/formats/parquet/thrift.ts";
import { ARROW_RECORDS, arrowFiles } from "./arrow_files.ts";
import { readAll, structOfLists, tableOf } from "./tables.ts";

Deno.test("files of Arrow's own writer are read, pages of both versions, nulls left out", async () => {
  for (const [name, file] of Object.entries(await arrowFiles())) {
    for (const size of [7, 1000, 1e6]) assertEquals(await readAll(file, { size }), ARROW_RECORDS, name);
  }
});

Deno.test("what Parquet calls a structure is passed over; what cannot be is refused", () => {
  // { 1: i32 -3, 2: [true, false], 5: "ab", 16: { } }, by the specification of the compact protocol
  const struct = [0x15, 5, 0x19, 0x21, 1, 2, 0x38, 2, 97, 98, 0xbc, 0, 0];
  assertEquals(endOfStruct(Uint8Array.from([9, ...struct, 9]), 1), 1 + struct.length);
  const cases: [bytes: number[], says: string][] = [
    [struct.slice(0, -1), "it ends too soon"],
    [[0x18, 100, 0], "100 bytes, and 1 are left"],
    [[0x19, 0xfc, 0xff, 0xff, 0xff, 0x0f], "a list of 33554431, and 0 bytes are left"],
    [[0x15, ...new Array(50).fill(0x80), 0, 0], "a number of more than ten bytes"],
    [new Array(100).fill(0x1c), "structures within structures"],
    [new Array(99).fill(0x19), "structures within structures"],
    [[0x1b, 0], "type 11"],
  ];
  for (const [bytes, says] of cases) {
    assertStringIncludes(assertThrows(() => endOfStruct(Uint8Array.from(bytes), 0), SyntaxError).message, says);
  }
});

Deno.test("a file that is cut, encrypted or packed is refused with the reason", async () => {
  const { "version 1, gzip": file } = await arrowFiles();
  const refused = async (bytes: Uint8Array<ArrayBuffer>, says: string) => {
    const { reason, detail } = await assertRejects(() => readAll(bytes), Reject);
    assertEquals(reason, "broken Parquet");
    assertStringIncludes(detail, says);
  };
  for (const length of [0, 3, 4, 11, 500, file.length - 1]) await refused(file.slice(0, length), "ends with PAR1");
  const encrypted = file.slice();
  encrypted.set(new TextEncoder().encode("PARE"), file.length - 4);
  await refused(encrypted, "encrypted");
  const huge = file.slice();
  new DataView(huge.buffer).setUint32(file.length - 8, 2 ** 31, true);
  await refused(huge, "its description is of");
  const missing = Uint8Array.from([...file.subarray(0, 4), ...file.subarray(200)]); // 196 bytes of data are gone
  await refused(missing, "");
});

Deno.test("no byte that is changed, and no bytes that are lost, do more than be refused or misread", async () => {
  const prng = new Prng(1);
  const faults = new Map<string, number>();
  for (const file of Object.values(await arrowFiles())) {
    for (let k = 0; k < 700; k++) {
      const broken = file.slice();
      for (let n = prng.integer(3); n >= 0; n--) broken[prng.integer(file.length)] = prng.integer(256);
      const bytes = prng.integer(5) === 0 ? broken.slice(prng.integer(50)) : broken;
      try {
        await readAll(bytes);
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        faults.set(error.detail.replaceAll(/\d+/g, "N"), 1);
      }
    }
  }
  assert(faults.size > 15, `${faults.size} kinds of faults`);
});

Deno.test("counts of more than there is are refused, and take no memory", async () => {
  const drawings = Array.from({ length: 3 }, () => ({ x: [[1, 2]], y: [[3, 4]] }));
  const file = tableOf([structOfLists(["x", "y"])], [[drawings]]);
  assertEquals((await readAll(file)).length, 3);
  // A page's header is { 1: 3 (DATA_PAGE_V2), 2: size, 3: size, 8: { 1: 6 values, …: it begins after the file's magic word.
  const start = file.findIndex((byte, i) => byte === 0x15 && file[i + 1] === 6);
  const values = file.findIndex((byte, i) => i > start && byte === 0x5c && file[i + 1] === 0x15 && file[i + 2] === 12);
  assert(start >= 4 && values > start && values < start + 12, `${start}, ${values}`);
  const changed = file.slice();
  changed[values + 2] = 126; // 63 values
  await assertRejects(() => readAll(changed), Reject, "a page of 63 values, and the column has 6 more");
  const description = file.slice(); // a column of 63 values
  let count = 0;
  const footer = file.length - 8 - new DataView(file.buffer).getUint32(file.length - 8, true);
  for (let i = footer; i < file.length - 8; i++) {
    if (file[i] !== 0x16 || file[i + 1] !== 12 || file[i + 2] !== 0x16) continue; // { 5: 6 values as i64, 6: …
    description[i + 1] = 126;
    count++;
  }
  assertEquals(count, 2);
  await assertRejects(() => readAll(description), Reject, "broken Parquet");
});

Deno.test("a page that unpacks to more than it says is refused before it does", () => {
  // A frame of zstd as RFC 8878 has it: its magic number, a header without a size, 8,000 blocks of 128 KiB times one byte.
  const blocks = Array.from({ length: 8000 }, (_, i) => [i === 7999 ? 3 : 2, 0, 0x10, 7]);
  const frame = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, ...blocks.flat()]);
  // The header of a page: { 1: DATA_PAGE, 2: 24 bytes, 3: packed, 5: { 1: 3 values, 2: PLAIN, 3: RLE, 4: RLE } }.
  const size = 2 * frame.length;
  const packed = [size & 127 | 128, size >> 7 & 127 | 128, size >> 14];
  const header = [0x15, 0, 0x15, 48, 0x15, ...packed, 0x2c, 0x15, 6, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0];
  const bytes = Uint8Array.from([...header, ...frame]);
  const leaf = {
    fields: ["x"],
    type: "INT64",
    bytes: undefined,
    unit: undefined,
    maxDefinition: 0,
    lists: [],
  } as const;
  const read = (codec: "ZSTD" | "UNCOMPRESSED") => [...readPages({ leaf, codec, values: 3, bytes })];
  const begin = performance.now();
  assertThrows(() => read("ZSTD"), SyntaxError, "a page of more than the 24 bytes that it says");
  assert(performance.now() - begin < 2000); // to unpack all would take ten seconds
  assertThrows(() => read("UNCOMPRESSED"), SyntaxError, "does not match header 24");
});
