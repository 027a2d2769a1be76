import { assertEquals, assertThrows } from "@std/assert";
import { encodeGif } from "../../../pipelines/images/gif.ts";

const BLACK_AND_WHITE = [[0, 0, 0], [255, 255, 255]] as const;
const frame = (...data: number[]) => ({ width: 2, height: 1, data: Uint8Array.from(data) });

Deno.test("a GIF's blocks are those of the specification", () => {
  const gif = encodeGif([frame(0, 1), frame(1, 0)], BLACK_AND_WHITE, [50, 1000]);
  const text = (at: number, length: number) => new TextDecoder().decode(gif.subarray(at, at + length));
  assertEquals(text(0, 6), "GIF89a");
  const view = new DataView(gif.buffer, gif.byteOffset);
  assertEquals([view.getUint16(6, true), view.getUint16(8, true)], [2, 1]); // the logical screen
  assertEquals(gif[10] & 0x80, 0x80); // a global colour table follows
  assertEquals([...gif.subarray(13, 19)], [0, 0, 0, 255, 255, 255]);
  assertEquals(text(gif.indexOf(0xff, 19) + 2, 11), "NETSCAPE2.0"); // which makes it go round
  const delays = [...gif.keys()].filter((i) => gif[i] === 0x21 && gif[i + 1] === 0xf9 && gif[i + 2] === 4)
    .map((i) => view.getUint16(i + 4, true));
  assertEquals(delays, [5, 100]); // hundredths of a second
  assertEquals(gif.at(-1), 0x3b);
});

/** The pixels of each frame as it is shown, by a decoder of its own: the specification's LZW, appendix F. */
function shown(gif: Uint8Array): number[][] {
  const table = 3 << ((gif[10] & 7) + 1);
  const [width, height] = [gif[6] + 256 * gif[7], gif[8] + 256 * gif[9]];
  let at = 13 + table;
  let clear = -1;
  const canvas: number[] = new Array(width * height).fill(-1);
  const frames: number[][] = [];
  const blocks = (): number[] => {
    const bytes: number[] = [];
    for (let length = gif[at++]; length > 0; length = gif[at++]) {
      bytes.push(...gif.subarray(at, at + length));
      at += length;
    }
    return bytes;
  };
  while (gif[at] !== 0x3b) {
    if (gif[at] === 0x21) {
      const isControl = gif[at + 1] === 0xf9;
      at += 2;
      const bytes = blocks();
      if (isControl) clear = bytes[0] & 1 ? bytes[3] : -1;
      continue;
    }
    assertEquals(gif[at], 0x2c);
    at += 10;
    const size = gif[at++];
    const bytes = blocks();
    let [bit, width, last] = [0, size + 1, [] as number[]];
    let codes: number[][] = [];
    const reset = () => {
      codes = [...Array.from({ length: 1 << size }, (_, i) => [i]), [], []];
      [width, last] = [size + 1, []];
    };
    reset();
    const pixels: number[] = [];
    for (;;) {
      let code = 0;
      for (let i = 0; i < width; i++, bit++) code |= (bytes[bit >> 3] >> (bit & 7) & 1) << i;
      if (code === 1 << size) {
        reset();
        continue;
      }
      if (code === (1 << size) + 1) break;
      const entry = codes[code] ?? [...last, last[0]];
      pixels.push(...entry);
      if (last.length > 0) codes.push([...last, entry[0]]);
      if (codes.length === 1 << width && width < 12) width++;
      last = entry;
    }
    pixels.forEach((entry, i) => entry === clear || (canvas[i] = entry));
    frames.push([...canvas]);
  }
  return frames;
}

Deno.test("frames of what changes show the very frames", () => {
  const side = 40;
  const growing = Array.from({ length: 6 }, (_, n) => ({
    ...{ width: side, height: side },
    data: Uint8Array.from({ length: side * side }, (_, i) => i % 7 === 0 ? 2 : i < 270 * n ? 1 + i % 2 : 0),
  }));
  const colours = Array.from({ length: 4 }, (_, i) => [i, i, i] as const);
  const delays = growing.map(() => 50);
  const gif = encodeGif(growing, colours, delays);
  assertEquals(shown(gif), growing.map(({ data }) => [...data]));
  const full = encodeGif(growing, Array.from({ length: 256 }, () => colours[0]), delays); // leaves no colour free
  assertEquals(shown(full), growing.map(({ data }) => [...data]));
});

Deno.test("an animation needs frames of one size, each with its delay", () => {
  assertThrows(() => encodeGif([], BLACK_AND_WHITE, []), RangeError, "0 frames");
  assertThrows(() => encodeGif([frame(0, 1)], BLACK_AND_WHITE, []), RangeError, "0 delays");
  const other = { width: 1, height: 1, data: Uint8Array.of(0) };
  assertThrows(() => encodeGif([frame(0, 1), other], BLACK_AND_WHITE, [1, 1]), RangeError, "frame 2 is 1 x 1");
});
