/** Ways, sweeps, arithmetic and nearest pictures, of a model that draws the colour that its latents are. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import type { Image } from "../../../pipelines/images/png.ts";
import { arithmetic, sweep } from "../../../tasks/evaluation/image_latents.ts";
import { nearestSheet } from "../../../tasks/evaluation/image_nearest.ts";
import { movingWays, randomWays, realWays, stillWays } from "../../../tasks/evaluation/image_paths.ts";
import { latentsOf, picturesOf, rowsOf } from "../../../tasks/evaluation/latent_rows.ts";
import type { Codes } from "../../../tasks/evaluation/code_neighbourhoods.ts";
import { latentSource } from "../../../tasks/evaluation/latent_source.ts";
import { type Encoder, readCodes } from "../../../tasks/evaluation/picture_codes.ts";
import { codeOf, colourBatch, inBatches, plainImages, SCALES, SIDE } from "./plain_images.ts";

const SCALE = 5; // pixels a cell: 60 pixels a picture

/** The colour in the middle of a tile of a picture, whose tiles are so far apart. */
function colourAt(
  { width, data }: Image,
  [column, row]: readonly [number, number],
  { pitch: [across, down], first }: {
    readonly pitch: readonly [number, number];
    readonly first: number;
  },
): number[] {
  const [x, y] = [first + column * across + 30, first + row * down + 30];
  return [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
}

const TILES = { pitch: [SIDE * SCALE + SCALE, SIDE * SCALE + SCALE], first: SCALE } as const;
const SHEET = { pitch: [SIDE * SCALE + 4, SIDE * SCALE + 14], first: 4 } as const; // captions are 10 high

const levelOf = (logOdds: number) => 255 / (1 + Math.exp(-logOdds));

function assertColour(found: readonly number[], latent: ArrayLike<number>, what: string): void {
  SCALES.forEach((scale, i) => assertAlmostEquals(found[i], levelOf(scale * latent[i]), 1.1, what));
}

const studioOf = (drawer: Encoder, { count = 9, codes }: { count?: number; codes?: Codes } = {}) => ({
  drawer,
  source: latentSource(drawer, codes)!,
  settings: { count, seed: 3 },
});

const encoder = () => plainImages() as Encoder;

Deno.test("rows of latents become tensors and back; pictures are drawn some at a time, without leaks", async () => {
  await startBackend("cpu");
  const drawer = encoder();
  const before = tf.memory().numTensors;
  const rows = Array.from({ length: 6 }, (_, n) => Float32Array.from({ length: 6 }, (_, i) => 10 * n + i));
  const latents = latentsOf(rows, [2, 3]);
  assertEquals(latents.arraySync()[1][4], [43, 44, 45]);
  assertEquals(await rowsOf(latents), rows);
  const many = Array.from({ length: 205 }, (_, n) => Float32Array.of(n / 100 - 1, 0, 0));
  const pictures = await picturesOf(drawer, many);
  assertEquals([pictures.length, pictures[204].length], [205, SIDE * SIDE * 3]);
  pictures.forEach((cells, n) => assertAlmostEquals(255 * cells[3], levelOf(n / 100 - 1), 1e-3));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("ways keep to the circle under a normal prior, and go straight among codes", async () => {
  await startBackend("cpu");
  const some = { values: Float32Array.of(1.2, -0.3, 0.4, -0.8, 1.1, 0.2, 0.1, 0.5, -1.3), size: 3 };
  for (const codes of [undefined, some]) {
    const studio = studioOf(encoder(), codes ? { codes } : {});
    const ways = await randomWays(studio);
    const picture = await stillWays(studio, ways);
    assertEquals(picture.width, 11 * TILES.pitch[0] + SCALE);
    const { from, to } = ways[2];
    const [x, y] = [from, to].map((row) => Math.hypot(...row));
    const angle = Math.acos(from.reduce((sum, value, i) => sum + value * to[i], 0) / (x * y));
    const middle = from.map((value, i) => (value + to[i]) / (codes ? 2 : 2 * Math.cos(angle / 2)));
    assertColour(colourAt(picture, [0, 2], TILES), from, "the beginning");
    assertColour(colourAt(picture, [5, 2], TILES), middle, `the middle, ${studio.source.name}`);
    assertColour(colourAt(picture, [10, 2], TILES), to, "the end");
  }
});

Deno.test("between pictures the ways begin and end with their codes, the pictures beside them; moving, there and back", async () => {
  await startBackend("cpu");
  const studio = studioOf(encoder());
  const colours = [[200, 30, 90], [20, 140, 220], [90, 90, 30]] as const; // the third has no partner
  const ways = await realWays(studio, colourBatch(colours));
  assertEquals(ways.length, 1);
  const picture = await stillWays(studio, ways);
  assertEquals(picture.width, 13 * TILES.pitch[0] + SCALE);
  for (const [column, colour] of [[0, 0], [1, 0], [11, 1], [12, 1]]) {
    const found = colourAt(picture, [column, 0], TILES);
    found.forEach((level, i) => assertAlmostEquals(level, colours[colour][i], 1.1));
  }
  const { file, bytes } = await movingWays(studio, ways, "there.gif");
  assertEquals(file, "there.gif");
  // Graphic control extensions: one a frame, with its delay in hundredths of a second.
  const delays = [...bytes.keys()].filter((i) => bytes[i] === 0x21 && bytes[i + 1] === 0xf9 && bytes[i + 2] === 4)
    .map((i) => bytes[i + 4] + 256 * bytes[i + 5]);
  assertEquals(delays.length, 24 + 22);
  assertEquals(delays.flatMap((delay, i) => delay === 70 ? [i] : []), [0, 23]);
});

Deno.test("a sweep changes one latent at a time, those that do most on top", async () => {
  await startBackend("cpu");
  const studio = studioOf(encoder());
  const [sample] = await rowsOf(studio.source.draw(1, 3));
  const { picture, shown } = await sweep(studio);
  const effects = shown.map(({ effect }) => effect);
  assertEquals(effects, effects.toSorted((a, b) => b - a));
  // Of an image of one colour a third of the numbers change, from one level to the other.
  shown.forEach(({ place, effect }) => {
    const [low, high] = [-2, 2].map((by) => levelOf(SCALES[place] * by) / 255);
    assertAlmostEquals(effect, (high - low) ** 2 / 3, 1e-5);
  });
  assertEquals(shown.map(({ place }) => place), [1, 0, 2]);
  shown.forEach(({ place }, row) =>
    [-3, -2.4, -1.8, -1.2, -0.6, 0, 0.6, 1.2, 1.8, 2.4, 3].forEach((by, column) =>
      assertColour(colourAt(picture, [column, row], SHEET), sample.with(place, by), `row ${row}, column ${column}`)
    )
  );
});

Deno.test("arithmetic takes the mean code of a picture's class away and adds that of another", async () => {
  await startBackend("cpu");
  const studio = studioOf(encoder());
  const train = [[200, 60, 80], [220, 40, 90], [30, 180, 60], [70, 210, 20], [60, 190, 30]] as const; // red, green
  const codes = await readCodes(studio.drawer, inBatches(colourBatch(train)), { most: 9, seed: 0 });
  const shown = [[40, 90, 230], [240, 100, 50], [20, 120, 110]] as const; // blue, which has no codes; red, green
  const request = { codes, names: ["red", "green", "blue"] };
  const picture = (await arithmetic(studio, colourBatch(shown), { ...request, labels: [0, 1, 2] }))!;
  assertEquals(picture.width, 4 * SHEET.pitch[0] + 4); // seen, again, then green, the more frequent, and red
  const mean = (places: readonly number[]) =>
    SCALES.map((_, i) => places.reduce((sum, n) => sum + codeOf(train[n])[i] / places.length, 0));
  const [red, green] = [mean([0, 1]), mean([2, 3, 4])];
  const rows = [{ colour: shown[1], own: red }, { colour: shown[2], own: green }];
  rows.forEach(({ colour, own }, row) => {
    const code = codeOf(colour);
    const expected = [code, code, ...[green, red].map((other) => code.map((value, i) => value - own[i] + other[i]))];
    expected.forEach((latent, column) =>
      assertColour(colourAt(picture, [column, row], SHEET), latent, `row ${row}, column ${column}`)
    );
  });
  assertEquals(await arithmetic(studio, colourBatch(shown), { ...request, labels: [1, 2] }), undefined);
  assertEquals(await arithmetic(studio, colourBatch(shown.slice(0, 1)), { ...request, labels: [0, 1] }), undefined);
});

Deno.test("below each sample stands the training picture that is nearest to it", async () => {
  await startBackend("cpu");
  const studio = studioOf(encoder(), { count: 5 });
  const samples = (await rowsOf(studio.source.draw(5, 3))).map((row) =>
    SCALES.map((scale, i) => levelOf(scale * row[i]))
  );
  const train = [[250, 20, 20], [20, 250, 20], [20, 20, 250], [250, 250, 20], [128, 128, 128], [20, 20, 20]] as const;
  const before = tf.memory().numTensors;
  const batches = inBatches(colourBatch(train.slice(0, 4)), colourBatch(train.slice(4)));
  const picture = await nearestSheet(studio, batches);
  assertEquals(tf.memory().numTensors, before);
  const nearest = samples.map((sample, n) => {
    const distances = train.map((colour) => Math.hypot(...colour.map((level, i) => level - sample[i])));
    const expected = train[distances.indexOf(Math.min(...distances))];
    assertEquals(colourAt(picture, [n, 1], SHEET), [...expected]);
    colourAt(picture, [n, 0], SHEET).forEach((level, i) => assertAlmostEquals(level, sample[i], 1.1));
    return expected;
  });
  assert(new Set(nearest).size > 1);
});
