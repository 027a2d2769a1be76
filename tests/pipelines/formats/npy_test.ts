import { assertEquals, assertThrows } from "@std/assert";
import { decodeNpy, encodeNpy } from "../../../pipelines/formats/npy.ts";
import { askNumpy, NUMPY } from "../../numpy.ts";
import { type Dtype, elementCount, type NdArray, typedArray } from "../../../pipelines/base/arrays.ts";

/** An .npy file with any header. */
function npy(header: string, elements: number[] = [], version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.of(0x93, ...new TextEncoder().encode("NUMPY"), version, 0, ...length, ...text, ...elements);
}

const EXTREMES: { readonly [D in Dtype]: NdArray<D>["data"] } = {
  uint8: Uint8Array.of(0, 1, 255),
  int8: Int8Array.of(-128, -1, 127),
  uint16: Uint16Array.of(0, 258, 65535),
  int16: Int16Array.of(-32768, -1, 32767),
  uint32: Uint32Array.of(0, 2 ** 31, 2 ** 32 - 1),
  int32: Int32Array.of(-(2 ** 31), -1, 2 ** 31 - 1),
  uint64: BigUint64Array.of(0n, 2n ** 63n, 2n ** 64n - 1n),
  int64: BigInt64Array.of(-(2n ** 63n), -1n, 2n ** 63n - 1n),
  float32: Float32Array.of(-0, 1.5, Infinity),
  float64: Float64Array.of(-0, Math.PI, -Infinity),
};
const DTYPES = Object.keys(EXTREMES) as Dtype[];

Deno.test("encodeNpy writes the very bytes of the format", () => {
  const bytes = encodeNpy({ dtype: "uint16", shape: [2], data: Uint16Array.of(1, 0x0203) });
  const dict = "{'descr': '<u2', 'fortran_order': False, 'shape': (2,), }";
  assertEquals(bytes.length, 128 + 4);
  assertEquals([...bytes.subarray(0, 10)], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  assertEquals(new TextDecoder().decode(bytes.subarray(10, 128)), dict.padEnd(117) + "\n");
  assertEquals([...bytes.subarray(128)], [1, 0, 3, 2]);
});

Deno.test("every dtype comes back as it went, to its extremes", () => {
  for (const dtype of DTYPES) {
    for (const shape of [[3], [3, 1], [1, 3, 1]]) {
      const array: NdArray = { dtype, shape, data: EXTREMES[dtype] };
      assertEquals(decodeNpy(encodeNpy(array)), array);
    }
  }
});

Deno.test("a number and an empty array come back", () => {
  for (const [shape, length] of [[[], 1], [[0], 0], [[4, 0, 2], 0]] as const) {
    const array: NdArray = { dtype: "float32", shape, data: new Float32Array(length) };
    assertEquals(decodeNpy(encodeNpy(array)), array);
  }
});

Deno.test("views with an offset are written and read from where they start", () => {
  const data = Int16Array.of(9, 1, 2, 9).subarray(1, 3);
  const file = Uint8Array.of(7, 7, 7, ...encodeNpy({ dtype: "int16", shape: [2], data })).subarray(3);
  assertEquals(decodeNpy(file).data, Int16Array.of(1, 2));
});

Deno.test("versions 2 and 3, other spacing and other quotes are read", () => {
  const dict = `{"shape":(2 , ),"fortran_order":False,"descr":"<u1"}\n`;
  for (const version of [1, 2, 3]) assertEquals(decodeNpy(npy(dict, [5, 6], version)).data, Uint8Array.of(5, 6));
});

Deno.test("one dimension has no order, so Fortran's is as good", () => {
  assertEquals(decodeNpy(npy("{'descr':'|u1','fortran_order':True,'shape':(1,)}", [8])).data, Uint8Array.of(8));
});

Deno.test("what cannot be read is refused by its kind", () => {
  const cases: [Uint8Array, new (message: string) => Error, string][] = [
    [new Uint8Array(), SyntaxError, "not an .npy file"],
    [npy("{}"), SyntaxError, "expected descr, fortran_order and shape"],
    [npy("{'descr':'|u1','fortran_order':False,'shape':(1,)}", [1], 4), SyntaxError, "version 4.0"],
    [npy("{'descr':'>u2','fortran_order':False,'shape':(1,)}", [1, 2]), TypeError, "astype('<u2')"],
    [npy("{'descr':'|O','fortran_order':False,'shape':(1,)}", [1, 2]), TypeError, "Python objects"],
    [npy("{'descr':'<c8','fortran_order':False,'shape':(0,)}"), TypeError, "dtype <c8"],
    [npy("{'descr':[('a','<u2')],'fortran_order':False,'shape':(0,)}"), TypeError, "structured arrays"],
    [npy("{'descr':'|u1','fortran_order':True,'shape':(1,1)}", [1]), TypeError, "Fortran order"],
    [npy("{'descr':'|u1','fortran_order':False,'shape':(3,)}", [1, 2]), RangeError, "takes 3 bytes, found 2"],
    [npy("{'descr':'|u1','fortran_order':False,'shape':(1,)}", [1, 2]), RangeError, "takes 1 bytes, found 2"],
    [npy("{'descr':'<f8','fortran_order':False,'shape':(1000000000,)}"), RangeError, "takes 8000000000 bytes, found 0"],
    [npy("{'descr':'|u1','fortran_order':False,'shape':(9999999999,9999999999)}"), RangeError, "fewer than 2^53"],
    [npy("{}", [], 2).subarray(0, 11), RangeError, "ends inside its header"],
    [npy("{}").subarray(0, 11), RangeError, "the file ends inside its header, at byte 11"],
  ];
  for (const [bytes, kind, message] of cases) assertThrows(() => decodeNpy(bytes), kind, message);
});

Deno.test("every cut of a good file is refused with an error of our own", () => {
  const bytes = encodeNpy({ dtype: "int32", shape: [2, 2], data: new Int32Array(4) });
  for (let end = 0; end < bytes.length; end++) {
    assertThrows(() => decodeNpy(bytes.subarray(0, end)), Error, "Cannot read .npy");
  }
});

Deno.test("encodeNpy refuses a shape that is not the data's", () => {
  assertThrows(() => encodeNpy({ dtype: "uint8", shape: [2], data: new Uint8Array(3) }), RangeError, "has 2 elements");
  assertThrows(() => elementCount([1.5]), RangeError);
  assertThrows(() => elementCount([-1]), RangeError);
});

Deno.test("typedArray makes the array of each dtype", () => {
  for (const dtype of DTYPES) assertEquals(typedArray(dtype, 3).constructor, EXTREMES[dtype].constructor);
});

Deno.test({
  name: "numpy reads what encodeNpy writes, and writes what decodeNpy reads",
  ignore: !NUMPY,
  fn: () => {
    const arrays = DTYPES.map((dtype): NdArray => ({ dtype, shape: [1, 3], data: EXTREMES[dtype] }));
    const lines = `import json
file, found = io.BytesIO(given), []
for _ in range(${arrays.length}):
    a, copy = numpy.load(file), io.BytesIO()
    assert a.shape == (1, 3) and not numpy.isfortran(a)
    numpy.save(copy, a)
    found.append([a.dtype.name, base64.b64encode(copy.getvalue()).decode()])
answer = json.dumps(found).encode()`;
    const given = new Uint8Array(arrays.flatMap((array) => [...encodeNpy(array)]));
    const found: [string, string][] = JSON.parse(new TextDecoder().decode(askNumpy(lines, given)));
    assertEquals(found.map(([name, copy]) => [name, decodeNpy(Uint8Array.fromBase64(copy))]), [
      ...arrays.map((array) => [array.dtype, array]),
    ]);
  },
});
