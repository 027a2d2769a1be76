import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createFinishing, ENDINGS } from "../../../../../tasks/web/page/panels/finish_endings.ts";
import { drawByHand, fakeEngine, fakePage, strokesOf, turns } from "./fakes.ts";

const CLASSES = ["cat", "dog", "sun"];
const drawer = (strokes: { latentSize: number; told: boolean }) =>
  fakeEngine({ name: "drawer", classes: CLASSES, strokes });

Deno.test("a run is asked after each stroke with all of them, never while one is drawn, and never of dots alone", async () => {
  const { engine, calls } = drawer({ latentSize: 0, told: false });
  const store = await fakePage(engine);
  const finishing = createFinishing(store);
  const stop = finishing.follow();
  assertEquals(calls.length, 0); // blank
  drawByHand(store, [[0.2, 0.2]]);
  drawByHand(store, [[0.8, 0.2]]);
  await turns();
  assertEquals([calls.length, finishing.endings.value], [0, undefined]);
  drawByHand(store, [[0.2, 0.2], [0.8, 0.8]], true);
  await turns();
  assertEquals(calls.length, 0); // the pen is down
  store.pen.up();
  await turns();
  const wish = { count: ENDINGS, temperature: 0.25, seed: 1 };
  assertEquals(calls.map(({ name, args }) => [name, ...args]), [["finish", store.drawing.value, wish]]);
  assertEquals(store.drawing.value.length, 3);
  const endings = [strokesOf([[[0, 1], [2, 3]]])];
  calls[0].resolve(endings);
  await turns();
  assertEquals(finishing.endings.value?.strokes, endings);
  assertEquals(finishing.endings.value?.begun, store.drawing.value);
  store.clear();
  assertEquals(finishing.endings.value, undefined);
  stop();
});

Deno.test("endings of a drawing that has changed meanwhile are not shown; one request is under way at a time", async () => {
  const { engine, calls } = drawer({ latentSize: 0, told: false });
  const store = await fakePage(engine);
  const finishing = createFinishing(store);
  const stop = finishing.follow();
  drawByHand(store, [[0.1, 0.1], [0.5, 0.5]]);
  drawByHand(store, [[0.1, 0.5], [0.5, 0.1]]);
  drawByHand(store, [[0.5, 0.1], [0.9, 0.9]]);
  assertEquals([calls.length, finishing.isBusy.value], [1, true]);
  calls[0].resolve([strokesOf([[[0], [0]]])]);
  await turns();
  assertEquals([calls.length, finishing.endings.value], [2, undefined]);
  assertEquals(calls[1].args[0], store.drawing.value); // the second drawing was passed over
  calls[1].reject(new Error("out of memory"));
  await turns();
  assertEquals([finishing.fault.value, finishing.isBusy.value], ["out of memory", false]);
  finishing.again();
  calls[2].resolve([]);
  await turns();
  assertEquals((calls[2].args[1] as { seed: number }).seed, 2);
  assertEquals([finishing.fault.value, finishing.endings.value?.strokes], [undefined, []]);
  stop();
  drawByHand(store, [[0, 0], [1, 1]]);
  finishing.temperature.value = 1;
  await turns();
  assertEquals(calls.length, 3); // nobody looks
});

Deno.test("the class is what a classifier thinks it is, of those that the drawer knows, until one is chosen", async () => {
  const { engine, calls } = drawer({ latentSize: 0, told: true });
  const naming = { side: 1, frames: 8, explains: false };
  const namer = fakeEngine({ name: "namer", classes: ["moon", "sun", "dog"], naming });
  const store = await fakePage(namer.engine, engine);
  const finishing = createFinishing(store);
  const stop = finishing.follow();
  assertEquals([finishing.label.value, finishing.guessed.value], [0, undefined]);
  drawByHand(store, [[0.1, 0.1], [0.5, 0.5]]);
  const said = { raster: new Uint8Array(1), grey: false, seen: 1, ms: { all: 1, model: 1 } };
  namer.calls[0].resolve({ ...said, rows: [[0.5, 0.1, 0.4]] }); // it may well be a moon: the drawer knows none
  await turns();
  calls[0].resolve([]);
  await turns();
  assertEquals([finishing.label.value, finishing.guessed.value], [1, CLASSES.indexOf("dog")]);
  assertEquals(calls.map(({ args }) => (args[1] as { label: number }).label), [0, 1]);
  finishing.chosenLabel.value = 2;
  assertEquals(finishing.label.value, 2);
  finishing.chosenLabel.value = undefined;
  assertEquals(finishing.label.value, 1);
  stop();
});

Deno.test("taken endings lie where the drawing lies, behind it in time, and are one step to undo", async () => {
  const { engine, calls } = drawer({ latentSize: 0, told: false });
  const store = await fakePage(engine);
  const finishing = createFinishing(store);
  const stop = finishing.follow();
  drawByHand(store, [[0.25, 0.25], [0.75, 0.25]]); // 255 grid units are half the canvas
  const ending = strokesOf([[[255, 255], [0, 255]], [[0, 51], [255, 255]]]);
  calls[0].resolve([ending]);
  await turns();
  finishing.take(ending);
  const [hand, down, across] = store.strokes.value;
  assertEquals([hand.by, down.by, across.by], ["hand", "model", "model"]);
  [[down.xs, [0.75, 0.75]], [down.ys, [0.25, 0.75]], [across.xs, [0.25, 0.35]], [across.ys, [0.75, 0.75]]]
    .forEach(([found, expected]) => found.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-9)));
  assertEquals(down.times[0] > hand.times[1] && across.times[0] > down.times[1], true);
  store.undo();
  assertEquals(store.strokes.value.map(({ by }) => by), ["hand"]);
  finishing.take(strokesOf([])); // an ending without a stroke changes nothing
  assertEquals(store.strokes.value.length, 1);
  stop();
});

Deno.test("others like the drawing take a run with latents, and come in its place", async () => {
  const without = await fakePage(drawer({ latentSize: 0, told: false }).engine);
  const plain = createFinishing(without);
  plain.chosenMode.value = "like";
  assertEquals(plain.mode.value, "finish");
  const { engine, calls } = drawer({ latentSize: 8, told: false });
  const store = await fakePage(engine);
  const finishing = createFinishing(store);
  finishing.chosenMode.value = "like";
  const stop = finishing.follow();
  drawByHand(store, [[0.25, 0.25], [0.75, 0.25]]);
  assertEquals([calls[0].name, calls[0].args[1]], ["drawStrokes", store.drawing.value]);
  const like = strokesOf([[[0, 255], [10, 0]]]);
  calls[0].resolve([like]);
  await turns();
  finishing.take(like);
  assertEquals(store.strokes.value.map(({ by }) => by), ["model"]);
  assertAlmostEquals(store.strokes.value[0].xs[1], 0.75, 1e-9);
  store.undo();
  assertEquals(store.strokes.value.map(({ by }) => by), ["hand"]);
  stop();
});
