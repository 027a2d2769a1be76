import { assert, assertEquals } from "@std/assert";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { deflateRows, LAST_BLOCK } from "../../../pipelines/formats/deflate.ts";
import { concatBytes } from "../../../pipelines/base/bytes.ts";
import { Prng } from "../../../pipelines/base/prng.ts";

/** What zlib makes of pieces and the last block. */
function inflated(...pieces: Uint8Array[]): Uint8Array {
  return new Uint8Array(inflateRawSync(concatBytes([...pieces, Uint8Array.from(LAST_BLOCK)])));
}

function assertSame(found: Uint8Array, expected: Uint8Array, what: string): void {
  assertEquals(found.length, expected.length, what);
  const at = found.findIndex((byte, i) => byte !== expected[i]);
  assertEquals(at, -1, `${what}: byte ${at} differs`);
}

/** Rows of marks that wander, on blank paper. */
function picture(length: number, stride: number, prng: Prng): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let row = 0, at = prng.integer(stride); row < length; row += stride) {
    at = Math.max(0, Math.min(stride - 1, at + prng.integer(3) - 1));
    if (row + at < length) bytes[row + at] = 1 + prng.integer(8);
  }
  return bytes;
}

Deno.test("deflateRows: zlib inflates bytes of every kind, length and stride", () => {
  const prng = new Prng(5);
  const kinds: Record<string, (length: number, stride: number) => Uint8Array> = {
    blank: (length) => new Uint8Array(length),
    noise: (length) => Uint8Array.from({ length }, () => prng.integer(256)),
    few: (length) => Uint8Array.from({ length }, () => prng.integer(3)),
    // Fibonacci's frequencies give the longest codes, which must be cut to 15 bits.
    skewed: (length) => Uint8Array.from({ length }, () => Math.min(255, Math.floor(-Math.log(prng.uniform()) * 2.1))),
    text: (length) => new TextEncoder().encode("strokes of a drawing, ".repeat(length)).subarray(0, length),
    picture: (length, stride) => picture(length, stride, prng),
  };
  for (const [name, make] of Object.entries(kinds)) {
    for (const length of [0, 1, 2, 15, 16, 17, 33, 255, 4096, 70_000, 300_000]) {
      for (const stride of length > 5000 ? [64, 6] : [1, 2, 3, 8, 28, 64, 16_384, 1e6]) {
        const bytes = make(length, Math.min(stride, 64));
        assertSame(inflated(deflateRows(bytes, stride)), bytes, `${name}, ${length}, stride ${stride}`);
      }
    }
  }
});

Deno.test("deflateRows: symbols as rare as Fibonacci's numbers make codes that are cut to 15 bits", () => {
  const counts = [1, 1];
  while (counts.length < 24) counts.push(counts.at(-1)! + counts.at(-2)!);
  const symbols = counts.flatMap((count, symbol) => Array<number>(count).fill(symbol * 5));
  const prng = new Prng(6);
  for (let i = symbols.length - 1; i > 0; i--) {
    const other = prng.integer(i + 1);
    [symbols[i], symbols[other]] = [symbols[other], symbols[i]];
  }
  const bytes = Uint8Array.from(symbols.slice(0, 16_000));
  assertSame(inflated(deflateRows(bytes, 7)), bytes, "Fibonacci");
});

Deno.test("deflateRows: pieces one after another are one stream; long bytes are cut", () => {
  const prng = new Prng(7);
  const [first, second] = [picture(10_000, 64, prng), picture(5 * 2 ** 20 + 3, 64, prng)];
  const whole = concatBytes([first, second]);
  assertSame(inflated(deflateRows(first, 64), deflateRows(second, 64)), whole, "two pieces");
});

Deno.test("deflateRows: noise grows by little, pictures are as small as zlib makes them", () => {
  const prng = new Prng(8);
  const noise = Uint8Array.from({ length: 100_000 }, () => prng.integer(256));
  assert(deflateRows(noise, 64).length < 100_100);
  const map = picture(2 ** 20, 64, prng);
  assert(deflateRows(map, 64).length < 1.1 * deflateRawSync(map, { level: 3 }).length);
});
