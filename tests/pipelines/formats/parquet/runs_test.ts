import { assertEquals, assertThrows } from "@std/assert";
import { readRuns } from "../../../../pipelines/formats/parquet/runs.ts";

Deno.test("runs are those of Parquet's specification", () => {
  // Its example: the numbers 0 to 7 of three bits each are 10001000 11000110 11111010, after a header of one group.
  const packed = new Uint8Array(8);
  readRuns(Uint8Array.of(0b11, 0b10001000, 0b11000110, 0b11111010), 3, packed);
  assertEquals([...packed], [0, 1, 2, 3, 4, 5, 6, 7]);
  const both = new Uint8Array(11); // ten times 4, then the first of a group
  readRuns(Uint8Array.of(10 << 1, 4, 0b11, 0b111, 0, 0), 3, both);
  assertEquals([...both], [...new Array(10).fill(4), 7]);
  const wide = new Int32Array(300); // a header of two bytes, a value of two
  readRuns(Uint8Array.of(0xd8, 0x04, 0x34, 0x12), 13, wide);
  assertEquals([wide[0], wide[299]], [0x1234, 0x1234]);
  const bits = new Uint8Array(16);
  readRuns(Uint8Array.of(0b101, 0b10000001, 0b1), 1, bits);
  assertEquals([...bits], [1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
  readRuns(new Uint8Array(0), 0, bits);
  assertEquals([...bits], new Array(16).fill(0));
});

Deno.test("groups of every width are what was packed", () => {
  for (let width = 1; width <= 24; width++) {
    const numbers = Array.from({ length: 24 }, (_, i) => (i * 2654435761 >>> 0) % 2 ** width);
    const all = numbers.reduce((sum, number, i) => sum + (BigInt(number) << BigInt(i * width)), 0n);
    const bytes = Array.from({ length: 3 * width }, (_, i) => Number(all >> BigInt(8 * i) & 255n));
    const out = new Int32Array(24);
    readRuns(Uint8Array.from([3 << 1 | 1, ...bytes]), width, out);
    assertEquals([...out], numbers, `${width} bits`);
  }
});

Deno.test("runs that end too soon are refused, those that go on too long are cut", () => {
  const out = new Uint8Array(9);
  for (const bytes of [[], [0b11], [0b11, 1, 2], [18], [0x80, 0x80]]) {
    assertThrows(() => readRuns(Uint8Array.from(bytes), 3, out), SyntaxError, "9 small numbers are there");
  }
  readRuns(Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0x0f, 1), 3, out); // two thousand million times 1
  assertEquals([...out], new Array(9).fill(1));
  assertThrows(() => readRuns(Uint8Array.of(2, 0), 25, out), SyntaxError, "25 bits");
  const empty = () => readRuns(new Uint8Array(100_000), 3, out); // run after run of nothing
  assertThrows(empty, SyntaxError);
});
