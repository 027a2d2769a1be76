/** Pictures whose strokes are known, since they were drawn from them; and whatever else may be a picture. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { Prng } from "../../../pipelines/base/prng.ts";
import { readUnipen } from "../../../pipelines/formats/unipen.ts";
import { renderPen } from "../../../pipelines/render/render_pen.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";
import { Vectorizer } from "../../../pipelines/strokes/vectorize.ts";
import {
  compareWithTruth,
  renderBack,
  sharedInk,
  traceAll,
} from "../../../tasks/reproduce/tables/vectorizer/measures.ts";
import { REAL_DATA } from "../../helpers.ts";

const SIDE = 28;
const vectorizer = new Vectorizer({ width: SIDE, height: SIDE });
const trace = (drawing: Drawing, width = 2.5) => vectorizer.vectorize(renderPen(drawing, { width }));

/** The ends of each stroke, rounded: from x, y to x, y. */
const endsOf = (drawing: Drawing) =>
  drawing.map(([xs, ys]) => [xs[0], ys[0], xs[xs.length - 1], ys[ys.length - 1]].map(Math.round));

/** Points of a curve by its angle, in turns from the top on, against the clock. */
function arc(centre: readonly [number, number], radius: number, from: number, to: number): Drawing[number] {
  const turns = Array.from({ length: 33 }, (_, i) => 2 * Math.PI * (from + (to - from) * i / 32));
  return [turns.map((t) => centre[0] - radius * Math.sin(t)), turns.map((t) => centre[1] - radius * Math.cos(t))];
}

Deno.test("vectorize: a bar is drawn from left to right, a pole down, both along their middle", () => {
  const [[xs, ys]] = trace([[[24, 4], [14, 14]]]);
  assert(xs[0] < 5 && xs[xs.length - 1] > 23, `${xs}`);
  for (const y of Array.from(ys)) assertAlmostEquals(y, 14, 0.1);
  const [pole] = trace([[[9.5, 9.5], [23, 5]]]);
  for (const x of Array.from(pole[0])) assertAlmostEquals(x, 9.5, 0.1);
  assert(pole[1][0] < pole[1][pole[1].length - 1]);
});

Deno.test("vectorize: two lines that cross are two strokes, each straight through", () => {
  const found = trace([[[5, 23], [5, 23]], [[23, 5], [5, 23]]]);
  assertEquals(found.length, 2);
  for (const [xs, ys] of found) {
    assert(ys[0] < 8 && ys[ys.length - 1] > 20);
    assert(Math.abs(xs[0] - xs[xs.length - 1]) > 14, "it turns at the crossing");
  }
});

Deno.test("vectorize: a ring begins at its top and goes against the clock, back to where it began", () => {
  const [[xs, ys], ...more] = trace([arc([14, 14], 8, 0, 1)]);
  assertEquals(more, []);
  assertAlmostEquals(ys[0], 6, 0.5);
  assertEquals([xs[0], ys[0]], [xs[xs.length - 1], ys[ys.length - 1]]);
  let area = 0;
  for (let i = 0; i + 1 < xs.length; i++) area += xs[i] * ys[i + 1] - xs[i + 1] * ys[i];
  assertAlmostEquals(-area / 2, Math.PI * 64, 12); // below 0: against the clock, y being down
});

Deno.test("vectorize: an eight is one stroke, straight through its middle", () => {
  const turns = Array.from({ length: 65 }, (_, i) => 2 * Math.PI * i / 64);
  const joined: Drawing = [[turns.map((t) => 14 - 5 * Math.sin(2 * t)), turns.map((t) => 14 - 9 * Math.cos(t))]];
  const found = trace(joined);
  assertEquals(found.length, 1);
  const [[xs, ys]] = found;
  assertAlmostEquals(ys[0], 5, 0.6);
  assert(sharedInk(renderPen(joined), renderPen(found)) > 0.75);
  const sides = Array.from(xs, (x, i) => ys[i] < 11 ? Math.sign(Math.trunc((x - 14) / 2)) : 0).filter((side) =>
    side !== 0
  );
  assertEquals([sides[0], sides.at(-1)], [-1, 1]); // left around the upper half first
});

Deno.test("vectorize: a six begins at its top, a nine at its upper right, each in one stroke", () => {
  const six: Drawing = [arc([15, 19], 5, 0.25, 1.25), arc([22, 19], 12, 0.25, 0.05)];
  const [found, ...more] = trace(six);
  assertEquals(more, []);
  assert(found[1][0] < 10, "a six begins at its top");
  const nine: Drawing = [arc([13, 9], 5, 0.75, 1.75), [[18, 18], [8, 24]]];
  const [path, ...others] = trace(nine);
  assertEquals(others, []);
  assert(path[1][0] < 9 && path[0][0] > 13, "a nine begins at its upper right");
  assert(path[1][path[1].length - 1] > 22);
});

Deno.test("vectorize: the pen is lifted where a five turns from its bar, not where a seven does", () => {
  assertEquals(endsOf(trace([[[7, 20, 12], [5, 5, 24]]])).length, 1);
  const five = trace([[[21, 9, 9, 15, 19, 16, 8], [5, 5, 12, 12, 17, 23, 24]]]);
  assertEquals(five.length, 2);
  const [body, bar] = five;
  assert(body[1][body[1].length - 1] > 21, "the body goes down");
  assert(bar[0][0] < bar[0][bar[0].length - 1], "the bar goes right");
});

Deno.test("vectorize: a dot is a point, a blank picture nothing, a full one something", () => {
  const dot = new Uint8Array(784);
  for (const at of [9, 10, 37, 38]) dot[at + 28 * 4] = 200;
  const [[xs, ys], ...more] = vectorizer.vectorize(dot);
  assertEquals([more.length, xs.length], [0, 1]);
  assertAlmostEquals(xs[0], 10, 0.3);
  assertAlmostEquals(ys[0], 5, 0.3);
  assertEquals(vectorizer.vectorize(new Uint8Array(784)), []);
  assert(vectorizer.vectorize(new Uint8Array(784).fill(255)).length > 0);
});

Deno.test("vectorize: a line that is thicker or thinner, or broken for a pixel, is one stroke", () => {
  const line: Drawing = [[[5, 11, 17, 23], [8, 20, 9, 21]]];
  for (const width of [1, 1.5, 2, 3, 4]) {
    const found = trace(line, width);
    assertEquals(found.length, 1, `${width} wide`);
    assert(sharedInk(renderPen(line, { width }), renderPen(found, { width })) > 0.6, `${width} wide`);
  }
  const picture = renderPen([[[14, 14], [4, 24]]], { width: 2 });
  picture.fill(0, 28 * 13, 28 * 15);
  assertEquals(vectorizer.vectorize(picture).length, 1);
});

Deno.test("vectorize: whatever the picture, all points are on it, and no picture is remembered", () => {
  const prng = new Prng(7);
  for (const [width, height] of [[1, 1], [1, 9], [28, 28], [40, 7], [65, 30]]) {
    const kept = new Vectorizer({ width, height });
    for (const share of [0.05, 0.3, 0.5, 0.7, 0.95]) {
      const picture = Uint8Array.from({ length: width * height }, () => prng.uniform() < share ? 255 : 0);
      const found = kept.vectorize(picture);
      assertEquals(new Vectorizer({ width, height }).vectorize(picture), found);
      for (const [xs, ys] of found) {
        assert(xs.length > 0 && xs.length === ys.length);
        for (let i = 0; i < xs.length; i++) {
          assert(xs[i] >= -0.5 && xs[i] <= width + 0.5 && ys[i] >= -0.5 && ys[i] <= height + 0.5, `${xs[i]}, ${ys[i]}`);
        }
      }
    }
  }
});

Deno.test("vectorize: a larger picture, of another shape", () => {
  const side = 300;
  const drawing: Drawing = [arc([150, 150], 100, 0, 1), [[100, 200], [150, 150]]];
  const found = new Vectorizer({ width: side, height: side }).vectorize(renderPen(drawing, { side, width: 9 }));
  assertEquals(found.length, 2);
  assert(sharedInk(renderPen(drawing, { side, width: 9 }), renderPen(found, { side, width: 9 })) > 0.8);
});

Deno.test("vectorize: a line of one pixel is ink up to the highest threshold, a pixel alone up to 9/16, on every grid", () => {
  const line = Uint8Array.from({ length: 81 }, (_, i) => Math.floor(i / 9) === 4 ? 255 : 0);
  const dot = Uint8Array.from({ length: 81 }, (_, i) => i === 40 ? 255 : 0);
  for (const upscale of [1, 2, 3, 4]) {
    const trace = (picture: Uint8Array, threshold: number) =>
      new Vectorizer({ width: 9, height: 9 }, { threshold, upscale }).vectorize(picture).length;
    assertEquals([trace(line, 0.75), trace(dot, 9 / 16)], [1, 1], `${upscale} cells a pixel`);
  }
});

Deno.test("vectorize: sizes and options that cannot be are refused", () => {
  assertThrows(() => new Vectorizer({ width: 0, height: 3 }), RangeError, "width is 0");
  assertThrows(() => new Vectorizer({ width: 3, height: 513 }), RangeError, "height is 513");
  assertThrows(() => new Vectorizer({ width: 3, height: 3 }, { threshold: 0 }), RangeError, "threshold");
  assertThrows(() => new Vectorizer({ width: 3, height: 3 }, { threshold: 0.76 }), RangeError, "0.01 to 0.75");
  assertThrows(() => vectorizer.vectorize(new Uint8Array(9)), RangeError, "9 pixels: expected 28 x 28");
});

Deno.test({
  name: "vectorize: MNIST's test digits, drawn back, and strokes by the digit",
  ignore: REAL_DATA === undefined,
  async fn() {
    const read = async (name: string, skip: number) =>
      new Uint8Array(gunzipSync(await Deno.readFile(`${REAL_DATA}mnist/${name}.gz`))).subarray(skip);
    const images = await read("t10k-images-idx3-ubyte", 16);
    const labels = await read("t10k-labels-idx1-ubyte", 8);
    const digits = { images: images.subarray(0, 784 * 2000), labels: labels.subarray(0, 2000) };
    const traced = traceAll(digits);
    const back = renderBack(digits, traced, 2.5);
    assert(back.ownPen > 0.79, `shared ink ${back.ownPen}`); // 0.805
    assert(back.strokes < 1.36, `strokes ${back.strokes}`); // 1.30; De Jong's tour makes 1.62 of the first 13
    assert(back.points < 15, `points ${back.points}`);
    assert(back.strokesOf[0] < 1.1 && back.strokesOf[6] < 1.15 && back.strokesOf[4] > 1.7);
  },
});

Deno.test({
  name: "vectorize: the pen paths of pendigits are found again",
  ignore: REAL_DATA === undefined,
  async fn() {
    const file = await Deno.readFile(`${REAL_DATA}more/digits/pendigits/pendigits-orig.tes.gz`);
    const segments = [...readUnipen(new TextDecoder().decode(gunzipSync(file)))].slice(0, 1000);
    const { all } = compareWithTruth(segments.map(({ label, strokes }) => ({
      label: Number(label),
      drawing: strokes.map(([xs, ys]): Drawing[number] => [xs, ys.map((y) => -y)]),
    })));
    assert(all.direction > 0.91, `direction ${all.direction}`); // 0.935 of all
    assert(all.sameStrokes > 0.82, `as many strokes ${all.sameStrokes}`); // 0.852
    assert(all.distance < 1.75, `distance ${all.distance}`); // 1.59
    assert(Math.abs(all.strokes - all.trueStrokes) < 0.1);
  },
});
