import { assertAlmostEquals, assertEquals, assertLess, assertMatch } from "@std/assert";
import { createReplacing } from "../../../../../tasks/web/page/panels/replace_offer.ts";
import { angleWords, fitWords, sizeWords } from "../../../../../tasks/web/page/panels/replace_words.ts";
import type { Store } from "../../../../../tasks/web/page/store.ts";
import { drawByHand, fakeEngine, fakePage, turns } from "./fakes.ts";

const CLASSES = ["square", "stick", "zebra"];
const SQUARE = { name: "square", drawing: [[[0, 255, 255, 0, 0], [0, 0, 255, 255, 0]]], symmetry: 90 } as const;
const STICK = { name: "stick", drawing: [[[0, 255], [0, 0]], [[255, 255], [0, 60]]], symmetry: 360 } as const;

/** A page with one run whose answers the test decides, and what its panel offers. */
async function page() {
  const { engine, calls } = fakeEngine({
    ...{ name: "namer", classes: CLASSES, naming: { side: 1, frames: 8, explains: false } },
  });
  const store = await fakePage(engine);
  store.runs[0].prototypes.value = [SQUARE, STICK];
  const replacing = createReplacing(store);
  const stop = replacing.follow();
  /** Answers the last question. */
  const say = async (...row: number[]) => {
    const said = { raster: new Uint8Array(1), grey: false, seen: 1, ms: { all: 1, model: 1 } };
    for (const call of calls.splice(0)) call.resolve({ ...said, rows: [row] });
    await turns();
    for (const call of calls.splice(0)) call.resolve({ ...said, rows: [row] }); // of what was drawn meanwhile
    await turns();
  };
  return { store, replacing, stop, say };
}

const CORNERS = [[0.3, 0.3], [0.7, 0.3], [0.7, 0.7], [0.3, 0.7]] as const;

/** The bounds of what lies over the canvas. */
function boundsOf({ overlay }: Store): number[] {
  const [xs, ys] = (["xs", "ys"] as const).map((axis) => overlay.value!.strokes.flatMap((stroke) => stroke[axis]));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

Deno.test("a shape is offered once the run is sure, lies over the drawing, and goes with the panel", async () => {
  const { store, replacing, stop, say } = await page();
  assertEquals([replacing.thought.value, replacing.offer.value, store.overlay.value], [
    undefined,
    undefined,
    undefined,
  ]);
  drawByHand(store, [...CORNERS, CORNERS[0]]);
  await say(0.79, 0.2, 0.01);
  assertEquals([replacing.thought.value?.name, store.overlay.value], ["square", undefined]);
  replacing.threshold.value = 0.7;
  boundsOf(store).forEach((value, i) => assertAlmostEquals(value, [0.3, 0.3, 0.7, 0.7][i], 0.005));
  assertEquals(store.overlay.value?.label, "the clean shape of: square");
  assertEquals(store.overlay.value?.strokes.map(({ by }) => by), ["prototype"]);
  const { fit, placement, shape } = replacing.offer.value!;
  assertMatch(sizeWords(fit, placement.scale), /^40 % × 40 % of the canvas$/);
  assertEquals([shape.symmetry.turn, Math.round(fit.angle)], [90, 0]);
  stop();
  assertEquals(store.overlay.value, undefined);
});

Deno.test("what is not finished is finished, while the pen is down", async () => {
  const { store, replacing, stop, say } = await page();
  drawByHand(store, CORNERS, true); // three sides
  await say(0.95, 0.05, 0);
  assertEquals(store.isDrawing.value, true);
  boundsOf(store).forEach((value, i) => assertAlmostEquals(value, [0.3, 0.3, 0.7, 0.7][i], 0.01));
  assertAlmostEquals(replacing.offer.value!.fit.drawn, 0.75, 0.05);
  assertEquals(fitWords(replacing.offer.value!.fit).slice(4), " of it is drawn, the rest it adds");
  replacing.take();
  assertEquals(store.strokes.value.map(({ by }) => by), ["prototype"]);
  stop();
});

Deno.test("taken it is the drawing, one step to undo, and is not offered again for itself", async () => {
  const { store, replacing, stop, say } = await page();
  drawByHand(store, [...CORNERS, CORNERS[0]]);
  await say(0.9, 0.1, 0);
  replacing.take();
  assertEquals(store.strokes.value.map(({ by }) => by), ["prototype"]);
  assertMatch(store.message.value.text, /^square: the clean shape is in your drawing's place/);
  await say(0.99, 0.01, 0);
  assertEquals([replacing.offer.value, store.overlay.value], [undefined, undefined]);
  replacing.take(); // nothing is offered: nothing happens
  store.undo();
  assertEquals(store.strokes.value.map(({ by }) => by), ["hand"]);
  await say(0.9, 0.1, 0);
  assertEquals(replacing.offer.value?.name, "square");
  stop();
});

Deno.test("what was refused is not offered again until the canvas is blank, or something else was offered", async () => {
  const { store, replacing, stop, say } = await page();
  const draw = () => drawByHand(store, [...CORNERS, CORNERS[0]]);
  draw();
  await say(0.9, 0.1, 0);
  replacing.refuse();
  assertEquals([replacing.offer.value, replacing.refused.value], [undefined, "square"]);
  drawByHand(store, [[0.5, 0.5], [0.6, 0.6]]);
  await say(0.9, 0.1, 0);
  assertEquals(replacing.offer.value, undefined);
  store.clear();
  draw();
  await say(0.9, 0.1, 0);
  assertEquals(replacing.offer.value?.name, "square");
  replacing.refuse();
  drawByHand(store, [[0.1, 0.1], [0.6, 0.1]]);
  await say(0.1, 0.9, 0);
  assertEquals([replacing.offer.value?.name, replacing.refused.value], ["stick", undefined]);
  stop();
});

Deno.test("a class without a clean shape offers nothing; a shape that goes beyond the canvas is moved inside", async () => {
  const { store, replacing, stop, say } = await page();
  drawByHand(store, [...CORNERS, CORNERS[0]]);
  await say(0, 0.1, 0.9);
  assertEquals([replacing.thought.value?.name, replacing.thought.value?.prototype, replacing.offer.value], [
    ...["zebra", undefined, undefined],
  ]);
  store.clear();
  drawByHand(store, [[0.02, 0.5], [0.9, 0.02]]);
  await say(0, 0.9, 0.1);
  const [left, top, right, bottom] = boundsOf(store);
  for (const value of [left, top, 1 - right, 1 - bottom]) assertLess(-1e-9, value);
  stop();
});

Deno.test("the angle in words: nothing is said that the symmetry does not tell", () => {
  const words = (angle: number, turn: number, mirrored = false) => angleWords({ angle, mirrored }, { turn });
  assertEquals(words(0, 0), "none: it looks the same however it is turned");
  assertEquals(words(12.4, 90), "12° clockwise, of at most 45°: it looks the same every 90°");
  assertEquals(words(-20, 45), "20° anticlockwise, of at most 22.5°: it looks the same every 45°");
  assertEquals(words(0.4, 180), "upright, of at most 90°: it looks the same every 180°");
  assertEquals(words(-135, 360), "135° anticlockwise");
  assertEquals(words(0, 360, true), "upright, mirrored");
});
