import { assert, assertEquals } from "@std/assert";
import type { DrawnStroke, Store } from "../../../../../tasks/web/page/store.ts";
import { drawByHand, fakePage } from "../panels/fakes.ts";

const xsOf = ({ strokes }: Store): number[] => strokes.value.map(({ xs }) => xs[0]);
const draw = (store: Store, x: number): void => drawByHand(store, [[x, 0], [x, 1]]);
const line = (x: number): DrawnStroke => ({ xs: [x, x], ys: [0, 1], times: [0, 1], by: "model" });

Deno.test("each stroke is a step to undo, and to redo until another is drawn", async () => {
  const store = await fakePage();
  assertEquals([store.canUndo.value, store.canRedo.value], [false, false]);
  store.undo(); // nothing happens
  for (const x of [0.1, 0.2, 0.3]) draw(store, x);
  store.undo();
  store.undo();
  assertEquals(xsOf(store), [0.1]);
  assertEquals([store.canUndo.value, store.canRedo.value], [true, true]);
  store.redo();
  assertEquals(xsOf(store), [0.1, 0.2]);
  draw(store, 0.4);
  assertEquals([xsOf(store), store.canRedo.value], [[0.1, 0.2, 0.4], false]);
  store.redo();
  assertEquals(xsOf(store), [0.1, 0.2, 0.4]);
});

Deno.test("clearing, replacing and adding are one step each", async () => {
  const store = await fakePage();
  store.clear();
  assertEquals(store.canUndo.value, false, "a blank canvas is not cleared again");
  draw(store, 0.1);
  store.add([line(0.2), line(0.3)]);
  assertEquals(xsOf(store), [0.1, 0.2, 0.3]);
  store.replace([line(0.9)]);
  store.clear();
  assertEquals(xsOf(store), []);
  const seen: number[][] = [];
  while (store.canUndo.value) {
    store.undo();
    seen.push(xsOf(store));
  }
  assertEquals(seen, [[0.9], [0.1, 0.2, 0.3], [0.1], []]);
  while (store.canRedo.value) store.redo();
  assertEquals(xsOf(store), []);
  store.add([]);
  assertEquals(store.canRedo.value, false, "adding nothing is no step");
});

Deno.test("a stroke is on the canvas while it is drawn, and a step once it ends", async () => {
  const store = await fakePage();
  draw(store, 0.1);
  store.undo();
  store.pen.down({ x: 0.5, y: 0.5, time: 7 });
  store.pen.move([{ x: 0.6, y: 0.5, time: 8 }, { x: 0.7, y: 0.5, time: 9 }]);
  assertEquals(store.strokes.value, [{ xs: [0.5, 0.6, 0.7], ys: [0.5, 0.5, 0.5], times: [7, 8, 9], by: "hand" }]);
  assertEquals([store.isDrawing.value, store.canUndo.value, store.canRedo.value], [true, true, false]);
  store.pen.cancel();
  assertEquals([store.strokes.value.length, store.isDrawing.value, store.canRedo.value], [0, false, true]);
  store.pen.move([{ x: 0.1, y: 0.1, time: 10 }]); // the pen is lifted
  store.pen.up();
  assertEquals(store.strokes.value.length, 0);
});

Deno.test("undo while drawing takes back that stroke alone, clear takes all", async () => {
  const store = await fakePage();
  draw(store, 0.1);
  store.pen.down({ x: 0.5, y: 0.5, time: 0 });
  store.undo();
  assertEquals(xsOf(store), [0.1]);
  store.pen.down({ x: 0.5, y: 0.5, time: 0 });
  store.clear();
  assertEquals([xsOf(store), store.isDrawing.value], [[], false]);
  store.undo();
  assertEquals(xsOf(store), [0.1]);
});

Deno.test("what others add while a stroke is drawn ends that stroke and keeps it", async () => {
  const store = await fakePage();
  store.pen.down({ x: 0.5, y: 0.5, time: 0 });
  store.add([line(0.9)]);
  assertEquals([xsOf(store), store.isDrawing.value], [[0.5, 0.9], false]);
  store.undo();
  assertEquals(xsOf(store), [0.5]);
});

Deno.test("ink stays on the canvas", async () => {
  const store = await fakePage();
  drawByHand(store, [[0.5, 0.5], [1.7, -3], [-0.1, 0.4]]);
  assertEquals(store.strokes.value[0].xs, [0.5, 1, 0]);
  assertEquals(store.strokes.value[0].ys, [0.5, 0, 0.4]);
});

Deno.test("there is a drawing, and a place of it, exactly where there is a line", async () => {
  const store = await fakePage();
  const state =
    () => [store.drawing.value.length, store.placement.value !== undefined, store.refusal.value !== undefined];
  assertEquals(state(), [0, false, false]);
  drawByHand(store, [[0.5, 0.5]]);
  assertEquals(state(), [0, false, true]);
  draw(store, 0.2);
  assertEquals(state(), [2, true, false]);
  store.clear();
  assertEquals(state(), [0, false, false]);
});

Deno.test("the same words can be said twice", async () => {
  const store = await fakePage();
  const heard: string[] = [];
  store.message.subscribe(({ text }) => void heard.push(text));
  store.say("Saved.");
  store.say("Saved.");
  assertEquals(heard, ["", "Saved.", "Saved."]);
  assert(store.runs.length === 0);
});
