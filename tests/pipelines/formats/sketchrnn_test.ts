import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeNpy, encodeNpyHeader } from "../../../pipelines/formats/npy.ts";
import { zipMembers } from "../../../pipelines/formats/npz.ts";
import { encodePickle } from "../../../pipelines/formats/pickle/pickle_write.ts";
import { decodeSketchRnn, encodeSketchRnn, type SketchRnnDrawings } from "../../../pipelines/formats/sketchrnn.ts";
import { cutSketchRnn } from "../../../pipelines/formats/sketchrnn_pieces.ts";
import { REAL_DATA } from "../../helpers.ts";
import { askNumpy, NUMPY } from "../../numpy.ts";
import type { NdArray } from "../../../pipelines/base/arrays.ts";
import { SPLITS } from "../../../pipelines/base/split.ts";

const DRAWINGS: SketchRnnDrawings = {
  train: [Int16Array.of(5, -7, 0, 1000, 200, 1), Int16Array.of(-32768, 32767, 1)],
  valid: [Int16Array.of(1, 2, 1)],
  test: [],
};

/** A file with one array of objects, named train, around the arrays given. */
function fileOf(items: readonly NdArray[], { descriptor = "|O", shape = [items.length] } = {}): Uint8Array {
  return zipMembers({ "train.npy": Uint8Array.from([...encodeNpyHeader(descriptor, shape), ...encodePickle(items)]) });
}

Deno.test("drawings come back, an empty split too", () => {
  assertEquals(decodeSketchRnn(encodeSketchRnn(DRAWINGS)), DRAWINGS);
});

Deno.test("a file with some of the splits is read, one with none is refused", () => {
  const row = { dtype: "int16", shape: [1, 3], data: Int16Array.of(1, 2, 1) } as const;
  assertEquals(decodeSketchRnn(fileOf([row])), { train: [row.data], valid: [], test: [] });
  assertThrows(() => decodeSketchRnn(zipMembers({ "image.npy": encodeNpy(row) })), RangeError, "none of the arrays");
});

Deno.test("a split under another name is refused, other arrays are told once", async () => {
  const row = { dtype: "int16", shape: [1, 3], data: Int16Array.of(1, 2, 1) } as const;
  const array = Uint8Array.from([...encodeNpyHeader("|O", [1]), ...encodePickle([row])]);
  for (const [name, split] of [["val", "valid"], ["validation", "valid"], ["dev", "valid"], ["Test", "test"]]) {
    const file = zipMembers({ "train.npy": array.slice(), [`${name}.npy`]: array.slice() });
    assertThrows(() => decodeSketchRnn(file), RangeError, `an array is ${name}, expected ${split}: rename it`);
  }
  const file = zipMembers({ "train.npy": array.slice(), "test.npy": array.slice(), "holdout.npy": array.slice() });
  const pieces = await Array.fromAsync(cutSketchRnn(ReadableStream.from([file])));
  assertEquals(pieces.map(({ split, others }) => [split, others]), [["train", ["holdout"]], ["test", undefined]]);
});

Deno.test("what is not drawings is refused with the split's name", () => {
  const row = { dtype: "int16", shape: [1, 3], data: Int16Array.of(1, 2, 1) } as const;
  const cases: [Uint8Array, new (message: string) => Error, string][] = [
    [zipMembers({ "train.npy": encodeNpy(row) }), TypeError, "train: Cannot read drawings: dtype <i2 [1,3]"],
    [fileOf([{ ...row, shape: [3] }]), TypeError, "drawing 1 is int16 [3]"],
    [fileOf([row, { ...row, shape: [3, 1] }]), TypeError, "drawing 2 is int16 [3,1]"],
    [fileOf([{ dtype: "uint8", shape: [1, 4], data: new Uint8Array(4) }]), TypeError, "drawing 1 is uint8 [1,4]"],
    [fileOf([{ dtype: "int16", shape: [0, 3], data: new Int16Array(0) }]), TypeError, "int16 [0,3]"],
    [fileOf([row], { shape: [2] }), RangeError, "the header says [2], the pickle [1]"],
    [fileOf([row], { shape: [1, 1] }), TypeError, "dtype |O [1,1]"],
    [zipMembers({ "train.npy": Uint8Array.of(1, 2) }), SyntaxError, "train: Cannot read .npy"],
    [
      zipMembers({ "train.npy": encodeNpyHeader("|O", [1]) }),
      SyntaxError,
      "train: Cannot read pickle: it ends too soon",
    ],
    [new TextEncoder().encode("no zip"), SyntaxError, "Cannot read .npz"],
  ];
  for (const [bytes, kind, words] of cases) assertThrows(() => decodeSketchRnn(bytes), kind, words);
  assertThrows(() => encodeSketchRnn({ ...DRAWINGS, test: [new Int16Array(0)] }), RangeError, "test: drawing 1 has 0");
});

Deno.test({
  name: "Sketch-RNN's own way of loading reads what is written, whatever numpy's encoding",
  ignore: !NUMPY,
  fn: () => {
    // magenta/models/sketch_rnn/sketch_rnn_train.py, load_dataset, and utils.py, get_max_len
    const lines = `
answers = []
for encoding in ['latin1', 'ASCII', 'bytes']:
    data = numpy.load(io.BytesIO(given), encoding=encoding, allow_pickle=True)
    train, valid, test = data['train'], data['valid'], data['test']
    all_strokes = numpy.concatenate((train, valid, test))
    num_points = [len(stroke) for stroke in all_strokes]
    answers.append([num_points, [str(a.dtype) for a in all_strokes], [a.tolist() for a in all_strokes]])
import json
assert answers[0] == answers[1] == answers[2]
answer = json.dumps(answers[0]).encode()`;
    const answer = JSON.parse(new TextDecoder().decode(askNumpy(lines, encodeSketchRnn(DRAWINGS))));
    assertEquals(answer, [
      [2, 1, 1],
      ["int16", "int16", "int16"],
      [[[5, -7, 0], [1000, 200, 1]], [[-32768, 32767, 1]], [[1, 2, 1]]],
    ]);
  },
});

Deno.test({
  name: "what numpy saves is read",
  ignore: !NUMPY,
  fn: () => {
    const lines = `
def ragged(rows):
    array = numpy.empty(len(rows), object)
    for i, row in enumerate(rows): array[i] = numpy.array(row, 'i2').reshape(-1, 3)
    return array
out = io.BytesIO()
numpy.savez_compressed(out, train=ragged([[5, -7, 0, 1000, 200, 1], [-32768, 32767, 1]]), valid=ragged([[1, 2, 1]]),
                       test=ragged([]))
answer = out.getvalue()`;
    assertEquals(decodeSketchRnn(askNumpy(lines, new Uint8Array())), DRAWINGS);
  },
});

/** A file whose train array is one .npy of `descriptor` [N, points, 3]. */
function plainFile(descriptor: string, shape: number[], bytes: Uint8Array): Uint8Array {
  const header = encodeNpyHeader(descriptor, shape);
  return zipMembers({ "train.npy": new Uint8Array([...header, ...bytes]) });
}

Deno.test("drawings that are equally long come as one array, of any kind of number", () => {
  const numbers = [5, -7, 0, 3, 4, 1, 9, 0, 0, -1, 1, 1];
  const kinds: [string, Uint8Array][] = [
    ["<i2", new Uint8Array(Int16Array.from(numbers).buffer)],
    ["|i1", new Uint8Array(Int8Array.from(numbers).buffer)],
    ["<i8", new Uint8Array(BigInt64Array.from(numbers.map(BigInt)).buffer)],
    ["<f4", new Uint8Array(Float32Array.from(numbers).buffer)],
    ["<f2", new Uint8Array(numbers.length * 2)],
  ];
  const half = new DataView(kinds[4][1].buffer);
  numbers.forEach((value, i) => half.setFloat16(2 * i, value, true));
  for (const [descriptor, bytes] of kinds) {
    const { train } = decodeSketchRnn(plainFile(descriptor, [2, 2, 3], bytes));
    assertEquals(train.map((drawing) => [...drawing]), [numbers.slice(0, 6), numbers.slice(6)], descriptor);
  }
});

Deno.test("pickled drawings of floats are rounded at their points; what would lose its shape is refused", () => {
  const read = (dtype: "float32" | "float64", ...values: number[]) => {
    const data = dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values);
    return [...decodeSketchRnn(fileOf([{ dtype, shape: [values.length / 3, 3], data } as NdArray])).train[0]];
  };
  assertEquals(read("float64", 5, 7, 0, 1, 1, 1), [5, 7, 0, 1, 1, 1]);
  // Places 0.4, 0.8, 1.2, 100.2: an offset alone would always round to 0.
  assertEquals(read("float32", 0.4, 0, 0, 0.4, 0, 0, 0.4, 0, 0, 99, 0, 1), [0, 0, 0, 1, 0, 0, 0, 0, 0, 99, 0, 1]);
  assertThrows(() => read("float64", 0.4, 0.1, 0, 0.3, 0, 1), RangeError, "multiply by what it was divided by");
  assertThrows(() => read("float64", 5, 7, 0.5), TypeError, "the pen is 0.5, expected 0 or 1");
  // Steps to the right and down alone, and a pen the other way round, are no drawings of anybody's.
  assertThrows(
    () => read("float64", 5, 7, 1, 1, 1, 1, 2, 2, 0),
    TypeError,
    "the pen is 1 after 2 of 3 points and 0 after",
  );
  assertEquals(read("float64", 5, 7, 0, 1, 1, 1, 2, 2, 0), [5, 7, 0, 1, 1, 1, 2, 2, 0]);
  const unsigned = { dtype: "uint8", shape: [1, 3], data: Uint8Array.of(5, 255, 1) } as const;
  assertThrows(() => decodeSketchRnn(fileOf([unsigned])), TypeError, "drawing 1 is uint8, which has no room for steps");
  assertThrows(() => read("float64", NaN, 7, 1), RangeError, "offset NaN is beyond int16");
  assertThrows(() => read("float32", 40000, 7, 1), RangeError, "offset 40000 is beyond int16");
});

/** The real files, and what they hold. */
const FILES = { "short_kanji.npz": [10000, 600, 500], "omniglot.npz": [30000, 1000, 1000] };

for (const [name, counts] of Object.entries(FILES)) {
  Deno.test({
    name: `${name} is read as numpy reads it, every number, and so is what is written of it`,
    ignore: !(NUMPY && REAL_DATA),
    fn: async () => {
      const path = `${REAL_DATA}sketchrnn-npz/${name}`;
      const drawings = decodeSketchRnn(await Deno.readFile(path));
      assertEquals(SPLITS.map((split) => drawings[split].length), counts);
      assertEquals(decodeSketchRnn(encodeSketchRnn(drawings)), drawings);
      // The splits one after another, each drawing as its number of points and its numbers.
      const flat = SPLITS.flatMap((split) => drawings[split].map((d) => Int16Array.of(d.length / 3, ...d)));
      const ours = await crypto.subtle.digest("SHA-256", await new Blob(flat).arrayBuffer());
      const theirs = askNumpy(
        `
import hashlib
data, digest = numpy.load(given.decode(), encoding='latin1', allow_pickle=True), hashlib.sha256()
for split in ['train', 'valid', 'test']:
    for drawing in data[split]:
        assert drawing.dtype == numpy.int16 and drawing.shape[1] == 3
        digest.update(numpy.int16(len(drawing)).tobytes() + drawing.tobytes())
answer = digest.digest()`,
        new TextEncoder().encode(path),
      );
      assertEquals(new Uint8Array(ours), theirs);
      assert(flat.length === counts[0] + counts[1] + counts[2]);
    },
  });
}
