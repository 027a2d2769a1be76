import { assertEquals, assertThrows } from "@std/assert";
import { decodeIdx, decodeIdxHeader, encodeIdx } from "../../../pipelines/formats/idx.ts";
import { openSource } from "../../../pipelines/sources/source.ts";
import { REAL_DATA } from "../../helpers.ts";
import type { NdArray } from "../../../pipelines/base/arrays.ts";

/** Arrays and their files, byte by byte. */
const FILES: [NdArray, number[]][] = [
  [{ dtype: "uint8", shape: [2, 1], data: Uint8Array.of(0, 255) }, [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 255]],
  [{ dtype: "int8", shape: [2], data: Int8Array.of(-1, 127) }, [0, 0, 9, 1, 0, 0, 0, 2, 255, 127]],
  [{ dtype: "int16", shape: [2], data: Int16Array.of(258, -2) }, [0, 0, 11, 1, 0, 0, 0, 2, 1, 2, 255, 254]],
  [{ dtype: "int32", shape: [1], data: Int32Array.of(0x01020304) }, [0, 0, 12, 1, 0, 0, 0, 1, 1, 2, 3, 4]],
  [{ dtype: "float32", shape: [], data: Float32Array.of(-1.5) }, [0, 0, 13, 0, 0xbf, 0xc0, 0, 0]],
  [{ dtype: "float64", shape: [1], data: Float64Array.of(1) }, [0, 0, 14, 1, 0, 0, 0, 1, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]],
  [{ dtype: "uint8", shape: [0, 28, 28], data: new Uint8Array(0) }, [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28]],
];

Deno.test("every dtype is written and read, byte by byte", () => {
  for (const [array, bytes] of FILES) {
    assertEquals([...encodeIdx(array)], bytes);
    assertEquals(decodeIdx(Uint8Array.from(bytes)), array as ReturnType<typeof decodeIdx>);
  }
});

Deno.test("encodeIdx leaves the array as it was", () => {
  const data = Int16Array.of(258);
  encodeIdx({ dtype: "int16", shape: [1], data });
  assertEquals(data, Int16Array.of(258));
});

Deno.test("the header is read as soon as it is there", () => {
  const file = Uint8Array.of(9, 0, 0, 8, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28).subarray(1); // MNIST's training images
  for (let end = 0; end < 16; end++) assertEquals(decodeIdxHeader(file.subarray(0, end)), undefined);
  assertEquals(decodeIdxHeader(file), { dtype: "uint8", shape: [60000, 28, 28], offset: 16, elementSize: 1 });
});

Deno.test("what is not IDX, or not all of it, is refused", () => {
  const cases: [number[], new (message: string) => Error, string][] = [
    [[0x1f, 0x8b, 8, 0], SyntaxError, "not an IDX file"], // gzip, the usual mistake
    [[0, 0, 10, 1], SyntaxError, "dtype 0xa"],
    [[], RangeError, "ends inside its header"],
    [[0, 0, 8, 1, 0, 0], RangeError, "ends inside its header"],
    [[0, 0, 8, 1, 0, 0, 0, 2, 5], RangeError, "takes 2 bytes, found 1"],
    [[0, 0, 12, 1, 0, 0, 0, 1, 5, 6, 7, 8, 9], RangeError, "takes 4 bytes, found 5"],
    [[0, 0, 14, 1, 255, 255, 255, 255], RangeError, "takes 34359738360 bytes, found 0"],
    [[0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255], RangeError, "fewer than 2^53"],
  ];
  for (const [bytes, kind, message] of cases) assertThrows(() => decodeIdx(Uint8Array.from(bytes)), kind, message);
});

Deno.test("what IDX cannot hold is not written", () => {
  assertThrows(() => encodeIdx({ dtype: "uint64", shape: [1], data: BigUint64Array.of(1n) }), TypeError, "no uint64");
  assertThrows(() => encodeIdx({ dtype: "uint8", shape: [3], data: new Uint8Array(2) }), RangeError, "does not have 2");
  const shape = Array.from({ length: 256 }, () => 1);
  assertThrows(() => encodeIdx({ dtype: "uint8", shape, data: new Uint8Array(1) }), RangeError, "up to 255 lengths");
});

for (const name of ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]) {
  Deno.test({
    name: `MNIST's ${name} is written again, byte for byte`,
    ignore: !REAL_DATA,
    fn: async () => {
      const parts = await Array.fromAsync(openSource({ path: `${REAL_DATA}mnist/${name}` }), (part) => part.slice());
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
      assertEquals(encodeIdx(decodeIdx(bytes)), bytes);
    },
  });
}
