import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodePickle } from "../../../../pipelines/formats/pickle/pickle.ts";
import { encodePickle } from "../../../../pipelines/formats/pickle/pickle_write.ts";
import { READ } from "../../../../pipelines/formats/pickle/pickle_opcodes.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { askNumpy, NUMPY } from "../../../numpy.ts";
import type { NdArray } from "../../../../pipelines/base/arrays.ts";

const ARRAYS: NdArray[] = [
  { dtype: "int16", shape: [2, 3], data: Int16Array.of(0, -1, 32767, -32768, 10, 0) },
  { dtype: "int16", shape: [1, 3], data: Int16Array.of(2573, 23644, 9984) }, // \n, \r, \\ and ' among the bytes
  { dtype: "uint8", shape: [4], data: Uint8Array.of(0, 127, 128, 255) },
  { dtype: "float64", shape: [1, 1, 2], data: Float64Array.of(0.1, -1e300) },
  { dtype: "uint64", shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
  { dtype: "float32", shape: [300], data: Float32Array.from({ length: 300 }, (_, i) => i / 7) },
];

/** Makes the arrays above in Python. */
const IN_PYTHON = `
import pickle
inner = [
    numpy.array([[0, -1, 32767], [-32768, 10, 0]], 'i2'), numpy.array([[2573, 23644, 9984]], 'i2'),
    numpy.array([0, 127, 128, 255], 'u1'), numpy.array([[[0.1, -1e300]]]),
    numpy.array([2**64 - 1], 'u8'), (numpy.arange(300) / 7).astype('f4'),
]
arrays = numpy.empty(len(inner), object)
arrays[:] = inner
`;

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** A pickle of one array of objects around what is given, as Python 2 writes it with protocol 0. */
const around = (items: string, count: number) =>
  ascii(
    "cnumpy.core.multiarray\n_reconstruct\np1\n(cnumpy\nndarray\np2\n(I0\ntS'b'\ntRp3\n(I1\n" +
      `(I${count}\ntcnumpy\ndtype\np4\n(S'O8'\nI0\nI1\ntRp5\n(I3\nS'|'\nNNNI-1\nI-1\nI63\ntbI00\n(lp6\n${items}tb.`,
  );
const ROW = "g1\n(g2\n(I0\ntS'b'\ntRp7\n(I1\n(L1L\nI3\ntg4\n(S'i2'\nI0\nI1\ntRp8\n(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb" +
  "I00\nS'\\x05\\x00\\n\\'\\xff\\\\'\ntba";

Deno.test("Python 2's protocol 0, with its escapes, is read", () => {
  const { shape, items } = decodePickle(around(ROW, 1));
  assertEquals(shape, [1]);
  assertEquals(items, [{ dtype: "int16", shape: [1, 3], data: Int16Array.of(5, 0x270a, 0x5cff) }]);
});

Deno.test({
  name: "what numpy writes is read, in every protocol",
  ignore: !NUMPY,
  fn: () => {
    const lines = `${IN_PYTHON}
import json
answer = json.dumps([base64.b64encode(pickle.dumps(arrays, p)).decode() for p in range(6)]).encode()`;
    const protocols: string[] = JSON.parse(new TextDecoder().decode(askNumpy(lines, new Uint8Array())));
    protocols.forEach((bytes, protocol) => {
      const found = decodePickle(Uint8Array.fromBase64(bytes));
      assertEquals(found, { shape: [6], items: ARRAYS }, `protocol ${protocol}`);
    });
  },
});

Deno.test({
  name: "an array in Fortran order comes back in C order",
  ignore: !NUMPY,
  fn: () => {
    const lines = "import pickle; a = numpy.empty(1, object)\n" +
      "a[0] = numpy.asfortranarray(numpy.arange(24, dtype='i2').reshape(2, 3, 4)); answer = pickle.dumps(a)";
    const { items } = decodePickle(askNumpy(lines, new Uint8Array()));
    assertEquals(items, [{ dtype: "int16", shape: [2, 3, 4], data: Int16Array.from({ length: 24 }, (_, i) => i) }]);
  },
});

Deno.test({
  name: "what is written is, byte for byte, what numpy writes with protocol 2, but for numpy 1's name of its module",
  ignore: !NUMPY,
  fn: async () => {
    const program = (arrays: string) =>
      `${IN_PYTHON}\n${arrays}\nanswer = pickle.dumps(arrays, 2).replace(b'numpy._core.', b'numpy.core.')`;
    assertEquals(encodePickle(ARRAYS), askNumpy(program(""), new Uint8Array()));
    const one = "arrays = numpy.empty(1, object); arrays[0] = inner[0]";
    assertEquals(encodePickle(ARRAYS.slice(0, 1)), askNumpy(program(one), new Uint8Array()));
    assertEquals(encodePickle([]), askNumpy(program("arrays = numpy.empty(0, object)"), new Uint8Array()));
    const many = "arrays = numpy.empty(2001, object)\n" +
      "for i in range(2001): arrays[i] = numpy.full((i % 300 + 1, 3), i - 1000, 'i2')";
    const items = Array.from({ length: 2001 }, (_, i): NdArray => {
      const points = i % 300 + 1;
      return { dtype: "int16", shape: [points, 3], data: new Int16Array(3 * points).fill(i - 1000) };
    });
    // two batches of a thousand, and one
    const hash = askNumpy(
      `${program(many)}\nimport hashlib; answer = hashlib.sha256(answer).digest()`,
      new Uint8Array(),
    );
    assertEquals(new Uint8Array(await crypto.subtle.digest("SHA-256", encodePickle(items))), hash);
  },
});

Deno.test("every opcode that numpy's arrays do not have is refused by its name", () => {
  const known = new Set<number>(Object.values(READ));
  let refused = 0;
  for (let code = 0; code < 256; code++) {
    if (known.has(code)) continue;
    const error = assertThrows(() => decodePickle(Uint8Array.of(0x80, 2, code, 0x2e)), TypeError);
    assert(/opcode ([A-Z_0-9]+ at byte 2|0x..,)/.test(error.message), error.message);
    refused++;
  }
  assertEquals(refused, 256 - 42);
  assertThrows(() => decodePickle(ascii("(dp0\n.")), TypeError, "opcode DICT at byte 1");
  assertThrows(() => decodePickle(ascii("}.")), TypeError, "opcode EMPTY_DICT at byte 0");
  assertThrows(() => decodePickle(ascii("ios\nsystem\n.")), TypeError, "opcode INST at byte 0");
});

Deno.test({
  name: "the opcodes have Python's names",
  ignore: !NUMPY,
  fn: () => {
    const lines = "import json, pickletools\n" +
      "answer = json.dumps({op.name: ord(op.code) for op in pickletools.opcodes}).encode()";
    const answer = askNumpy(lines, new Uint8Array());
    const codes: Record<string, number> = JSON.parse(new TextDecoder().decode(answer));
    for (const [name, code] of Object.entries(READ)) assertEquals(codes[name], code, name);
    for (const [name, code] of Object.entries(codes)) {
      if (Object.hasOwn(READ, name)) continue;
      assertThrows(() => decodePickle(Uint8Array.of(code)), TypeError, `opcode ${name} at byte 0`);
    }
  },
});

Deno.test("any name but numpy's own is refused, however it is spelt", () => {
  for (const [module, name] of [["os", "system"], ["builtins", "eval"], ["numpy", "load"], ["os", "dtype"], ["", ""]]) {
    const words = `it names ${module}.${name}`;
    assertThrows(() => decodePickle(ascii(`c${module}\n${name}\n.`)), TypeError, words);
    const stack = [module, name].map((text) => `\x8c${String.fromCharCode(text.length)}${text}`).join("");
    assertThrows(() => decodePickle(ascii(`\x80\x04${stack}\x93.`)), TypeError, words);
  }
  assertThrows(() => decodePickle(ascii("cnumpy\ntoString\n.")), TypeError, "it names numpy.toString");
  assertThrows(() => decodePickle(ascii("]]\x93.")), TypeError, "STACK_GLOBAL without two names");
  assertThrows(() => decodePickle(ascii("cnumpy\ndtype\n(]tR.")), TypeError, "REDUCE calls what numpy's arrays do not");
  assertThrows(() => decodePickle(ascii("c_codecs\nencode\n(Vcm0gLXJm\nVbase64\ntR.")), TypeError, "REDUCE calls");
  assertThrows(() => decodePickle(ascii("]Nb.")), TypeError, "BUILD gives what numpy's arrays do not take");
});

Deno.test("what is no array of arrays of numbers is refused", () => {
  const cases: [Uint8Array, string][] = [
    [ascii("I7\n."), "it holds no array of objects"],
    [ascii("cnumpy\nndarray\n."), "it holds no array of objects"],
    [around("I7\na", 1), "object 0 is no array of numbers"],
    [around("g6\na", 1), "object 0 is no array of numbers"], // the list itself
    [around(ROW.replace("S'i2'", "S'M8'"), 1), "dtype M8"],
    [around(ROW.replace("S'<'", "S'>'"), 1), "big-endian int16"],
  ];
  for (const [bytes, words] of cases) assertThrows(() => decodePickle(bytes), TypeError, words);
  assertThrows(() => decodePickle(around(ROW, 2)), RangeError, "an array [2] of objects without 2 of them");
  assertThrows(() => decodePickle(around(ROW.replace("L1L", "L2L"), 1)), RangeError, "[2,3] takes 12 bytes, found 6");
  assertThrows(() => decodePickle(around(ROW.replace("L1L", "I-1"), 1)), RangeError, "Shape [-1,3]");
  assertThrows(() => decodePickle(around(ROW.replace("L1L", "L1000000000000L"), 1)), RangeError, "takes 6000000000000");
  assertThrows(() => decodePickle(Uint8Array.from([...around(ROW, 1), 0])), RangeError, "bytes after its end");
});

Deno.test("a pickle cannot make much of little", () => {
  const times = (text: string, count: number) => ascii(text.repeat(count));
  assertThrows(() => decodePickle(times("(", 1e6)), RangeError, "stack or memo grows");
  assertThrows(() => decodePickle(times("]", 1e6)), RangeError, "stack or memo grows");
  assertThrows(() => decodePickle(Uint8Array.of(0x42, 255, 255, 255, 255)), SyntaxError, "ends too soon");
  assertThrows(() => decodePickle(Uint8Array.of(0x96, 0, 0, 0, 0, 0, 0, 1, 0)), SyntaxError, "ends too soon");
  assertThrows(() => decodePickle(times("9", 10)), TypeError, "which is none of Python's");
  assertThrows(() => decodePickle(ascii("I" + "9".repeat(1e6) + "\n.")), SyntaxError, "too long");
  // A kilobyte of text in the memo, encoded again and again.
  const text = "c_codecs\nencode\np0\n(V" + "x".repeat(1000) + "\nVlatin1\ntp1\n";
  assertThrows(() => decodePickle(ascii(text + "g0\ng1\nR".repeat(1000) + ".")), RangeError, "far more bytes");
});

Deno.test("broken pickles are refused with an error of our own, or read", () => {
  const pickles = [encodePickle(ARRAYS), around(ROW, 1)];
  for (const bytes of pickles) {
    for (let end = 0; end < bytes.length; end++) {
      const error = assertThrows(() => decodePickle(bytes.subarray(0, end)), Error);
      assert(error.message.startsWith("Cannot read pickle: "), error.message);
    }
  }
  const prng = new Prng(3);
  let [read, refused] = [0, 0];
  for (let round = 0; round < 6000; round++) {
    const bytes = pickles[round % 2].slice();
    for (let i = 1 + prng.integer(3); i > 0; i--) bytes[prng.integer(bytes.length)] = prng.integer(256);
    try {
      decodePickle(bytes);
      read++;
    } catch (error) {
      const { message } = error as Error;
      assert(/^(Cannot read pickle|Shape \[)/.test(message), `${round}: ${message}`);
      refused++;
    }
  }
  assert(read > 100 && refused > 1000, `${read} read, ${refused} refused`);
});

Deno.test("an array named often is read, unless its references make far more than the file has", () => {
  // pickle.dumps, protocol 4, of numpy's int16 [[0, 1, 2]] named three times.
  const three = Uint8Array.fromBase64(
    "gASV2AAAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChL" +
      "AUsDhZRoA4wFZHR5cGWUk5SMAk84lImIh5RSlChLA4wBfJROTk5K/////0r/////Sz90lGKJXZQoaAJoBUsAhZRoB4eUUpQoSwFLAUsDhpRoDIwCaTKU" +
      "iYiHlFKUKEsDjAE8lE5OTkr/////Sv////9LAHSUYolDBgAAAQACAJR0lGJoFWgVZXSUYi4=",
  );
  const row = { dtype: "int16", shape: [1, 3], data: Int16Array.of(0, 1, 2) } as const;
  assertEquals(decodePickle(three), { shape: [3], items: [row, row, row] });

  const long = ROW.replace("I3\ntg4", "I300\ntg4").replace(/S'.x05.*'\n/, `S'${"a".repeat(600)}'\n`);
  assertEquals(decodePickle(around(long + "g7\na", 2)).items.map(({ data }) => data.length), [300, 300]);
  assertThrows(() => decodePickle(around(long + "g7\na".repeat(20), 21)), RangeError, "its references would make far");
  assertThrows(() => decodePickle(around(ROW + "g7\na".repeat(2e5), 200_001)), RangeError, "it would make far more");
});
