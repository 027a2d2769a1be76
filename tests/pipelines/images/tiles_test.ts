/** Tiles, their colours and their palettes, byte by byte. */
import { assert, assertEquals } from "@std/assert";
import { encodeGif } from "../../../pipelines/images/gif.ts";
import { toPalette, toRgb } from "../../../pipelines/images/palette.ts";
import { INK, tilePicture } from "../../../pipelines/images/tiles.ts";

const GAP = [54, 60, 80];
const grey = (level: number) => [level, level, level];

Deno.test("tiles lie in rows with a gap of a cell, and boxes on them", () => {
  const tiles = [
    { cells: [0, 1, 0.5, 2] },
    { cells: [0, 0, 0, 0], boxes: [{ column: 0.5, row: 0.5, side: 1, ink: INK.write }] },
  ];
  const { width, height, data } = tilePicture(tiles, { side: 2, columns: 2, scale: 1 });
  assertEquals([width, height], [7, 4]);
  const [g, black, w, half, b] = [GAP, grey(0), grey(255), grey(128), [255, 120, 40]];
  assertEquals(
    [...data],
    [
      ...[g, g, g, g, g, g, g],
      ...[g, black, w, g, black, black, g],
      ...[g, half, w, g, black, b, g],
      ...[g, g, g, g, g, g, g],
    ].flat(),
  );
});

Deno.test("tiles in colour have every level of each channel, each cell as large as the scale", () => {
  const cells = [0, 1 / 255, 254 / 255, 1, 0.5, -3, 7, 0, 0.2, 0.1, 0.3, 0.4];
  const { width, height, data } = tilePicture([{ cells }], { side: 2, columns: 1, scale: 2 });
  assertEquals([width, height], [8, 8]);
  const at = (x: number, y: number) => [...data.subarray(3 * (8 * y + x), 3 * (8 * y + x) + 3)];
  assertEquals([at(2, 2), at(3, 3), at(4, 2), at(5, 3)], [[0, 1, 254], [0, 1, 254], [255, 128, 0], [255, 128, 0]]);
  assertEquals([at(2, 4), at(5, 5), at(0, 0), at(6, 6)], [[255, 0, 51], [26, 77, 102], GAP, GAP]);
});

Deno.test("up to 256 colours are kept as they are, and go from picture to palette and back", () => {
  const image = (from: number, count: number) => ({
    ...{ width: count, height: 1 },
    data: Uint8Array.from({ length: 3 * count }, (_, i) => i % 3 === 2 ? from + Math.floor(i / 3) : 9 * (i % 3)),
  });
  const frames = [image(0, 200), image(56, 200)]; // 256 colours together
  const { frames: indexed, palette } = toPalette(frames);
  assertEquals(palette.length, 256);
  assertEquals(indexed.map((frame) => toRgb(frame, palette)), frames);
  assert(encodeGif(indexed, palette, [50, 50]).length > 256 * 3);
});

Deno.test("of more colours near ones are taken", () => {
  const side = 64;
  const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    return [4 * x, 4 * y, 255 - 2 * x - 2 * y][i % 3];
  });
  const image = { width: side, height: side, data }; // 4,096 colours
  const { frames: [frame], palette } = toPalette([image]);
  assert(palette.length <= 256 && palette.length > 200);
  const near = toRgb(frame, palette).data;
  const error = near.reduce((sum, level, i) => sum + Math.abs(level - data[i]), 0) / data.length;
  assert(error < 8, `off by ${error} of 255`); // 256 even colours of a plane are 16 x 16 apart, off by 4 at most twice
});
