import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Drawing } from "../../../../../pipelines/strokes/stroke.ts";
import type { Engine, Naming } from "../../../../../tasks/web/engine/engine.ts";
import { createStore } from "../../../../../tasks/web/page/state/create_store.ts";
import type { SiteManifest } from "../../../../../tasks/web/site/manifest.ts";
import { type Call, drawByHand, fakeEngine, fakePage, turns } from "../panels/fakes.ts";

const NAMING = { side: 64, frames: 8, explains: true };

/** An answer whose rows can be told apart. */
function answerTo(call: Call, ...rows: number[][]): Naming {
  const drawing = call.args[0] as Drawing;
  const seen = Math.min(8, drawing.length);
  return { ...{ drawing, rows, seen, raster: new Uint8Array(4), grey: false }, ms: { all: 1, model: 1 } };
}

/** A page with one run that names drawings, and a hand that draws lines. */
async function named() {
  const { engine, calls } = fakeEngine({ classes: ["line", "square"], naming: NAMING });
  const store = await fakePage(engine);
  const draw = (x: number, isOpen = false) => drawByHand(store, [[x, 0], [x, 0.9]], isOpen);
  /** Answers what is asked, until nothing more is: of finished strokes a row each, else the last one. */
  const answer = async (...rows: number[][]) => {
    for (let open = lastOf(calls); open && !answered.has(open); open = lastOf(calls)) {
      answered.add(open);
      open.resolve(answerTo(open, ...(open.args[1] ? rows : rows.slice(-1))));
      await turns();
    }
  };
  const answered = new Set<Call>();
  return { store, page: store.runs[0], calls, draw, answer };
}

function lastOf(calls: readonly Call[]): Call | undefined {
  return calls.filter(({ name }) => name === "name").at(-1);
}

Deno.test("a blank canvas and a dot are never named", async () => {
  const { store, calls } = await named();
  store.clear();
  drawByHand(store, [[0.5, 0.5]]);
  store.undo();
  await turns();
  assertEquals(calls, []);
});

Deno.test("a slow run is asked one thing at a time, and never about what is past", async () => {
  const { store, page, calls, draw } = await named();
  draw(0.1, true);
  for (let i = 1; i <= 20; i++) store.pen.move([{ x: 0.1 + i / 100, y: 0.5, time: 100 * i }]);
  assertEquals(calls.length, 1);
  assertEquals(calls[0].args[1], false, "of a stroke that is not finished the whole is asked alone");
  calls[0].resolve(answerTo(calls[0], [0.6, 0.4]));
  await turns();
  assertEquals(calls.length, 2);
  assertEquals(calls[1].args[0], store.drawing.value, "what is asked next is what is there now");
  assertEquals(page.naming.value?.rows, [[0.6, 0.4]]);
  store.pen.up();
  calls[1].resolve(answerTo(calls[1], [0.7, 0.3]));
  await turns();
  assertEquals(calls.length, 3);
  assertEquals(calls[2].args, [store.drawing.value, true], "of finished strokes each is asked");
  calls[2].resolve(answerTo(calls[2], [0.8, 0.2]));
  await turns();
  assertEquals([calls.length, page.naming.value?.rows], [3, [[0.8, 0.2]]]);
});

Deno.test("while it is drawn at most one question a frame, however many movements there are", async () => {
  const { engine, calls } = fakeEngine({ classes: ["line", "square"], naming: NAMING });
  const frames: (() => void)[] = [];
  const manifest = await fakePage(engine).then(({ manifest }) => manifest);
  const store = createStore(manifest, {
    open: () => Promise.resolve(engine),
    openPrototypes: () => Promise.resolve([]),
    requestFrame: (callback) => void frames.push(callback),
  });
  await store.runs[0].load();
  store.pen.down({ x: 0, y: 0, time: 0 });
  for (let i = 1; i <= 50; i++) store.pen.move([{ x: i / 50, y: 0.5, time: i }]);
  assertEquals([frames.length, calls.length], [1, 0]);
  frames[0]();
  assertEquals(calls.length, 1);
  calls[0].resolve(answerTo(calls[0], [1, 0]));
  await turns();
  assertEquals(calls.length, 1, "nothing has changed since");
  store.pen.move([{ x: 0.5, y: 0.6, time: 60 }]);
  await turns();
  assertEquals([frames.length, calls.length], [2, 1]);
});

Deno.test("what comes after the canvas was wiped is not shown", async () => {
  const { store, page, calls, draw } = await named();
  draw(0.1);
  store.clear();
  calls[0].resolve(answerTo(calls[0], [1, 0]));
  await turns();
  assertEquals([page.naming.value, page.course.value], [undefined, []]);
  draw(0.2);
  calls[1].resolve(answerTo(calls[1], [0.5, 0.5]));
  await turns();
  assertEquals(page.naming.value?.rows, [[0.5, 0.5]]);
  store.clear();
  assertEquals([page.naming.value, page.course.value], [undefined, []], "at once, not with the next frame");
});

Deno.test("the course keeps what was said of finished strokes while the next is drawn, and after an undo", async () => {
  const { store, page, draw, answer } = await named();
  draw(0.1);
  await answer([0.1, 0.9]);
  draw(0.2);
  await answer([0.2, 0.8], [0.3, 0.7]);
  assertEquals(page.course.value, [[0.2, 0.8], [0.3, 0.7]]);
  draw(0.3, true);
  await answer([0.4, 0.6]);
  assertEquals(page.course.value, [[0.2, 0.8], [0.3, 0.7], [0.4, 0.6]]);
  store.pen.up();
  await answer([0.1, 0.9], [0.2, 0.8], [0.5, 0.5]);
  assertEquals(page.course.value, [[0.1, 0.9], [0.2, 0.8], [0.5, 0.5]]);
  store.undo();
  await answer([0.1, 0.9], [0.2, 0.8]);
  assertEquals(page.course.value, [[0.1, 0.9], [0.2, 0.8]]);
});

Deno.test("a run that is not on show is not asked, and is up to date when it is again", async () => {
  const { store, page, calls, draw } = await named();
  page.isShown.value = false;
  draw(0.1);
  await turns();
  assertEquals([calls.length, page.naming.value], [0, undefined]);
  page.isShown.value = true;
  assertEquals(calls.length, 1);
  calls[0].resolve(answerTo(calls[0], [1, 0]));
  await turns();
  assert(page.naming.value);
  page.isShown.value = false;
  assertEquals(page.naming.value, undefined);
  assertEquals(store.strokes.value.length, 1);
});

Deno.test("a run that fails says so, and no longer once it can again", async () => {
  const { store, page, calls, draw } = await named();
  draw(0.1);
  calls[0].reject(new Error("the model's Worker failed"));
  await turns();
  assertEquals(page.fault.value, "the model's Worker failed");
  draw(0.2);
  calls[1].resolve(answerTo(calls[1], [1, 0], [1, 0]));
  await turns();
  assertEquals(page.fault.value, undefined);
  assertEquals(store.drawing.value.length, 2);
});

Deno.test("a check that was not passed is told for good; a run that cannot be loaded can be tried again", async () => {
  const wrong = fakeEngine({ classes: ["line"], naming: NAMING, check: { passed: false, worst: 0.0312 } });
  const { manifest } = await fakePage(wrong.engine);
  let tries = 0;
  const store = createStore(manifest satisfies SiteManifest, {
    open: () => ++tries === 1 ? Promise.reject(new Error("the server says 404")) : Promise.resolve(wrong.engine),
    openPrototypes: () => Promise.reject(new Error("none")),
    requestFrame: (callback) => callback(),
  });
  const [page] = store.runs;
  await page.load();
  assertEquals([page.engine.value, page.fault.value], [undefined, "the server says 404"]);
  await page.load();
  assertEquals(page.engine.value, wrong.engine);
  assert(page.fault.value?.startsWith("Do not trust this") && page.fault.value.includes("0.031"), page.fault.value);
  assertEquals(page.prototypes.value, []);
  drawByHand(store, [[0, 0], [1, 1]]);
  wrong.calls[0].resolve(answerTo(wrong.calls[0], [1]));
  await turns();
  assert(page.naming.value && page.fault.value?.startsWith("Do not trust this"));
});

Deno.test("a run whose Worker failed is loaded anew, and the old one is let go", async () => {
  const { engine: failed, calls } = fakeEngine({ classes: ["line"], naming: NAMING });
  const fresh = fakeEngine({ classes: ["line"], naming: NAMING });
  const { manifest } = await fakePage(failed);
  let disposed = 0;
  let next: Engine = {
    ...failed,
    [Symbol.dispose]() { // as an engine does: what is open is not answered any more
      disposed++;
      for (const { reject } of calls) reject(new Error("the run is closed"));
    },
  };
  const store = createStore(manifest, {
    open: () => Promise.resolve(next),
    openPrototypes: () => Promise.resolve([]),
    requestFrame: (callback) => callback(),
  });
  const [page] = store.runs;
  await page.load();
  drawByHand(store, [[0, 0], [1, 1]]);
  calls[0].reject(new Error("the model's Worker failed"));
  await turns();
  assertEquals(page.fault.value, "the model's Worker failed");
  next = { ...fresh.engine, [Symbol.dispose]: () => {} };
  await page.load();
  await turns();
  assertEquals([disposed, page.fault.value, page.engine.value], [1, undefined, next]);
  assertEquals(fresh.calls.map(({ args }) => args), [[store.drawing.value, true]], "it is asked what is on the canvas");
});

Deno.test("where a decision comes from is asked between strokes, of the likeliest class or the chosen one", async () => {
  const { store, page, calls, draw, answer } = await named();
  const asked = () => calls.filter(({ name }) => name === "explain");
  store.question.value = { run: page };
  draw(0.1);
  assertEquals(asked().length, 0, "not before it is named");
  await answer([0.2, 0.8]);
  assertEquals(asked().map(({ args }) => args), [[store.drawing.value, 1]]);
  const explanation = { cells: new Float32Array(8), frames: 2, side: 2, ms: 1 };
  asked()[0].resolve(explanation);
  await turns();
  assertEquals([store.reason.value?.label, store.reason.value?.explanation], [1, explanation]);
  assertAlmostEquals(store.reason.value!.placement.left, 0.1, 1e-12);
  store.question.value = { run: page, label: 0 };
  assertEquals([store.reason.value, asked()[1].args[1]], [undefined, 0]);
  store.pen.down({ x: 0.5, y: 0.5, time: 0 });
  asked()[1].resolve(explanation);
  await answer([0.3, 0.7]);
  assertEquals(store.reason.value, undefined, "the drawing is another one now");
  assertEquals(asked().length, 2);
  store.question.value = undefined;
  store.pen.up();
  await answer([0.3, 0.7], [0.3, 0.7]);
  assertEquals(asked().length, 2);
});
