/** MAT-files against the bytes in MathWorks' document, and against scipy.io where it is. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { decodeMat, readMat, toRows } from "../../../../pipelines/formats/mat/mat.ts";
import { encodeMat } from "../../../../pipelines/formats/mat/mat_write.ts";
import { decodeNpz, encodeNpz } from "../../../../pipelines/formats/npz.ts";
import { askNumpy, SCIPY } from "../../../numpy.ts";
import type { Dtype, NdArray } from "../../../../pipelines/base/arrays.ts";

const EXTREMES: { readonly [D in Dtype]: NdArray<D>["data"] } = {
  uint8: Uint8Array.of(0, 1, 2, 3, 4, 255),
  int8: Int8Array.of(-128, -1, 0, 1, 2, 127),
  uint16: Uint16Array.of(0, 1, 2, 3, 258, 65535),
  int16: Int16Array.of(-32768, -1, 0, 1, 2, 32767),
  uint32: Uint32Array.of(0, 1, 2, 3, 2 ** 31, 2 ** 32 - 1),
  int32: Int32Array.of(-(2 ** 31), -1, 0, 1, 2, 2 ** 31 - 1),
  uint64: BigUint64Array.of(0n, 1n, 2n, 3n, 2n ** 63n, 2n ** 64n - 1n),
  int64: BigInt64Array.of(-(2n ** 63n), -1n, 0n, 1n, 2n, 2n ** 63n - 1n),
  float32: Float32Array.of(-0, 1.5, Infinity, NaN, -2, 3),
  float64: Float64Array.of(-0, Math.PI, -Infinity, NaN, 1e-300, 3),
};

/** An array of each dtype, uint8 [2, 3] and so on. */
const ARRAYS: Record<string, NdArray> = Object.fromEntries(
  Object.entries(EXTREMES).map(([name, data]) => [name, { dtype: name as Dtype, shape: [2, 3], data }]),
);

/** A header, and 32-bit words, 16-bit pairs and bytes in the order that it says. */
function file(little: boolean, ...parts: (number | [number, number] | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(128 + 4 * parts.length + 2000);
  const view = new DataView(bytes.buffer);
  bytes.fill(0x20, 0, 116);
  view.setUint16(124, 0x0100, little);
  view.setUint16(126, 0x4d49, little); // "MI"
  let at = 128;
  for (const part of parts) {
    if (part instanceof Uint8Array) bytes.set(part, at);
    else if (typeof part === "number") view.setUint32(at, part, little);
    else view.setUint32(at, part[0] * 2 ** 16 + part[1], little);
    at += part instanceof Uint8Array ? part.length : 4;
  }
  return bytes.slice(0, at);
}

/**
 * Figure "Example Numeric Array MAT-file Data Element (Compressed)" of MathWorks' document: arr = cat(3, [1 2 3; 4 5 6],
 * [7 8 9; 10 11 12]), its name a short element, its doubles stored as bytes.
 */
function published(little: boolean): Uint8Array<ArrayBuffer> {
  const numbers = Uint8Array.of(1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12, 0, 0, 0, 0);
  const name = new TextEncoder().encode("arr\0");
  return file(little, ...[14, 72], ...[6, 8, 6, 0], ...[5, 12, 2, 3, 2, 0], [3, 1], name, ...[2, 12], numbers);
}

const ARR = {
  dtype: "float64",
  shape: [2, 3, 2],
  data: Float64Array.of(1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12),
} as const;

function test(name: string, fn: () => void | Promise<void>, ignore = false): void {
  Deno.test({ name: `mat: ${name}`, ignore, sanitizeOps: true, sanitizeResources: true, fn });
}

test("the published example is read in either byte order", async () => {
  for (const little of [true, false]) {
    assertEquals(await decodeMat(published(little)), { arrays: { arr: ARR }, others: {} });
  }
  const big = file(
    false,
    ...[14, 64],
    ...[6, 8, 10, 0],
    ...[5, 8, 1, 3],
    [1, 1],
    new TextEncoder().encode("x\0\0\0"),
    3,
    6,
  )
    .values();
  const bytes = Uint8Array.from([...big, ...[0, 1, 255, 254, 127, 255], 0, 0]);
  new DataView(bytes.buffer).setUint32(132, bytes.length - 136);
  assertEquals((await decodeMat(bytes)).arrays.x.data, Int16Array.of(1, -2, 32767));
});

test("encodeMat writes the very bytes of the format", () => {
  const bytes = encodeMat({ ab: { dtype: "int16", shape: [1, 3], data: Int16Array.of(1, -2, 300) } }, { level: 0 });
  assertEquals(new TextDecoder().decode(bytes.subarray(0, 19)), "MATLAB 5.0 MAT-file");
  assertEquals([...bytes.subarray(116, 128)], [0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x01, 0x49, 0x4d]);
  assertEquals([...bytes.subarray(128)], [
    ...[14, 0, 0, 0, 64, 0, 0, 0],
    ...[6, 0, 0, 0, 8, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0],
    ...[5, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0],
    ...[1, 0, 0, 0, 2, 0, 0, 0, 97, 98, 0, 0, 0, 0, 0, 0],
    ...[3, 0, 0, 0, 6, 0, 0, 0, 1, 0, 254, 255, 44, 1, 0, 0],
  ]);
});

test("every dtype comes back as it went, deflated or not, in pieces of any length", async () => {
  for (const level of [0, 6] as const) {
    const bytes = encodeMat(ARRAYS, { level });
    assertEquals(await decodeMat(bytes), { arrays: ARRAYS, others: {} });
    for (const length of [1, 7, 4096]) {
      const pieces = async function* () {
        for (let at = 0; at < bytes.length; at += length) {
          yield bytes.subarray(at, at + length);
          yield new Uint8Array(0);
        }
      };
      assertEquals((await decodeMat(pieces())).arrays, ARRAYS);
    }
  }
});

test("shapes: [3] is a column as in MATLAB, none is one number, an empty one has no numbers", async () => {
  const of = (...shape: number[]): NdArray => ({
    dtype: "uint8",
    shape,
    data: Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  });
  const { arrays } = await decodeMat(encodeMat({ a: of(3), b: of(), c: of(4, 0), d: of(2, 1, 3, 2) }));
  assertEquals(arrays, {
    a: { ...of(3), shape: [3, 1] },
    b: { ...of(), shape: [1, 1] },
    c: of(4, 0),
    d: of(2, 1, 3, 2),
  });
  const columns =
    (await Array.fromAsync(readMat([encodeMat({ d: of(2, 1, 3, 2) })]), ({ read }) => Array.fromAsync(read())))[0];
  assertEquals(columns[0], Uint8Array.of(0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11)); // numpy's ravel(order="F")
  assertEquals(toRows(columns[0], [2, 1, 3, 2]), of(2, 1, 3, 2).data);
});

test("a number that its class cannot hold is refused, one of a float class rounded", async () => {
  const stored = (kind: number, type: number, bytes: Uint8Array) =>
    decodeMat(
      file(
        true,
        ...[14, 56],
        ...[6, 8, kind, 0],
        ...[5, 8, 1, 1],
        [1, 1],
        Uint8Array.of(120, 0, 0, 0),
        type,
        bytes.length,
        bytes,
        new Uint8Array(8 - bytes.length),
      ),
    );
  const [half, many] = [new Uint8Array(Float64Array.of(0.5).buffer), new Uint8Array(Int16Array.of(300).buffer)];
  await assertRejects(() => stored(12, 9, half), RangeError, "x is of class int32 and holds 0.5");
  await assertRejects(() => stored(9, 3, many), RangeError, "x is of class uint8 and holds 300");
  await assertRejects(() => stored(15, 1, Uint8Array.of(255)), RangeError, "x is of class uint64 and holds -1");
  assertEquals((await stored(14, 3, many)).arrays.x.data, BigInt64Array.of(300n));
  assertEquals((await stored(7, 9, half)).arrays.x.data, Float32Array.of(0.5));
  await assertRejects(() => stored(6, 17, half), SyntaxError, "x is stored as type 17");
});

test("what is not read is passed over without being inflated", async () => {
  const x: NdArray = { dtype: "uint8", shape: [100_000], data: crypto.getRandomValues(new Uint8Array(50_000)) };
  const bytes = encodeMat({ x: { ...x, shape: [50_000] }, y: ARRAYS.int16 });
  bytes.fill(0, 40_000, 40_500);
  const names: string[] = [];
  for await (const { name, read } of readMat([bytes])) {
    names.push(name);
    if (name === "y") assertEquals(await Array.fromAsync(read()), [Int16Array.of(-32768, 1, -1, 2, 0, 32767)]);
  }
  assertEquals(names, ["x", "y"]);
  await assertRejects(() => decodeMat(bytes), SyntaxError, "the deflated element at byte 136 is broken");
});

test("a variable is read once", async () => {
  for await (const { read } of readMat([encodeMat({ x: ARRAYS.uint8 })])) {
    await Array.fromAsync(read());
    await assertRejects(() => Array.fromAsync(read()), TypeError, "x is read a second time");
  }
});

test("broken files are refused", async () => {
  const plain = encodeMat({ x: ARRAYS.uint8 }, { level: 0 });
  const deflated = encodeMat({ x: ARRAYS.uint8 });
  const patch = (bytes: Uint8Array, at: number, ...values: number[]) => {
    const copy = bytes.slice();
    copy.set(values, at);
    return copy;
  };
  const cases: [bytes: Uint8Array, type: new () => Error, words: string][] = [
    [new Uint8Array(0), SyntaxError, "not a MAT-file (it is shorter"],
    [new Uint8Array(128), SyntaxError, "not a MAT-file of level 5 (no IM or MI at byte 126); level 4 is not read"],
    [patch(plain, 124, 0, 2), SyntaxError, "HDF5 (version 7.3)"],
    [Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10), SyntaxError, "HDF5"],
    [patch(plain, 124, 1, 1), SyntaxError, "version 0x0101"],
    [plain.subarray(0, 133), RangeError, "ends inside the tag at byte 128"],
    [plain.subarray(0, 140), RangeError, "ends inside the tag at byte 136"],
    [plain.subarray(0, 150), RangeError, "ends inside an array's head"],
    [plain.subarray(0, plain.length - 1), RangeError, "the data ends inside x"],
    [plain.subarray(0, plain.length - 3), RangeError, "the data ends inside x"],
    [deflated.subarray(0, deflated.length - 9), RangeError, "the file ends inside the element at byte 128"],
    [patch(deflated, deflated.length - 1, 0), SyntaxError, "the deflated element at byte 136 is broken"],
    [patch(plain, 132, 8), RangeError, "an element of 8 bytes in an array that has fewer"],
    [patch(plain, 136, 5), SyntaxError, "an array's head has type 5 and 8 bytes"],
    [patch(plain, 144, 99), SyntaxError, "an array of class 99"],
    [patch(plain, 160, 255, 255, 255, 255), RangeError, "expected whole lengths of 0 or more"],
    [patch(plain, 160, 255, 255, 255, 127), RangeError, "takes 6442450941 bytes, found 6"],
    [patch(plain, 156, 200), RangeError, "an element of 200 bytes in an array that has fewer"],
    [patch(plain, 156, 7), SyntaxError, "an array whose lengths take 7 bytes"],
    [patch(plain, 156, 4), SyntaxError, "an array whose lengths take 4 bytes"],
    [patch(plain, 128, 77), SyntaxError, "the element at byte 128 is of type 77"],
    [patch(plain, 130, 9), SyntaxError, "the short element at byte 128 has 9 bytes"],
    [file(true, 15, 11, new Uint8Array(11)), SyntaxError, "the deflated element at byte 136 is broken"],
  ];
  for (const [i, [bytes, type, words]] of cases.entries()) {
    const error = await assertRejects(() => decodeMat(bytes), type, undefined, `${i}: ${words}`);
    assert(error.message.startsWith("Cannot read .mat: ") || words.startsWith("expected"), error.message);
    assert(error.message.includes(words), `${i}: ${error.message}, expected ${words}`);
  }
  assertThrows(() => encodeMat({ x: { ...ARRAYS.uint8, shape: [7] } }), RangeError, "x, uint8 [7], has 6 elements");
});

test("deflated bytes cannot claim, nor hold, more than is allowed", async () => {
  const zeros = encodeMat({ x: { dtype: "uint8", shape: [2 ** 22], data: new Uint8Array(2 ** 22) } });
  assert(zeros.length < 5000, "it is not much of a bomb");
  assertEquals((await decodeMat(zeros)).arrays.x.shape, [2 ** 22, 1]);
  await assertRejects(() => decodeMat(zeros, 2 ** 20), RangeError, "more than 1048576 bytes");
});

/** Two files of scipy's, plain and deflated; and what scipy reads of one of them and of those given, by `number name`. */
const PROGRAM = `
import scipy.io, scipy.sparse
x = {"f64": numpy.arange(12.).reshape(2, 3, 2) - 3.5, "whole": numpy.arange(300.).reshape(3, 100),
  "u1": numpy.arange(24, dtype="u1").reshape(2, 3, 4), "i2": numpy.array([[-5, 7]], "i2"), "one": 7,
  "u4": numpy.array([2**32-1], "u4"), "i8": numpy.array([-2**62, 3], "i8"), "f4": numpy.array([[0.1], [numpy.nan]], "f4"),
  "none": numpy.zeros((0, 3)), "flags": numpy.array([[True, False]]), "cells": numpy.array([1, "a"], object),
  "text": "words", "record": {"a": 1}, "z": numpy.array([1 + 2j]), "holes": scipy.sparse.csc_matrix(numpy.eye(3))}
def save(deflate):
  out = io.BytesIO()
  scipy.io.savemat(out, x, do_compression=deflate)
  return out.getvalue()
files = [save(False), save(True)] + [f.tobytes() for f in numpy.load(io.BytesIO(given)).values()]
kept = {f"{i} file": numpy.frombuffer(f, "u1") for i, f in enumerate(files[:2])}
for i, f in enumerate(files[1:]):
  for name, v in scipy.io.loadmat(io.BytesIO(f), mat_dtype=True).items():
    if name[0] != "_" and name not in ("cells", "text", "record", "z", "holes"):
      dtype = "u1" if v.dtype == bool else v.dtype.newbyteorder("=")
      kept[f"{i} {name}"] = numpy.array(v, dtype, order="C")
out = io.BytesIO()
numpy.savez(out, **kept)
answer = out.getvalue()
`;

test("scipy's files are read as scipy reads them, and ours by scipy", async () => {
  const ours = [published(true), published(false), encodeMat(ARRAYS), encodeMat(ARRAYS, { level: 0 })];
  const given = ours.map((data, i): [string, NdArray] => [`${i}`, { dtype: "uint8", shape: [data.length], data }]);
  const answer = decodeNpz(askNumpy(PROGRAM, encodeNpz(Object.fromEntries(given))));
  const of = (i: number) =>
    Object.fromEntries(
      Object.entries(answer).flatMap(([name, array]) =>
        name.startsWith(`${i} `) && !name.endsWith(" file") ? [[name.slice(2), array]] : []
      ),
    );
  for (const i of [0, 1]) {
    const { arrays, others } = await decodeMat(answer[`${i} file`].data as Uint8Array);
    assertEquals(arrays, of(0));
    assertEquals(others, { cells: "cell", text: "char", record: "struct", z: "complex double", holes: "sparse" });
  }
  for (const [i, bytes] of ours.entries()) assertEquals((await decodeMat(bytes)).arrays, of(i + 1));
}, !SCIPY);

/** MATLAB's own files of many versions and machines, which scipy is tested with; and the numbers that it finds in them. */
const MATLABS = `
import glob, os, warnings, scipy.io
warnings.simplefilter("ignore")
kept = {}
for path in glob.glob(os.path.join(os.path.dirname(scipy.io.__file__), "matlab", "tests", "data", "*.mat")):
  name = os.path.basename(path)
  kept["file " + name] = numpy.fromfile(path, "u1")
  if "complex" in name: continue # whose imaginary parts mat_dtype loses
  try:
    found = scipy.io.loadmat(path, mat_dtype=True)
  except Exception:
    continue
  for key, v in found.items():
    if key[0] != "_" and isinstance(v, numpy.ndarray) and v.dtype.kind in "iufb":
      kept[f"{name} {key}"] = numpy.array(v, "u1" if v.dtype == bool else v.dtype.newbyteorder("="), order="C")
out = io.BytesIO()
numpy.savez(out, **kept)
answer = out.getvalue()
`;

test("MATLAB's own files, 5.3 to 8, little- and big-endian, give what scipy finds in them", async () => {
  const answer = decodeNpz(askNumpy(MATLABS, new Uint8Array(0)));
  let compared = 0;
  for (const [file, { data }] of Object.entries(answer)) {
    const [, name] = /^file (.*)$/.exec(file) ?? [];
    if (name === undefined) continue;
    if (/_4(\.2c)?_|mat4/.test(name)) {
      await assertRejects(() => decodeMat(data as Uint8Array), SyntaxError, "not a MAT-file");
      continue;
    }
    const found = Object.entries(answer).filter(([key]) => key.startsWith(`${name} `));
    if (found.length === 0) continue;
    const { arrays } = await decodeMat(data as Uint8Array);
    assertEquals(arrays, Object.fromEntries(found.map(([key, array]) => [key.slice(name.length + 1), array])), name);
    compared += found.length;
  }
  assert(compared === 0 || compared > 20, `${compared} arrays compared`); // some packages of scipy leave the files out
}, !SCIPY);
