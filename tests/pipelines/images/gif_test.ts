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

Deno.test("an animation needs frames of one size, each with its delay", () => {
  assertThrows(() => encodeGif([], BLACK_AND_WHITE, []), RangeError, "0 frames");
  assertThrows(() => encodeGif([frame(0, 1)], BLACK_AND_WHITE, []), RangeError, "0 delays");
  const other = { width: 1, height: 1, data: Uint8Array.of(0) };
  assertThrows(() => encodeGif([frame(0, 1), other], BLACK_AND_WHITE, [1, 1]), RangeError, "frame 2 is 1 x 1");
});
