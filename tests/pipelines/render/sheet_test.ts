import { assert, assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readSvg } from "../../../pipelines/formats/svg.ts";
import { strokeColour } from "../../../pipelines/images/contact_sheet.ts";
import { paintMovingSheet, paintSheet, SHEET_PALETTE } from "../../../pipelines/render/paint_sheet.ts";
import { sheetToSvg } from "../../../pipelines/render/sheet_svg.ts";
import { penOf, placeSheet } from "../../../pipelines/render/stroke_sheet.ts";

const SIDE = 100;
const [GAP, CAPTION] = [4, 11];
const WIDE = [[[0, 200, 200], [0, 0, 50]], [[20], [25]]] as const; // four times as wide as high
const TALL = [[[-7, -7], [-100, 100]]] as const;

Deno.test("cells lie in rows, and drawings are as large as their cells, in the middle", () => {
  const { width, height, side, cells } = placeSheet([{ drawn: WIDE, caption: "wide" }, { drawn: TALL }, {}], {
    ...{ columns: 2, side: SIDE },
  });
  assertEquals([width, height, side], [GAP + 2 * (SIDE + GAP), GAP + 2 * (SIDE + GAP + CAPTION), SIDE]);
  assertEquals(cells.map(({ x, y }) => [x, y]), [[GAP, GAP], [2 * GAP + SIDE, GAP], [GAP, 2 * GAP + SIDE + CAPTION]]);
  const [first, dot] = cells[0].strokes;
  [7, 93, 93].forEach((x, i) => assertAlmostEquals(first.xs[i], x, 1e-9));
  [50 - 86 / 8, 50 - 86 / 8, 50 + 86 / 8].forEach((y, i) => assertAlmostEquals(first.ys[i], y, 1e-9));
  assertAlmostEquals(dot.xs[0], 7 + 8.6, 1e-9);
  assertEquals([first.moment, dot.moment], [0, 1]);
  assertEquals(cells[1].strokes, [{ xs: [50, 50], ys: [7, 93], moment: 0 }]);
  assertEquals(cells[2].strokes, []);
});

Deno.test("what was given and what was drawn have one scale", () => {
  const [{ strokes: [given, drawn] }] = placeSheet([{ given: [[[0, 10], [0, 0]]], drawn: [[[90, 100], [0, 0]]] }], {
    ...{ columns: 9, side: SIDE },
  }).cells;
  assertEquals([given.moment, drawn.moment], [undefined, 0]);
  assertAlmostEquals(given.xs[1], 7 + 8.6, 1e-9);
  assertAlmostEquals(drawn.xs[0], 93 - 8.6, 1e-9);
});

Deno.test("a sheet needs cells, and whole numbers", () => {
  assertThrows(() => placeSheet([], { columns: 1 }), RangeError, "cells is 0");
  assertThrows(() => placeSheet([{}], { columns: 0 }), RangeError, "columns is 0");
  assertThrows(() => placeSheet([{}], { columns: 1, side: 1.5 }), RangeError, "side is 1.5");
});

const colourAt = ({ width, data }: ReturnType<typeof paintSheet>, x: number, y: number) =>
  SHEET_PALETTE[data[y * width + x]];

Deno.test("a painted line has its stroke's colour in the middle, and paper beside it", () => {
  assert(SHEET_PALETTE.length < 256); // one is left for what does not change
  const sheet = placeSheet([{ given: [[[0, 100], [0, 0]]], drawn: [[[0, 100], [50, 50]], [[0, 100], [100, 100]]] }], {
    ...{ columns: 1, side: SIDE },
  });
  const image = paintSheet(sheet);
  const rows = [7, 50, 93].map((y) => GAP + y);
  assertEquals(colourAt(image, GAP + 50, rows[0]), [110, 115, 125]);
  assertEquals(colourAt(image, GAP + 50, rows[1]), strokeColour(0));
  assertEquals(colourAt(image, GAP + 50, rows[2]), strokeColour(1));
  // Across a line there is as much ink as the pen is wide.
  const ink = Array.from({ length: 20 }, (_, i) => 255 - colourAt(image, GAP + 50, rows[1] - 10 + i)[1]);
  assertAlmostEquals(ink.reduce((sum, value) => sum + value) / (255 - strokeColour(0)[1]), penOf(SIDE), 0.1);
  assertEquals(colourAt(image, GAP + 50, GAP + 30), [255, 255, 255]);
  assertEquals(colourAt(image, 1, 50), [236, 236, 236]);
});

Deno.test("a later stroke covers an earlier one where they cross", () => {
  const cross = [[[0, 100], [0, 100]], [[100, 0], [0, 100]]] as const;
  const image = paintSheet(placeSheet([{ drawn: cross }], { columns: 1, side: SIDE }));
  assertEquals(colourAt(image, GAP + 50, GAP + 50), strokeColour(1));
});

Deno.test("captions stand under their cells, in the sheet's own letters", () => {
  const sheet = placeSheet([{ drawn: TALL, caption: "i" }, { drawn: TALL }], { columns: 2, side: SIDE });
  const { width, data } = paintSheet(sheet);
  const dark = SHEET_PALETTE.length - 1;
  const found = [...data.keys()].filter((at) => data[at] === dark).map((at) => [at % width, Math.floor(at / width)]);
  assertEquals(found.length, 3 + 5 + 3); // an I: two bars and a column
  assert(found.every(([x, y]) => x < GAP + 6 && y >= GAP + SIDE + 2));
});

Deno.test("a moving sheet begins with what was given, only ever grows, and ends as the still one", () => {
  const cells = [
    { given: [[[0, 100], [0, 0]]] as const, drawn: [[[0, 50, 100], [50, 60, 50]], [[0, 100], [100, 100]]] as const },
    { drawn: [[[3], [3]]] as const },
  ];
  const sheet = placeSheet(cells, { columns: 2, side: 40 });
  const { frames, delays } = paintMovingSheet(sheet);
  assertEquals([frames.length, delays.length], [4, 4]); // three pieces of line, and before them
  assert(delays[3] > delays[2]);
  const inked = frames.map(({ data }) => data.filter((entry) => entry > 0 && SHEET_PALETTE[entry][0] !== 236).length);
  const before = sheet.cells.map((cell) => ({
    ...cell,
    strokes: cell.strokes.filter(({ moment }) => moment === undefined),
  }));
  assertEquals(frames[0], paintSheet({ ...sheet, cells: before }));
  inked.slice(1).forEach((count, i) => assert(count > inked[i], `${inked}`));
  assertEquals(frames[3], paintSheet(sheet));
  const long = [[Array.from({ length: 500 }, (_, i) => i), new Array(500).fill(0)]] as const;
  assertEquals(paintMovingSheet(placeSheet([{ drawn: long }], { columns: 1, side: 20 })).frames.length, 41);
});

Deno.test("an SVG sheet holds the strokes where they lie, each after the other", () => {
  const sheet = placeSheet([{ given: [[[9, 9], [0, 9]]], drawn: WIDE }, { drawn: TALL }], { columns: 2, side: SIDE });
  const svg = sheetToSvg(sheet);
  const lines = svg.split("\n").filter((line) => !line.includes('fill="#')); // the cells' own paper
  const strokes = readSvg(lines.join("\n"));
  const expected = sheet.cells.flatMap(({ x, y, strokes }) =>
    strokes.map(({ xs, ys }) => [xs.map((at) => x + at), ys.map((at) => y + at)])
  );
  assertEquals(strokes.length, expected.length);
  expected.forEach(([xs, ys], i) => {
    xs.forEach((at, n) => assertAlmostEquals(strokes[i][0][n], at, 0.0501));
    ys.forEach((at, n) => assertAlmostEquals(strokes[i][1][n], at, 0.0501));
  });
});

Deno.test("an SVG sheet's words are escaped, and its colours are those that are asked for", () => {
  const sheet = placeSheet([{ given: TALL, drawn: WIDE, caption: `<script>&"` }], { columns: 1, side: SIDE });
  const colours = { letters: "L", given: "G", drawn: (moment: number) => `D${moment}` };
  const svg = sheetToSvg(sheet, { colours, attributes: 'role="img"' });
  assertStringIncludes(svg, `fill="L">&lt;script&gt;&amp;"</text>`);
  assertEquals([...svg.matchAll(/stroke="([^"]+)"/g)].map(([, name]) => name), ["G", "D0", "D1"]);
  assert(!svg.includes("#fff") && svg.includes(' role="img">'));
});

Deno.test("a moving SVG draws each stroke in its turn and never has a script", () => {
  const drawn = [[[0, 1, 2], [0, 5, 0]], [[0, 9], [9, 9]]] as const; // two pieces and one
  const svg = sheetToSvg(placeSheet([{ given: TALL, drawn }], { columns: 1 }), { moving: true });
  const times = [...svg.matchAll(/keyTimes="([^"]+)"/g)].map(([, text]) => text.split(";").map(Number));
  const share = 4 / 6; // of the time is drawn, the rest is rest
  assertEquals(times.length, 2);
  [[0, 0, share * 2 / 3, 1], [0, share * 2 / 3, share, 1]].forEach((expected, i) =>
    expected.forEach((time, n) => assertAlmostEquals(times[i][n], time, 1e-4))
  );
  assert(!svg.includes("script"));
});
