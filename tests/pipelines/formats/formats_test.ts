import { assertEquals, assertThrows } from "@std/assert";
import { encodeBitmapHeader } from "../../../pipelines/formats/bitmaps.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { detectFormat, FORMATS, HEAD_BYTES } from "../../../pipelines/formats/formats.ts";
import { encodeIdx } from "../../../pipelines/formats/idx.ts";
import { encodeMat } from "../../../pipelines/formats/mat/mat_write.ts";
import { encodeNpy } from "../../../pipelines/formats/npy.ts";
import { encodeNpz } from "../../../pipelines/formats/npz.ts";
import { concatBytes } from "../../../pipelines/base/bytes.ts";
import { DrawingTable } from "../../../pipelines/formats/quickdraw/table_write.ts";
import { encodeBinaryDrawing } from "../../../pipelines/formats/quickdraw/quickdraw_binary.ts";
import { encodeSketchRnn } from "../../../pipelines/formats/sketchrnn.ts";
import { encodePng } from "../../../pipelines/images/png.ts";
import { openSource } from "../../../pipelines/sources/source.ts";
import { REAL_DATA } from "../../helpers.ts";

const text = (line: string) => new TextEncoder().encode(line);
const drawing: [number[], number[]][] = [[[0, 255], [9, 7]]];
const ARRAY = { dtype: "int16", shape: [2], data: Int16Array.of(1, 2) } as const;
const FILES: Record<string, Uint8Array> = {
  ndjson: text('\uFEFF\n { "drawing" : [ [ [0, 1], [2, 3] ] ], "word": "x" }\n'),
  raw: text('{"word":"x","drawing":[[[0,1],[2,3],[0,16.5]]]}'),
  csv: text('word,drawing\ncat,"[[[0,1],[2,3]]]"\n'),
  json: text('{"cat": [\n [[[0,1],[2,3]]]\n]}'),
  "sketchrnn-js": text('[{"name":"x","mode":2},[[2],[2,3]],["AAAA"]]'),
  svg: text('<?xml version="1.0"?>\n<!-- <a> -->\n<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L1 1"/></svg>'),
  "mnist-csv": text(`label,${Array.from({ length: 784 }, (_, i) => `pixel${i}`)}\n`),
  binary: encodeBinaryDrawing({ drawing }),
  "bitmap-npy": encodeNpy({ dtype: "uint8", shape: [1, 28, 28], data: new Uint8Array(784) }),
  "bitmap-bin": new Uint8Array(3 * 784),
  idx: encodeIdx(ARRAY),
  sketchrnn: encodeSketchRnn({ train: [Int16Array.of(1, 2, 1)], valid: [], test: [] }),
  parquet: concatBytes(new DrawingTable().end()),
  npy: encodeNpy(ARRAY),
  npz: encodeNpz({ label: ARRAY }),
  mat: encodeMat({ label: ARRAY }),
  png: encodePng({ width: 1, height: 1, data: Uint8Array.of(7) }),
  jpeg: Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0),
};

Deno.test("each format is told by what is in the file, whatever its name", () => {
  for (const [name, bytes] of Object.entries(FILES)) {
    for (const end of [".bin", ".npy", ".ndjson", ""]) {
      assertEquals(detectFormat({ name: `x${end}`, bytes, size: bytes.length }).name, name);
    }
  }
  assertEquals(Object.keys(FORMATS).toSorted(), [...Object.keys(FILES), "shards"].toSorted());
});

Deno.test("the start of a long file is enough", () => {
  const long = `{"drawing":[[[${Array(9000).fill("0.5").join()}],[${Array(9000).fill("1").join()}],[0`;
  const cut = text(long).subarray(0, HEAD_BYTES);
  assertEquals(detectFormat({ name: "x", bytes: cut }).name, "raw");
  const bitmaps = Uint8Array.from([...encodeBitmapHeader(70_000, "idx"), ...new Uint8Array(1000)]);
  assertEquals(detectFormat({ name: "x", bytes: bitmaps, size: 16 + 784 * 70_000 }).name, "idx");
});

Deno.test("a headerless bitmap whose first line has one faint pixel is no .mat of level 4, which has rows and columns", () => {
  const bytes = new Uint8Array(784).fill(9, 16, 17);
  assertEquals(detectFormat({ name: "x.bin", bytes, size: 784 }).name, "bitmap-bin");
  bytes.set([3], 4);
  bytes.set([2], 8);
  const level4 = () => detectFormat({ name: "x.bin", bytes, size: 784 });
  assertThrows(level4, InputError, "perhaps a .mat of level 4");
});

Deno.test("headerless bitmaps that begin like IDX are told by the size", () => {
  const bytes = new Uint8Array(784);
  bytes.set([0, 0, 8, 1, 0, 0, 0, 9]);
  assertEquals(detectFormat({ name: "x.bin", bytes, size: 784 }).name, "bitmap-bin");
  assertEquals(detectFormat({ name: "x.bin", bytes: bytes.subarray(0, 17), size: 17 }).name, "idx");
});

Deno.test("the name decides where the content says nothing", () => {
  assertEquals(detectFormat({ name: "cat.ndjson", bytes: new Uint8Array(0), size: 0 }).name, "ndjson");
  assertEquals(detectFormat({ name: "cat.bin", bytes: new Uint8Array(0), size: 0 }).name, "binary");
  assertEquals(detectFormat({ name: "cat.bin", bytes: new Uint8Array(HEAD_BYTES) }).name, "bitmap-bin");
});

Deno.test("what is of no format is refused with its first bytes", () => {
  const refused = (name: string, bytes: Uint8Array, words: string) =>
    assertThrows(() => detectFormat({ name, bytes, size: bytes.length }), InputError, words);
  refused("x.txt", text("GIRAFF"), 'x.txt: of no known format (it begins with "GIRAFF")');
  refused("x.txt", Uint8Array.of(0x47, 0xff, 0x52), "x.txt: of no known format (it begins with the bytes 47 ff 52)");
  const idx = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 1, 2);
  refused("a-labels-idx1-ubyte", idx, "IDX, uint8 [3], which takes 11 bytes, found 10: it was cut");
  refused("x.ndjson", text("{'drawing': [[[1], [2]]]}"), "begins with \"{'drawing': [[[1], [2]]]}\"");
  refused("x.bin", new Uint8Array(785), "of no known format");
  refused("x.bin", new Uint8Array(785), "; --from of convert, inspect and predict says which");
  const weights = Uint8Array.from([...[0xd8, 2, 0, 0, 0, 0, 0, 0], ...text('{"a":0}'), ...new Uint8Array(784 - 15)]);
  refused("last.safetensors", weights, "the weights of a model (safetensors)"); // as long as a bitmap
  refused("x", new Uint8Array(0), "it is empty");
});

Deno.test({
  name: "every real file is of the format that its folder says",
  ignore: !REAL_DATA,
  fn: async () => {
    const cases = [
      ["quickdraw", () => "ndjson"],
      ["quickdraw-minimal", (name: string) => name.endsWith(".txt.gz") ? undefined : "ndjson"],
      ["quickdraw-raw", () => "raw"],
      ["quickdraw-bitmap", (name: string) => name.includes(".npy") ? "bitmap-npy" : "bitmap-bin"],
      ["sketchrnn-npz", () => "sketchrnn"],
      ["mnist", () => "idx"],
    ] as const;
    let count = 0;
    for (const [folder, expected] of cases) {
      for await (const { name } of Deno.readDir(`${REAL_DATA}${folder}`)) {
        const parts: Uint8Array<ArrayBuffer>[] = [];
        for await (const part of openSource({ path: `${REAL_DATA}${folder}/${name}` })) {
          parts.push(part.slice(0, HEAD_BYTES));
          if (part.length >= HEAD_BYTES) break;
        }
        const bytes = new Uint8Array(await new Blob(parts).arrayBuffer()).subarray(0, HEAD_BYTES);
        const wanted = expected(name);
        const detect = () => detectFormat({ name: name.replace(/\.gz$/, ""), bytes });
        if (wanted) assertEquals(detect().name, wanted, name);
        else assertThrows(detect, InputError, "of no known format");
        count++;
      }
    }
    assertEquals(count, 345 + 6 + 345 + 9 + 2 + 4);
  },
});

Deno.test("strokes that are points are no raw drawings, whatever number of them has three", () => {
  const bytes = (...drawings: string[]) => new TextEncoder().encode(drawings.map((d) => `{"drawing":${d}}\n`).join(""));
  const triangle = "[[[0,0],[9,0],[5,8]]]";
  const square = "[[[0,0],[9,0],[9,9],[0,9]],[[0,0],[9,0],[5,8]]]";
  assertEquals(detectFormat({ name: "a.ndjson", bytes: bytes(triangle, square) }).name, "ndjson");
  assertEquals(detectFormat({ name: "a.ndjson", bytes: bytes(square) }).name, "ndjson");
  assertEquals(detectFormat({ name: "a.ndjson", bytes: bytes(triangle, triangle) }).name, "raw"); // two points with times
});
