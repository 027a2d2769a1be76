/** Drawings that cannot be named are refused; a line to a point off the grid would never end. */
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { fieldsRead } from "../../../models/model_spec.ts";
import { drawingClassifier } from "../../../models/zoo/drawing_classifier.ts";
import { cnn } from "../../../models/zoo/models.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { renderBitmap } from "../../../pipelines/render/render.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";

Deno.test("a classifier takes whole coordinates of the grid, as many x as y", async () => {
  await startBackend("cpu");
  const fields = {
    stroke_index: { dtype: "uint8", shape: [16, 16], max: 4 },
    stroke_count: { dtype: "uint8", shape: [], max: 4 },
    label: { dtype: "uint8", shape: [] },
  } as const;
  const data = { fields, classes: ["fish", "sun"] };
  using classifier = drawingClassifier(cnn.build(cnn.tiny, data, new Prng(1)), { fields: cnn.fields, data });
  assertEquals((await classifier.classify([[[0, 255], [255, 0]]])).length, 2);
  const cases: [drawing: Drawing, words: string][] = [
    [[[[3], [4]], [[NaN], [0]]], "cannot name the drawing: stroke 2 has NaN, expected whole coordinates, 0 to 255"],
    [[[new Array(2), [0, 1]]], "cannot name the drawing: stroke 1 has undefined, expected whole coordinates"],
    [[[[0, 256], [0, 0]]], "stroke 1 has 256"],
    [[[[0, 5], [0, -1]]], "stroke 1 has -1"],
    [[[[0, 0.5], [0, 1]]], "stroke 1 has 0.5"],
    [[[[0, 1], [0]]], "stroke 1 has 2 x and 1 y"],
  ];
  for (const [drawing, words] of cases) await assertRejects(() => classifier.classify(drawing), RangeError, words);

  // What is no drawing at all: points in place of strokes, lists of points, one stroke, no list.
  const others: [drawing: unknown, words: string][] = [
    [[[10, 20], [30, 40], [50, 60]], "stroke 1 is not [xs, ys]"],
    [[[1, 2]], "stroke 1 is not [xs, ys]"],
    [[[[1, 2], [3, 4], [5, 6]]], "stroke 1 is not [xs, ys]"],
    [[[[0, 1], [0, 1]], null], "stroke 2 is not [xs, ys]"],
    [[[[0, 1], "01"]], "stroke 1 is not [xs, ys]"],
    [null, "cannot name the drawing: it is no list of strokes"],
    ["x", "it is no list of strokes"],
  ];
  for (const [drawing, words] of others) {
    await assertRejects(() => classifier.classify(drawing as Drawing), RangeError, words);
  }
});

Deno.test("a drawing is named after one stroke or more, whatever the classifier sees of it", async () => {
  await startBackend("cpu");
  const maps = {
    stroke_index: { dtype: "uint8", shape: [16, 16], max: 4 },
    stroke_count: { dtype: "uint8", shape: [], max: 4 },
  } as const;
  const pictures = { image: { dtype: "uint8", shape: [28, 28] } } as const;
  for (const seen of [maps, pictures]) {
    const data = { fields: { ...seen, label: { dtype: "uint8", shape: [] } } as const, classes: ["fish", "sun"] };
    const model = cnn.build(cnn.tiny, data, new Prng(1));
    const classifier = drawingClassifier(model, { fields: fieldsRead(cnn, cnn.tiny, data), data });
    const drawing: Drawing = [[[0, 255], [255, 0]], [[0, 200], [0, 90]]];
    for (const strokes of [0, -1, 1.5, NaN, -Infinity]) {
      const words = `cannot name a drawing after ${strokes} strokes: expected a whole number, 1 or more`;
      await assertRejects(() => classifier.classify(drawing, strokes), RangeError, words);
    }
    const all = await classifier.classify(drawing);
    for (const strokes of [2, 9, Infinity]) assertEquals(await classifier.classify(drawing, strokes), all);
    classifier[Symbol.dispose]();
    const words = "cannot name the drawing: the classifier was disposed of; load it again";
    await assertRejects(() => classifier.classify(drawing), TypeError, words);
  }
});

Deno.test("a classifier of bitmaps sees drawings as Google drew them, and their first strokes", async () => {
  await startBackend("cpu");
  const dataOf = (side: number) => ({
    fields: {
      image: { dtype: "uint8", shape: [side, side] },
      label: { dtype: "uint8", shape: [] },
    } as const,
    classes: ["fish", "sun"],
  });
  const data = dataOf(28);
  const fields = fieldsRead(cnn, cnn.tiny, data);
  const model = cnn.build(cnn.tiny, data, new Prng(1));
  const drawing: Drawing = [[[0, 255], [255, 0]], [[0, 200], [0, 90]]];
  const expected = (shown: Drawing) =>
    tf.tidy(() => {
      const logProbs = model.classify!({ size: 1, fields: { image: renderBitmap(shown) } }).dataSync();
      return Object.fromEntries(data.classes.map((name, label) => [name, Math.exp(logProbs[label])]));
    });
  const [all, first] = [expected(drawing), expected(drawing.slice(0, 1))];
  using classifier = drawingClassifier(model, { fields, data });
  const named = async (strokes?: number) =>
    Object.fromEntries(
      (await classifier.classify(drawing, strokes)).map(({ name, probability }) => [name, probability]),
    );
  assertEquals(await named(), all);
  assertEquals(await named(1), first);
  assertNotEquals(all, first);

  const other = dataOf(32);
  const large = cnn.build(cnn.tiny, other, new Prng(1));
  assertThrows(() => drawingClassifier(large, { fields, data: other }), InputError, "reads pictures of 32 x 32");
  // Who names the strokes' fields of a model that learnt from pictures is told so.
  assertThrows(() => drawingClassifier(large, { fields: cnn.fields, data: other }), InputError, "reads stroke_index");
  large.dispose();
});
