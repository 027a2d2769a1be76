/** Files that nothing here reads are named: by inspect and convert, and by what expects another format. */
import { assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { detectFormat } from "../../../pipelines/formats/formats.ts";
import { encodeNpyHeader } from "../../../pipelines/formats/npy.ts";
import { describeOther } from "../../../pipelines/formats/other_format.ts";

/** Beginnings of files, as file(1) and the formats' descriptions have them. */
const BEGINNINGS: Readonly<Record<string, readonly (string | Uint8Array)[]>> = {
  "an HTML or XML page": ["<!DOCTYPE html><html>", "\n <html>", "<?xml version='1.0'?><Error>"],
  "text in UTF-16": [
    Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x22, 0),
    Uint8Array.of(0xfe, 0xff, 0, 0x7b, 0, 0x22),
    Uint8Array.of(0x7b, 0, 0x22, 0),
    Uint8Array.of(0, 0x7b, 0, 0x22),
  ],
  "text in UTF-32": [Uint8Array.of(0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0)],
  "compressed by gzip twice": [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0)],
  "IDX whose bytes are in little-endian order": [Uint8Array.of(1, 8, 0, 0, 10, 0, 0, 0), Uint8Array.of(3, 8, 0, 0)],
  "CSV with semicolons or tabs": ["drawing;word\n", '\ufeff"word"\t"drawing"\r\n', `5${";0".repeat(784)}\n`],
  "a JSON list": ["[null]", " [1]"],
  "a zip archive without .npy files": [Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8)],
  "compressed by something else than gzip": [
    "BZh91AY&SY",
    Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 4),
    Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c),
  ],
  "HDF5": [Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a)],
  "a picture": [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a), "GIF89a"],
  "a PDF document": ["%PDF-1.7"],
  "a Python pickle": [Uint8Array.of(0x80, 4, 0x95, 9, 0, 0, 0), Uint8Array.of(0x80, 2, 0x5d, 0x71)],
  "what Git LFS leaves": ["version https://git-lfs.github.com/spec/v1\noid sha256:00\n"],
  "a tar archive": ["a".repeat(257) + "ustar\0" + "0".repeat(20)],
};

Deno.test("a file of a foreign format is named, with what to do about it", () => {
  for (const [what, starts] of Object.entries(BEGINNINGS)) {
    for (const start of starts) {
      const bytes = typeof start === "string" ? new TextEncoder().encode(start) : start;
      const head = { name: "x", bytes };
      assertThrows(() => detectFormat(head), InputError, `x: ${what}`);
      assertEquals(describeOther(head, ["idx"])?.startsWith(what), true, describeOther(head, ["idx"]));
    }
  }
});

Deno.test("what is known, or nothing in particular, is not taken for a foreign format", () => {
  const text = (line: string) => ({ name: "x", bytes: new TextEncoder().encode(line) });
  assertEquals(describeOther(text('{"drawing":[[[1],[2]]]}\n'), ["ndjson"]), undefined);
  assertEquals(describeOther(text("hello"), ["ndjson"]), undefined);
  assertEquals(describeOther(text("{"), ["idx"]), undefined);
});

Deno.test("an .npy file whose header cannot be read is refused with what is wrong in it", () => {
  const cases: [shape: string, message: string][] = [
    ["(-1, 784)", "Shape [-1,784]: expected whole lengths of 0 or more"],
    ["(9007199254740992,)", "Shape [9007199254740992]: expected whole lengths"],
    ["nine", "expected descr, fortran_order and shape in the header"],
  ];
  for (const [shape, message] of cases) {
    const bytes = encodeNpyHeader("|u1", [1]);
    const dict = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`;
    new TextEncoder().encodeInto(dict.padEnd(bytes.length - 11), bytes.subarray(10));
    assertThrows(() => detectFormat({ name: "x.npy", bytes }), InputError, `x.npy: Cannot read .npy: ${message}`);
  }
  const cut = encodeNpyHeader("|u1", [1]).subarray(0, 50);
  assertThrows(() => detectFormat({ name: "x.npy", bytes: cut }), InputError, "the file ends inside its header");
});
