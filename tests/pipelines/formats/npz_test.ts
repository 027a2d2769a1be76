import { assert, assertEquals, assertThrows } from "@std/assert";
import { zipSync } from "fflate";
import { concatBytes } from "../../../pipelines/base/bytes.ts";
import { encodeNpy } from "../../../pipelines/formats/npy.ts";
import { decodeNpz, encodeNpz } from "../../../pipelines/formats/npz.ts";
import { askNumpy, NUMPY } from "../../numpy.ts";
import type { NdArray } from "../../../pipelines/base/arrays.ts";

const LABEL: NdArray = { dtype: "uint16", shape: [3], data: Uint16Array.of(0, 300, 1) };
const KEY_ID: NdArray = { dtype: "uint64", shape: [3], data: BigUint64Array.of(1n, 5201136883597312n, 2n ** 64n - 1n) };
const MAP: NdArray = { dtype: "uint8", shape: [3, 64, 64], data: new Uint8Array(3 * 64 * 64).fill(3, 100, 160) };
const ARRAYS = { stroke_index: MAP, label: LABEL, key_id: KEY_ID };

/** The place of the central directory's first entry. */
function centralEntry(zip: Uint8Array): number {
  for (let i = zip.length - 4; i >= 0; i--) if (zip[i] === 0x50 && zip[i + 1] === 0x4b && zip[i + 2] === 1) return i;
  throw new Error("no central directory");
}

Deno.test("arrays come back by name, in order", () => {
  const back = decodeNpz(encodeNpz(ARRAYS));
  assertEquals(back, ARRAYS);
  assertEquals(Object.keys(back), Object.keys(ARRAYS));
});

Deno.test("every level comes back; 0 deflates nothing", () => {
  const sizes = ([0, 1, 9] as const).map((level) => {
    const bytes = encodeNpz(ARRAYS, { level });
    assertEquals(decodeNpz(bytes), ARRAYS);
    return bytes.length;
  });
  assert(sizes[0] > 12_288 && sizes[1] < 1000 && sizes[2] < 1000, `${sizes}`);
});

Deno.test("the file starts with a local header whose date is the first of 1980", () => {
  const bytes = encodeNpz({ x: { dtype: "uint8", shape: [1], data: Uint8Array.of(9) } });
  assertEquals([...bytes.subarray(0, 4)], [0x50, 0x4b, 3, 4]);
  assertEquals([...bytes.subarray(10, 14)], [0, 0, 0x21, 0]); // 00:00:00, (1980 - 1980) << 9 | 1 << 5 | 1
  assertEquals(new TextDecoder().decode(bytes.subarray(30, 35)), "x.npy");
  assertEquals([...bytes.subarray(-22, -18)], [0x50, 0x4b, 5, 6]);
});

Deno.test("the same arrays give the same bytes", () => {
  assertEquals(encodeNpz(ARRAYS), encodeNpz(structuredClone(ARRAYS)));
});

Deno.test("only the arrays asked for are inflated, in the order asked for", () => {
  const bytes = zipSync({
    "bad.npy": Uint8Array.of(1, 2, 3),
    "label.npy": encodeNpy(LABEL),
    "map.npy": encodeNpy(MAP),
  });
  assertEquals(Object.entries(decodeNpz(bytes, ["map", "label"])), [["map", MAP], ["label", LABEL]]);
  assertThrows(() => decodeNpz(bytes), SyntaxError, "bad: Cannot read .npy: not an .npy file");
  assertThrows(() => decodeNpz(bytes, ["weight"]), RangeError, "no array named weight");
  assertThrows(() => decodeNpz(bytes, ["toString"]), RangeError, "no array named toString");
});

Deno.test("what else is in the zip is left alone", () => {
  assertEquals(decodeNpz(zipSync({ "note.txt": Uint8Array.of(1), "label.npy": encodeNpy(LABEL) })), { label: LABEL });
});

Deno.test("an array that is in it twice is refused, for either may be meant", () => {
  const bytes = zipSync({ "a.npy": encodeNpy(LABEL), "b.npy": encodeNpy(MAP) });
  const renamed = Uint8Array.from(
    bytes,
    (byte, i) => byte === 98 && bytes[i + 1] === 46 && bytes[i + 2] === 110 ? 97 : byte,
  );
  assertThrows(() => decodeNpz(renamed), SyntaxError, "Cannot read .npz: a.npy is in it twice");
});

Deno.test("a member that claims too much is refused before anything is inflated", () => {
  for (
    const [claim, words] of [[0xfffffff0, "claims 4294967280 bytes"], [0x01000000, "claims 16777216 bytes"]] as const
  ) {
    const bytes = encodeNpz({ label: LABEL });
    new DataView(bytes.buffer).setUint32(centralEntry(bytes) + 24, claim, true);
    assertThrows(() => decodeNpz(bytes), RangeError, words);
  }
});

Deno.test("a member that claims less than it holds is refused too", () => {
  const bytes = encodeNpz({ label: LABEL });
  new DataView(bytes.buffer).setUint32(centralEntry(bytes) + 24, 130, true);
  assertThrows(() => decodeNpz(bytes), SyntaxError, "label.npy: it holds more than the");
});

Deno.test("a changed bit that inflates all the same is found by the checksum, in every member and with a comment", () => {
  const plain = encodeNpz(ARRAYS, { level: 0 });
  const comment = new TextEncoder().encode("PK of mine");
  const noted = concatBytes([plain, comment]);
  noted[plain.length - 2] = comment.length;
  for (const bytes of [plain, noted]) {
    assertEquals(decodeNpz(bytes), ARRAYS);
    for (const [name, { data }] of Object.entries(ARRAYS)) {
      if (data.length === 0) continue;
      const end = textAt(bytes, `${name}.npy`) + encodeNpy(ARRAYS[name as keyof typeof ARRAYS]).length;
      const changed = bytes.slice();
      changed[end - 2] ^= 1;
      assertThrows(() => decodeNpz(changed), SyntaxError, "has not the checksum that the file says");
    }
  }
});

/** Where a text is first. */
function textAt(bytes: Uint8Array, text: string): number {
  return new TextDecoder("latin1").decode(bytes).indexOf(text);
}

Deno.test("broken bytes are refused with an error of our own", () => {
  const bytes = encodeNpz(ARRAYS);
  assertThrows(() => decodeNpz(new Uint8Array()), SyntaxError, "Cannot read .npz");
  assertThrows(() => decodeNpz(new TextEncoder().encode("not a zip file")), SyntaxError, "Cannot read .npz");
  for (let end = 0; end < bytes.length; end += 7) {
    assertThrows(() => decodeNpz(bytes.subarray(0, end)), Error, "Cannot read .np");
  }
});

Deno.test({
  name: "numpy.load opens it, and what numpy.savez_compressed writes is read",
  ignore: !NUMPY,
  fn: () => {
    const answer = askNumpy(
      "assert zipfile.ZipFile(io.BytesIO(given)).testzip() is None\n" +
        "arrays = numpy.load(io.BytesIO(given)); assert arrays['key_id'][1] == 5201136883597312\n" +
        "answer = io.BytesIO(); numpy.savez_compressed(answer, **arrays); answer = answer.getvalue()",
      encodeNpz(ARRAYS),
    );
    assertEquals(decodeNpz(answer), ARRAYS);
  },
});
