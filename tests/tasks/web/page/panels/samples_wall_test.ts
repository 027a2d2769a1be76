import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createSampling, type SampleWish, toggled } from "../../../../../tasks/web/page/panels/samples_wall.ts";
import { fakeEngine, fakePage, imageOf, strokesOf, turns } from "./fakes.ts";

const wishOf = ({ args }: { args: readonly unknown[] }) => args[0] as SampleWish;

Deno.test("a wall is drawn of what the run can draw, with its class, and others when asked again", async () => {
  const strokes = { latentSize: 0, told: true };
  const { engine, calls } = fakeEngine({ name: "drawer", classes: ["cat", "dog"], strokes });
  const images = fakeEngine({ name: "painter", images: { latentShape: [2, 1], prior: "normal" } });
  const namer = fakeEngine({ name: "namer", naming: { side: 1, frames: 1, explains: false } });
  const sampling = createSampling(await fakePage(namer.engine, engine, images.engine));
  assertEquals(sampling.runs.value.map(({ run }) => run.name), ["drawer", "painter"]);
  const stop = sampling.follow();
  assertEquals(calls.map(({ name, args }) => [name, ...args]), [
    ["drawStrokes", { count: 12, seed: 1, temperature: 0.4, label: 0 }],
  ]);
  calls[0].resolve([strokesOf([[[0], [0]]])]);
  await turns();
  assertEquals(sampling.wall.value, { kind: "strokes", samples: [strokesOf([[[0], [0]]])] });
  sampling.chosenLabel.value = 1;
  sampling.again();
  assertEquals(calls.length, 2);
  calls[1].resolve([]);
  await turns();
  assertEquals([wishOf(calls[2]).label, wishOf(calls[2]).seed], [1, 2]);
  calls[2].reject(new Error("no more"));
  await turns();
  assertEquals(sampling.fault.value, "no more");
  sampling.chosenRun.value = "painter";
  assertEquals([sampling.wall.value, sampling.label.value], [undefined, undefined]);
  assertEquals(images.calls.map(({ name, args }) => [name, ...args]), [["drawImages", { count: 12, seed: 2 }]]);
  images.calls[0].resolve([imageOf([1, 2])]);
  await turns();
  assertEquals(sampling.wall.value, { kind: "images", samples: [imageOf([1, 2])] });
  assertEquals(sampling.fault.value, undefined);
  stop();
  const back = sampling.follow();
  assertEquals(images.calls.length, 1); // it is there already
  back();
  sampling.again();
  assertEquals(images.calls.length, 1); // nobody looks
});

Deno.test("at most two are chosen: a third takes the place of the first, the same again is chosen no longer", () => {
  const steps = [3, 5, 3, 7, 1].reduce<(readonly number[])[]>((all, place) => [...all, toggled(all.at(-1)!, place)], [
    [],
  ]);
  assertEquals(steps.slice(1), [[3], [3, 5], [5], [5, 7], [7, 1]]);
});

Deno.test("between two that are chosen lies the place on the arc, drawn while one drags, one request at a time", async () => {
  const { engine, calls } = fakeEngine({ name: "painter", images: { latentShape: [2, 1], prior: "normal" } });
  const sampling = createSampling(await fakePage(engine));
  const stop = sampling.follow();
  calls[0].resolve([imageOf([1, 0]), imageOf([0, 1]), imageOf([0, 2])]);
  await turns();
  assertEquals(sampling.hasWay.value, true);
  sampling.toggle(0);
  assertEquals([calls.length, sampling.between.value], [1, undefined]);
  sampling.toggle(1);
  assertEquals(wishOf(calls[1]).count, 1);
  wishOf(calls[1]).latents![0].forEach((value) => assertAlmostEquals(value, Math.SQRT1_2, 1e-6));
  for (const share of [0.6, 0.7, 1]) sampling.share.value = share;
  assertEquals(calls.length, 2);
  calls[1].resolve([imageOf([1, 1])]);
  await turns();
  assertEquals(sampling.between.value, { kind: "images", samples: [imageOf([1, 1])] }); // on the way: shown too
  assertEquals(calls.length, 3);
  [0, 1].forEach((value, i) => assertAlmostEquals(wishOf(calls[2]).latents![0][i], value, 1e-6));
  sampling.toggle(0);
  calls[2].resolve([imageOf([0, 1])]);
  await turns();
  assertEquals(sampling.between.value, undefined); // only one is left
  stop();
});

Deno.test("of a model without a prior the way from one to another is straight", async () => {
  const { engine, calls } = fakeEngine({ name: "painter", images: { latentShape: [2, 1], prior: "none" } });
  const sampling = createSampling(await fakePage(engine));
  const stop = sampling.follow();
  calls[0].resolve([imageOf([1, 0]), imageOf([0, 3])]);
  await turns();
  for (const place of [0, 1]) sampling.toggle(place);
  assertEquals(wishOf(calls[1]).latents, [Float32Array.of(0.5, 1.5)]);
  sampling.share.value = 0.25;
  calls[1].resolve([imageOf([1, 1])]);
  await turns();
  assertEquals(wishOf(calls[2]).latents, [Float32Array.of(0.75, 0.75)]);
  stop();
});

Deno.test("without latents there is no way from one to another", async () => {
  const { engine, calls } = fakeEngine({ name: "drawer", strokes: { latentSize: 0, told: false } });
  const sampling = createSampling(await fakePage(engine));
  const stop = sampling.follow();
  calls[0].resolve([strokesOf([[[0], [0]]]), strokesOf([[[1], [1]]])]);
  await turns();
  sampling.toggle(0);
  sampling.toggle(1);
  assertEquals([sampling.hasWay.value, sampling.chosen.value, calls.length], [false, [0, 1], 1]);
  stop();
});
